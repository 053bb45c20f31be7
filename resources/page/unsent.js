/* Captions that are written and not known to have arrived: they wait in this browser, also while the page is closed. */

import { paused } from "./dom.js";
import { get, put } from "./api.js";
import { tell } from "./notices.js";
import { language, trN } from "./strings.js";

const KEY = /^caption (\d+)$/;
const TOLD_AFTER = 1000; // milliseconds: most arrive before

const unkept = new Map(); // photo id -> what this browser could not keep

const key = (photoId) => `caption ${photoId}`;

/** Whether something would be gone with the page. */
export const isAtRisk = () => unkept.size > 0;

/** What waits of a photo: { text, was, size, at }, or null. `size` is its file's: another library has other photos. */
export function waiting({ photo_id: photoId, size }) {
  const kept = stored(photoId);
  return kept?.size === size ? kept : null;
}

/** Keep what is written of a photo, and what it is to replace. */
export function keep({ photo_id: photoId, size }, text, was) {
  const kept = { text, was, size, at: Date.now() };
  try {
    localStorage.setItem(key(photoId), JSON.stringify(kept));
    unkept.delete(photoId);
  } catch {
    unkept.set(photoId, kept); // the browser's room is full, or it keeps nothing
  }
  tellSoon();
}

export function drop(photoId) {
  unkept.delete(photoId);
  localStorage.removeItem(key(photoId));
  tellSoon();
}

/** Send it to the computer; another's caption stays, and is `present` of the error. */
export const send = (photoId, text, was) => put(`photos/${photoId}/caption?lang=${language}`, { text, was });

/**
 * Send all that waits, the first written first, but for the photo of which one is writing. `arrived` hears of a photo's id,
 * `refused` of that, of what was written, and of the error.
 */
export async function sendAll(writing, arrived, refused) {
  for (const photoId of everyPhoto()) {
    if (photoId === writing()) continue;
    let kept = null;
    try {
      kept = waiting(await get(`photos/${photoId}`));
      if (!kept) continue;
      await send(photoId, kept.text, kept.was);
    } catch (error) {
      if (!error.status || error.status === 401) return; // the computer is away again, or locked
      kept ??= stored(photoId);
      if (error.present !== kept?.text) { // else it had arrived before
        if (kept) refused(photoId, kept, error);
        continue;
      }
    }
    if (stored(photoId)?.at === kept.at) drop(photoId);
    arrived(photoId);
  }
}

/** Say how many wait, here and in other tabs. */
export function tellUnsent() {
  const n = everyPhoto().length;
  tell("unsent", n ? trN("{n} caption waits for the computer", "{n} captions wait for the computer", n) : null);
}

const tellSoon = paused(tellUnsent, TOLD_AFTER);
addEventListener("storage", tellSoon);

const stored = (photoId) => unkept.get(photoId) ?? JSON.parse(localStorage.getItem(key(photoId)));

function everyPhoto() {
  const kept = Object.keys(localStorage).map((name) => Number(KEY.exec(name)?.[1])).filter(Boolean);
  return [...new Set([...kept, ...unkept.keys()])].sort((one, other) => stored(one).at - stored(other).at);
}
