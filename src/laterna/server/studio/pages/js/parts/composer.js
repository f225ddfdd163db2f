// The prompt and everything that may be asked along with it, as far as the engine can do it.

import { LEAST, videos } from "../api.js";
import { fill, h } from "../dom.js";
import { camera } from "./camera.js";
import { fit } from "./crop.js";
import { choice, number, pick, picture, tick, words } from "./fields.js";
import { form } from "./form.js";

const LENGTH = 4; // seconds, where none are asked for
const QUALITY = { draft: "Draft", quick: "Quick", final: "Final" };

export const qualities = (engine) => engine.qualities.map((name) => [name, QUALITY[name] ?? name]);

// The wire has flags for two of the three qualities and says nothing for the third.
export const qualityFlags = (name) => (name === "quick" || !name ? {} : { [name]: true });

export function composer({ engines, start = {}, filmed }) {
  const prompt = words("prompt", "What the shot shows", {
    value: start.prompt ?? "",
    rows: 2,
    required: true,
    placeholder: "A lighthouse on the coast at dusk, fog, the camera trucks right",
  });
  prompt.node.classList.add("prompt");
  prompt.control.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) made.run();
  });
  const main = h("div", { class: "row" });
  const more = h("div", { class: "grid" });
  const details = h("details", { class: "more" }, h("summary", {}, "More"), more);
  const fields = [prompt];
  const made = form({
    name: "New shot",
    label: "Film",
    fields,
    body: [prompt.node, main],
    under: details,
    send: async () => filmed(await videos.create(await asked())),
  });
  let engine = engines.find((one) => one.id === start.engine) ?? engines[0];
  // One for all engines, so that what was set is there again when one that takes it is chosen again.
  const path = camera({
    seconds: () => fields.find((field) => field.name === "seconds")?.value() ?? LENGTH,
  });

  function offer() {
    const kept = Object.fromEntries(fields.map((field) => [field.name, field.value()]));
    const can = offers(engine, { ...start, ...kept });
    if (engine.options.has("camera")) can.more.push(path);
    fill(
      main,
      can.main.map((field) => field.node),
    );
    const engineList =
      engines.length > 1 &&
      pick(
        "engine",
        "Engine",
        engines.map((one) => [one.id, one.id]),
        { value: engine.id, onpick: change },
      );
    fields.splice(
      0,
      fields.length,
      prompt,
      ...can.main,
      ...(engineList ? [engineList] : []),
      ...can.more,
    );
    fill(
      more,
      (engineList ? [engineList] : []).concat(can.more).map((field) => field.node),
    );
  }

  function change(id) {
    engine = engines.find((one) => one.id === id);
    offer();
    fields.find((field) => field.name === "engine").control.focus();
  }

  async function asked() {
    const all = Object.fromEntries(fields.map((field) => [field.name, field.value()]));
    for (const name of ["input_reference", "last_frame"])
      if (all[name]) all[name] = await fit(all[name], all.size);
    const { quality, seconds, ...rest } = all;
    const told = {
      ...rest,
      ...qualityFlags(quality),
      seconds: seconds === undefined ? undefined : String(seconds),
    };
    return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  }

  offer();
  return { node: made.node, focus: () => prompt.control.focus() };
}

// The fields an engine can honour, with what was chosen so far.
function offers(engine, start) {
  const main = [
    choice(
      "size",
      "Frame",
      engine.sizes.map((size) => [size, size]),
      {
        value: engine.sizes.includes(start.size) ? start.size : engine.sizes[0],
      },
    ),
    number("seconds", "Length", {
      value: start.seconds ?? LENGTH,
      min: LEAST,
      max: engine.maxSeconds,
      unit: "s",
    }),
  ];
  if (engine.qualities.length > 1) {
    main.push(choice("quality", "Finish", qualities(engine), { value: start.quality ?? "quick" }));
  }
  const more = [];
  if (engine.fields.has("keyframes")) {
    more.push(
      picture("input_reference", "First frame", { note: "Cut to the shape of the frame." }),
    );
    more.push(picture("last_frame", "Last frame"));
  }
  if (engine.fields.has("negative"))
    more.push(
      words("negative_prompt", "Keep away from", { rows: 1, value: start.negative_prompt }),
    );
  if (engine.fields.has("guidance"))
    more.push(
      number("guidance", "Guidance", {
        min: 1,
        max: 20,
        value: start.guidance,
        note: "1 to 20; slower.",
      }),
    );
  more.push(number("seed", "Seed", { min: 0, step: 1, value: start.seed, placeholder: "drawn" }));
  if (engine.fields.has("loop"))
    more.push(tick("loop", "Loop without a seam", { checked: Boolean(start.loop) }));
  if (engine.passes.length) more.push(passes(engine.passes));
  return { main, more };
}

function passes(names) {
  const ticks = names.map((name) => tick(name, name[0].toUpperCase() + name.slice(1)));
  return {
    name: "passes",
    control: ticks[0].control,
    node: h(
      "fieldset",
      { class: "field" },
      h("legend", {}, "Passes with the picture"),
      h(
        "div",
        { class: "row" },
        ticks.map((one) => one.node),
      ),
    ),
    value: () => {
      const chosen = ticks.filter((one) => one.value()).map((one) => one.name);
      return chosen.length ? chosen : undefined;
    },
  };
}
