// A bridge from the end back to the beginning: played over and over it has no seam.

import { LEAST, LONGEST, videos } from "../api.js";
import { h } from "../dom.js";
import { number, words } from "../parts/fields.js";
import { form } from "../parts/form.js";

export function loop({ video, engine, made }) {
  const prompt = words("prompt", "What the bridge shows", {
    value: video.prompt,
    rows: 3,
    required: true,
  });
  const length = number("seconds", "Length of the bridge", {
    value: 2,
    min: LEAST,
    max: Math.min(engine.maxSeconds, LONGEST - Number(video.seconds)),
    unit: "s",
  });
  return form({
    name: "Loop",
    label: "Film the loop",
    fields: [prompt, length],
    body: [
      h("p", { class: "note" }, "The last frame will precede the first; no frame is there twice."),
      prompt.node,
      length.node,
    ],
    send: async () =>
      made(
        await videos.extend(video.id, {
          prompt: prompt.value() ?? "",
          seconds: String(length.value() ?? ""),
          loop: true,
        }),
      ),
  });
}
