// The door: a key for a cookie.

import { session } from "../api.js";
import { fresh, h } from "../dom.js";
import { form } from "../parts/form.js";

export function signin(root, entered) {
  const id = fresh("key");
  const key = h("input", { id, type: "password", autocomplete: "current-password", required: true, spellcheck: "false" });
  const field = { name: "key", control: key };
  const made = form({
    name: "Sign in", label: "Sign in", fields: [field],
    body: h("div", { class: "field" }, h("label", { for: id }, "Key"), key,
      h("p", { class: "note" }, "The server printed one when it first started. An administrator can make more with ",
        h("code", {}, "laterna admin"), ".")),
    send: async () => entered(await session.open(key.value.trim())),
  });
  root.append(h("section", { class: "door" }, h("h1", {}, "laterna"), h("p", {}, "A sentence in, a clip out."), made.node));
  key.focus();
}
