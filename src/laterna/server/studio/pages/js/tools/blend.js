// A bridge from this shot into another one.

import { videos } from "../api.js";
import { number, words } from "../parts/fields.js";
import { form } from "../parts/form.js";
import { shots } from "../parts/shots.js";

export function blend({ video, engine, made }) {
  const into = shots("into", "Into which shot", { not: video.id });
  const prompt = words("prompt", "What the bridge shows", {
    value: video.prompt,
    rows: 3,
    required: true,
  });
  const length = number("seconds", "Length of the bridge", {
    value: 2,
    min: 0.125,
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
