/* The grid: of however many photos, only the cells around what is in view are in the page. */

import { icon, make } from "./dom.js";
import { justify } from "./layout.js";
import { PAGE } from "./photos.js";
import { address } from "./api.js";
import { date, length, tr, trN } from "./strings.js";

const AHEAD = 1.5; // screens below and above what is in view
const DAYS = { narrowest: 112, apart: 16 }; // pixels: short days share a row
const SHORT = 190; // pixels, in which a day has to be written short
const SETTLED = 90; // milliseconds after which what is passed by quickly is looked at
const QUICK = 1.2; // screens from one frame to the next
// Shapes of photos that are not here yet.
const USUAL = [1.5, 1.5, 0.75, 1.33, 1.5, 0.67, 1.33, 1.5, 1.78, 0.75].map((width) => ({ width, height: 1 }));

/** Dispatches `open` (detail: an index), `at` (detail: the photo at the top, where it is here), `shown` and `above`. */
export class Grid extends EventTarget {
  #root;
  #href;
  #photos = null;
  #heights = []; // of each page
  #tops = [0]; // of each page, then of what is below all
  #layouts = new Map(); // of pages whose photos are here, around what is in view
  #cells = new Map(); // index -> element
  #headings = new Map(); // "page x y" -> element
  #anchor = { index: 0, offset: 0 }; // the photo at the top, and how far it is above the edge
  #current = 0; // where the keyboard is
  #lastTop = 0;
  #settle = 0;
  #frame = 0;
  #stop = new AbortController();

