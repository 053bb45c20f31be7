/* A handle at the right edge for going far: shown while one scrolls, with the date where photos stand by date. */

import { $ } from "./dom.js";
import { date } from "./strings.js";

const LEAST = 6; // screens of photos
const REST = 1600; // milliseconds

export class Scrubber {
  #handle = $("#scrubber");
  #grid;
  #hiding = 0;
  #grabbed = null; // how far below the handle's top it was grabbed

  constructor(grid) {
    this.#grid = grid;
    grid.addEventListener("shown", () => (this.#handle.hidden = true));
    grid.addEventListener("at", (event) => this.#follow(event.detail));
    this.#handle.addEventListener("pointerdown", (event) => this.#grab(event));
    this.#handle.addEventListener("pointermove", (event) => this.#drag(event));
    for (const end of ["pointerup", "pointercancel"]) this.#handle.addEventListener(end, () => this.#let());
  }

  #room = () => innerHeight - this.#top() - this.#handle.offsetHeight - 16;
  #top = () => $("header").offsetHeight + 8;

  #follow(photo) {
    this.#handle.hidden = document.documentElement.scrollHeight < LEAST * innerHeight;
    if (this.#handle.hidden) return;
    const share = Math.max(0, Math.min(1, this.#grid.share()));
    if (this.#grabbed === null) this.#handle.style.transform = `translateY(${this.#top() + share * this.#room()}px)`;
    const { byDate } = this.#grid.photos;
    if (photo || !byDate) $("#scrubbed").textContent = byDate ? date(photo.taken_at, "month") : "";
    this.#rest();
  }

  #rest() {
    clearTimeout(this.#hiding);
    this.#handle.classList.add("here");
    if (this.#grabbed === null) this.#hiding = setTimeout(() => this.#handle.classList.remove("here"), REST);
  }

  #grab(event) {
    event.preventDefault();
    this.#handle.setPointerCapture(event.pointerId);
    this.#grabbed = event.clientY - this.#handle.getBoundingClientRect().top;
    this.#rest();
  }

  #drag(event) {
    if (this.#grabbed === null) return;
    const share = Math.max(0, Math.min(1, (event.clientY - this.#grabbed - this.#top()) / Math.max(1, this.#room())));
    this.#handle.style.transform = `translateY(${this.#top() + share * this.#room()}px)`;
    this.#grid.scrollToShare(share);
  }

  #let() {
    this.#grabbed = null;
    this.#rest();
  }
}
