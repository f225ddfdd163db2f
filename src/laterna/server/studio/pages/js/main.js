// Starts the page: who is there, where they are, and which view shows it.

import { Refused, session } from "./api.js";
import { fill, h, say } from "./dom.js";
import { permit } from "./engines.js";
import { current, to } from "./route.js";
import { board } from "./views/board.js";
import { boards } from "./views/boards.js";
import { gallery } from "./views/gallery.js";
import { shot } from "./views/shot.js";
import { signin } from "./views/signin.js";

const VIEWS = { gallery, shot, boards, board };
const TITLES = { gallery: "Shots", shot: "Shot", boards: "Storyboards", board: "Storyboard" };
const root = document.getElementById("main");
const bar = document.getElementById("bar");
let leave = null;
let turn = 0;
let known = null;

async function show() {
  const mine = ++turn;
  leave?.();
  leave = null;
  const where = current();
  document.title = `${TITLES[where.name]} – laterna`;
  drawBar(where);
  const place = h("div", { class: `view ${where.name}` });
  fill(root, place);
  try {
    const stop = await VIEWS[where.name](place, where.id);
    if (mine === turn) leave = stop;
    else stop?.();
  } catch (error) {
    if (mine === turn && error.status !== 401) fill(place, trouble(error));
    if (!(error instanceof Refused) && error.status === undefined) throw error;
  }
}

const trouble = (error) =>
  h(
    "section",
    { class: "door" },
    h("h1", {}, error.status === 404 ? "Not here" : "That did not work"),
    h("p", { role: "alert" }, error.message),
    h(
      "div",
      { class: "actions" },
      h("button", { onclick: show }, "Try again"),
      h("a", { href: to.gallery() }, "All shots"),
    ),
  );

function drawBar(where) {
  const link = (name, address, also = []) =>
    h(
      "a",
      { href: address, "aria-current": [name, ...also].includes(where.name) ? "page" : undefined },
      TITLES[name],
    );
  const theme = h(
    "select",
    { "aria-label": "Light or dark", onchange: () => window.laternaTheme.set(theme.value) },
    window.laternaTheme.all.map((name) =>
      h(
        "option",
        { value: name, selected: name === window.laternaTheme.get() },
        { system: "As system", light: "Light", dark: "Dark" }[name],
      ),
    ),
  );
  fill(
    bar,
    h("a", { class: "mark", href: to.gallery() }, "laterna"),
    known &&
      h(
        "nav",
        { "aria-label": "Pages" },
        link("gallery", to.gallery(), ["shot"]),
        link("boards", to.boards(), ["board"]),
      ),
    h(
      "div",
      { class: "ends" },
      theme,
      known?.admin && h("a", { href: "/admin" }, "Admin"),
      known && h("button", { class: "quiet", onclick: signOut }, "Sign out"),
    ),
  );
}

async function signOut() {
  await session.close().catch(() => null);
  door();
}

function door() {
  turn += 1;
  leave?.();
  leave = known = null;
  permit(null);
  document.title = "Sign in – laterna";
  drawBar({ name: "door" });
  fill(root);
  signin(root, enter);
}

function enter(who) {
  known = who ?? {};
  permit(known.abilities ?? null);
  show();
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  root.focus();
});
window.addEventListener("hashchange", () => {
  if (!known) return;
  window.scrollTo(0, 0);
  say(TITLES[current().name]);
  show();
});
window.addEventListener("laterna:signed-out", () => known && door());

session.read().then(enter, (error) => {
  if (error.status === 401) return door();
  drawBar({ name: "door" });
  return fill(
    root,
    h(
      "section",
      { class: "door" },
      h("h1", {}, "laterna"),
      h("p", { role: "alert" }, error.message),
      h("button", { onclick: () => location.reload() }, "Try again"),
    ),
  );
});