  /** `href(photo)` is the address under which a photo is looked at. */
  constructor(root, href) {
    super();
    this.#root = root;
    this.#href = href;
    addEventListener("scroll", () => (this.#frame ||= requestAnimationFrame(() => this.#scrolled())), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(root);
    root.addEventListener("click", (event) => this.#clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
    root.addEventListener("focusin", (event) => this.#focused(event));
  }

  get photos() {
    return this.#photos;
  }

  get anchor() {
    return { ...this.#anchor };
  }

  /** Show these photos from the top, or with the photo at `anchor.index` as far above the edge as it says. */
  show(photos, anchor = { index: 0, offset: 0 }) {
    this.#stop.abort();
    this.#stop = new AbortController();
    if (this.#photos !== photos) this.#photos?.stop();
    this.#photos = photos;
    const focused = this.#root.contains(document.activeElement) && document.activeElement !== this.#root;
    photos.addEventListener("page", (event) => this.#came(event.detail), { signal: this.#stop.signal });
    photos.addEventListener("total", () => this.#changed(), { signal: this.#stop.signal });
    this.#clear();
    this.#root.setAttribute("aria-busy", "false");
    this.#anchor = { ...anchor, index: Math.max(0, Math.min(anchor.index, photos.total - 1)) };
    this.#current = this.#anchor.index;
    this.#arrange();
    this.#toAnchor();
    this.#render();
    this.dispatchEvent(new Event("shown"));
    if (focused) this.#cells.get(this.#current)?.focus({ preventScroll: true });
  }

  /** Draw one photo anew, after something of it changed. */
  redraw(index) {
    this.#drop(index);
    this.#render();
  }

  /** Bring a photo into view, and the keyboard to it. */
  reveal(index, focus = true) {
    const cell = this.#place(index);
    const edge = this.#edge(), top = this.#offset() + cell.y;
    if (top < scrollY + edge) scrollTo(0, top - edge - 8);
    else if (top + cell.height > scrollY + innerHeight) scrollTo(0, top + cell.height - innerHeight + 8);
    this.#current = index;
    this.#scrolled();
    if (focus) this.#cells.get(index)?.focus({ preventScroll: true });
  }

  /** Go to a share of all that there is, from 0 to 1. */
  scrollToShare(share) {
    scrollTo(0, this.#offset() - this.#edge() + share * Math.max(0, this.#height() + this.#edge() - innerHeight));
  }

  share() {
    return (scrollY + this.#edge() - this.#offset()) / Math.max(1, this.#height() + this.#edge() - innerHeight);
  }

  #height = () => this.#tops.at(-1);
  #offset = () => this.#root.getBoundingClientRect().top + scrollY;
  #edge = () => document.querySelector("header")?.offsetHeight ?? 0; // what lies over the photos, at the top

  #options() {
    const width = Math.floor(this.#root.clientWidth);
    const rowHeight = width < 600 ? 120 : width < 1000 ? 180 : 210;
    return { width, rowHeight, gap: width < 600 ? 2 : 4, headingHeight: 44, beside: this.#photos.byDate ? DAYS : null };
  }

  #layout(number) {
    const hits = this.#photos.page(number);
    if (!hits) return this.#usual(number);
    if (!this.#layouts.has(number)) {
      const before = number ? this.#photos.page(number - 1)?.at(-1)?.section ?? hits[0]?.section : null;
      const ends = number === this.#photos.pages - 1;
      this.#layouts.set(number, justify(hits, { ...this.#options(), before, ends }));
    }
    return this.#layouts.get(number);
  }

  #usual(number) {
    const count = Math.min(PAGE, this.#photos.total - number * PAGE);
    return justify(Array.from({ length: count }, (_, place) => USUAL[place % USUAL.length]), { ...this.#options(), ends: false });
  }

  /** Find the height of every page: of those that are here, and what those that are not will be like. */
  #arrange() {
    const pages = this.#photos.pages;
    this.#layouts.clear();
    const usual = pages > 1 ? this.#usual(0).height : 0;
    this.#heights = Array.from({ length: pages }, (_, page) => {
      if (this.#photos.page(page) || page === pages - 1) return this.#layout(page).height;
      return this.#heights[page] ?? usual;
    });
    this.#stack();
  }

  #stack() {
    this.#tops = [0];
    for (const height of this.#heights) this.#tops.push(this.#tops.at(-1) + height);
    this.#root.style.height = `${this.#height()}px`;
  }

  /** The photos of a page came: it has its height, and the one below knows now whether it goes on. */
  #came(number) {
    for (const page of [number, number + 1]) {
      this.#layouts.delete(page);
      if (this.#photos.page(page)) this.#heights[page] = this.#layout(page).height;
    }
    for (const page of this.#layouts.keys()) if (!this.#photos.page(page)) this.#layouts.delete(page);
    this.#stack();
    this.#toAnchor();
    this.#render();
  }

  #changed() {
    this.#arrange();
    this.#toAnchor();
    this.#render();
  }

  #resized() {
    if (!this.#photos || this.#width === this.#root.clientWidth) return;
    this.#heights = [];
    this.#clear();
    this.#changed();
  }

  #width = 0;

  #clear() {
    for (const element of [...this.#cells.values(), ...this.#headings.values()]) element.remove();
    this.#cells.clear();
    this.#headings.clear();
    this.#heights = [];
    this.#layouts.clear();
    this.#width = this.#root.clientWidth;
  }

  /** Where a photo lies, from the top of the grid. */
  #place(index) {
    const page = Math.floor(index / PAGE);
    const cell = this.#layout(page).cells[index % PAGE];
    return { ...cell, y: cell.y + this.#tops[page] };
  }

  #toAnchor() {
    const { index, offset } = this.#anchor;
    if (!this.#photos.total) return scrollTo(0, 0);
    const wanted = index || offset > 0 ? this.#offset() + this.#place(index).y + offset - this.#edge() : 0;
    if (Math.abs(wanted - scrollY) >= 1) scrollTo(0, wanted);
    this.#lastTop = scrollY;
    return undefined;
  }

  #scrolled() {
    this.#frame = 0;
    if (!this.#photos?.total) return;
    const top = scrollY + this.#edge() - this.#offset();
    const first = this.#between(top, top + innerHeight)[0];
    if (first !== undefined) this.#anchor = { index: first, offset: top - this.#place(first).y };
    this.#render();
    this.dispatchEvent(new CustomEvent("at", { detail: this.#photos.at(this.#anchor.index) }));
  }

  #pageAt(y) {
    let low = 0, high = this.#heights.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The photos of which something lies between two heights. */
  #between(from, to) {
    const found = [];
    for (let page = this.#pageAt(from); page < this.#heights.length && this.#tops[page] < to; page++) {
      this.#layout(page).cells.forEach((cell, place) => {
        const y = cell.y + this.#tops[page];
        if (y + cell.height > from && y < to) found.push(page * PAGE + place);
      });
    }
    return found;
  }

  #render() {
    const top = scrollY - this.#offset(), screen = innerHeight;
    const quick = Math.abs(scrollY - this.#lastTop) > QUICK * screen;
    this.#lastTop = scrollY;
    clearTimeout(this.#settle);
    if (quick) this.#settle = setTimeout(() => this.#render(), SETTLED);
    const from = top - (quick ? 0 : AHEAD * screen), to = top + screen + (quick ? 0 : AHEAD * screen);
    const shown = this.#photos.total ? new Set(this.#between(from, to)) : new Set();
    for (const [index, element] of this.#cells) if (!shown.has(index) && element !== document.activeElement) this.#drop(index);
    for (const index of shown) this.#draw(index, quick);
    this.#drawHeadings(from, to);
    if (!quick) this.#want(top, screen);
  }

  #want(top, screen) {
    const first = this.#pageAt(top - AHEAD * screen), last = this.#pageAt(top + (1 + AHEAD) * screen);
    const middle = this.#pageAt(top + screen / 2);
    const pages = Array.from({ length: last - first + 1 }, (_, place) => first + place);
    this.#photos.want(pages.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle)));
  }

  #draw(index, quick) {
    const photo = this.#photos.at(index);
    let element = this.#cells.get(index);
    if (element && element.photo !== photo) {
      const focused = element === document.activeElement;
      this.#drop(index);
      element = undefined;
      if (focused) this.#focusSoon = index;
    }
    if (!element) {
      element = photo ? this.#cell(index, photo) : make("div", { class: "cell", "aria-hidden": "true" });
      element.photo = photo;
      element.dataset.index = index;
      this.#cells.set(index, element);
      this.#root.append(element);
    }
    const { x, y, width, height } = this.#place(index), place = `${x} ${y} ${width} ${height}`;
    if (element.place !== place) {
      element.place = place;
      Object.assign(element.style, { transform: `translate(${x}px, ${y}px)`, width: `${width}px`, height: `${height}px` });
    }
    const stop = index === this.#current ? 0 : -1;
    if (element.tabIndex !== stop) element.tabIndex = stop;
    if (photo && !quick && !element.image) this.#load(element, photo);
    if (this.#focusSoon === index && photo) {
      this.#focusSoon = -1;
      element.focus({ preventScroll: true });
    }
  }

  #focusSoon = -1;

  #cell(index, photo) {
    const named = [
      tr("Photo {n} of {total}", { n: index + 1, total: this.#photos.total }),
      date(photo.taken_at),
      photo.favourite && tr("Favourite"),
      photo.rating ? trN("{n} star", "{n} stars", photo.rating) : "",
      photo.kind === "video" && tr("Video"),
      photo.caption,
    ];
    return make(
      "a",
      {
        class: "cell",
        href: this.#href(photo),
        "aria-label": named.filter(Boolean).join(", "),
        draggable: "false",
      },
      photo.favourite ? make("span", { class: "mark favourite" }, icon("heart-filled")) : null,
      photo.rating ? make("span", { class: "mark rating" }, icon("star-filled"), String(photo.rating)) : null,
      photo.kind === "video" ? make("span", { class: "mark video" }, icon("play"), photo.duration ? length(photo.duration) : "") : null,
      photo.share !== undefined ? make("span", { class: "mark share" }, `${Math.round(photo.share * 100)} %`) : null,
    );
  }

  #load(element, photo) {
    const image = make("img", { alt: "", decoding: "async", draggable: "false" });
    image.addEventListener("load", () => image.classList.add("here"), { once: true });
    image.addEventListener("error", () => image.replaceWith(icon("image-off")), { once: true });
    image.src = address(`photos/${photo.photo_id}/thumbnail`);
    if (image.complete) image.classList.add("here", "at-once");
    element.image = image;
    element.prepend(image);
  }

  #drop(index) {
    const element = this.#cells.get(index);
    if (!element) return;
    if (element.image && !element.image.complete) element.image.removeAttribute("src"); // no longer wanted
    element.remove();
    this.#cells.delete(index);
  }

  #drawHeadings(from, to) {
    const names = { named: tr("In names, captions and text"), strong: tr("Strong matches"), likely: tr("Likely matches"), weak: tr("Less likely") };
    const shown = new Set();
    for (let page = this.#pageAt(from); page < this.#heights.length && this.#tops[page] < to; page++) {
      for (const { label, x, y, width } of this.#layout(page).headings) {
        const key = `${page} ${x} ${y}`;
        shown.add(key);
        if (!this.#headings.has(key)) {
          const element = make("h2", { class: "section" });
          this.#headings.set(key, element);
          this.#root.append(element);
        }
        const element = this.#headings.get(key), said = names[label] ?? date(label, width < SHORT ? "short" : "");
        if (element.textContent !== said) element.textContent = said;
        element.classList.toggle("beside", x > 0);
        Object.assign(element.style, { transform: `translate(${x}px, ${this.#tops[page] + y}px)`, width: `${width}px` });
      }
    }
    for (const [key, element] of this.#headings) {
      if (shown.has(key)) continue;
      element.remove();
      this.#headings.delete(key);
    }
  }

  #clicked(event) {
    const cell = event.target.closest("a.cell");
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent("open", { detail: Number(cell.dataset.index) }));
  }

  #focused(event) {
    const cell = event.target.closest("a.cell");
    if (!cell) return;
    const before = this.#cells.get(this.#current);
    if (before) before.tabIndex = -1;
    this.#current = Number(cell.dataset.index);
    cell.tabIndex = 0;
  }

  /** Give the keyboard to the grid, where it was last. */
  focus() {
    if (this.#photos?.total) this.reveal(Math.min(this.#current, this.#photos.total - 1));
  }

  /** A key for the photos; while nothing has the keyboard, it begins with those in view. */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#photos?.total) return;
    const last = this.#photos.total - 1;
    if (!this.#root.contains(event.target)) {
      if (event.key === "Enter" || event.key.startsWith("Arrow")) this.#begin(event);
      if (event.key !== "Home" && event.key !== "End") return;
    }
    const to = {
      ArrowLeft: () => this.#current - 1,
      ArrowRight: () => this.#current + 1,
      ArrowUp: () => this.#beside(-1),
      ArrowDown: () => this.#beside(1),
      PageUp: () => this.#beside(1 - innerHeight + this.#edge()),
      PageDown: () => this.#beside(innerHeight - this.#edge() - 1),
      Home: () => 0,
      End: () => last,
    }[event.key];
    if (!to) return;
    event.preventDefault();
    const index = to();
    if (index === null || index < 0) return event.key === "ArrowUp" && this.dispatchEvent(new Event("above"));
    this.reveal(Math.min(index, last));
    return undefined;
  }

  /** Go to the photo that has the keyboard next, or is the first in view; Enter opens it. */
  #begin(event) {
    event.preventDefault();
    const box = this.#cells.get(this.#current)?.getBoundingClientRect();
    const isSeen = box && box.bottom > this.#edge() && box.top < innerHeight;
    const index = isSeen ? this.#current : this.#anchor.index;
    this.reveal(index);
    if (event.key === "Enter") this.dispatchEvent(new CustomEvent("open", { detail: index }));
  }

  /** The photo over or under the present one, at least this many pixels further; null where there is none. */
  #beside(distance) {
    const here = this.#place(this.#current), down = distance > 0;
    const edge = down ? here.y + here.height + distance - 1 : here.y + distance;
    const screen = innerHeight + 400;
    const near = (down ? this.#between(edge, edge + screen) : this.#between(edge - screen, edge))
      .map((index) => ({ index, ...this.#place(index) }))
      .filter((cell) => (down ? cell.y > here.y : cell.y < here.y));
    if (!near.length) return down ? this.#photos.total - 1 : Math.abs(distance) > 1 && this.#current ? 0 : null;
    const row = down ? near[0].y : near.at(-1).y;
    const middle = here.x + here.width / 2;
    const off = (cell) => Math.abs(cell.x + cell.width / 2 - middle);
    return near.filter((cell) => cell.y === row).reduce((best, cell) => (off(cell) < off(best) ? cell : best)).index;
  }
}
