// A form that films: waits visibly, and when it is refused says why, at the field it is about.

import { h } from "../dom.js";

// `fields` are those of fields.js, only to find the one an error is about (one with many controls
// says by `at(param)` which); `send` does the work.
// What lies `under` the button is asked for more rarely.
export function form({ label, fields, body, send, name, under = null }) {
  const refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  const button = h("button", { type: "submit", class: "primary" }, label);
  const node = h(
    "form",
    { class: "tool", "aria-label": name, novalidate: true, onsubmit: run },
    body,
    h("div", { class: "actions" }, button),
    refusal,
    under,
  );

  function clear() {
    refusal.hidden = true;
    refusal.textContent = "";
    for (const marked of node.querySelectorAll("[aria-invalid]"))
      marked.removeAttribute("aria-invalid");
    for (const field of fields) field.control?.removeAttribute("aria-invalid");
  }

  function refuse(error) {
    refusal.textContent = error.message + wait(error);
    refusal.hidden = false;
    const about = fields.find((field) => field.name === error.param?.split(/[.[]/)[0]);
    const control = about?.at?.(error.param) ?? about?.control;
    if (!control) return;
    control.setAttribute("aria-invalid", "true");
    const details = control.closest("details");
    if (details) details.open = true;
    control.focus();
  }

  async function run(event) {
    event?.preventDefault();
    if (button.disabled) return;
    clear();
    button.disabled = true;
    try {
      await send();
    } catch (error) {
      refuse(error);
    } finally {
      button.disabled = false;
    }
  }

  return { node, button, refuse, clear, run };
}

const wait = (error) => {
  if (!error.retryAfter) return "";
  const minutes = Math.ceil(error.retryAfter / 60);
  return error.retryAfter < 90
    ? ` Try again in ${error.retryAfter} s.`
    : ` Try again in ${minutes} min.`;
};
