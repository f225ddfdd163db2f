// Addresses: #/ is the gallery, #/shot/ID a shot, #/boards and #/board/ID the storyboards.

const ROUTES = [
  [/^#\/$/, "gallery"],
  [/^#\/shot\/([\w-]+)$/, "shot"],
  [/^#\/boards$/, "boards"],
  [/^#\/board\/([\w-]+)$/, "board"],
];

export function current(hash = location.hash) {
  for (const [form, name] of ROUTES) {
    const match = form.exec(hash || "#/");
    if (match) return { name, id: match[1] ?? null };
  }
  return { name: "gallery", id: null };
}

export const to = {
  gallery: () => "#/",
  shot: (id) => `#/shot/${id}`,
  boards: () => "#/boards",
  board: (id) => `#/board/${id}`,
};

export function go(address) {
  if (location.hash === address) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = address;
}
