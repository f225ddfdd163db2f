// A storyboard: the monitor, the time line, and the card that is chosen.

import { Refused } from "../api.js";
import { editor } from "../board/card.js";
import { crew } from "../board/film.js";
import * as model from "../board/model.js";
import { screen } from "../board/play.js";
import * as store from "../board/store.js";
import { timeline } from "../board/timeline.js";
import { fill, h } from "../dom.js";
import { choices } from "../engines.js";
import { qualities } from "../parts/composer.js";
import { number, pick } from "../parts/fields.js";
import { plural, seconds } from "../words.js";

export async function board(root, id) {
  const [now, engines] = await Promise.all([store.get(id), choices()]);
  if (!now)
    throw new Refused(404, {
      message: "This browser has no such board. Boards stay in the browser they were made in.",
    });
  const engine = engines.find((one) => one.id === now.engine) ?? engines[0];
  // A clip is gone on from by the engine that filmed it.
  const flow = (name) =>
    Boolean((name ? engines.find((one) => one.id === name) : engine)?.fields.has("lead"));
  const can = {
    flow,
    image: engine.fields.has("keyframes"),
    camera: engine.options.has("camera"),
  };
  let chosen = now.cards[0] ?? null;
  let open = null; // the editor of the chosen card

  const tool = h("div", { class: "panel" });
  const length = number("length", "Length", {
    value: now.length,
    min: model.LEAST,
    max: model.MOST,
    unit: "s",
  });
  length.control.addEventListener("change", () => {
    model.setLength(now, length.value() ?? now.length);
    changed();
  });
  const shoot = h("button", { class: "primary", onclick: () => team.film(model.toFilm(now)) });
  const told = h("p", { class: "note", role: "status" });
  const team = crew(now, can, () => changed());
  const play = screen(now, { moved: (second) => line?.playhead(second) });
  const line = timeline(now, {
    chosen: () => chosen,
    choose,
    seek: play.seek,
    press,
    isWaiting: team.isWaiting,
    moveTo: (card, second) => {
      model.move(now, card, second);
      changed();
    },
  });

  function choose(card) {
    chosen = card;
    if (card) play.seek(card.at);
    draw();
  }

  function changed() {
    store.put(now).catch((error) => (told.textContent = error.message));
    draw();
  }

  function draw() {
    line.draw();
    play.again();
    drawTool();
    length.control.value = now.length;
    const cards = model.toFilm(now).filter((card) => !team.isWaiting(card));
    const sum = cards.reduce((all, card) => all + model.span(now, card), 0);
    const any = now.cards.some((card) => model.state(now, card) !== "empty");
    shoot.disabled = !cards.length;
    shoot.textContent = cards.length
      ? `Film ${plural(cards.length, "card")}, ${seconds(sum)}`
      : any
        ? "All filmed"
        : "Nothing to film";
    const busy = now.cards.filter(
      (card) => team.isWaiting(card) || model.state(now, card) === "filming",
    ).length;
    if (busy) shoot.textContent = cards.length ? shoot.textContent : "Filming";
    told.textContent = busy
      ? `Filming ${plural(busy, "card")}. ` +
        "Keep this page open: cards that go on from one another are sent one by one."
      : "";
  }

  // A new card gets a new editor; the one that is open follows what happens to its card.
  function drawTool() {
    if (open && open.card === chosen) return open.refresh();
    if (chosen) line.reveal(chosen);
    open =
      chosen &&
      editor(now, chosen, {
        changed,
        split,
        remove,
        can,
        isWaiting: team.isWaiting,
        retake: (card) => team.film([card]),
      });
    return fill(
      tool,
      open
        ? open.node
        : h(
            "p",
            { class: "note" },
            "Add a card. What a card shows begins where it lies and lasts until the next one.",
          ),
    );
  }

  function add(kind) {
    const at = now.cards.length ? Math.max(play.second, 0) : 0;
    const here = model.at(now, at);
    const card = model.newCard(
      kind,
      here && at - here.at < model.LEAST ? here.at + model.span(now, here) : at,
    );
    model.add(now, card);
    chosen = card;
    changed();
    play.seek(card.at);
    tool.querySelector("textarea, input")?.focus();
  }

  function split() {
    const half = model.split(now, play.second);
    if (!half) {
      told.textContent = "Put the playhead half a second or more inside a card to split it.";
      return;
    }
    chosen = half;
    changed();
  }

  function remove(card) {
    const index = now.cards.indexOf(card);
    model.remove(now, card);
    chosen = now.cards[Math.min(index, now.cards.length - 1)] ?? null;
    changed();
    if (chosen) line.focus(chosen);
  }

  function press(event, card) {
    const by = event.shiftKey ? 1 : model.STEP;
    const acts = {
      ArrowLeft: () => moveBy(card, -by),
      ArrowRight: () => moveBy(card, by),
      Delete: () => remove(card),
      Backspace: () => remove(card),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  }

  function moveBy(card, seconds) {
    if (model.move(now, card, card.at + seconds)) changed();
    line.focus(card);
  }

  function keys(event) {
    if (
      event.target.closest("input:not([type=range]), textarea, select") ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey
    )
      return;
    if (event.key === "s" || event.key === "S") split();
    else if (
      event.key === "k" ||
      event.key === "K" ||
      (event.key === " " && !event.target.closest("button, summary, a"))
    )
      play.toggle();
    else return;
    event.preventDefault();
  }

  fill(
    root,
    head(),
    play.node,
    line.node,
    h(
      "div",
      { class: "add" },
      h("button", { onclick: () => add("text") }, "Add text"),
      can.image && h("button", { onclick: () => add("image") }, "Add picture"),
      h("button", { onclick: () => add("clip") }, "Add clip"),
      shoot,
      told,
    ),
    tool,
    h(
      "details",
      { class: "keys" },
      h("summary", {}, "Keys"),
      h(
        "p",
        {},
        "On a card: left and right move it a frame, with Shift a second; Delete removes it. " +
          "S splits at the playhead, K or space plays and stops.",
      ),
    ),
  );
  root.addEventListener("keydown", keys);
  draw();
  play.seek(0);
  team.resume();
  return () => {
    team.close();
    play.close();
  };

  function head() {
    const name = h("input", {
      value: now.name,
      "aria-label": "Name of the board",
      maxlength: 120,
      onchange: () => {
        now.name = name.value.trim() || "Untitled board";
        changed();
      },
    });
    const size = pick(
      "size",
      "Frame",
      engine.sizes.map((one) => [one, one]),
      {
        value: now.size,
        onpick: (value) => {
          now.size = value;
          changed();
        },
      },
    );
    const finish =
      engine.qualities.length > 1 &&
      pick("quality", "Finish", qualities(engine), {
        value: now.quality,
        onpick: (value) => {
          now.quality = value;
          changed();
        },
      });
    return h(
      "div",
      { class: "head" },
      h("h1", {}, name),
      h("div", { class: "row" }, size.node, finish && finish.node, length.node),
    );
  }
}
