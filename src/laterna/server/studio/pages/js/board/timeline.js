// The time line: cards lie where they begin and are as wide as they last.
//
// Cards move by drag or by arrow keys. The ruler is a slider, so the playhead can be moved by both
// as well.

import { content } from "../api.js";
import { fill, h } from "../dom.js";
import { aspect, seconds, timecode } from "../words.js";
import { span, state, STEP } from "./model.js";

const WORDS = {
  empty: "nothing to film yet",
  missing: "not filmed",
  filming: "filming",
  changed: "changed since its take",
  short: "longer than its take",
  filmed: "filmed",
  clip: "clip",
};
const CLOSE = 4; // pixels; less is a click, more is a drag

export function timeline(board, { chosen, choose, moveTo, seek, press, isWaiting }) {
  const head = h("div", { class: "playhead", "aria-hidden": "true" });
  const ruler = h("input", {
    type: "range",
    class: "ruler",
    min: 0,
    step: STEP,
    "aria-label": "Playhead",
    oninput: () => seek(Number(ruler.value)),
  });
  const marks = h("div", { class: "marks", "aria-hidden": "true" });
  const lane = h("ol", { class: "lane", "aria-label": "Cards" });
  const track = h(
    "div",
    { class: "length" },
    h("div", { class: "scale" }, marks, ruler),
    lane,
    head,
  );
  const node = h("div", { class: "timeline" }, track);

  const share = (second) => `${(100 * second) / board.length}%`;

  function draw() {
    const focus = document.activeElement?.dataset?.card;
    ruler.max = board.length;
    track.style.setProperty("--seconds", board.length);
    const every = board.length > 60 ? 10 : board.length > 24 ? 5 : board.length > 12 ? 2 : 1;
    fill(
      marks,
      Array.from({ length: Math.floor(board.length / every) + 1 }, (_, i) =>
        h(
          "span",
          { style: { left: share(i * every) } },
          i * every === 0 ? "0" : seconds(i * every),
        ),
      ),
    );
    fill(lane, board.cards.map(item));
    if (focus) lane.querySelector(`[data-card="${focus}"]`)?.focus({ preventScroll: true });
  }

  function item(card, index) {
    const now = isWaiting(card) ? "filming" : state(board, card);
    const lasts = span(board, card);
    const text = card.prompt || { text: "Text", image: "Picture", clip: "Clip" }[card.kind];
    const button = h(
      "button",
      {
        class: "card",
        "data-card": card.id,
        "data-state": now,
        "aria-pressed": String(chosen() === card),
        onclick: () => choose(card),
        onkeydown: (event) => press(event, card),
        onpointerdown: (event) => drag(event, card, button),
      },
      pictureOf(card),
      h("span", { class: "text" }, text),
      h(
        "span",
        { class: "facts" },
        h("span", { class: "unseen" }, ` – card ${index + 1}, at ${seconds(card.at)}, lasts `),
        seconds(lasts),
        h("span", { class: "mark" }, ` ${WORDS[now]}`),
      ),
    );
    return h(
      "li",
      {
        style: { left: share(card.at), width: share(lasts) },
        class: card.join === "flow" ? "flows" : undefined,
      },
      button,
    );
  }

  function pictureOf(card) {
    const id =
      card.kind === "clip"
        ? card.clip?.id
        : card.take?.status === "completed"
          ? card.take.id
          : null;
    const style = { "--aspect": aspect(board.size) };
    if (id) return h("img", { src: content(id, "thumbnail"), alt: "", draggable: "false", style });
    if (card.image)
      return h("img", {
        src: URL.createObjectURL(card.image),
        alt: "",
        draggable: "false",
        style,
        onload: (event) => URL.revokeObjectURL(event.target.src),
      });
    return null;
  }

  function drag(event, card, button) {
    if (event.button !== 0) return;
    const start = event.clientX;
    const from = card.at;
    const perPixel = board.length / lane.getBoundingClientRect().width;
    const place = button.parentElement;
    let moved = false;
    const go = (move) => {
      if (!moved && Math.abs(move.clientX - start) < CLOSE) return;
      moved = true;
      place.classList.add("dragged");
      place.style.left = share(Math.max(0, from + (move.clientX - start) * perPixel));
    };
    const end = (up) => {
      for (const [name, act] of acts) window.removeEventListener(name, act);
      if (!moved) return;
      // The click that follows a drag would choose the card and scroll to its words.
      button.addEventListener("click", (click) => click.stopImmediatePropagation(), {
        capture: true,
        once: true,
      });
      setTimeout(() =>
        moveTo(card, up.type === "pointercancel" ? from : from + (up.clientX - start) * perPixel),
      );
    };
    const acts = [
      ["pointermove", go],
      ["pointerup", end],
      ["pointercancel", end],
    ];
    for (const [name, act] of acts) window.addEventListener(name, act);
  }

  function playhead(second) {
    head.style.left = share(second);
    ruler.value = second;
    ruler.setAttribute("aria-valuetext", timecode(second, 8));
  }

  // A board can be longer than the window is wide.
  function reveal(card) {
    const place = lane.querySelector(`[data-card="${card.id}"]`)?.parentElement;
    if (!place) return;
    const end = place.offsetLeft + place.offsetWidth;
    if (place.offsetLeft < node.scrollLeft || end > node.scrollLeft + node.clientWidth) {
      node.scrollLeft = place.offsetLeft;
    }
  }

  draw();
  return {
    reveal,
    node,
    draw,
    playhead,
    focus: (card) => lane.querySelector(`[data-card="${card.id}"]`)?.focus(),
  };
}
