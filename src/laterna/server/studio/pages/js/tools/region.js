// A part of the picture filmed anew: it is painted right on the monitor.

import { videos } from "../api.js";
import { h } from "../dom.js";
import { choice, slide, words } from "../parts/fields.js";
import { form } from "../parts/form.js";
import { easel } from "./easel.js";

export function region({ video, player, made }) {
  const brush = slide("brush", "Brush", {
    value: 0.08,
    min: 0.02,
    max: 0.3,
    step: 0.01,
    say: (value) => `${Math.round(value * 100)} % of the width`,
    oninput: (value) => paint.size(value),
  });
  const way = choice(
    "way",
    "Brush does",
    [
      ["paint", "Paint"],
      ["erase", "Erase"],
    ],
    { onpick: (key) => paint.erase(key === "erase") },
  );
  const prompt = words("prompt", "What the painted part shows", {
    value: "",
    rows: 2,
    required: true,
  });
  const paint = easel(player.picture, video.size, brush.value());
  const field = { name: "mask", control: paint.canvas };
  const made_ = form({
    name: "Region",
    label: "Film the region",
    fields: [prompt, field],
    body: [
      h(
        "p",
        { class: "note" },
        "Paint on the picture. What is marked is filmed anew, the rest is kept. " +
          "With keys: arrows move the brush, Enter sets it down.",
      ),
      way.node,
      brush.node,
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", onclick: () => paint.fillAll() }, "Mark all"),
        h("button", { type: "button", onclick: () => paint.clear() }, "Clear"),
      ),
      prompt.node,
    ],
    send: async () => {
      if (paint.empty())
        throw Object.assign(new Error("Nothing is painted yet. Mark what is to be filmed anew."), {
          param: "mask",
        });
      made(await videos.edit(video.id, { prompt: prompt.value() ?? "", mask: await paint.mask() }));
    },
  });
  player.stop();
  return { node: made_.node, close: paint.remove };
}
