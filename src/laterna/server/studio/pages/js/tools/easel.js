// A canvas over the picture that takes strokes by pointer or keys and gives a mask.
//
// Strokes are kept on a hidden canvas in the video's own pixels; what is seen is a hatching in
// black and white, which shows on any picture and tints none.

import { h, say } from "../dom.js";

const STEP = 0.02; // of the width, per press of an arrow key
const SEEN = 1280; // pixels across, at least: a draft is small and shown large

function hatching(pen) {
  const cell = h("canvas", { width: 12, height: 12 });
  const line = cell.getContext("2d");
  line.fillStyle = "rgb(0 0 0 / 55%)";
  line.fillRect(0, 0, 12, 12);
  line.strokeStyle = "rgb(255 255 255 / 80%)";
  line.lineWidth = 3;
  for (const shift of [-12, 0, 12]) {
    line.moveTo(shift - 2, 14);
    line.lineTo(shift + 14, -2);
  }
  line.stroke();
  return pen.createPattern(cell, "repeat");
}

export function easel(over, size, brush) {
  const [width, height] = size.split("x").map(Number);
  const scale = Math.max(1, Math.ceil(SEEN / width));
  const canvas = h("canvas", {
    class: "easel",
    width: width * scale,
    height: height * scale,
    tabindex: 0,
    role: "application",
    "aria-label": "Painted region. Arrows move the brush, Enter sets it down or lifts it.",
    onpointerdown: down,
    onpointermove: move,
    onpointerup: up,
    onpointercancel: up,
    onpointerleave: () => draw(),
    onkeydown: key,
    onblur: () => ((pressed = false), draw()),
    onfocus: () => draw(),
  });
  const mask = h("canvas", { width, height });
  const ink = mask.getContext("2d", { willReadFrequently: true });
  const view = canvas.getContext("2d");
  const hatch = hatching(view);
  let erasing = false;
  let pressed = false; // by pointer or by Enter
  let last = null;
  let at = { x: width / 2, y: height / 2 };

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
    };
  }

  function stroke(to) {
    ink.strokeStyle = ink.fillStyle = "#fff";
    ink.globalCompositeOperation = erasing ? "destination-out" : "source-over";
    ink.lineWidth = brush * width;
    ink.lineCap = "round";
    ink.beginPath();
    ink.moveTo((last ?? to).x, (last ?? to).y);
    ink.lineTo(to.x + 0.01, to.y);
    ink.stroke();
    last = to;
  }

  function down(event) {
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
    canvas.focus();
    pressed = true;
    last = null;
    at = place(event);
    stroke(at);
    draw();
  }

  function move(event) {
    at = place(event);
    if (pressed && event.buttons) stroke(at);
    draw();
  }

  function up() {
    pressed = false;
    last = null;
  }

  function key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
      event.key
    ];
    if (event.key === "Enter" || event.key === " ") {
      pressed = !pressed;
      last = null;
      if (pressed) stroke(at);
      say(pressed ? "Brush down" : "Brush up");
    } else if (step) {
      const by = STEP * width * (event.shiftKey ? 4 : 1);
      at = {
        x: Math.min(width, Math.max(0, at.x + step[0] * by)),
        y: Math.min(height, Math.max(0, at.y + step[1] * by)),
      };
      if (pressed) stroke(at);
    } else return;
    event.preventDefault();
    event.stopPropagation(); // the player has these keys too
    draw();
  }

  function draw() {
    view.clearRect(0, 0, canvas.width, canvas.height);
    view.drawImage(mask, 0, 0, canvas.width, canvas.height);
    view.globalCompositeOperation = "source-in";
    view.fillStyle = hatch;
    view.fillRect(0, 0, canvas.width, canvas.height);
    view.globalCompositeOperation = "source-over";
    if (!canvas.matches(":hover, :focus")) return;
    ring("#000", 5);
    ring("#fff", 2);
  }

  function ring(colour, thick) {
    view.strokeStyle = colour;
    view.lineWidth = thick;
    view.beginPath();
    view.arc(at.x * scale, at.y * scale, (brush * width * scale) / 2, 0, 2 * Math.PI);
    view.stroke();
  }

  const empty = () =>
    !ink.getImageData(0, 0, width, height).data.some((value, i) => i % 4 === 3 && value > 127);

  // White where the shot is filmed anew, black where it is kept, nothing in between.
  function finished() {
    const flat = h("canvas", { width, height });
    const pen = flat.getContext("2d");
    const from = ink.getImageData(0, 0, width, height);
    for (let i = 0; i < from.data.length; i += 4) {
      from.data[i] = from.data[i + 1] = from.data[i + 2] = from.data[i + 3] > 127 ? 255 : 0;
      from.data[i + 3] = 255;
    }
    pen.putImageData(from, 0, 0);
    return new Promise((done) =>
      flat.toBlob((blob) => done(new File([blob], "mask.png", { type: "image/png" })), "image/png"),
    );
  }

  function fillAll() {
    ink.globalCompositeOperation = "source-over";
    ink.fillStyle = "#fff";
    ink.fillRect(0, 0, width, height);
    draw();
  }

  function clear() {
    ink.clearRect(0, 0, width, height);
    draw();
  }

  over.append(canvas);
  return {
    canvas,
    empty,
    clear,
    fillAll,
    mask: finished,
    remove: () => canvas.remove(),
    size: (value) => ((brush = value), draw()),
    erase: (value) => (erasing = value),
  };
}
