// The gallery: a line to write, and every shot there is, the newest first.

import { running, videos } from "../api.js";
import { fill, h } from "../dom.js";
import { choices, may } from "../engines.js";
import { composer } from "../parts/composer.js";
import { tile } from "../parts/tile.js";
import { go, to } from "../route.js";

const LOOK_MS = 2500;

export async function gallery(root) {
  const sheet = h("div", { class: "sheet" });
  const empty = h(
    "p",
    { class: "empty", hidden: true },
    "Nothing filmed yet. Say what the first shot shows.",
  );
  const more = h("button", { class: "quiet", hidden: true, onclick: () => load() }, "Older shots");
  const trouble = h("p", { class: "refusal", role: "alert", hidden: true });
  const tiles = new Map();
  let last = null;
  let timer = 0;
  let open = true;

  const engines = await choices();
  const write = may("text")
    ? composer({ engines, filmed: (video) => go(to.shot(video.id)) }).node
    : h(
        "p",
        { class: "notice" },
        "Your account cannot film here yet: this server lets people in step by step. " +
          "What you made stays yours to watch and download.",
      );
  fill(
    root,
    h("h1", { class: "unseen" }, "Film a shot"),
    h("section", { class: "composer" }, write),
    h(
      "section",
      { class: "shots", "aria-label": "Shots" },
      h("h2", {}, "Shots"),
      trouble,
      sheet,
      empty,
      h("div", { class: "actions" }, more),
    ),
  );

  async function load() {
    more.disabled = true;
    try {
      const page = await videos.page(last);
      for (const video of page.data) {
        if (tiles.has(video.id)) continue;
        const made = tile(video);
        tiles.set(video.id, made);
        sheet.append(made.node);
      }
      last = page.last_id ?? last;
      more.hidden = !page.has_more;
      empty.hidden = tiles.size > 0;
      trouble.hidden = true;
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
      more.hidden = false;
    }
    more.disabled = false;
    look();
  }

  // Only shots that are not done yet are asked after, and only while the page is seen.
  function look() {
    clearTimeout(timer);
    const busy = [...tiles.values()].filter((one) => running(one.video));
    if (!open || !busy.length) return;
    timer = setTimeout(async () => {
      if (!document.hidden) {
        await Promise.allSettled(
          busy.slice(0, 8).map(async (one) => one.show(await videos.get(one.video.id))),
        );
      }
      look();
    }, LOOK_MS);
  }

  await load();
  return () => {
    open = false;
    clearTimeout(timer);
  };
}
