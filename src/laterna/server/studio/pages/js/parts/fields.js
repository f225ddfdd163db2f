// Form fields: each is {name, node, value()}, value() undefined where nothing was asked for.

import { fresh, h } from "../dom.js";

const labelled = (text, control, id, note) =>
  h(
    "div",
    { class: "field" },
    h("label", { for: id }, text),
    control,
    note && h("p", { class: "note", id: `${id}-note` }, note),
  );

export function words(
  name,
  label,
  { value = "", rows = 2, placeholder, required = false, note } = {},
) {
  const id = fresh(name);
  const area = h("textarea", {
    id,
    rows,
    placeholder,
    required,
    maxlength: 2000,
    value,
    spellcheck: "true",
    "aria-describedby": note ? `${id}-note` : undefined,
  });
  return {
    name,
    control: area,
    node: labelled(label, area, id, note),
    value: () => area.value.trim() || undefined,
  };
}

export function number(
  name,
  label,
  { value = "", min, max, step = "any", unit, note, placeholder } = {},
) {
  const id = fresh(name);
  const box = h("input", {
    id,
    type: "number",
    min,
    max,
    step,
    value,
    placeholder,
    inputmode: "decimal",
    "aria-describedby": note ? `${id}-note` : undefined,
  });
  const control = unit
    ? h("span", { class: "measure" }, box, h("span", { "aria-hidden": "true" }, unit))
    : box;
  return {
    name,
    control: box,
    node: labelled(label, control, id, note),
    value: () => (box.value === "" ? undefined : Number(box.value)),
  };
}

export function choice(name, label, options, { value = options[0]?.[0], onpick } = {}) {
  const group = fresh(name);
  const boxes = options.map(([key]) =>
    h("input", {
      type: "radio",
      name: group,
      value: key,
      checked: key === value,
      id: `${group}-${key}`,
      onchange: () => onpick?.(key),
    }),
  );
  const node = h(
    "fieldset",
    { class: "field choice" },
    h("legend", {}, label),
    h(
      "div",
      { class: "segments" },
      options.map(([key, text], i) =>
        h("label", { for: `${group}-${key}` }, boxes[i], h("span", {}, text)),
      ),
    ),
  );
  return { name, control: boxes[0], node, value: () => boxes.find((box) => box.checked)?.value };
}

export function pick(name, label, options, { value = options[0]?.[0], onpick, note } = {}) {
  const id = fresh(name);
  const list = h(
    "select",
    { id, onchange: () => onpick?.(list.value) },
    options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)),
  );
  return { name, control: list, node: labelled(label, list, id, note), value: () => list.value };
}

export function tick(name, label, { checked = false, note } = {}) {
  const id = fresh(name);
  const box = h("input", {
    type: "checkbox",
    id,
    checked,
    "aria-describedby": note ? `${id}-note` : undefined,
  });
  return {
    name,
    control: box,
    value: () => box.checked || undefined,
    node: h(
      "div",
      { class: "field tick" },
      h("label", { for: id }, box, h("span", {}, label)),
      note && h("p", { class: "note", id: `${id}-note` }, note),
    ),
  };
}

// A slider that says in words where it stands.
export function slide(
  name,
  label,
  { value, min = 0, max = 1, step = 0.05, say = String, oninput } = {},
) {
  const id = fresh(name);
  const told = h("output", { for: id }, say(value));
  const box = h("input", {
    type: "range",
    id,
    min,
    max,
    step,
    "aria-valuetext": say(value),
    oninput: () => {
      told.textContent = say(Number(box.value));
      box.setAttribute("aria-valuetext", told.textContent);
      oninput?.(Number(box.value));
    },
  });
  box.value = value; // after min, max and step, which would clamp it otherwise
  return {
    name,
    control: box,
    value: () => Number(box.value),
    node: h(
      "div",
      { class: "field slide" },
      h("div", { class: "pair" }, h("label", { for: id }, label), told),
      box,
    ),
  };
}

// A picture from this machine, shown before it is sent.
export function picture(name, label, { note } = {}) {
  const id = fresh(name);
  const shown = h("img", { alt: "", hidden: true });
  const clear = h(
    "button",
    {
      type: "button",
      class: "quiet",
      hidden: true,
      onclick: () => {
        box.value = "";
        show();
        box.focus();
      },
    },
    "Remove",
  );
  const box = h("input", {
    type: "file",
    id,
    accept: "image/png,image/jpeg,image/webp",
    onchange: () => show(),
  });
  function show() {
    if (shown.src) URL.revokeObjectURL(shown.src);
    const file = box.files[0];
    shown.hidden = clear.hidden = !file;
    if (file) shown.src = URL.createObjectURL(file);
    else shown.removeAttribute("src");
  }
  return {
    name,
    control: box,
    value: () => box.files[0],
    node: h(
      "div",
      { class: "field picture" },
      h("label", { for: id }, label),
      box,
      shown,
      clear,
      note && h("p", { class: "note" }, note),
    ),
  };
}
