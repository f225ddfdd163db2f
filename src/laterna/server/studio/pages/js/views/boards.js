// All storyboards of this browser.

import * as store from "../board/store.js";
import { fresh } from "../board/model.js";
import { fill, h } from "../dom.js";
import { go, to } from "../route.js";
import { ago, plural, seconds } from "../words.js";

export async function boards(root) {
  const list = h("ul", { class: "list" });

  async function make() {
    const board = fresh("Untitled board");
    await store.put(board);
    go(to.board(board.id));
  }

  async function draw() {
    const all = await store.all();
    fill(
      list,
      all.map((board) =>
        h(
          "li",
          {},
          h(
            "a",
            { href: to.board(board.id) },
            h("span", { class: "name" }, board.name),
            h(
              "span",
              { class: "facts" },
              [
                plural(board.cards.length, "card"),
                seconds(board.length),
                board.size,
                ago(board.changed / 1000),
              ].join("  "),
            ),
          ),
          h(
            "button",
            {
              class: "quiet",
              "aria-label": `Delete ${board.name}`,
              onclick: async (event) => {
                if (event.target.dataset.sure !== "yes") {
                  event.target.dataset.sure = "yes";
                  event.target.textContent = "Delete for good";
                  return;
                }
                await store.remove(board.id);
                draw();
              },
            },
            "Delete",
          ),
        ),
      ),
    );
    if (!all.length)
      fill(
        list,
        h(
          "li",
          { class: "empty" },
          "No board yet. A board lays shots out in time, before and after they are filmed.",
        ),
      );
  }

  fill(
    root,
    h(
      "div",
      { class: "head" },
      h("h1", {}, "Storyboards"),
      h("button", { class: "primary", onclick: make }, "New board"),
    ),
    h(
      "p",
      { class: "note" },
      "Boards are kept in this browser; the shots they hold are on the server.",
    ),
    list,
  );
  await draw();
}
