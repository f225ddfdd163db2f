// Versions of a shot: what it was made from, and what was made from it.

import { content, kept, videos } from "../api.js";
import { h } from "../dom.js";
import { to } from "../route.js";
import { aspect, kindOf, seconds, waitingFor } from "../words.js";

const PAGES = 5; // as far back as relatives are looked for

// All relatives of `video` there are, the oldest first.
export async function relatives(video) {
  const all = new Map([[video.id, video]]);
  let last = null;
  for (let page = 0; page < PAGES; page += 1) {
    const found = await videos.page(last, 100);
    for (const one of found.data) all.set(one.id, one);
    if (!found.has_more) break;
    last = found.last_id;
  }
  const root = (one) => {
    const seen = new Set();
    while (one.remixed_from_video_id && all.has(one.remixed_from_video_id) && !seen.has(one.id)) {
      seen.add(one.id);
      one = all.get(one.remixed_from_video_id);
    }
    return one.id;
  };
  const mine = root(video);
  return [...all.values()]
    .filter((one) => root(one) === mine)
    .sort((a, b) => a.created_at - b.created_at);
}

export function family(video, list, compare) {
  const others = list.filter((one) => one.id !== video.id);
  if (!others.length) return null;
  const item = (one) =>
    h(
      "li",
      { class: one.id === video.id ? "this" : undefined },
      h(
        "a",
        { href: to.shot(one.id), "aria-current": one.id === video.id ? "true" : undefined },
        h(
          "span",
          { class: "frame", style: { "--aspect": aspect(one.size) } },
          kept(one)
            ? h("img", { src: content(one.id, "thumbnail"), alt: "", loading: "lazy" })
            : h("span", { class: "state" }, waitingFor(one)),
        ),
        h(
          "span",
          { class: "slate" },
          h("span", { class: "name" }, `${kindOf(one)}: ${one.prompt}`),
          h("span", { class: "facts" }, seconds(one.seconds)),
        ),
      ),
      one.id !== video.id &&
        kept(one) &&
        kept(video) &&
        h("button", { class: "quiet", onclick: () => compare(one) }, "Side by side"),
    );
  return h("section", { class: "family" }, h("h2", {}, "Versions"), h("ul", {}, list.map(item)));
}

// Two versions next to each other, played in step.
export function sideBySide(left, right, close) {
  const film = (one) =>
    h("video", {
      src: content(one.id),
      muted: true,
      loop: true,
      playsInline: true,
      preload: "auto",
      "aria-label": one.prompt,
    });
  const films = [film(left), film(right)];
  const button = h("button", { class: "transport", onclick: toggle }, "Play both");
  const scrub = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.001,
    value: 0,
    "aria-label": "Position in both",
    oninput: () =>
      films.forEach((one) => (one.currentTime = Number(scrub.value) * (one.duration || 0))),
  });

  function toggle() {
    const start = films[0].paused;
    for (const one of films) start ? one.play().catch(() => null) : one.pause();
    button.textContent = start ? "Pause both" : "Play both";
  }

  films[0].addEventListener("timeupdate", () => {
    scrub.value = films[0].currentTime / (films[0].duration || 1);
    if (films[0].paused) return;
    // The shorter one starts over by itself; drift within a round is set right.
    if (
      Math.abs(films[1].currentTime - films[0].currentTime) > 0.12 &&
      films[0].currentTime < films[1].duration
    ) {
      films[1].currentTime = films[0].currentTime;
    }
  });
  const side = (one, picture) =>
    h(
      "figure",
      {},
      h("div", { class: "screen", style: { "--aspect": aspect(one.size) } }, picture),
      h(
        "figcaption",
        {},
        h("span", { class: "name" }, `${kindOf(one)}: ${one.prompt}`),
        h(
          "span",
          { class: "facts" },
          [seconds(one.seconds), one.size, (one.seed ?? null) !== null && `seed ${one.seed}`]
            .filter(Boolean)
            .join("  "),
        ),
      ),
    );
  const node = h(
    "section",
    { class: "beside", "aria-label": "Versions side by side" },
    h("h1", { class: "unseen" }, "Versions side by side"),
    h("div", { class: "sides" }, side(left, films[0]), side(right, films[1])),
    h("div", { class: "controls" }, button, scrub, h("button", { onclick: close }, "Close")),
  );
  return { node, stop: () => films.forEach((one) => one.pause()) };
}
