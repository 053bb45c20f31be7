/* Photos sorted by words of one's own: how many each has, and those that it fits, the surest first. */

import { $, iconButton, make } from "./dom.js";
import { post } from "./api.js";
import { Photos } from "./photos.js";
import { queryOf } from "./route.js";
import { language, tr, trN } from "./strings.js";

const MOST = 50; // labels
const BETWEEN = /[,，、;；\n]/; // two of them
const TOLD = 10_000; // photos that are told one by one; all are counted

/** Dispatches `change` (detail: the labels), `chosen` (detail: the photos of one), and `close`. */
export class Labels extends EventTarget {
  #panel = $("#labels");
  #labels = [];
  #narrowed = false; // whether the photos of a query are sorted, not all
  #sorted = null;
  #chosen = null;

  /** Show the panel where a place sorts by labels, or is about to; null takes it away. */
  show(place, focus = false) {
    this.#panel.hidden = !place;
    if (!place) {
      this.#chosen = null;
      return;
    }
    this.#labels = place.labels;
    this.#narrowed = Boolean(queryOf(place));
    this.#draw();
    if (focus) $("input", this.#panel).focus();
  }

  /** Sort the photos of a query, and give those of the label that is looked at. */
  async photos({ labels }, q, signal) {
    this.#sorted = await post("classify", { labels, top: 1, limit: TOLD, ...(q && { q }) }, signal, { lang: language });
    const fullest = labels.reduce((most, one) => (this.#count(one) > this.#count(most) ? one : most));
    if (!labels.includes(this.#chosen)) this.#chosen = fullest;
    this.#labels = labels;
    this.#draw();
    return this.#photos();
  }

  #count = (label) => this.#sorted?.counts[label] ?? 0;

  /** Those of the label that is looked at, the surest first. */
  #photos() {
    const hits = this.#sorted.photos.map(({ labels: [best], ...photo }) => ({ ...photo, label: null, sorted: best.label, share: best.probability }));
    return Photos.of(hits.filter(({ sorted }) => sorted === this.#chosen).sort((one, other) => other.share - one.share));
  }

  #draw() {
    const writing = this.#panel.contains(document.activeElement) && document.activeElement.matches("input");
    const written = writing ? document.activeElement.value : "";
    const field = make("input", { class: "line", maxlength: 100, placeholder: tr("A word, such as beach"), "aria-label": tr("A word to sort by"), value: written, enterkeyhint: "done" });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || BETWEEN.test(event.key)) this.#add(event, field);
      if (event.key === "Escape") this.dispatchEvent(new Event("close"));
    });
    const form = make("form", { onsubmit: (event) => this.#add(event, field) }, field, make("button", {}, tr("Add")));
    this.#panel.replaceChildren(
      make("div", { class: "sheet-head" }, make("h2", {}, tr("Sort by your own words")), iconButton("clear", tr("Close"), () => this.dispatchEvent(new Event("close")))),
      make("p", { class: "quiet-text" }, this.#said()),
      form,
      make("div", { class: "label-list", role: "group", "aria-label": tr("Words") }, ...this.#labels.map((label) => this.#label(label))),
    );
    if (writing) field.focus();
  }

  /** How many photos are sorted. */
  #all = () => Object.values(this.#sorted?.counts ?? {}).reduce((sum, one) => sum + one, 0);

  #said() {
    if (this.#labels.length < 2) return this.#narrowed ? tr("Write two words or more; each photo found goes to the one that fits it best.") : tr("Write two words or more; each photo goes to the one that fits it best.");
    const all = this.#all();
    if (!this.#narrowed || !all) return tr("Each photo goes to the word that fits it best.");
    return trN("The {n} photo found goes to the word that fits it best.", "Each of the {n} photos found goes to the word that fits it best.", all);
  }

  #label(label) {
    const sorted = this.#sorted && label in this.#sorted.counts, count = this.#count(label);
    const all = this.#all();
    const choice = make(
      "button",
      { type: "button", class: "label-choice", "aria-pressed": String(label === this.#chosen), onclick: () => this.#choose(label) },
      make("span", { class: "what" }, label),
      make("span", { class: "count" }, sorted ? trN("{n} photo", "{n} photos", count) : ""),
      sorted ? make("meter", { min: 0, max: all || 1, value: count, "aria-hidden": "true" }) : null,
    );
    const away = iconButton("clear", tr("Take “{label}” away", { label }), () => this.#change(this.#labels.filter((one) => one !== label)), { class: "inline" });
    return make("div", { class: "label" }, choice, away);
  }

  #choose(label) {
    this.#chosen = label;
    this.#draw();
    $('[aria-pressed="true"]', this.#panel)?.focus();
    if (this.#sorted) this.dispatchEvent(new CustomEvent("chosen", { detail: this.#photos() }));
  }

  #add(event, field) {
    event.preventDefault();
    const words = field.value.split(BETWEEN).map((word) => word.trim()).filter(Boolean);
    field.value = "";
    if (words.length) this.#change([...new Set([...this.#labels, ...words])].slice(0, MOST));
  }

  #change(labels) {
    if (!labels.length) return this.dispatchEvent(new Event("close"));
    return this.dispatchEvent(new CustomEvent("change", { detail: labels }));
  }
}
