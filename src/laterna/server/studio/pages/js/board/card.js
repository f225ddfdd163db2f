// The chosen card: its words, picture or clip, how it joins, and its takes.
//
// The field that is written in stays where it is while the card's state changes around it.

import { fill, h } from "../dom.js";
import { camera } from "../parts/camera.js";
import { choice, pick, picture, words } from "../parts/fields.js";
import { shots } from "../parts/shots.js";
import { seconds } from "../words.js";
import { before, key, span, state } from "./model.js";

const TITLE = { text: "Text card", image: "Picture card", clip: "Clip card" };
const NOTE = {
  empty: "Say what it shows, and it can be filmed.",
  changed: "It has changed since this take. Retake it to see the change.",
  short: "It lasts longer than its take; the last picture stands until a retake.",
};

export function editor(board, card, { changed, retake, split, remove, isWaiting, can }) {
  const when = h("p", { class: "facts" });
  const below = h("div", { class: "panel" });
  const prompt = words("prompt", card.kind === "clip" ? "Note" : "What it shows", {
    value: card.prompt,
    rows: 3,
  });
  prompt.control.addEventListener("input", () => {
    card.prompt = prompt.control.value.trim();
    changed();
  });
  const source =
    card.kind === "image"
      ? pictureField()
      : card.kind === "clip"
        ? shots("clip", "Which shot", { chosen: card.clip?.id, onpick: useClip }).node
        : null;
  const node = h(
    "section",
    { class: "editor", "aria-label": TITLE[card.kind] },
    h("h2", {}, TITLE[card.kind]),
    when,
    source,
    prompt.node,
    card.kind !== "clip" && can.camera && path(),
    below,
  );
  let drawn = "";

  function refresh() {
    const now = isWaiting(card) ? "filming" : state(board, card);
    when.textContent = `From ${seconds(card.at)}, lasts ${seconds(span(board, card))}`;
    const mark = JSON.stringify([
      now,
      mayFlow(),
      card.join,
      card.trouble,
      card.takes.length,
      card.takes.indexOf(card.take),
    ]);
    if (mark === drawn) return;
    drawn = mark;
    const mayFilm = card.kind !== "clip" && now !== "empty" && now !== "filming";
    fill(
      below,
      mayFlow() && join(),
      card.trouble && h("p", { class: "refusal", role: "alert" }, card.trouble),
      NOTE[now] && card.kind !== "clip" && h("p", { class: "note" }, NOTE[now]),
      card.takes.length > 1 && takes(),
      h(
        "div",
        { class: "actions" },
        card.kind !== "clip" &&
          h(
            "button",
            { disabled: !mayFilm, onclick: () => retake(card) },
            card.take ? "Retake" : "Film this card",
          ),
        h("button", { onclick: split }, "Split at playhead"),
        h("button", { class: "quiet", onclick: () => remove(card) }, "Remove"),
      ),
    );
  }

  // What it goes on from has to play to its end, or there would be a jump.
  function mayFlow() {
    const first = before(board, card);
    if (card.kind !== "text" || !first || !can.flow(first.clip?.engine)) return false;
    return (
      first.kind !== "clip" ||
      Boolean(first.clip && first.clip.from === 0 && span(board, first) + 1e-6 >= first.clip.length)
    );
  }

  // Closed, as most cards need none; kept as it was written, for the card may yet change its length.
  function path() {
    const field = camera({
      start: card.camera ?? {},
      oninput: (moves) => {
        card.camera = moves;
        changed();
      },
    });
    return h("details", { open: Boolean(card.camera) }, h("summary", {}, "Camera"), field.node);
  }

  const join = () =>
    choice(
      "join",
      "How it begins",
      [
        ["cut", "Cut"],
        ["flow", "Goes on from the card before"],
      ],
      {
        value: card.join,
        onpick: (way) => {
          card.join = way;
          changed();
        },
      },
    ).node;

  function pictureField() {
    const field = picture("image", card.image ? "Another picture" : "Picture", {
      note: "It becomes the first frame, cut to the board's frame.",
    });
    field.control.addEventListener("change", () => {
      if (field.value()) card.image = field.value();
      changed();
    });
    return field.node;
  }

  function useClip(video) {
    card.clip = { id: video.id, from: 0, length: Number(video.seconds), engine: video.engine };
    if (!card.prompt) prompt.control.value = card.prompt = video.prompt;
    changed();
  }

  function takes() {
    const options = card.takes.map((take, i) => [String(i), `Take ${i + 1}`]);
    return pick("take", "Take", options, {
      value: String(Math.max(0, card.takes.indexOf(card.take))),
      onpick: (index) => {
        card.take = card.takes[Number(index)];
        card.take.key = key(board, card); // chosen as it is: it counts as what the card wants
        changed();
      },
    }).node;
  }

  refresh();
  return { node, card, refresh };
}
