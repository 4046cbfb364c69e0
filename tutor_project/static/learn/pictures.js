// Pictures of the API need the learner's token, so they are fetched and drawn; the page's policy knows no other source.

import { blob, patiently } from "./api.js";
import { h } from "./dom.js";

async function draw(canvas, path, signal) {
  const picture = await createImageBitmap(await patiently(() => blob(path, signal)));
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  picture.close();
}

/** A picture and a promise of it being drawn. */
export function picture(path, label, signal) {
  const canvas = h("canvas", { role: "img", "aria-label": label });
  return { canvas, drawn: draw(canvas, path, signal) };
}
