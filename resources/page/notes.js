/* What the person says of photos: each change is made, seen where the photo is, and can be taken back. */

import { get, post, put } from "./api.js";
import { reasonOf, say, sayWithUndo } from "./notices.js";
import { language, tr, trN } from "./strings.js";

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
