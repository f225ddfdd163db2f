// Films the cards of a board: those that stand alone at once, those that flow as soon as the take
// they flow on from is there.

import { running, videos } from "../api.js";
import { points } from "../parts/camera.js";
import { qualityFlags } from "../parts/composer.js";
import { fit } from "../parts/crop.js";
import { whyNot } from "../words.js";
import { before, key, span, state } from "./model.js";

const LOOK_MS = 2000;

export function crew(board, can, changed) {
  const waiting = new Set(); // cards that are to be filmed
  let timer = 0;
  let open = true;

  function film(cards) {
    for (const card of cards) {
      card.trouble = "";
      waiting.add(card);
    }
    return turn();
  }

  const isWaiting = (card) => waiting.has(card);

  // Whether the take `card` flows on from can be built on, will come, or never will.
  function ground(card) {
    if (card.join !== "flow") return "ready";
    const first = before(board, card);
    if (!first || !board.cards.includes(card)) return "ready";
    if (waiting.has(first) || first.take?.status === "filming") return "later";
    return state(board, first) === "filmed" || state(board, first) === "clip" ? "ready" : "never";
  }

  async function turn() {
    clearTimeout(timer);
    for (const card of [...waiting]) {
      const where = ground(card);
      if (where === "later") continue;
      waiting.delete(card);
      if (where === "never") card.trouble = "The card it flows on from is not filmed.";
      else await begin(card);
    }
    await look();
    changed();
    const busy = waiting.size || board.cards.some((card) => card.take?.status === "filming");
    if (open && busy) timer = setTimeout(turn, LOOK_MS);
  }

  async function begin(card) {
    const seconds = span(board, card);
    const first = card.join === "flow" ? before(board, card) : null;
    const source = first && (first.kind === "clip" ? first.clip : first.take);
    try {
      const made = source
        ? await videos.extend(source.id, {
            prompt: card.prompt,
            seconds: String(seconds),
            camera: filmed(card, seconds),
            ...qualityFlags(board.quality),
          })
        : await videos.create(await request(card, seconds));
      card.take = {
        id: made.id,
        from: 0,
        length: seconds,
        key: key(board, card),
        status: "filming",
        told: made,
        flows: Boolean(source),
      };
    } catch (error) {
      card.trouble = error.message;
    }
  }

  // The server's engine may be another than when the card was written, and take no camera.
  const filmed = (card, seconds) =>
    can.camera && card.camera ? points(card.camera, seconds) : undefined;

  async function request(card, seconds) {
    return {
      prompt: card.prompt,
      seconds: String(seconds),
      size: board.size,
      camera: filmed(card, seconds),
      ...qualityFlags(board.quality),
      ...(board.engine && { engine: board.engine }),
      ...(card.kind === "image" && { input_reference: await fit(card.image, board.size) }),
    };
  }

  async function look() {
    await Promise.all(
      board.cards
        .filter((card) => card.take?.status === "filming")
        .map(async (card) => {
          const take = card.take;
          try {
            const video = await videos.get(take.id);
            take.told = video;
            if (running(video)) return;
            if (video.status === "completed") finish(card, take, video);
            else drop(card, whyNot(video));
          } catch (error) {
            if (error.status === 404) drop(card, "The take was deleted.");
          }
        }),
    );
  }

  // An extension has what it extends in front; the card shows what is new.
  function finish(card, take, video) {
    const whole = Number(video.seconds);
    const done = {
      id: take.id,
      from: take.flows ? Math.max(0, whole - take.length) : 0,
      length: take.length,
      key: take.key,
      status: "completed",
    };
    card.takes.push(done);
    card.take = done;
  }

  function drop(card, why) {
    card.take = card.takes.at(-1) ?? null;
    card.trouble = why;
  }

  // A board that was left while it was filmed goes on being looked after.
  const resume = () => board.cards.some((card) => card.take?.status === "filming") && turn();

  return {
    film,
    resume,
    isWaiting,
    close: () => {
      open = false;
      clearTimeout(timer);
    },
  };
}
