// A bridge from this shot into another one.

import { LEAST, LONGEST, videos } from "../api.js";
import { number, words } from "../parts/fields.js";
import { form } from "../parts/form.js";
import { shots } from "../parts/shots.js";

export function blend({ video, engine, made }) {
  // A bridge joins frames of one size, and what it joins may last so long and no longer.
  const left = (other) => LONGEST - Number(video.seconds) - Number(other.seconds);
  const into = shots("into", "Into which shot", {
    fits: (one) =>
      one.id !== video.id &&
      Boolean(one.draft_size) &&
      one.draft_size === video.draft_size &&
      left(one) >= LEAST,
    none: "There is no other finished shot with a frame of this size yet.",
    onpick: (one) => (length.control.max = Math.min(engine.maxSeconds, left(one))),
  });
  const prompt = words("prompt", "What the bridge shows", {
    value: video.prompt,
    rows: 3,
    required: true,
  });
  const length = number("seconds", "Length of the bridge", {
    value: 2,
    min: LEAST,
    max: engine.maxSeconds,
    unit: "s",
  });
  return form({
    name: "Blend",
    label: "Film the blend",
    fields: [into, prompt, length],
    body: [into.node, prompt.node, length.node],
    send: async () => {
      if (!into.value())
        throw Object.assign(new Error("Choose the shot it leads into."), { param: "into" });
      made(
        await videos.extend(video.id, {
          prompt: prompt.value() ?? "",
          seconds: String(length.value() ?? ""),
          into: { id: into.value() },
        }),
      );
    },
  });
}
