// One shot: its picture, large; what was asked; what can be made of it; its versions.

import { content, kept, running, videos } from "../api.js";
import { fill, h } from "../dom.js";
import { engineOf } from "../engines.js";
import { family, relatives, sideBySide } from "../parts/family.js";
import { live } from "../parts/live.js";
import { player } from "../parts/player.js";
import { go, to } from "../route.js";
import { tools } from "../tools/tools.js";
import { leftUntil, kindOf, seconds, whyNot } from "../words.js";

export async function shot(root, id) {
  const monitor = h("section", { class: "monitor", "aria-label": "Monitor" });
  const side = h("section", { class: "side" });
  const below = h("div", { class: "below" });
  fill(root, monitor, side, below);
  let shown = null; // what plays or films now
  let open = true;

  async function draw(video) {
    shown?.stop?.();
    shown?.close?.();
    shown = null;
    root.classList.remove("comparing");
    fill(side, heading(video), facts(video), links(video));
    if (running(video)) {
      shown = live(video, { ended: draw });
      fill(monitor, shown.node);
    } else if (kept(video)) await completed(video);
    else fill(monitor, video.status === "completed" ? gone() : failed(video));
    drawFamily(video);
  }

  async function completed(video) {
    shown = player({
      src: content(video.id),
      poster: content(video.id, "thumbnail"),
      size: video.size,
      fps: video.fps,
      label: video.prompt,
    });
    fill(monitor, shown.node);
    const engine = await engineOf(video);
    const made = (next) => go(to.shot(next.id));
    const part = engine && tools({ video, engine, player: shown, made });
    if (open && part) side.append(part);
  }

  async function drawFamily(video) {
    const list = await relatives(video).catch(() => [video]);
    if (!open) return;
    const part = family(video, list, (other) => {
      shown?.stop?.();
      shown = sideBySide(other, video, () => draw(video));
      fill(monitor, shown.node);
      root.classList.add("comparing");
      window.scrollTo(0, 0);
      shown.node.querySelector("button").focus({ preventScroll: true });
    });
    fill(below, part);
  }

  await draw(await videos.get(id));
  return () => {
    open = false;
    shown?.stop?.();
    shown?.close?.();
  };
}

const heading = (video) => h("h1", {}, video.prompt);

function facts(video) {
  const rows = [
    [
      "Made as",
      video.kind !== "create" ? kindOf(video) : undefined,
      video.remixed_from_video_id &&
        h("a", { href: to.shot(video.remixed_from_video_id) }, "of this shot"),
    ],
    ["Length", seconds(video.seconds)],
    ["Frame", video.size.replace("x", " × ")],
    ["Seed", video.seed],
    ["Engine", video.engine],
    ["Asked as", video.model !== video.engine ? video.model : undefined],
    [
      "Kept",
      kept(video) && video.expires_at ? leftUntil(video.expires_at) : undefined,
    ],
  ];
  return h(
    "dl",
    { class: "facts" },
    rows
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, ...values]) =>
        h(
          "div",
          {},
          h("dt", {}, name),
          h(
            "dd",
            {},
            values.filter(Boolean).flatMap((v, i) => (i ? [", ", v] : [v])),
          ),
        ),
      ),
  );
}

function links(video) {
  const told = h("p", { class: "refusal", role: "alert", hidden: true });
  const remove = h(
    "button",
    {
      class: "quiet",
      onclick: async () => {
        if (remove.dataset.sure !== "yes") {
          remove.dataset.sure = "yes";
          remove.textContent = "Delete for good";
          return;
        }
        try {
          await videos.remove(video.id);
          go(to.gallery());
        } catch (error) {
          told.textContent = error.message;
          told.hidden = false;
        }
      },
      onblur: () => {
        remove.dataset.sure = "";
        remove.textContent = "Delete";
      },
    },
    "Delete",
  );
  const load = (text, variant, suffix) =>
    h(
      "a",
      { class: "button", href: content(video.id, variant), download: `${slug(video)}${suffix}` },
      text,
    );
  return h(
    "div",
    { class: "links" },
    kept(video) && [
      load("Download MP4", "video", ".mp4"),
      load("Still", "thumbnail", ".webp"),
      load("Contact sheet", "spritesheet", ".jpg"),
      (video.passes ?? []).map((name) =>
        load(`${name[0].toUpperCase()}${name.slice(1)} pass`, name, `-${name}.npy`),
      ),
    ],
    !running(video) && remove,
    told,
  );
}

const slug = (video) =>
  `${
    video.prompt
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .slice(0, 48)
      .replace(/^-|-$/g, "") || "shot"
  }-${video.seed ?? video.id.slice(-6)}`;

const gone = () =>
  h(
    "div",
    { class: "failed" },
    h("h2", {}, "No longer kept"),
    h("p", {}, "The server keeps a film for a while, and its time is over. Film it anew."),
    h("p", {}, h("a", { href: to.gallery() }, "Write another")),
  );

const failed = (video) =>
  h(
    "div",
    { class: "failed" },
    h("h2", {}, video.error?.code === "cancelled" ? "Cancelled" : "Not filmed"),
    h("p", { role: "alert" }, whyNot(video)),
    h("p", {}, h("a", { href: to.gallery() }, "Write another")),
  );
