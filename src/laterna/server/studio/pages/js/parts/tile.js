// A shot in the gallery: its picture, which plays while it is pointed at or has the focus.

import { content, kept, running } from "../api.js";
import { fill, h } from "../dom.js";
import { to } from "../route.js";
import { ago, aspect, seconds, waitingFor } from "../words.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

export function tile(video) {
  const frame = h("div", { class: "frame" });
  const name = h("span", { class: "name" }, video.prompt);
  const facts = h("span", { class: "facts" });
  const link = h(
    "a",
    {
      class: "tile",
      href: to.shot(video.id),
      style: { "--aspect": aspect(video.size) },
      onpointerenter: (event) => event.pointerType === "mouse" && play(),
      onpointerleave: stop,
      onfocus: play,
      onblur: stop,
    },
    frame,
    h("span", { class: "slate" }, name, facts),
  );
  let film = null;
  let now = video;

  function play() {
    if (!kept(now) || film || still.matches) return;
    film = h("video", {
      src: content(now.id),
      muted: true,
      loop: true,
      playsInline: true,
      "aria-hidden": "true",
      tabindex: -1,
    });
    film.addEventListener("playing", () => film?.classList.add("on"));
    frame.append(film);
    film.play().catch(stop); // pointed away before it could start
  }

  function stop() {
    film?.remove();
    film = null;
  }

  function show(video) {
    now = video;
    if (kept(video)) {
      if (!frame.querySelector("img"))
        fill(
          frame,
          h("img", {
            src: content(video.id, "thumbnail"),
            alt: "",
            loading: "lazy",
            decoding: "async",
          }),
        );
    } else
      fill(frame, h("span", { class: "state" }, waitingFor(video)), running(video) && bar(video));
    facts.textContent = [
      seconds(video.seconds),
      video.size.replace("x", " × "),
      ago(video.created_at),
    ].join("  ");
  }

  show(video);
  return {
    node: link,
    show,
    get video() {
      return now;
    },
  };
}

const bar = (video) =>
  h(
    "span",
    { class: "track", "aria-hidden": "true" },
    h("span", { style: { width: `${video.progress}%` } }),
  );
