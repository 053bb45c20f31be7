/* What the program is at: read photos, warm up. Said calmly, and gone when it is over. */

import { tell } from "./notices.js";
import { tr, trN } from "./strings.js";

const LEAST = 20; // photos: what is over in a moment is not told

/** Say it; of an event only a part is known. */
export function tellStatus({ model_ready: ready, progress }) {
  if (ready !== undefined) tell("warming", ready ? null : tr("Getting ready to search…"));
  if (progress) tell("indexing", ...sentence(progress));
}

function sentence({ state, done, total, seconds_left: left }) {
  if (state === "scanning") return [tr("Looking through the folders…")];
  if (state === "paused") return [total ? tr("Reading photos is paused: {done} of {total}", { done, total }) : null];
  if (state !== "indexing" || total < LEAST) return [null];
  const minutes = Math.round((left ?? 0) / 60);
  const read = tr("Reading photos: {done} of {total}", { done, total });
  return [minutes ? tr("{said}, {left}", { said: read, left: trN("{n} minute left", "{n} minutes left", minutes) }) : read, done / total];
}
