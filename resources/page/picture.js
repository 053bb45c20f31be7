/* A picture as the question: from the camera roll, dropped, or pasted. It is made small before it is sent. */

import { $, make } from "./dom.js";

const EDGE = 1024, CHIP = 28; // pixels; no model looks at more

/** Let the person choose one; on a phone, take one. */
export const choosePicture = () => $("#chooser").click();

/** Call `taken(file)` for each picture that the person gives. */
export function takePictures(taken) {
  const chooser = $("#chooser");
  $("#by-picture").addEventListener("click", choosePicture);
  chooser.addEventListener("change", () => {
    if (chooser.files[0]) taken(chooser.files[0]);
    chooser.value = "";
  });
  addEventListener("paste", (event) => {
    const file = pictureIn(event.clipboardData);
    if (!file) return;
    event.preventDefault();
    taken(file);
  });
  let inside = 0; // dragenter and dragleave come for every element
  const hold = (change) => {
    inside = Math.max(0, inside + change);
    $("#drop").hidden = !inside;
  };
  const drags = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => drags(event) && hold(1));
  addEventListener("dragleave", (event) => drags(event) && hold(-1));
  addEventListener("dragover", (event) => drags(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!drags(event)) return;
    event.preventDefault();
    hold(-inside);
    const file = pictureIn(event.dataTransfer);
    if (file) taken(file);
  });
}

const pictureIn = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));

/** What is sent of a picture, and a canvas that shows it; what this browser cannot read is sent as it is. */
export async function prepared(file) {
  const shown = make("canvas", { class: "asked-picture", width: CHIP * 2, height: CHIP * 2, "aria-hidden": "true" });
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return { blob: file, shown };
  }
  const side = Math.min(picture.width, picture.height);
  shown.getContext("2d").drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, CHIP * 2, CHIP * 2);
  const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
  const small = make("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  const context = small.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, small.width, small.height);
  const blob = await new Promise((made) => small.toBlob(made, "image/jpeg", 0.9));
  return { blob: blob ?? file, shown };
}
