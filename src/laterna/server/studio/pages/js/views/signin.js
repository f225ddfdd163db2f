// The door: a key for a cookie, an invite code for a key, or a place on the waiting list.

import { join, session, wait } from "../api.js";
import { fill, fresh, h } from "../dom.js";
import { form } from "../parts/form.js";

export function signin(root, entered) {
  const key = line("key", "Key", { type: "password", autocomplete: "current-password" });
  const enter = form({
    name: "Sign in",
    label: "Sign in",
    fields: [key],
    body: [
      key.node,
      h(
        "p",
        { class: "note" },
        "The server printed one when it first started; an administrator can make more.",
      ),
    ],
    send: async () => entered(await session.open(key.control.value.trim())),
  });
  const door = h(
    "section",
    { class: "door" },
    h("h1", {}, "laterna"),
    h("p", {}, "A sentence in, a clip out."),
    enter.node,
    h("details", {}, h("summary", {}, "I have an invite"), invited(entered)),
    h("details", {}, h("summary", {}, "I would like one"), waiting()),
  );
  root.append(door);
  key.control.focus();
}

function line(name, label, options) {
  const id = fresh(name);
  const control = h("input", { id, required: true, spellcheck: "false", ...options });
  return {
    name,
    control,
    node: h("div", { class: "field" }, h("label", { for: id }, label), control),
  };
}

// The key is shown this once: who loses it needs another invite.
function invited(entered) {
  const name = line("name", "Your name", { autocomplete: "name" });
  const code = line("code", "Invite code", { autocomplete: "off" });
  const place = h("div", {});
  const made = form({
    name: "Join",
    label: "Join",
    fields: [name, code],
    body: [name.node, code.node],
    send: async () => {
      const account = await join(name.control.value.trim(), code.control.value.trim());
      const go = h(
        "button",
        { class: "primary", onclick: async () => entered(await session.open(account.key)) },
        "I have kept it, go on",
      );
      fill(
        place,
        h("p", { role: "alert" }, "This is your key. Keep it: it is shown this once."),
        h("p", {}, h("code", { class: "secret" }, account.key)),
        go,
      );
      go.focus();
    },
  });
  return fill(place, made.node);
}

function waiting() {
  const email = line("email", "Address", { type: "email", autocomplete: "email" });
  const place = h("div", {});
  const made = form({
    name: "Waiting list",
    label: "Put me on the list",
    fields: [email],
    body: email.node,
    send: async () => {
      await wait(email.control.value.trim());
      fill(place, h("p", { role: "alert" }, "You are on the list."));
    },
  });
  return fill(place, made.node);
}
