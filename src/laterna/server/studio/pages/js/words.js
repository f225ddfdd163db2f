// States, times and sizes in words. One place, so that the page says one thing one way.

import { kept } from "./api.js";

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

export const seconds = (value) => {
  const number = Number(value);
  if (Number.isInteger(number)) return `${number} s`;
  return `${number.toFixed(number < 10 ? 2 : 1).replace(/0$/, "")} s`;
};

// 75.5 at 8 frames a second is 1:15:04: minutes, seconds, frames.
export function timecode(value, fps) {
  const frames = Math.max(0, Math.floor(value * fps + 1e-6));
  const rate = Math.round(fps);
  const two = (n) => String(n).padStart(2, "0");
  const whole = Math.floor(frames / rate);
  return `${Math.floor(whole / 60)}:${two(whole % 60)}:${two(frames % rate)}`;
}

// What a video waits for. `progress` is the newest event of that kind, where there is one.
export function waitingFor(video, progress = null) {
  const told = { ...video, ...progress };
  if (video.status === "queued") {
    const place = told.position ?? null;
    if (place === null) return "Waiting in the queue";
    return place <= 1 ? "Next in the queue" : `Waiting in the queue, ${place - 1} before it`;
  }
  if (video.status === "in_progress") {
    if (told.chunks && told.chunk >= told.chunks) return "Finishing: enlarging and encoding";
    if (told.chunks) return `Filming chunk ${told.chunk + 1} of ${told.chunks}`;
    return told.progress ? `Filming, ${told.progress} %` : "Starting to film";
  }
  if (video.status === "failed") {
    return video.error?.code === "cancelled" ? "Cancelled" : "Not filmed";
  }
  return kept(video) ? "Filmed" : "No longer kept";
}

export function whyNot(video) {
  if (video.status !== "failed") return "";
  if (video.error?.code === "cancelled") return "You cancelled it before it was done.";
  return video.error?.message || "The server gave no reason.";
}

export const kindOf = (video) =>
  ({ remix: "Remix", edit: "Edit", extension: "Extension" })[video.kind] ?? "Shot";

export function ago(unix, now = Date.now() / 1000) {
  const past = Math.max(0, now - unix);
  if (past < 60) return "just now";
  if (past < 3600) return `${Math.floor(past / 60)} min ago`;
  if (past < 86400) return `${Math.floor(past / 3600)} h ago`;
  return new Date(unix * 1000).toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

export function leftUntil(unix, now = Date.now() / 1000) {
  const days = Math.floor((unix - now) / 86400);
  return days < 1 ? "until today" : `${plural(days, "more day")}`;
}

// Pixels of a draft; the quick finish has twice as many each way.
const RATIOS = { "16:9": [256, 144], "9:16": [144, 256], "1:1": [160, 160], "2.39:1": [256, 106] };

// Width over height of "1280x720" or "16:9"; 16:9 for what is neither.
export function aspect(size) {
  const [width, height] = RATIOS[size] ?? String(size).split("x").map(Number);
  return width > 0 && height > 0 ? width / height : 16 / 9;
}

// "16:9" for "512x288", which is what was delivered for it; other sizes were asked for as they are.
export const asked = (size) =>
  ratios.find((name) =>
    [1, 2].some((times) => RATIOS[name].map((side) => side * times).join("x") === size),
  ) ?? size;

export const ratios = Object.keys(RATIOS);
