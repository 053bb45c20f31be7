/* One photo, as large as fits, on near-black in either scheme: walk, look closer, know more, go back. */

import { $, icon, make, stillness } from "./dom.js";
import { address, connection, get } from "./api.js";
import { Facts } from "./facts.js";
import { Gestures } from "./gestures.js";
import { reasonOf } from "./notices.js";
import { date, tr } from "./strings.js";

const EDGES = [1600, 2560, 4096]; // of previews that are asked for: few, so that they are kept
const CLOSER = 1.6; // from here on the largest is shown
const FADE = 180; // milliseconds

/** Why something of a photo is not shown: this, or that nothing can be. */
const unlessLost = (sentence) => get("status").then(() => sentence, reasonOf);

/**
 * Dispatches `close` when the person wants to go back, `inform` (detail: whether the information is wanted), `moved` (detail:
 * an index), `similar` (detail: a photo), `narrow` (detail: a filter), `favourite`, `rate` and `captioned` (details: of the
 * photo), `known` (detail: a photo of which something was changed elsewhere), and `gone` (detail: what is said of it).
 */
export class Detail extends EventTarget {
  #dialog = $("#detail");
  #stage = $("#stage");
  #slides = new Map(); // index -> element
  #photos = null;
  #index = -1;
  #photo = null;
  #walking = 0; // a later walk takes the place of one whose photo is not here yet

