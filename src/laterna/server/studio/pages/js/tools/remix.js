// The same film, told anew.

import { videos } from "../api.js";
import { slide, words } from "../parts/fields.js";
import { form } from "../parts/form.js";

// Names for stretches of the scale, so that a number is not the only thing to go by.
const STRETCHES = [
  [0.15, "keeps nearly all"],
  [0.4, "subtle"],
  [0.65, "mild"],
  [0.9, "strong"],
  [2, "forgets nearly all"],
];
const say = (value) =>
  `${STRETCHES.find(([end]) => value < end - 1e-9)[1]}, ${value.toFixed(2)}`;

export function remix({ video, made }) {
  const prompt = words("prompt", "What it shows now", {
    value: video.prompt,
    rows: 3,
    required: true,
  });
  const strength = slide("strength", "Strength", { value: 0.6, say });
  return form({
    name: "Remix",
    label: "Film the remix",
    fields: [prompt, strength],
    body: [prompt.node, strength.node],
    send: async () =>
      made(
        await videos.remix(video.id, { prompt: prompt.value() ?? "", strength: strength.value() }),
      ),
  });
}
