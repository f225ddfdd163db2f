// Plays a board through: takes and clips as film, everything else as its picture or its words.
//
// Two video elements take turns: while one plays, the other is wound to where the next card begins.

import { content } from "../api.js";
import { fill, h } from "../dom.js";
import { aspect, timecode } from "../words.js";
import { playing, STEP } from "./model.js";

const FPS = 8; // a board is timed in frames as they are filmed
const APART = 0.15; // seconds a film may be off before it is set right

export function screen(board, { moved }) {
  const films = [0, 1].map(() =>
    h("video", {
      muted: true,
      playsInline: true,
      preload: "auto",
      hidden: true,
      tabindex: -1,
      "aria-hidden": "true",
    }),
  );
  const slate = h("div", { class: "slate" });
  const picture = h(
    "div",
    { class: "screen", style: { "--aspect": aspect(board.size) } },
    films,
    slate,
  );
  const button = h("button", { class: "transport", onclick: toggle }, "Play");
  const code = h("span", { class: "code" });
  const node = h(
    "section",
    { class: "monitor", "aria-label": "Monitor" },
    picture,
    h("div", { class: "controls" }, button, code),
  );
  let second = 0;
  let going = false;
  let past = 0;
  let tick = 0;
  let shown = null; // what the slate shows, so that it is not drawn anew each frame

  const source = (film, video) => {
    if (film.dataset.video === video) return;
    film.dataset.video = video;
    film.src = content(video);
  };

  function show() {
    const now = playing(board, second);
    const film =
      now.video &&
      (films.find((one) => one.dataset.video === now.video && one.dataset.card === now.card.id) ??
        films.find((one) => one.hidden) ??
        films[0]);
    for (const one of films) {
      if (one === film) continue;
      one.hidden = true;
      one.pause();
    }
    if (film) wind(film, now);
    drawSlate(now, Boolean(film));
    ahead(film);
    code.textContent = `${timecode(second, FPS)} / ${timecode(board.length, FPS)}`;
    moved(second);
  }

  function wind(film, now) {
    source(film, now.video);
    film.dataset.card = now.card.id;
    film.hidden = false;
    if (Math.abs(film.currentTime - now.second) > (going ? APART : STEP / 2))
      film.currentTime = now.second;
    if (!going || now.held) film.pause();
    else if (film.paused) film.play().catch(() => null);
  }

  function ahead(film) {
    const next = board.cards.find((card) => card.at > second);
    const then = next && playing(board, next.at);
    const other = films.find((one) => one !== film);
    if (!then?.video || !going || !other) return;
    source(other, then.video);
    other.dataset.card = then.card.id;
    if (Math.abs(other.currentTime - then.second) > STEP / 2 && !other.seeking)
      other.currentTime = then.second;
  }

  function drawSlate(now, covered) {
    const mark = covered ? "film" : `${now.card?.id} ${now.card?.prompt} ${now.card?.image?.name}`;
    if (mark === shown) return;
    shown = mark;
    slate.hidden = covered;
    if (covered) return fill(slate);
    const card = now.card;
    if (card?.image)
      return fill(
        slate,
        h("img", {
          src: URL.createObjectURL(card.image),
          alt: card.prompt,
          onload: (e) => URL.revokeObjectURL(e.target.src),
        }),
      );
    return fill(slate, h("p", {}, card ? card.prompt || "An empty card" : "Nothing here yet"));
  }

  function step(now) {
    if (!going) return;
    second += (now - past) / 1000;
    past = now;
    if (second >= board.length) {
      second = board.length;
      stop();
      return;
    }
    show();
    tick = requestAnimationFrame(step);
  }

  function toggle() {
    if (going) return stop();
    if (second >= board.length - STEP) second = 0;
    going = true;
    button.textContent = "Pause";
    past = performance.now();
    tick = requestAnimationFrame(step);
    return undefined;
  }

  function stop() {
    going = false;
    cancelAnimationFrame(tick);
    button.textContent = "Play";
    show();
  }

  function seek(to) {
    second = Math.min(board.length, Math.max(0, to));
    past = performance.now();
    show();
  }

  function again() {
    shown = null;
    picture.style.setProperty("--aspect", aspect(board.size));
    second = Math.min(second, board.length);
    show();
  }

  return {
    node,
    seek,
    toggle,
    again,
    get second() {
      return second;
    },
    close: () => {
      going = false;
      cancelAnimationFrame(tick);
      films.forEach((film) => film.pause());
    },
  };
}
