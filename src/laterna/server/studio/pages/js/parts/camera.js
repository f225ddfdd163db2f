// A camera path in the units of DESIGN: metres, degrees and millimetres over the whole shot.

import { h } from "../dom.js";
import { number } from "./fields.js";

const MOVES = [
  ["pan", "Pan", "°", "right is positive"],
  ["tilt", "Tilt", "°", "up is positive"],
  ["truck", "Truck", "m", "right is positive"],
  ["crane", "Crane", "m", "up is positive"],
  ["dolly", "Dolly", "m", "in is positive"],
  ["focal", "Focal length", "mm", "on a 36 mm gate"],
];

export function camera() {
  const moves = MOVES.map(([name, label, unit, note]) =>
    number(name, label, { unit, note, placeholder: "0" }),
  );
  return {
    name: "camera",
    control: moves[0].control,
    node: h(
      "fieldset",
      { class: "field camera" },
      h("legend", {}, "Camera, over the whole shot"),
      h(
        "div",
        { class: "grid" },
        moves.map((move) => move.node),
      ),
    ),
    value: () => {
      const path = Object.fromEntries(
        moves.map((m) => [m.name, m.value()]).filter(([, value]) => value !== undefined),
      );
      return Object.keys(path).length ? path : undefined;
    },
  };
}
