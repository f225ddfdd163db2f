// Elements without a template language: h("button", { onclick }, "Film").
//
// Text is always set as text, never parsed as markup, so nothing a prompt says can become an
// element.

const PROPERTIES = new Set([
  "value",
  "checked",
  "disabled",
  "hidden",
  "selected",
  "muted",
  "loop",
  "playsInline",
  "indeterminate",
]);

export function h(name, options = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key === "style")
      for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else if (PROPERTIES.has(key)) node[key] = value;
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false) node.setAttribute(key, value);
  }
  node.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

let names = 0;

// A fresh id, to tie labels and descriptions to what they are about.
export function fresh(prefix = "e") {
  names += 1;
  return `${prefix}-${names}`;
}

// What a screen reader should say now, whatever has the focus.
export function say(text) {
  document.getElementById("said").textContent = text;
}
