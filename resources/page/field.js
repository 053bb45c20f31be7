/* The field: words search while they are typed, suggestions stand below it, and what the question is like in it. */

import { $, icon, make, paused } from "./dom.js";
import { get } from "./api.js";
import { language, tr } from "./strings.js";

const PAUSE = 120; // milliseconds without a key after which what was typed is asked
const SUGGESTED = 250; // and after which it is completed: the photos come first
const KINDS = { recent: "clock", saved: "bookmark", folder: "folder", camera: "camera", date: "calendar", album: "album", tag: "tag", place: "map-pin", filter: "filter", value: "filter" };

/** Dispatches `typed` and `entered` (detail: the text), `examples` (the picture is taken out), and `below`. */
export class Field extends EventTarget {
  #input = $("#field");
  #list = $("#suggestions");
  #asked = null;
  #chosen = -1;
  #typed = paused((text) => this.#tell("typed", text), PAUSE);
  #suggest = paused(() => this.#fill(), SUGGESTED);

  constructor() {
    super();
    const input = this.#input;
    input.addEventListener("input", (event) => {
      this.#marked();
      if (event.isComposing) return; // what a Chinese keyboard has not made words of yet
      this.#typed(input.value);
      this.#suggest();
    });
    input.addEventListener("compositionend", () => {
      this.#typed(input.value);
      this.#suggest();
    });
    input.addEventListener("focus", () => this.#suggest());
    input.addEventListener("blur", () => this.#close());
    input.addEventListener("keydown", (event) => this.#pressed(event));
    $("#clear").addEventListener("click", () => this.#empty());
    $("#search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter(input.value);
      if (matchMedia("(pointer: coarse)").matches) input.blur(); // the keyboard goes, the photos stay
    });
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the keyboard
  }

  get text() {
    return this.#input.value;
  }

  get busy() {
    return document.activeElement === this.#input;
  }

  show(text) {
    this.#typed.stop();
    this.#input.value = text;
    this.#marked();
  }

  /** Show what the question is like besides its words: a picture and its name, or nothing. */
  showExample(picture, name) {
    const chip = $("#example");
    chip.hidden = !picture;
    if (!picture) return;
    const away = make("button", { type: "button", class: "inline", "aria-label": tr("Take the picture away"), onclick: () => this.dispatchEvent(new Event("examples")) }, icon("clear"));
    chip.replaceChildren(picture, make("span", { class: "name" }, name), away);
  }

  /** Say what is wrong with the text, and offer what was probably meant where that is known; null: nothing is. */
  showMistake(sentence, meant = null, mend = null) {
    const line = $("#mistake");
    line.hidden = !sentence;
    this.#input.setAttribute("aria-invalid", String(Boolean(sentence)));
    line.replaceChildren(make("span", {}, sentence ?? ""));
    if (meant) line.append(make("button", { type: "button", class: "quiet", onclick: mend }, tr("Search for “{query}”", { query: meant })));
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  #empty() {
    this.show("");
    this.#typed.now("");
    this.#input.focus();
  }

  #marked = () => ($("#clear").hidden = !this.#input.value);

  #tell = (name, text) => this.dispatchEvent(new CustomEvent(name, { detail: text }));

  #enter(text) {
    this.#typed.stop();
    this.#close();
    this.#tell("entered", text);
  }

  async #fill() {
    this.#asked?.abort();
    this.#asked = new AbortController();
    const text = this.#input.value;
    const found = await get("suggest", { q: text, limit: 8, lang: language }, this.#asked.signal).catch(() => null);
    if (!found || !this.busy || this.#input.value !== text) return;
    this.#chosen = -1;
    this.#list.replaceChildren(...found.suggestions.map((suggestion, place) => this.#option(suggestion, place)));
    this.#open(found.suggestions.length > 0);
    this.#choose(-1);
  }

  #option({ kind, text, shown, photos }, place) {
    return make(
      "li",
      { role: "option", id: `suggestion-${place}`, "aria-selected": "false", "data-text": text, onclick: () => this.#take(text) },
      icon(KINDS[kind] ?? "search"),
      make("span", { class: "what" }, shown),
      photos === null || photos === undefined ? null : make("span", { class: "count" }, photos.toLocaleString(language)),
    );
  }

  #take(text) {
    this.show(text);
    if (text.endsWith(":")) return this.#suggest.now(); // a filter whose value is still wanted
    return this.#enter(text);
  }

  #open(open) {
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
  }

  #close() {
    this.#suggest.stop();
    this.#asked?.abort();
    this.#open(false);
    this.#choose(-1);
  }

  #choose(place) {
    this.#chosen = place;
    [...this.#list.children].forEach((option, one) => option.setAttribute("aria-selected", String(one === place)));
    const option = this.#list.children[place];
    option?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (option) this.#input.setAttribute("aria-activedescendant", option.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #pressed(event) {
    const options = this.#list.hidden ? 0 : this.#list.children.length;
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && options && this.#chosen < options - 1) this.#choose(this.#chosen + 1);
    else if (event.key === "ArrowDown") this.dispatchEvent(new Event("below"));
    else if (event.key === "ArrowUp" && options) this.#choose(Math.max(-1, this.#chosen - 1));
    else if (event.key === "Enter" && this.#chosen >= 0) this.#take(this.#list.children[this.#chosen].dataset.text);
    else if (event.key === "Escape" && options) this.#close();
    else if (event.key === "Escape" && this.#input.value) this.#empty();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
