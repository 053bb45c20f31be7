/* The photos that answer a question, of which only those near what is looked at are held. */

import { patience } from "./api.js";

export const PAGE = 100; // photos that are asked for at a time
const PAGES_KEPT = 60;
const AT_A_TIME = 3; // requests

/** Dispatches `page` (detail: its number) when photos came, `total` when there are more or fewer than before. */
export class Photos extends EventTarget {
  #ask;
  #pages = new Map(); // number -> hits, the one that was looked at last in the end
  #asked = new Map(); // number -> { ends, done, awaited }
  #failed = 0; // requests, one after the other
  #waits = false; // before it asks again

  /** `ask(offset, limit, signal)` gives { total, hits }; `first` is what it gave for the first ones. */
  constructor(ask, first) {
    super();
    this.#ask = ask;
    this.first = first;
    this.total = first.total;
    this.#keep(0, first.hits.slice(0, PAGE));
  }

  /** Of photos that are all here already. */
  static of(hits) {
    return new Photos(async (offset, limit) => ({ total: hits.length, hits: hits.slice(offset, offset + limit) }), { total: hits.length, hits });
  }

  /** Whether they stand in the order of their dates, or the best first. */
  get byDate() {
    return this.first.order === "newest";
  }

  get pages() {
    return Math.ceil(this.total / PAGE);
  }

  /** The photos of a page, or undefined where they are not here. */
  page(number) {
    return this.#pages.get(number);
  }

  at(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Ask for these pages, nearest first, and give up on those that are asked for and no longer wanted. */
  want(numbers) {
    for (const number of numbers) if (this.#pages.has(number)) this.#keep(number, this.#pages.get(number));
    for (const [number, { ends, awaited }] of this.#asked) if (!numbers.includes(number) && !awaited) ends.abort();
    this.wanted = numbers;
    for (const number of this.#waits ? [] : numbers) {
      if (this.#asked.size >= AT_A_TIME) break;
      if (number >= 0 && number < this.pages && !this.#pages.has(number)) this.#fetch(number);
    }
  }

  /** The photo at an index, asked for where it is not here; undefined where there is none. */
  async photo(index) {
    if (index < 0 || index >= this.total) return undefined;
    const number = Math.floor(index / PAGE);
    if (!this.#pages.has(number)) {
      this.#fetch(number);
      const asked = this.#asked.get(number);
      asked.awaited = true; // though the grid looks elsewhere
      await asked.done;
    }
    return this.at(index);
  }

  /** Where a photo is, among those that are here; -1 where it is not. */
  indexOf(photoId) {
    for (const [number, hits] of this.#pages) {
      const place = hits.findIndex((hit) => hit.photo_id === photoId);
      if (place >= 0) return number * PAGE + place;
    }
    return -1;
  }

  /** Change what is known of a photo, such as its stars. */
  change(photoId, facts) {
    const hit = this.at(this.indexOf(photoId));
    if (hit) Object.assign(hit, facts);
  }

  stop() {
    this.wanted = null;
    for (const { ends } of this.#asked.values()) ends.abort();
  }

  #fetch(number) {
    if (this.#asked.has(number)) return;
    const ends = new AbortController();
    this.#asked.set(number, { ends, done: this.#take(number, ends.signal), awaited: false });
  }

  async #take(number, signal) {
    try {
      const { hits, total } = await this.#ask(number * PAGE, PAGE, signal);
      this.#failed = 0;
      this.#keep(number, hits);
      if (total !== this.total) {
        this.total = total;
        this.dispatchEvent(new Event("total"));
      }
      this.dispatchEvent(new CustomEvent("page", { detail: number }));
    } catch (error) {
      if (error.name !== "AbortError") this.#wait();
    } finally {
      this.#asked.delete(number);
      if (this.wanted) this.want(this.wanted);
    }
  }

  async #wait() {
    if (this.#waits) return;
    this.#waits = true;
    await patience(this.#failed++);
    this.#waits = false;
    if (this.wanted) this.want(this.wanted);
  }

  #keep(number, hits) {
    for (const hit of hits) hit.section = this.byDate ? hit.taken_at.slice(0, 10) : hit.found_in ? "named" : hit.label;
    this.#pages.delete(number);
    this.#pages.set(number, hits);
    while (this.#pages.size > PAGES_KEPT) this.#pages.delete(this.#pages.keys().next().value);
  }
}
