/* What is known of a photo, beside it or under it: in words, and what of it can be changed here. */

import { $, icon, iconButton, make } from "./dom.js";
import { address, get } from "./api.js";
import { say } from "./notices.js";
import { date, language, length, tr, trN } from "./strings.js";

/** Also shows the caption below the photo. Dispatches `close`, `narrow` (detail: a filter), `rate` and `caption` (details: the photo, and what it gets). */
export class Facts extends EventTarget {
  #panel = $("#facts");
  #line = $("#caption");
  #allowWrites;
  #asked = null;
  #photo = null;
  #keep = () => {}; // saves what is written in the caption's field

  constructor(allowWrites) {
    super();
    this.#allowWrites = allowWrites;
    for (const gone of ["pagehide", "visibilitychange"]) addEventListener(gone, () => this.keep());
  }

  get shown() {
    return !this.#panel.hidden;
  }

  /** Save what is being written, as leaving its field does. */
  keep() {
    this.#keep();
  }

  hide() {
    this.keep();
    this.#panel.hidden = true;
  }

  show(photo) {
    this.#panel.hidden = false;
    return this.read(photo);
  }

  /** Read anew what is known of a photo. */
  async read(photo) {
    this.keep();
    this.#asked?.abort();
    if (photo !== this.#photo) this.#line.textContent = "";
    this.#photo = photo;
    this.#asked = new AbortController();
    try {
      const facts = await get(`photos/${photo.photo_id}`, { lang: language }, this.#asked.signal);
      this.#line.textContent = facts.caption ?? "";
      if (!this.shown) return;
      this.keep();
      this.#panel.replaceChildren(this.#head(), ...this.#content(photo, facts));
      this.#grow();
    } catch (error) {
      if (error.name !== "AbortError") this.#panel.replaceChildren(this.#head(), make("p", { class: "quiet-text" }, error.message || tr("This cannot be read just now.")));
    }
  }

  /** Make the caption's field as high as what is in it. */
  #grow() {
    const field = $("textarea", this.#panel);
    if (!field) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`; // and its border
  }

  #head() {
    const close = iconButton("clear", tr("Close"), () => this.#tell("close"));
    return make("div", { class: "sheet-head" }, make("h2", {}, tr("Information")), close);
  }

  #content(photo, facts) {
    return [
      this.#caption(photo, facts),
      this.#stars(photo, facts),
      row("calendar", date(facts.taken_at, "full"), { file: tr("by the file's earliest time"), name: tr("by the file's name"), sidecar: tr("by a file beside it") }[facts.dated_from]),
      row("map-pin", facts.place && (facts.place.town ?? `${facts.place.latitude.toFixed(4)}, ${facts.place.longitude.toFixed(4)}`)),
      row("camera", facts.camera, [facts.lens, exposure(facts)].filter(Boolean).join(" · ")),
      row(facts.kind === "video" ? "play" : "picture", facts.name, shape(facts)),
      row("folder", facts.folder, facts.away ? tr("on a drive that is not here") : ""),
      this.#links("tag", tr("Tags"), facts.tags, "tag"),
      this.#links("album", tr("Albums"), facts.albums.map(({ name }) => name), "album"),
      row("similar", facts.people.join(", "), facts.people.length ? tr("People") : ""),
      row("pencil", facts.keywords.join(", "), facts.keywords.length ? tr("Keywords") : ""),
      row("text", facts.lines.join("\n"), facts.lines.length ? tr("Text in the photo") : ""),
      row("alert", facts.damage),
      facts.away ? null : make("a", { class: "quiet original", href: address(`photos/${photo.photo_id}/original`), download: facts.name }, icon("export"), tr("Download the original")),
    ].filter(Boolean);
  }

  #caption(photo, facts) {
    if (!this.#allowWrites) return facts.caption ? make("p", { class: "caption" }, facts.caption) : null;
    const field = make("textarea", { class: "line", rows: 2, maxlength: 5000, placeholder: tr("Say what this photo shows"), "aria-label": tr("Caption") });
    field.value = facts.caption ?? "";
    const save = (text) => text !== (facts.caption ?? "") && this.#tell("caption", { photo, text: (facts.caption = text) });
    this.#keep = () => save(field.value.trim());
    const restore = () => {
      const written = field.value.trim();
      field.value = facts.caption ?? "";
      this.#grow();
      if (written !== field.value) say(tr("The caption is as it was"), { label: tr("Undo"), act: () => save((field.value = written)) });
    };
    field.addEventListener("change", () => this.keep());
    field.addEventListener("input", () => this.#grow());
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") restore();
      else if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      field.blur();
    });
    return field;
  }

  #stars(photo, facts) {
    const rated = photo.rating ?? facts.rating ?? 0;
    if (!this.#allowWrites) return rated ? make("p", { class: "stars", role: "img", "aria-label": trN("{n} star", "{n} stars", rated) }, ...Array.from({ length: 5 }, (_, place) => icon(place < rated ? "star-filled" : "star"))) : null;
    const star = (_, place) =>
      iconButton(place < rated ? "star-filled" : "star", trN("{n} star", "{n} stars", place + 1), () => this.#tell("rate", { photo, stars: place + 1 === rated ? 0 : place + 1 }), {
        "aria-pressed": String(place + 1 === rated),
      });
    return make("div", { class: "stars", role: "group", "aria-label": tr("Rating") }, ...Array.from({ length: 5 }, star));
  }

  #links(name, title, values, filter) {
    if (!values.length) return null;
    const link = (value) => make("button", { type: "button", class: "chip", onclick: () => this.#tell("narrow", `${filter}:${quoted(value)}`) }, value);
    return make("div", { class: "fact" }, icon(name), make("div", { class: "links", role: "group", "aria-label": title }, ...values.map(link)));
  }

  #tell = (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail }));
}

const quoted = (value) => (/^[\p{L}\p{N}_-]+$/u.test(value) ? value : `"${value.replaceAll('"', "")}"`);

function row(name, said, under = "") {
  if (!said) return null;
  return make("div", { class: "fact" }, icon(name), make("div", {}, make("div", { class: "said" }, said), under ? make("div", { class: "quiet-text" }, under) : null));
}

function exposure({ f_number: f, exposure_seconds: seconds, iso, focal_length_mm: focal }) {
  const time = seconds && (seconds < 0.4 ? `1/${Math.round(1 / seconds)} s` : `${+seconds.toFixed(1)} s`);
  return [f && `ƒ/${+f.toFixed(1)}`, time, iso && `ISO ${iso}`, focal && `${+focal.toFixed(1)} mm`].filter(Boolean).join(" · ");
}

function shape({ width, height, size, format, duration }) {
  const megabytes = size / 1e6;
  const bytes = megabytes >= 1 ? `${megabytes.toLocaleString(language, { maximumFractionDigits: 1 })} MB` : `${Math.ceil(size / 1e3).toLocaleString(language)} kB`;
  return [duration ? length(duration) : "", `${width} × ${height}`, bytes, format].filter(Boolean).join(" · ");
}
