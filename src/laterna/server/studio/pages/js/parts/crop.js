// A picture cut to a frame's shape, around its middle: the server takes no picture of another one.

import { aspect } from "../words.js";

const LONG = 1280; // pixels; more than is ever filmed

export async function fit(file, size) {
  const image = await createImageBitmap(file).catch(() => {
    throw new Error("This is not a picture the browser can read. Give a PNG, JPEG or WebP.");
  });
  const wanted = aspect(size);
  const wide = Math.min(image.width, image.height * wanted);
  const high = wide / wanted;
  const scale = Math.min(1, LONG / Math.max(wide, high));
  const even = (length) => Math.max(2, 2 * Math.round(length / 2));
  const canvas = document.createElement("canvas");
  canvas.width = even(wide * scale);
  canvas.height = even(high * scale);
  canvas
    .getContext("2d")
    .drawImage(
      image,
      (image.width - wide) / 2,
      (image.height - high) / 2,
      wide,
      high,
      0,
      0,
      canvas.width,
      canvas.height,
    );
  image.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new File([blob], `${file.name}-${size}.png`, { type: "image/png" });
}
