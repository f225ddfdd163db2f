// A monitor with a cutting room's keys: space, J K L, and comma and full stop for single frames.

import { h } from "../dom.js";
import { aspect, timecode } from "../words.js";

export const FPS = 24; // what the quick finish delivers; the video object says when it is another
const still = matchMedia("(prefers-reduced-motion: reduce)");

export function player({ src, poster, size, fps = FPS, label = "Shot" }) {
  const film = h("video", {
    src,
    poster,
    muted: true,
    playsInline: true,
    loop: true,
    preload: "auto",
    tabindex: -1,
    "aria-label": label,
  });
  const picture = h("div", { class: "screen", style: { "--aspect": aspect(size) } }, film);
  const button = h("button", { class: "transport", onclick: toggle }, "Play");
  const code = h("span", { class: "code" }, timecode(0, fps));
  const scrub = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 1 / fps,
    value: 0,
    "aria-label": "Position",
    oninput: () => {
      film.pause();
      film.currentTime = Number(scrub.value);
    },
  });
  const keys = h(
    "details",
    { class: "keys" },
    h("summary", {}, "Keys"),
    h(
      "p",
      {},
      "Space plays. J, K and L go back, stop and play; L again is faster. " +
        "Comma and full stop step a frame. Home and End.",
    ),
  );
  const node = h(
    "div",
    { class: "player", role: "group", "aria-label": `${label}, player`, onkeydown: press },
    picture,
    h("div", { class: "controls" }, button, scrub, code),
    keys,
  );
  let back = 0;
  let frame = 0;

  function toggle() {
    if (film.paused) play(1);
    else stop();
  }

  function play(rate) {
    cancelAnimationFrame(back);
    film.playbackRate = rate;
    film.play().catch(() => null); // taken off the page before it could start
  }

  function stop() {
    cancelAnimationFrame(back);
    film.pause();
  }

  // Browsers cannot play backwards: step against the clock.
  function reverse() {
    stop();
    let past = performance.now();
    const step = (now) => {
      if (now - past >= 1000 / fps) {
        film.currentTime = Math.max(0, film.currentTime - (now - past) / 1000);
        past = now;
      }
      if (film.currentTime > 0) back = requestAnimationFrame(step);
    };
    back = requestAnimationFrame(step);
  }

  function nudge(frames) {
    stop();
    film.currentTime = Math.min(film.duration || 0, Math.max(0, film.currentTime + frames / fps));
  }

  const acts = {
    " ": toggle,
    k: stop,
    j: reverse,
    l: () => play(film.paused ? 1 : Math.min(4, film.playbackRate * 2)),
    ",": () => nudge(-1),
    ".": () => nudge(1),
    Home: () => nudge(-film.duration * fps),
    End: () => nudge(film.duration * fps),
  };

  function press(event) {
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const taken = event.target === button && event.key === " "; // the button has that key already
    if (!act || taken || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  const follow = () => {
    scrub.value = film.currentTime;
    scrub.setAttribute("aria-valuetext", timecode(film.currentTime, fps));
    code.textContent = `${timecode(film.currentTime, fps)} / ${timecode(film.duration || 0, fps)}`;
    if (!film.paused) frame = requestAnimationFrame(follow);
  };
  film.addEventListener("loadedmetadata", () => {
    scrub.max = film.duration;
    follow();
    if (!still.matches) play(1);
  });
  film.addEventListener("play", () => {
    button.textContent = "Pause";
    cancelAnimationFrame(frame);
    follow();
  });
  film.addEventListener("pause", () => (button.textContent = "Play"));
  film.addEventListener("seeked", follow);
  film.addEventListener("click", toggle);

  return {
    node,
    film,
    picture,
    stop: () => {
      stop();
      cancelAnimationFrame(frame);
    },
  };
}
