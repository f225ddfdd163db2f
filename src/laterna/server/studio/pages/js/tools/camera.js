// The same shot with another camera: the same words, seed, frame and length, filmed again.

import { videos } from "../api.js";
import { h } from "../dom.js";
import { camera as path } from "../parts/camera.js";
import { qualityFlags } from "../parts/composer.js";
import { words } from "../parts/fields.js";
import { form } from "../parts/form.js";
import { asked } from "../words.js";

export function camera({ video, engine, made }) {
  const prompt = words("prompt", "What the shot shows", {
    value: video.prompt,
    rows: 3,
    required: true,
  });
  const moves = path({ seconds: () => Number(video.seconds) });
  return form({
    name: "Camera",
    label: "Film with this camera",
    fields: [prompt, moves],
    body: [
      h("p", { class: "note" }, "The same shot, filmed again with another camera."),
      moves.node,
      prompt.node,
    ],
    send: async () => {
      const points = moves.value();
      if (!points)
        throw Object.assign(new Error("Say where the camera begins or ends."), { param: "camera" });
      made(
        await videos.create({
          prompt: prompt.value() ?? "",
          engine: engine.id,
          seconds: video.seconds,
          size: asked(video.size),
          seed: video.seed,
          camera: points,
          ...(video.passes?.length && { passes: video.passes }),
          ...qualityFlags(video.quality),
        }),
      );
    },
  });
}
