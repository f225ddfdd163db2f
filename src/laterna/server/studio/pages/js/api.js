// The public API, as this page speaks it. Every path and field name on the wire stands here.
//
// The cookie of the session signs each request; nothing secret is ever kept by a script.

export class Refused extends Error {
  constructor(status, told, retryAfter) {
    super(told.message || `The server answered ${status}.`);
    this.status = status;
    this.param = told.param ?? null;
    this.code = told.code ?? null;
    this.retryAfter = retryAfter;
  }
}

export class Unreachable extends Error {
  constructor() {
    super("The server does not answer. Is it still running? Nothing that was queued is lost.");
    this.status = 0;
  }
}

export async function call(method, path, body) {
  const request = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body && hasFiles(body)) request.body = toForm(body);
  else if (body) {
    request.body = JSON.stringify(body);
    request.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Unreachable();
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const told = await answer.json().then(
    (json) => json.error ?? {},
    () => ({}),
  );
  if (answer.status === 401 && path !== "/session") {
    window.dispatchEvent(new CustomEvent("laterna:signed-out"));
  }
  throw new Refused(answer.status, told, Number(answer.headers.get("Retry-After")) || null);
}

const hasFiles = (value) =>
  value instanceof Blob ||
  (typeof value === "object" && value !== null && Object.values(value).some(hasFiles));

// Nested values in brackets, as OpenAI's clients write them: video[id], cues[0][second].
function toForm(body) {
  const form = new FormData();
  const add = (name, value) => {
    if (value instanceof Blob) form.append(name, value, value.name || "upload");
    else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) add(`${name}[${key}]`, inner);
    } else form.append(name, String(value));
  };
  for (const [name, value] of Object.entries(body)) add(name, value);
  return form;
}

const video = (id) => `/v1/videos/${encodeURIComponent(id)}`;

export const session = {
  read: () => call("GET", "/session"),
  open: (key) => call("POST", "/session", { key }),
  close: () => call("DELETE", "/session"),
};

// An invite code for an account; the answer has its first key.
export const join = (name, code) => call("POST", "/join", { name, code });

export const wait = (email) => call("POST", "/waiting", { email });

export const models = () => call("GET", "/v1/models").then((page) => page.data);

export const videos = {
  get: (id) => call("GET", video(id)),
  page: (after, limit = 30) =>
    call("GET", `/v1/videos?limit=${limit}${after ? `&after=${encodeURIComponent(after)}` : ""}`),
  remove: (id) => call("DELETE", video(id)),
  cancel: (id) => call("POST", `${video(id)}/cancel`),
  create: (fields) => call("POST", "/v1/videos", fields),
  remix: (id, fields) => call("POST", `${video(id)}/remix`, fields),
  edit: (id, fields) => call("POST", `${video(id)}/edits`, fields),
  extend: (id, fields) => call("POST", "/v1/videos/extensions", { ...fields, video: { id } }),
};

// Where a part of a video is read from. `variant` is video, thumbnail, spritesheet or a pass.
export const content = (id, variant = "video") =>
  `${video(id)}/content${variant === "video" ? "" : `?variant=${encodeURIComponent(variant)}`}`;

export const eventsOf = (id) => `${video(id)}/events`;

export const running = (v) => v.status === "queued" || v.status === "in_progress";

// Whether there is a film to show and to go on from: the server keeps it for a while only.
export const kept = (v) =>
  v.status === "completed" && !(v.expires_at && v.expires_at < Date.now() / 1000);

export const LEAST = 0.125; // seconds of a shot: one frame as it is filmed
export const LONGEST = 120; // seconds of a film that grew by extensions
