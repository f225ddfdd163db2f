// The chosen card: its words, picture or clip, how it joins, and its takes.

import { h } from "../dom.js";
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
  const now = isWaiting(card) ? "filming" : state(board, card);
  const parts = [h("h2", {}, TITLE[card.kind]), h("p", { class: "facts" }, `From ${seconds(card.at)}, lasts ${seconds(span(board, card))}`)];
  const prompt = words("prompt", card.kind === "clip" ? "Note" : "What it shows", { value: card.prompt, rows: 3 });
  prompt.control.addEventListener("input", () => {
    card.prompt = prompt.control.value.trim();
    changed(false);
  });
  prompt.control.addEventListener("change", () => changed(true));

  if (card.kind === "image") parts.push(pictureField());
  if (card.kind === "clip") parts.push(shots("clip", "Which shot", { onpick: useClip }).node);
  parts.push(prompt.node);
  if (mayFlow()) {
    parts.push(choice("join", "How it begins", [["cut", "Cut"], ["flow", "Goes on from the card before"]], { value: card.join, onpick: (way) => {
      card.join = way;
      changed(true);
    } }).node);
  }
  if (card.trouble) parts.push(h("p", { class: "refusal", role: "alert" }, card.trouble));
  if (NOTE[now]) parts.push(h("p", { class: "note" }, NOTE[now]));
  if (card.takes.length > 1) parts.push(takes());
  const mayFilm = card.kind !== "clip" && now !== "empty" && now !== "filming";
  parts.push(h("div", { class: "actions" },
    mayFilm && h("button", { class: "primary", onclick: () => retake(card) }, card.take ? "Retake" : "Film this card"),
    h("button", { onclick: split }, "Split at playhead"), h("button", { class: "quiet", onclick: () => remove(card) }, "Remove")));
  return h("section", { class: "editor", "aria-label": TITLE[card.kind] }, parts);

  // What it goes on from has to play to its end, or there would be a jump.
  function mayFlow() {
    const first = before(board, card);
    if (card.kind !== "text" || !first || !can.flow) return false;
    return first.kind !== "clip" || (first.clip && span(board, first) + 1e-6 >= first.clip.length);
  }

  function pictureField() {
    const field = picture("image", card.image ? "Another picture" : "Picture", { note: "It becomes the first frame, cut to the board's frame." });
    field.control.addEventListener("change", () => {
      if (field.value()) card.image = field.value();
      changed(true);
    });
    return field.node;
  }

  function useClip(video) {
    card.clip = { id: video.id, from: 0, length: Number(video.seconds) };
    if (!card.prompt) card.prompt = video.prompt;
    changed(true);
  }

  function takes() {
    const options = card.takes.map((take, i) => [String(i), `Take ${i + 1}`]);
    return pick("take", "Take", options, { value: String(Math.max(0, card.takes.indexOf(card.take))), onpick: (index) => {
      card.take = card.takes[Number(index)];
      card.take.key = key(board, card); // chosen as it is: it counts as what the card wants
      changed(true);
    } }).node;
  }
}
