// What the engines of this server can do and this account may ask. The page offers that and
// nothing else.

import { models } from "./api.js";
import { ratios } from "./words.js";

let known = null;
let abilities = null;

// What the account was let in to; null where the server does not say.
export function permit(list) {
  abilities = list ? new Set(list) : null;
  known = null;
}

export const may = (ability) => abilities === null || abilities.has(ability);

// Engines as {id, fields: Set, options: Set, passes, qualities, sizes, fps, maxSeconds}; the default
// one first.
export async function engines() {
  known ??= models().then(
    (list) => list.filter((model) => model.capabilities).map(read),
    (error) => {
      known = null;
      throw error;
    },
  );
  return known;
}

function read(model) {
  const can = model.capabilities;
  const fields = new Set(can.fields ?? []);
  if (!may("image")) fields.delete("keyframes");
  const sizes = (can.sizes ?? ratios).filter((size) => ratios.includes(size));
  return {
    id: model.engine ?? model.id,
    default: Boolean(model.default),
    fields,
    options: new Set(can.options ?? []),
    passes: can.passes ?? [],
    qualities: (can.qualities ?? ["quick"]).filter((name) => name !== "final" || may("final")),
    sizes: sizes.length ? sizes : ratios,
    fps: can.fps ?? 8,
    maxSeconds: can.max_seconds ?? 60,
  };
}

// One entry per engine: model names of Sora that mean the same engine would only repeat it.
export async function choices() {
  const all = await engines();
  const seen = new Map();
  for (const engine of all) if (!seen.has(engine.id)) seen.set(engine.id, engine);
  return [...seen.values()].sort((a, b) => Number(b.default) - Number(a.default));
}

// Who filmed it, and would film what is made of it; undefined where this server has them no more.
export async function engineOf(video) {
  const all = await choices();
  return all.find((engine) => engine.id === video.engine);
}
