// The camera's path over the whole shot, from where it begins to where it ends, in real measures.
//
// Moves are {name: [from, to]}, undefined where nothing is said: the shot's own composition stands
// there. On the wire they become two points.

import { fresh, h } from "../dom.js";

// [name on the wire, what it is called, what its numbers are, least, most, sign on the wire]
const MOVES = [
  ["pan", "Pan", "degrees, right is positive", -45, 45, -1],
  ["tilt", "Tilt", "degrees, up is positive", -25, 25, 1],
  ["z", "Dolly", "metres, in is positive", -200, 100, -1],
  ["x", "Truck", "metres, right is positive", -200, 200, 1],
  ["y", "Crane", "metres above the ground", 0.3, 300, 1],
  ["focal", "Zoom", "focal length in mm", 14, 200, 1],
];
const SIGN = Object.fromEntries(MOVES.map(([name, , , , , sign]) => [name, sign]));

// `moves` as the points of a path that lasts `seconds`; undefined where nothing moves or is set.
export function points(moves, seconds) {
  const at = (second, place) => ({
    second,
    ...Object.fromEntries(
      Object.entries(moves)
        .filter(([, ends]) => ends[place] !== undefined)
        .map(([name, ends]) => [name, ends[place] * SIGN[name]]),
    ),
  });
  const [first, last] = [at(0, 0), at(seconds, 1)];
  if (Object.keys(last).length > 1) return [first, last];
  return Object.keys(first).length > 1 ? [first] : undefined;
}

export function camera({ start = {}, seconds = () => 0, oninput }) {
  const boxes = Object.fromEntries(
    MOVES.map(([name, , , min, max]) => [
      name,
      [0, 1].map((place) =>
        h("input", {
          id: fresh(name),
          type: "number",
          inputmode: "decimal",
          step: "any",
          min,
          max,
          value: start[name]?.[place] ?? "",
          oninput: () => oninput?.(moves()),
        }),
      ),
    ]),
  );

  // Null where nothing is said at all.
  function moves() {
    const told = Object.entries(boxes)
      .map(([name, ends]) => [
        name,
        ends.map((box) => (box.value === "" ? undefined : Number(box.value))),
      ])
      .filter(([, ends]) => ends.some((value) => value !== undefined));
    return told.length ? Object.fromEntries(told) : null;
  }

  const end = (box, text) => h("span", { class: "end" }, h("label", { for: box.id }, text), box);
  const move = ([name, label, note]) =>
    h(
      "fieldset",
      { class: "move" },
      h("legend", {}, h("span", { class: "name" }, label), `  ${note}`),
      end(boxes[name][0], "from"),
      end(boxes[name][1], "to"),
    );
  return {
    name: "camera",
    control: boxes.pan[0],
    // "camera[1].z" is where the dolly ends.
    at: (param) => {
      const [, place, name] = param.match(/\[(\d)\]\.(\w+)/) ?? [];
      return boxes[name]?.[place];
    },
    node: h(
      "fieldset",
      { class: "field camera" },
      h("legend", {}, "Camera, over the whole shot"),
      h("div", { class: "moves" }, MOVES.map(move)),
      h(
        "p",
        { class: "note" },
        "What is empty stays as the shot is composed. With a number here, the camera no longer " +
          "follows moves in the words.",
      ),
    ),
    value: () => {
      const told = moves();
      return told ? points(told, seconds()) : undefined;
    },
  };
}
