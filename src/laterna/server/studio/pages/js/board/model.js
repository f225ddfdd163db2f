// A storyboard as data. Nothing here draws, stores or asks a server.
//
//   board  {format, id, name, length, size, quality, engine, cards}
//   card   {id, at, kind, prompt, image, camera, clip, join, take, takes, trouble}; kind is text,
//          image, clip; `camera` are moves (parts/camera.js), `clip` {id, from, length, engine}
//   take   {id, from, length, key, status}: `length` seconds of video `id`, beginning at `from`
//
// Spacing is timing: a card lasts from its `at` until the next card's, the last one until the end.
// Moments snap to an eighth of a second, which is one frame as it is filmed.

export const STEP = 1 / 8;
export const LEAST = 0.5; // seconds; a card shorter than that cannot be read or filmed well
export const MOST = 300;
const NEW = 4; // seconds a card is given where there is none yet

const id = () => crypto.randomUUID().slice(0, 8);
export const snap = (second) => Math.round(second / STEP) * STEP;

export const fresh = (name) => ({
  format: 1,
  id: id(),
  name,
  changed: Date.now(),
  length: NEW,
  size: "16:9",
  quality: "quick",
  engine: null,
  cards: [],
});

export const newCard = (kind, at, more = {}) => ({
  id: id(),
  at,
  kind,
  prompt: "",
  image: null,
  camera: null,
  clip: null,
  join: "cut",
  take: null,
  takes: [],
  trouble: "",
  ...more,
});

export function sort(board) {
  board.cards.sort((a, b) => a.at - b.at);
}

// How long `card` lasts.
export function span(board, card) {
  const next = board.cards[board.cards.indexOf(card) + 1];
  return (next ? next.at : board.length) - card.at;
}

export const before = (board, card) => board.cards[board.cards.indexOf(card) - 1] ?? null;

export const at = (board, second) =>
  board.cards.findLast((card) => card.at <= second + 1e-6) ?? null;

// The free moment nearest to `second`, on its own side of whatever card is in the way.
function free(board, card, second) {
  const others = board.cards.filter((one) => one !== card).map((one) => one.at);
  const open = (moment) =>
    moment >= 0 &&
    moment <= board.length - LEAST + 1e-6 &&
    others.every((other) => Math.abs(other - moment) >= LEAST - 1e-6);
  const wanted = Math.min(Math.max(0, snap(second)), Math.max(0, board.length - LEAST));
  for (let away = 0; away <= board.length; away += STEP) {
    if (open(wanted + away)) return wanted + away;
    if (open(wanted - away)) return wanted - away;
  }
  return null;
}

// Adds `card` as near to its moment as there is room; the board grows where there is none.
export function add(board, card) {
  let moment = free(board, card, card.at);
  if (moment === null || (board.cards.length && card.at >= board.length - LEAST)) {
    moment = board.length;
    board.length = Math.min(MOST, board.length + NEW);
  }
  card.at = moment;
  board.cards.push(card);
  sort(board);
}

export function move(board, card, second) {
  const moment = free(board, card, second);
  if (moment === null || moment === card.at) return false;
  card.at = moment;
  sort(board);
  settle(board);
  return true;
}

export function remove(board, card) {
  board.cards.splice(board.cards.indexOf(card), 1);
  settle(board);
}

// Cuts the card under `second` in two; both keep their part of the take. Gives back the new card.
export function split(board, second) {
  const moment = snap(second);
  const card = at(board, moment);
  if (!card) return null;
  const past = moment - card.at;
  if (past < LEAST || span(board, card) - past < LEAST) return null;
  const take =
    card.take?.status === "completed" && card.take.length > past
      ? { ...card.take, from: card.take.from + past, length: card.take.length - past }
      : null;
  const clip = card.clip && {
    ...card.clip,
    from: card.clip.from + past,
    length: Math.max(0, card.clip.length - past),
  };
  const half = newCard(card.kind, moment, {
    prompt: card.prompt,
    image: card.image,
    camera: card.camera,
    clip,
    take,
    takes: take ? [take] : [],
  });
  if (take) half.take.key = key(board, half);
  board.cards.push(half);
  sort(board);
  return half;
}

export function setLength(board, seconds) {
  const last = board.cards.at(-1);
  const least = last ? last.at + LEAST : LEAST;
  board.length = Math.min(MOST, Math.max(least, snap(seconds)));
}

// A first card has nothing to flow on from.
function settle(board) {
  if (board.cards[0]) board.cards[0].join = "cut";
}

// What a take was made from, to see whether the card has changed since.
export const key = (board, card) =>
  JSON.stringify([
    card.kind,
    card.prompt,
    card.image?.name ?? null,
    card.join,
    board.size,
    board.quality,
    board.engine,
    // At the end and only where there is one: boards of before it have their takes still.
    ...(card.camera ? [card.camera] : []),
  ]);

// What a card is in: "clip", "empty", "filming", "changed", "short", "filmed" or "missing".
export function state(board, card) {
  if (card.kind === "clip") return card.clip ? "clip" : "empty";
  if (!card.prompt || (card.kind === "image" && !card.image)) return "empty";
  if (!card.take) return "missing";
  if (card.take.status !== "completed") return "filming";
  if (card.take.key !== key(board, card)) return "changed";
  return card.take.length + 1e-6 < span(board, card) ? "short" : "filmed";
}

export const toFilm = (board) =>
  board.cards.filter((card) => ["missing", "changed", "short"].includes(state(board, card)));

// What plays at `second`: {card, video, second, held}. `video` may be null; `held` is where the
// film is over before the card is, and its last picture stands.
export function playing(board, second) {
  const card = at(board, second);
  if (!card) return { card: null, video: null, second: 0, held: false };
  const past = second - card.at;
  const source =
    card.kind === "clip" ? card.clip : card.take?.status === "completed" ? card.take : null;
  if (!source) return { card, video: null, second: past, held: false };
  const last = Math.max(0, source.length - 0.05);
  return { card, video: source.id, second: source.from + Math.min(past, last), held: past > last };
}