  constructor(allowWrites) {
    super();
    this.#facts = new Facts(allowWrites);
    this.#gestures = new Gestures(this.#stage, () => $(".picture", this.#slides.get(this.#index)), {
      dragged: (x, y) => this.#drag(x, y),
      dropped: (step) => this.#drop(step),
      pulled: () => this.#tell("close"),
      tapped: () => this.#dialog.classList.toggle("bare"),
      zoomed: (scale) => scale > CLOSER && this.#sharpen(this.#index, EDGES.at(-1)),
    });
    $("#back").addEventListener("click", () => this.#tell("close"));
    $("#before").addEventListener("click", () => this.walk(-1));
    $("#after").addEventListener("click", () => this.walk(1));
    $("#similar").addEventListener("click", () => this.#tell("similar", this.#photo));
    $("#information").addEventListener("click", () => this.#tell("inform", !this.informs));
    $("#favourite").addEventListener("click", () => this.#tell("favourite", this.#photo));
    $("#favourite").hidden = !allowWrites;
    for (const name of ["narrow", "rate", "captioned"]) this.#facts.addEventListener(name, (event) => this.#tell(name, event.detail));
    this.#facts.addEventListener("close", () => this.#tell("inform", false));
    this.#facts.addEventListener("read", (event) => this.#compare(event.detail));
    this.#facts.addEventListener("gone", (event) => this.#photo && this.#tell("gone", event.detail));
    connection.addEventListener("back", () => this.open && this.#arrange(false));
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#leave();
    });
    this.#dialog.addEventListener("close", () => this.#photo && this.#tell("close")); // a browser may not ask twice
    // Of the document: what was pressed and went, such as Undo, leaves the keyboard to nobody.
    document.addEventListener("keydown", (event) => this.open && this.#pressed(event));
    new ResizeObserver(() => this.#refit()).observe(this.#stage);
  }

  #gestures;
  #facts;

  get open() {
    return this.#dialog.open;
  }

  get index() {
    return this.#index;
  }

  get photo() {
    return this.#photo;
  }

  /** Whether the information is shown. */
  get informs() {
    return this.#facts.shown;
  }

  /** The id of the photo whose caption is open to be written, or null. */
  get captioned() {
    return this.#facts.captioned;
  }

  async show(photos, index, informs = this.informs) {
    const walking = ++this.#walking;
    const photo = await photos.photo(index);
    if (!photo || walking !== this.#walking) return;
    if (this.#photos !== photos) this.#forget();
    this.#photos = photos;
    if (!this.#dialog.open) {
      this.#dialog.classList.remove("bare");
      this.#dialog.showModal();
      this.#stage.focus();
    }
    this.#gestures.reset();
    this.#index = index;
    this.#photo = photo;
    this.#arrange(!stillness.matches);
    this.#facts.shown = informs;
    this.#say();
    for (const beside of [index + 1, index - 1]) {
      await photos.photo(beside);
      if (walking !== this.#walking) return;
      this.#arrange(false);
    }
  }

  close() {
    this.#photo = null;
    this.inform(false);
    this.#walking++;
    this.#forget();
    this.#index = -1;
    if (this.#dialog.open) this.#dialog.close();
  }

  async walk(step) {
    const index = this.#index + step;
    if (index < 0 || index >= this.#photos.total) return this.#arrange(true);
    await this.show(this.#photos, index);
    return this.#tell("moved", index);
  }

  /** Say anew what is known of the photo, after something of it changed. */
  refresh() {
    this.#say();
  }

  /** Show the information, or no longer. */
  inform(shown) {
    if (shown === this.informs) return;
    const inside = $("#facts").contains(document.activeElement);
    this.#facts.shown = shown;
    if (this.#photo) this.#say();
    if (inside) $("#information").focus();
  }

  #tell = (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail }));

  #say() {
    const photo = this.#photo;
    const when = date(photo.taken_at);
    $("#when").textContent = when;
    $("#where").textContent = tr("{n} of {total}", { n: this.#index + 1, total: this.#photos.total });
    $("#stage").setAttribute("aria-label", [tr("Photo {n} of {total}", { n: this.#index + 1, total: this.#photos.total }), when].filter(Boolean).join(", "));
    $("#before").hidden = this.#index === 0;
    $("#after").hidden = this.#index >= this.#photos.total - 1;
    $("#information").setAttribute("aria-pressed", String(this.informs));
    this.#mark();
    this.#facts.read(photo);
  }

  #mark() {
    const { favourite } = this.#photo;
    $("#favourite").setAttribute("aria-pressed", String(Boolean(favourite)));
    $("#favourite").replaceChildren(icon(favourite ? "heart-filled" : "heart"));
  }

  /** Take in what the library knows of the photo by now. */
  #compare({ photo_id: id, favourite, rating }) {
    const photo = this.#photo;
    if (photo?.photo_id !== id) return;
    if (photo.favourite === favourite && (photo.rating ?? null) === rating) return;
    Object.assign(photo, { favourite, rating });
    this.#mark();
    this.#tell("known", photo);
  }

  /** Out of the information, and from there out of the photo. */
  #leave() {
    if (this.informs) this.#tell("inform", false);
    else this.#tell("close");
  }

  #forget() {
    for (const slide of this.#slides.values()) slide.remove();
    this.#slides.clear();
    this.#photos = null;
  }

  /** Put the photo and its neighbours where they belong, those further away out of the page. */
  #arrange(moving) {
    this.#stage.classList.toggle("moving", moving);
    for (const [index, slide] of this.#slides) {
      if (Math.abs(index - this.#index) <= 1) continue;
      slide.remove();
      this.#slides.delete(index);
    }
    for (const index of [this.#index, this.#index + 1, this.#index - 1]) {
      const photo = this.#photos.at(index);
      if (!photo) continue;
      if (!this.#slides.has(index)) this.#slides.set(index, this.#slide(photo, index));
      const slide = this.#slides.get(index), here = index === this.#index;
      slide.style.transform = `translateX(${(index - this.#index) * 100}%)`;
      slide.inert = !here;
      if (photo.kind === "video") this.#play(slide, photo, here);
      else if (here) this.#sharpen(index);
      else setTimeout(() => this.#slides.has(index) && this.#sharpen(index), FADE);
    }
  }

  #slide(photo) {
    const gone = (event) => event.target.remove(); // else a browser draws that it is broken
    const picture = make("div", { class: "picture" }, make("img", { src: address(`photos/${photo.photo_id}/thumbnail`), alt: "", draggable: "false", onerror: gone }));
    const slide = make("div", { class: "slide" }, picture);
    slide.photo = photo;
    this.#fit(slide);
    this.#stage.append(slide);
    return slide;
  }

  #refit() {
    if (!this.#dialog.open) return;
    this.#gestures.reset();
    for (const slide of this.#slides.values()) this.#fit(slide);
  }

  #fit({ photo, firstChild: picture }) {
    const scale = Math.min(this.#stage.clientWidth / photo.width, this.#stage.clientHeight / photo.height);
    picture.style.width = `${Math.round(photo.width * scale)}px`;
    picture.style.height = `${Math.round(photo.height * scale)}px`;
  }

  /** Lay a picture of enough pixels over what is there. */
  #sharpen(index, edge = this.#edge()) {
    const slide = this.#slides.get(index);
    if (!slide || slide.photo.kind === "video" || (slide.edge ?? 0) >= edge) return;
    slide.edge = edge;
    const image = make("img", { class: "preview", alt: "", decoding: "async", draggable: "false" });
    image.addEventListener("load", () => {
      image.classList.add("here");
      slide.classList.remove("waits");
    }, { once: true });
    image.addEventListener("error", async () => {
      image.remove();
      slide.edge = 0;
      slide.classList.remove("waits");
      const said = await unlessLost(tr("This photo cannot be shown larger now: its drive may be away."));
      if (!$(".said", slide)) slide.append(make("p", { class: "said" }, said));
    }, { once: true });
    slide.classList.add("waits");
    $(".said", slide)?.remove();
    image.src = address(`photos/${slide.photo.photo_id}/preview`, { edge });
    slide.firstChild.append(image);
  }

  #edge() {
    const pixels = Math.max(this.#stage.clientWidth, this.#stage.clientHeight) * devicePixelRatio;
    return pixels > EDGES[0] * 1.15 ? EDGES[1] : EDGES[0];
  }

  #play(slide, photo, here) {
    const video = $("video", slide);
    if (!here) return video?.remove();
    if (video) return undefined;
    const original = address(`photos/${photo.photo_id}/original`);
    const player = make("video", { controls: true, playsinline: true, preload: "metadata", poster: address(`photos/${photo.photo_id}/thumbnail`), src: original });
    player.addEventListener("error", async () => {
      player.remove();
      const said = await unlessLost(tr("This browser cannot play this video."));
      slide.append(make("p", { class: "said" }, said, " ", make("a", { href: original, download: "" }, tr("Download it"))));
    }, { once: true });
    slide.firstChild.append(player);
    return undefined;
  }

  #drag(x, y) {
    this.#stage.classList.remove("moving");
    const stuck = (x > 0 && this.#index === 0) || (x < 0 && this.#index === this.#photos.total - 1);
    for (const [index, slide] of this.#slides) slide.style.transform = `translate(calc(${(index - this.#index) * 100}% + ${stuck ? x / 3 : x}px), ${index === this.#index ? y : 0}px)`;
    this.#dialog.style.setProperty("--gone", String(Math.min(0.6, y / 600)));
  }

  #drop(step) {
    this.#dialog.style.removeProperty("--gone");
    if (step) this.walk(step);
    else this.#arrange(!stillness.matches);
  }

  #pressed(event) {
    const inField = event.target.closest("input, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || inField || event.target.closest("video, .sheet")) return;
    const near = this.#gestures.scale > 1;
    const keys = {
      ArrowLeft: () => (near ? this.#gestures.pan(80, 0) : this.walk(-1)),
      ArrowRight: () => (near ? this.#gestures.pan(-80, 0) : this.walk(1)),
      ArrowUp: () => this.#gestures.pan(0, 80),
      ArrowDown: () => this.#gestures.pan(0, -80),
      "+": () => this.#gestures.zoom(1.5),
      "=": () => this.#gestures.zoom(1.5),
      "-": () => this.#gestures.zoom(1 / 1.5),
      z: () => this.#gestures.toggle(),
      i: () => this.#tell("inform", !this.informs),
      Escape: () => this.#leave(),
      s: () => this.#tell("similar", this.#photo),
      f: () => this.#tell("favourite", this.#photo),
      " ": () => !event.target.closest("button, a") && this.#tell("close"),
    };
    const rated = /^[0-5]$/.test(event.key);
    if (rated) this.#tell("rate", { photo: this.#photo, stars: Number(event.key) });
    else if (keys[event.key]) keys[event.key]();
    else return;
    if (event.key !== " " || !event.target.closest("button, a")) event.preventDefault();
    event.stopPropagation();
  }
}
