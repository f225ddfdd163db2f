// The monitor while a shot is filmed: the newest frame large, and a strip that fills chunk by
// chunk.

import { running, videos } from "../api.js";
import { fill, h, say } from "../dom.js";
import { watch } from "../events.js";
import { aspect, waitingFor } from "../words.js";

const CHUNK = 4; // frames: half a second, until the second chunk says otherwise

export function live(video, { ended }) {
  const large = h("img", { alt: "", hidden: true });
  const slate = h("p", { class: "slate" }, video.prompt);
  const strip = h("ol", { class: "strip", "aria-hidden": "true" });
  const told = h("p", { class: "waiting" });
  const meter = h(
    "div",
    {
      class: "meter",
      role: "progressbar",
      "aria-label": "Filming",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    },
    h("span"),
  );
  const trouble = h("p", { class: "note", hidden: true });
  const cancel = h("button", { class: "quiet", onclick: stop }, "Cancel");
  const node = h(
    "div",
    { class: "live", style: { "--aspect": aspect(video.size) } },
    h("div", { class: "screen", style: { "--aspect": aspect(video.size) } }, slate, large),
    strip,
    h("div", { class: "controls" }, told, cancel),
    meter,
    trouble,
  );
  let now = video;
  let progress = null;
  const starts = new Set();

  function tell() {
    const text = waitingFor(now, progress);
    if (told.textContent !== text) say(text);
    told.textContent = text;
    const share = progress?.progress ?? now.progress ?? 0;
    meter.setAttribute("aria-valuenow", share);
    meter.firstChild.style.width = `${share}%`;
  }

  function cells(count) {
    while (strip.children.length < count) strip.append(h("li"));
  }

  // A frame comes per chunk, with its number in the shot; how long a chunk is, the second shows.
  function frame(event) {
    starts.add(event.index);
    const [first, second] = [...starts].sort((a, b) => a - b);
    const length = second === undefined ? CHUNK : second - first;
    const chunk = Math.round(event.index / length);
    const chunks = Math.ceil(event.frames / length);
    progress = { ...progress, chunk: Math.max(chunk + 1, progress?.chunk ?? 0), chunks };
    cells(chunks);
    fill(strip.children[chunk], h("img", { src: event.url, alt: "" }));
    large.src = event.url;
    large.hidden = false;
    slate.hidden = true;
  }

  function hear(event) {
    trouble.hidden = event.type !== "trouble";
    if (event.type === "trouble") trouble.textContent = event.error.message;
    if (event.type === "frame") frame(event);
    if (event.type === "progress") {
      progress = { ...progress, progress: event.progress, position: event.position ?? null };
      if (event.status) now = { ...now, status: event.status };
    }
    if (event.type === "status") {
      now = event.video;
      if (!running(now)) {
        say(waitingFor(now));
        ended(now);
        return;
      }
      progress = { ...progress, progress: now.progress, position: now.position };
    }
    tell();
  }

  async function stop() {
    cancel.disabled = true;
    try {
      await videos.cancel(video.id);
      told.textContent = "Cancelling: it stops after this chunk";
    } catch (error) {
      trouble.hidden = false;
      trouble.textContent = error.message;
      cancel.disabled = false;
    }
  }

  tell();
  return { node, close: watch(video.id, hear) };
}
