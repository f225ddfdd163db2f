// More picture around the film: another frame, and where in it the film lies.

import { videos } from "../api.js";
import { h } from "../dom.js";
import { choice, slide, words } from "../parts/fields.js";
import { form } from "../parts/form.js";
import { aspect } from "../words.js";

const side = (low, high) => (value) =>
  value === 0.5 ? "in the middle" : value < 0.5 ? `towards the ${low}` : `towards the ${high}`;

export function reframe({ video, engine, made }) {
  const now = aspect(video.size);
  const others = engine.sizes.filter((size) => Math.abs(aspect(size) - now) > 0.02);
  const inner = h("div", { class: "inner" });
  const outer = h("div", { class: "outer", "aria-hidden": "true" }, inner);
  const size = choice(
    "size",
    "New frame",
    others.map((name) => [name, name]),
    { onpick: () => draw() },
  );
  const across = slide("across", "The film lies", {
    value: 0.5,
    say: side("left", "right"),
    oninput: () => draw(),
  });
  const down = slide("down", "The film lies", {
    value: 0.5,
    say: side("top", "bottom"),
    oninput: () => draw(),
  });
  const prompt = words("prompt", "What the whole picture shows", {
    value: video.prompt,
    rows: 3,
    required: true,
  });

  // Only one of the two axes has room: the film fills the other.
  function draw() {
    const wanted = aspect(size.value());
    const wider = wanted > now;
    across.node.hidden = !wider;
    down.node.hidden = wider;
    outer.style.setProperty("--aspect", wanted);
    inner.style.width = `${wider ? (100 * now) / wanted : 100}%`;
    inner.style.height = `${wider ? 100 : (100 * wanted) / now}%`;
    inner.style.left = `${wider ? across.value() * 100 * (1 - now / wanted) : 0}%`;
    inner.style.top = `${wider ? 0 : down.value() * 100 * (1 - wanted / now)}%`;
  }

  draw();
  return form({
    name: "Reframe",
    label: "Film the new frame",
    fields: [prompt, size, across, down],
    body: [
      h("p", { class: "note" }, "The film stays whole; what is around it is filmed."),
      size.node,
      h("div", { class: "canvas" }, outer),
      across.node,
      down.node,
      prompt.node,
    ],
    send: async () => {
      const wider = aspect(size.value()) > now;
      made(
        await videos.edit(video.id, {
          prompt: prompt.value() ?? "",
          size: size.value(),
          ...(wider ? { across: across.value() } : { down: down.value() }),
        }),
      );
    },
  });
}
