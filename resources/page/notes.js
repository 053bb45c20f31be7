/* What the person says of photos: each change is made, seen where the photo is, and can be taken back. */

import { connection, get, post, put } from "./api.js";
import { reasonOf, say, sayWithUndo } from "./notices.js";
import { language, tr, trN } from "./strings.js";
import { drop, keep, sendAll } from "./unsent.js";

export class Notes {
  #grid;
  #detail;

  /** Changes what `detail` tells of, which it does where changes are allowed. */
  constructor(grid, detail, allowWrites) {
    this.#grid = grid;
    this.#detail = detail;
    detail.addEventListener("known", ({ detail: photo }) => this.#known(photo, photo));
    if (!allowWrites) return;
    detail.addEventListener("favourite", ({ detail: photo }) =>
      this.#change(photo, "favourite", { favourite: !photo.favourite }, { favourite: !photo.favourite }, photo.favourite ? tr("No longer a favourite") : tr("Added to the favourites")));
    detail.addEventListener("rate", ({ detail: { photo, stars } }) =>
      this.#change(photo, "rating", { stars }, { rating: stars }, stars ? trN("{n} star", "{n} stars", stars) : tr("No stars")));
    detail.addEventListener("captioned", ({ detail: photo }) => this.#changed(photo, tr("The caption is saved")));
    connection.addEventListener("back", () => this.#send());
    this.#send();
  }

  /** Something else is said of these photos by now: of one that is open it is shown at once. */
  heard(photoIds) {
    if (photoIds.includes(this.#detail.photo?.photo_id)) this.#detail.refresh();
  }

  async #change(photo, what, body, facts, sentence) {
    try {
      await put(`photos/${photo.photo_id}/${what}?lang=${language}`, body);
    } catch (error) {
      say(reasonOf(error), { label: tr("Try again"), act: () => this.#change(photo, what, body, facts, sentence) });
      return;
    }
    this.#known(photo, facts);
    this.#changed(photo, sentence);
  }

  /** Send the captions that wait. */
  #send() {
    return sendAll(
      () => this.#detail.captioned,
      (photoId) => this.#changed({ photo_id: photoId }, tr("The caption is saved")),
      (photoId, kept, error) => this.#refused(photoId, kept, error));
  }

  #refused(photoId, { text, size }, { status, present, message }) {
    const mine = () => {
      keep({ photo_id: photoId, size }, text, present);
      this.#send();
    };
    if (typeof present === "string") say(tr("Your caption is not saved: it was changed elsewhere meanwhile."), { label: tr("Keep mine"), act: mine });
    else if (status === 404) say(tr("The photo for which you wrote “{text}” is not there any more.", { text }), { label: tr("Discard the caption"), act: () => drop(photoId) });
    else say(message, { label: tr("Try again"), act: () => this.#send() });
  }

  #changed(photo, sentence) {
    this.heard([photo.photo_id]);
    sayWithUndo(sentence, async () => {
      try {
        say((await post("undo", undefined, undefined, { lang: language })).message);
        this.#known(photo, await get(`photos/${photo.photo_id}`));
        this.heard([photo.photo_id]);
      } catch (error) {
        say(reasonOf(error));
      }
    });
  }

  #known(photo, { favourite = photo.favourite, rating = photo.rating }) {
    Object.assign(photo, { favourite, rating });
    this.#grid.photos.change(photo.photo_id, { favourite, rating });
    const index = this.#grid.photos.indexOf(photo.photo_id);
    if (index >= 0) this.#grid.redraw(index);
  }
}
