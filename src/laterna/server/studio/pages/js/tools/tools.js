// What can be made of a shot, as tabs; what the engine cannot do, or not with this shot, has none.
// Gives null where there is nothing.

import { LEAST, LONGEST } from "../api.js";
import { fill, fresh, h } from "../dom.js";
import { may } from "../engines.js";
import { blend } from "./blend.js";
import { camera } from "./camera.js";
import { extend } from "./extend.js";
import { loop } from "./loop.js";
import { reframe } from "./reframe.js";
import { region } from "./region.js";
import { remix } from "./remix.js";

const fields =
  (...names) =>
  ({ engine }) =>
    names.every((name) => engine.fields.has(name));

const grows = (about) =>
  fields("lead", "trail")(about) && Number(about.video.seconds) + LEAST <= LONGEST;

// Only what was filmed from words alone can be filmed again from them.
const again = ({ engine, video }) =>
  engine.options.has("camera") && video.kind === "create" && may("text");

// [name, whether it can be used, tool]. Both get {video, engine, player, made}; a tool gives
// {node, close?}.
const TOOLS = [
  ["Camera", again, camera],
  ["Remix", fields("source", "strength"), remix],
  ["Extend", grows, extend],
  ["Loop", grows, loop],
  ["Blend", grows, blend],
  ["Region", fields("source", "mask"), region],
  ["Reframe", fields("source", "mask"), reframe],
];

export function tools(about) {
  const able = TOOLS.filter(([, can]) => can(about));
  if (!able.length) return null;
  const id = fresh("tool");
  const panel = h("div", { class: "panel", id: `${id}-panel`, role: "tabpanel", tabindex: -1 });
  let close = null;

  function open(index, focus = false) {
    close?.();
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    const [, , make] = able[index];
    const made = make(about);
    close = made.close ?? null;
    panel.setAttribute("aria-labelledby", tabs[index].id);
    fill(panel, made.node);
    if (focus) tabs[index].focus();
  }

  const tabs = able.map(([name], index) =>
    h(
      "button",
      {
        role: "tab",
        id: `${id}-${index}`,
        "aria-controls": panel.id,
        "aria-selected": "false",
        tabindex: index ? -1 : 0,
        onclick: () => open(index),
        onkeydown: (event) => {
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          open((index + step + tabs.length) % tabs.length, true);
        },
      },
      name,
    ),
  );
  const node = h(
    "section",
    { class: "tools" },
    h("h2", {}, "Make from this shot"),
    h("div", { class: "tabs", role: "tablist", "aria-label": "Make from this shot" }, tabs),
    panel,
  );
  open(0);
  return node;
}
