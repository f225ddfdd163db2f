// What happens next, or what happened before.

import { LEAST, LONGEST, videos } from "../api.js";
import { choice, number, words } from "../parts/fields.js";
import { form } from "../parts/form.js";

export function extend({ video, engine, made }) {
  const side = choice("side", "Which side", [
    ["end", "What happens next"],
    ["start", "What came before"],
  ]);
  const prompt = words("prompt", "What it shows there", {
    value: video.prompt,
    rows: 3,
    required: true,
  });
  const length = number("seconds", "New seconds", {
    value: 4,
    min: LEAST,
    max: Math.min(engine.maxSeconds, LONGEST - Number(video.seconds)),
    unit: "s",
  });
  return form({
    name: "Extend",
    label: "Film the extension",
    fields: [prompt, length, side],
    body: [side.node, prompt.node, length.node],
    send: async () =>
      made(
        await videos.extend(video.id, {
          prompt: prompt.value() ?? "",
          seconds: String(length.value() ?? ""),
          side: side.value(),
        }),
      ),
  });
}
