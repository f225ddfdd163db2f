// What can be made of a shot, as tabs; an engine that cannot do a thing has no tab for it.

import { fill, fresh, h } from "../dom.js";
import { blend } from "./blend.js";
import { extend } from "./extend.js";
import { loop } from "./loop.js";
import { reframe } from "./reframe.js";
import { region } from "./region.js";
import { remix } from "./remix.js";

// [name, fields of a Shot it needs, tool]. A tool gets {video, engine, player, made} and gives
// {node, close?}.
const TOOLS = [
  ["Remix", ["source", "strength"], remix],
  ["Extend", ["lead", "trail"], extend],
  ["Loop", ["lead", "trail"], loop],
  ["Blend", ["lead", "trail"], blend],
  ["Region", ["source", "mask"], region],
  ["Reframe", ["source", "mask"], reframe],
];

export function tools(about) {
  const able = TOOLS.filter(([, needs]) => needs.every((name) => about.engine.fields.has(name)));
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
  if (!able.length) return null;
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
