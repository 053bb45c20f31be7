/* What is known of a photo, beside it or under it: in words, and what of it can be changed here. */

import { $, icon, iconButton, make } from "./dom.js";
import { address, connection, get } from "./api.js";
import { CaptionField } from "./caption.js";
import { reasonOf } from "./notices.js";
import { date, language, length, tr, trN } from "./strings.js";
import { isAtRisk } from "./unsent.js";

/**
 * Also shows the caption below the photo. Dispatches `close`, `narrow` (detail: a filter), `rate` (detail: a photo, and its
 * stars), `captioned` (detail: a photo), `read` (detail: what is known of the photo), and `gone` (detail: what is said of it).
 */
export class Facts extends EventTarget {
  #panel = $("#facts");
  #line = $("#caption");
  #allowWrites;
  #asked = null;
  #photo = null;
  #told = 0; // the id of the photo of which is told
  #caption = null; // its field, while it is shown and may be changed
  #head = make("div", { class: "sheet-head" }, make("h2", {}, tr("Information")), iconButton("clear", tr("Close"), () => this.#tell("close")));

  constructor(allowWrites) {
    super();
    this.#allowWrites = allowWrites;
    for (const gone of ["pagehide", "visibilitychange"]) addEventListener(gone, () => this.#caption?.leave());
    addEventListener("beforeunload", (event) => {
      this.#caption?.keep();
      if (isAtRisk()) event.preventDefault();
    });
    connection.addEventListener("back", () => this.#caption?.resend());
  }

  /** The id of the photo whose caption is open to be written, or null. */
  get captioned() {
    return this.#caption?.photoId ?? null;
  }

  get shown() {
    return !this.#panel.hidden;
  }

  set shown(shown) {
    if (!shown) this.#forget();
    this.#panel.hidden = !shown;
  }

  /** Read what is known of a photo, or what is by now; what is being written of it stays. */
  async read(photo) {
    this.#asked?.abort();
    if (photo.photo_id !== this.#photo?.photo_id) this.#forget();
    this.#photo = photo;
    this.#asked = new AbortController();
    try {
      const facts = await get(`photos/${photo.photo_id}`, { lang: language }, this.#asked.signal);
      this.#line.textContent = facts.caption ?? "";
      this.#tell("read", facts);
      if (this.shown) this.#show(photo, facts);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 404) return this.#tell("gone", error.message);
      if (this.#told !== photo.photo_id) this.#panel.replaceChildren(this.#head, make("p", { class: "quiet-text" }, reasonOf(error)));
    }
  }

  #show(photo, facts) {
    const content = this.#content(photo, facts);
    this.#told = photo.photo_id;
    if (this.#caption) {
      for (const old of [...this.#panel.children].slice(2)) old.remove(); // its field keeps the keyboard
      this.#panel.append(...content);
      this.#caption.follow(facts.caption ?? "");
      return;
    }
    if (this.#allowWrites) {
      this.#caption = new CaptionField(facts);
      this.#caption.addEventListener("saved", () => this.#tell("captioned", photo));
      content.unshift(this.#caption.element);
    }
    this.#panel.replaceChildren(this.#head, ...content);
    this.#caption?.grow();
  }

  /** The photo is left: what is being written of it is saved. */
  #forget() {
    this.#caption?.leave();
    this.#caption?.element.remove(); // nothing more is written there
    this.#caption = null;
    this.#photo = null;
    this.#line.textContent = "";
  }

  #content(photo, facts) {
    return [
      facts.caption && !this.#allowWrites ? make("p", { class: "caption" }, facts.caption) : null,
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

  #stars(photo, facts) {
    const rated = facts.rating ?? 0;
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
