/* Chips under the field: what the photos are narrowed to, each a piece of the query language. */

import { $, icon, make } from "./dom.js";
import { get } from "./api.js";
import { chooseFrom } from "./menu.js";
import { language, tr } from "./strings.js";

const FAVOURITES = "has:favourite";

/** Dispatches `change` (detail: the filters) when the person changes them. */
export class Filters extends EventTarget {
  #row = $("#filters");
  #chosen = [];

  show(filters) {
    this.#chosen = filters;
    const rest = filters.filter((filter) => filter !== FAVOURITES && !kinds().some(({ key }) => kindOf(filter) === key));
    const chips = [
      chip(tr("Favourites"), "heart", filters.includes(FAVOURITES), () => this.#toggle(FAVOURITES)),
      ...kinds().flatMap((kind) => this.#chips(kind)),
      ...rest.map((filter) => this.#taken(filter, "filter", filter)),
    ];
    const isTaken = (one) => one.getAttribute("aria-pressed") === "true";
    this.#row.replaceChildren(...chips.filter(isTaken), ...chips.filter((one) => !isTaken(one))); // a narrow screen shows few
  }

  #chips(kind) {
    const taken = this.#chosen.filter((filter) => kindOf(filter) === kind.key);
    const chips = taken.map((filter) => this.#taken(filter, kind.icon, kind.said(filter)));
    if (!taken.length || kind.several) {
      const menu = chip(kind.label, kind.icon, null, () => this.#choose(kind, menu));
      menu.append(icon("chevron-down"));
      menu.setAttribute("aria-haspopup", "dialog");
      chips.push(menu);
    }
    return chips;
  }

  #taken(filter, name, said) {
    const taken = chip(said || filter, name, true, () => this.#toggle(filter));
    taken.setAttribute("aria-label", tr("{filter}: take it away", { filter: said }));
    taken.append(icon("clear"));
    return taken;
  }

  async #choose(kind, beside) {
    const filter = await chooseFrom(beside, kind.label, await kind.offers());
    if (filter && !this.#chosen.includes(filter)) this.#toggle(filter);
  }

  #toggle(filter) {
    const filters = this.#chosen.includes(filter) ? this.#chosen.filter((one) => one !== filter) : [...this.#chosen, filter];
    this.dispatchEvent(new CustomEvent("change", { detail: filters }));
  }
}

const chip = (label, name, pressed, onclick) =>
  make("button", { type: "button", class: "chip", "aria-pressed": pressed === null ? null : String(pressed), onclick }, icon(name), make("span", {}, label));

const kindOf = (filter) => filter.replace(/^-/, "").split(":")[0];
const valueOf = (filter) => filter.slice(filter.indexOf(":") + 1).replace(/^"(.*)"$/, "$1");
const lastPart = (path) => path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;

function kinds() {
  return [
    { key: "date", icon: "calendar", label: tr("Year"), said: valueOf, offers: years },
    { key: "folder", icon: "folder", label: tr("Folder"), said: (filter) => lastPart(valueOf(filter)), offers: folders },
    { key: "album", icon: "album", label: tr("Album"), said: valueOf, offers: () => named("albums", "album") },
    { key: "tag", icon: "tag", label: tr("Tag"), said: valueOf, offers: () => named("tags", "tag"), several: true },
    { key: "type", icon: "picture", label: tr("Type"), said: (filter) => types().find(({ query }) => query === filter)?.shown ?? valueOf(filter), offers: types },
  ];
}

async function named(path, name) {
  const found = await get(path, { lang: language });
  return found[path].map((one) => ({ shown: one.name, photos: one.photos, query: one.query, icon: name }));
}

async function folders() {
  const found = await get("folders", { lang: language });
  return found.folders.map(({ path, photos, query, away }) => ({ shown: lastPart(path), under: path, photos, query, icon: away ? "drive-away" : "folder" }));
}

async function years() {
  const { suggestions } = await get("suggest", { q: "date:", limit: 50, lang: language });
  return suggestions.filter(({ kind }) => kind === "date").map(({ text, shown, photos }) => ({ shown: valueOf(shown), photos, query: text.trim(), icon: "calendar" }));
}

function types() {
  return [
    { shown: tr("Videos"), query: "type:video", icon: "play" },
    { shown: tr("Photos"), query: "-type:video", icon: "picture" },
    { shown: "RAW", query: "type:raw", icon: "camera" },
    { shown: "JPEG", query: "type:jpeg", icon: "picture" },
    { shown: "HEIC", query: "type:heic", icon: "picture" },
    { shown: "PNG", query: "type:png", icon: "picture" },
  ];
}
