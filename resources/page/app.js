/* What the page shows: a place (route.js) becomes a question, its answer the grid, a photo of it the detail view. */

import { $, icon, make, open, paused } from "./dom.js";
import { connection, get, listen, post } from "./api.js";
import { Detail } from "./detail.js";
import { Field } from "./field.js";
import { Filters } from "./filters.js";
import { Grid } from "./grid.js";
import { Labels } from "./labels.js";
import { showMore, showShortcuts } from "./more.js";
import { Notes } from "./notes.js";
import { aloud, say, tell } from "./notices.js";
import { PAGE, Photos } from "./photos.js";
import { choosePicture, prepared, takePictures } from "./picture.js";
import * as route from "./route.js";
import { Scrubber } from "./scrubber.js";
import { askForToken } from "./session.js";
import { language, speak, tr, trN } from "./strings.js";
import { tellStatus } from "./status.js";
import { tellUnsent } from "./unsent.js";

const MISTAKE_AFTER = 700; // milliseconds without a key, after which a mistake is said
const FRESH_AFTER = 1500, FRESH_AT_MOST = 10_000; // milliseconds: how often changes of the library are looked at

class Page {
  #place = { ...route.NOTHING };
  #picture = null; // { blob, shown, name }
  #asking = null;
  #missed = null; // what was asked while the program could not be reached
  #answered = null; // the signal of the question whose answer is shown
  #typing = false; // one place in the history for a text, however many keys it took
  #freshAt = 0;
  #isBehind = false; // what changed while a photo was open is not in the grid
  #wanted = null; // the place whose answer is waited for

  constructor(status) {
    this.#allowWrites = status.allow_writes;
    this.#grid = new Grid($("#photos"), (photo) => route.addressOf({ ...this.#place, photo: photo.photo_id }));
    this.#field = new Field();
    this.#filters = new Filters();
    this.#detail = new Detail(status.allow_writes);
    this.#notes = new Notes(this.#grid, this.#detail, status.allow_writes);
    this.#labels = new Labels();
    new Scrubber(this.#grid);
    this.#connectField();
    this.#connectGrid();
    this.#connectDetail();
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => this.#return());
    addEventListener("keydown", (event) => this.#pressed(event));
    listen((event, old) => this.#heard(event, old));
    connection.addEventListener("back", () => (this.#missed ? this.#ask(...this.#missed) : this.#refresh()));
    tellStatus(status);
  }

  #allowWrites;
  #grid;
  #field;
  #filters;
  #detail;
  #notes;
  #labels;

  begin() {
    const place = route.here();
    if (place.picture) say(tr("The picture is not kept: choose it again"), { label: tr("Choose it"), act: choosePicture });
    return this.#ask({ ...place, picture: false }, "stay", history.state?.anchor);
  }

  /** Ask for the photos of a place. `how`: whether the history goes on ("go", and "type" once), or not ("stay", "back"). */
  async #ask(place, how, anchor) {
    this.#asking?.abort();
    if (how !== "type") this.#field.show(place.text); // now: at the answer more may have been typed
    const asking = (this.#asking = new AbortController());
    this.#wanted = place;
    const slow = setTimeout(() => $("#photos").setAttribute("aria-busy", "true"), 300);
    this.#labels.show(place.labels.length ? place : null);
    try {
      const found = await this.#photosOf(place, asking.signal);
      if (asking.signal.aborted) return;
      this.#mistake.stop();
      this.#field.showMistake(null);
      if (how === "go" || (how === "type" && !this.#typing)) this.#leave(place);
      else if (how !== "back") route.stay(place);
      this.#typing = how === "type";
      if (place.photo === null) this.#detail.close();
      this.#place = place;
      this.#answered = asking.signal;
      this.#missed = null;
      $("#photos").classList.remove("stale");
      this.#grid.show(found, anchor);
      this.#say(found);
      if (place.photo) await this.#openNamed(place.photo);
      return found;
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      this.#fail(error, how, place);
      return undefined;
    } finally {
      clearTimeout(slow);
      if (this.#asking === asking) {
        this.#wanted = null;
        $("#photos").setAttribute("aria-busy", "false");
      }
    }
  }

  async #photosOf(place, signal) {
    const q = route.queryOf(place);
    if (place.labels.length > 1) return this.#labels.photos(place, q, signal);
    const ask = (offset, limit, given, named = null) => {
      const asked = { limit, offset, place_of: named, lang: language };
      if (place.similar) return get(`photos/${place.similar}/similar`, asked, given);
      if (!place.picture) return get("search", { q, ...asked }, given);
      const form = new FormData();
      form.set("picture", this.#picture.blob, "picture");
      return post("search", form, given, { q, ...asked });
    };
    return new Photos(ask, await ask(0, PAGE, signal, place.photo));
  }

  #leave(place) {
    route.keep({ anchor: this.#grid.anchor });
    route.go(place);
  }

  #fail(error, how, place) {
    if (error.status === 401) return;
    const again = { label: tr("Try again"), act: () => this.#ask(place, how) };
    const isMistake = error.status === 422;
    if (isMistake && this.#field.busy) this.#mistake(error, place);
    else if (isMistake) this.#mistake.now(error, place);
    else if (!error.status) this.#missed = [place, how];
    else if (this.#grid.photos) say(error.message, again);
    $("#photos").classList.toggle("stale", Boolean(error.status) && !isMistake);
    if (this.#grid.photos) return;
    this.#place = place; // the first question: what it asks stands there to be changed
    this.#filters.show(place.filters);
    if (isMistake) this.#nothing(null, "alert");
    else this.#nothing(error.status ? error.message : tr("The photos cannot be shown just now."), "alert", again);
  }

  #mistake = paused((error, place) => {
    const text = [...place.text], [from, to] = error.place ?? [0, 0];
    const isInText = error.instead !== null && to <= text.length; // else a chip is wrong, which is no longer there
    const meant = isInText ? [...text.slice(0, from), error.instead, ...text.slice(to)].join("") : null;
    this.#field.showMistake(error.message, meant, () => {
      this.#field.show(meant);
      this.#enter(meant);
    });
  }, MISTAKE_AFTER);

  /** Say what is shown: in the chips, a line, and aloud. */
  #say(photos) {
    const place = this.#place, { total, first } = photos;
    this.#field.showExample(...this.#example());
    this.#filters.show(place.filters);
    const sure = first.hits[0] && first.hits[0].label === "weak" && !first.hits[0].found_in;
    const count = trN("{n} photo", "{n} photos", total);
    const ordered = photos.byDate ? tr("{photos}, the newest first", { photos: count }) : tr("{photos}, the best first", { photos: count });
    $("#count").textContent = sure ? tr("Nothing here matches well. The nearest:") : total < 2 || route.isEverything(place) ? count : ordered;
    $("#count").hidden = !total || place.labels.length > 1;
    $("#message").textContent = total ? first.message ?? "" : "";
    $("#message").hidden = !$("#message").textContent;
    document.title = place.text ? `${place.text} – PhotoSearch` : "PhotoSearch";
    $("#nothing").hidden = total > 0;
    if (!total && !place.labels.length) this.#nothing(first.message ?? tr("No photos here yet"), "image-off");
    aloud(total ? $("#count").textContent : $("#nothing").textContent);
  }

  #example() {
    if (this.#place.picture) return [this.#picture.shown, this.#picture.name];
    if (!this.#place.similar) return [null];
    const image = make("img", { class: "asked-picture", alt: "", src: new URL(`api/v1/photos/${this.#place.similar}/thumbnail`, document.baseURI).href });
    return [image, tr("Similar photos")];
  }

  #nothing(sentence, name, again = null) {
    const everything = make("button", { type: "button", onclick: () => this.#ask({ ...route.NOTHING }, "go") }, tr("Show all photos"));
    const everywhere = make("button", { type: "button", onclick: () => this.#ask({ ...this.#place, filters: [] }, "go") }, tr("Search everywhere"));
    const { text, filters } = this.#place;
    const way = filters.length && text ? everywhere : route.isEverything(this.#place) ? null : everything;
    const retry = again && make("button", { type: "button", onclick: again.act }, again.label);
    $("#nothing").replaceChildren(...[icon(name), sentence && make("p", {}, sentence), retry, way].filter(Boolean));
    $("#nothing").hidden = false;
    $("#count").hidden = true;
  }

  #connectField() {
    const typed = (text) => {
      const place = this.#wanted ?? this.#place;
      if (text.trim() === place.text && !place.similar) return;
      this.#ask({ ...place, text: text.trim(), similar: null, labels: [], photo: null }, "type");
    };
    this.#field.addEventListener("typed", (event) => typed(event.detail));
    this.#field.addEventListener("entered", (event) => this.#enter(event.detail));
    this.#field.addEventListener("below", () => this.#grid.focus());
    this.#field.addEventListener("examples", () => this.#ask({ ...this.#place, picture: false, similar: null }, "go"));
    this.#filters.addEventListener("change", (event) => this.#ask({ ...(this.#wanted ?? this.#place), filters: event.detail, similar: null, photo: null }, "go"));
    $("#home").addEventListener("click", (event) => {
      event.preventDefault();
      this.#ask({ ...route.NOTHING }, "go");
    });
    $("#more").addEventListener("click", () => showMore($("#more"), { labels: () => this.#sort(), keys: () => showShortcuts(this.#allowWrites), language: () => location.reload() }));
    takePictures(async (file) => {
      this.#picture = { ...(await prepared(file)), name: file.name && file.name !== "image.png" ? file.name : tr("Picture") };
      this.#ask({ ...route.NOTHING, filters: this.#place.filters, picture: true }, "go");
    });
    this.#labels.addEventListener("change", (event) => this.#ask({ ...this.#place, labels: event.detail, photo: null }, this.#place.labels.length ? "stay" : "go"));
    this.#labels.addEventListener("close", () => this.#ask({ ...this.#place, labels: [], photo: null }, "go"));
    this.#labels.addEventListener("chosen", (event) => {
      this.#grid.show(event.detail);
      this.#say(event.detail);
    });
  }

  #sort() {
    this.#labels.show(this.#place, true);
  }

  /** What was entered is meant: pieces of it that narrow become chips. */
  async #enter(text) {
    const asked = { ...(this.#wanted ?? this.#place), text: text.trim(), similar: null, labels: [], photo: null };
    const isAnswered = route.sameQuestion(asked, this.#place) && this.#asking?.signal === this.#answered;
    const found = isAnswered ? this.#grid.photos : await this.#ask(asked, "type");
    this.#typing = false; // what is typed next has a place of its own
    if (!found || this.#field.text.trim() !== asked.text) return undefined;
    const letters = [...asked.text];
    const filters = (found.first.understood ?? []).filter(({ kind, place }) => kind === "filter" && place[1] <= letters.length);
    if (!filters.length) return undefined;
    const pieces = filters.map(({ place }) => letters.slice(...place).join(""));
    for (const { place } of filters.toReversed()) letters.splice(place[0], place[1] - place[0]);
    const lifted = { ...this.#place, text: letters.join("").replace(/\s+/g, " ").trim(), filters: [...new Set([...pieces, ...this.#place.filters])] };
    route.stay(lifted);
    this.#place = lifted;
    this.#field.show(lifted.text);
    this.#filters.show(lifted.filters);
    return undefined;
  }

  #connectGrid() {
    const keep = paused(() => this.#place.photo === null && route.keep({ anchor: this.#grid.anchor }), 400);
    this.#grid.addEventListener("open", (event) => this.#open(event.detail));
    this.#grid.addEventListener("above", () => this.#field.focus());
    this.#grid.addEventListener("at", () => keep());
    $("#field").addEventListener("blur", () => (this.#typing = false));
  }

  #connectDetail() {
    const detail = this.#detail;
    detail.addEventListener("close", () => this.#close());
    detail.addEventListener("inform", (event) => this.#inform(event.detail));
    detail.addEventListener("moved", (event) => {
      this.#place = { ...this.#place, photo: detail.photo.photo_id };
      route.stay(this.#place, { ...history.state, index: event.detail });
    });
    detail.addEventListener("gone", (event) => this.#passOver(event.detail));
    detail.addEventListener("similar", (event) => this.#ask({ ...route.NOTHING, similar: event.detail.photo_id }, "go"));
    detail.addEventListener("narrow", (event) => this.#ask({ ...route.NOTHING, filters: [event.detail] }, "go"));
  }

  #open(index) {
    const photo = this.#grid.photos.at(index);
    if (!photo) return;
    const anchor = this.#grid.anchor;
    route.keep({ anchor });
    this.#place = { ...this.#place, photo: photo.photo_id };
    route.go(this.#place, { index, anchor, opened: true });
    this.#detail.show(this.#grid.photos, index);
  }

  /** Open the photo that the address names: where it stands among the others, or by itself. */
  async #openNamed(photoId) {
    const photos = this.#grid.photos, { index = -1, facts = false } = history.state ?? {};
    if ((await photos.photo(index))?.photo_id === photoId) return this.#detail.show(photos, index, facts);
    const here = photos.indexOf(photoId), found = here >= 0 ? here : photos.first.stands_at ?? -1;
    if ((await photos.photo(found))?.photo_id === photoId) {
      route.keep({ index: found });
      return this.#detail.show(photos, found, facts);
    }
    try {
      return this.#detail.show(Photos.of([await get(`photos/${photoId}`, { lang: language })]), 0, facts);
    } catch (error) {
      this.#closeHere();
      if (error.status === 404) say(error.message);
      return undefined;
    }
  }

  #close() {
    const { opened, facts } = history.state ?? {};
    if (opened) return history.go(facts ? -2 : -1);
    return this.#closeHere();
  }

  /** The photo is closed, and the place in the history is the list's. */
  #closeHere() {
    this.#place = { ...this.#place, photo: null };
    route.stay(this.#place, {});
    this.#closed();
  }

  /** The open photo is no longer there: go on to the next, or out of it where there is none. */
  async #passOver(sentence) {
    const photos = this.#grid.photos, { index, photo } = this.#detail;
    const isListed = photos.at(index)?.photo_id === photo.photo_id;
    const next = isListed ? await photos.photo(index + 1) ?? await photos.photo(index - 1) : null;
    if (this.#detail.photo !== photo) return;
    if (next) await this.#ask({ ...this.#place, photo: next.photo_id }, "stay", this.#grid.anchor);
    else this.#closeHere();
    say(sentence);
  }

  /** The information has a place of its own in the history, so that Back closes it before the photo. */
  #inform(shown) {
    if (!shown && history.state?.facts) return history.back();
    if (shown) route.go(this.#place, { ...history.state, facts: true });
    return this.#detail.inform(shown);
  }

  #closed() {
    const { index } = this.#detail;
    this.#detail.close();
    if (this.#isBehind) this.#later();
    if (index >= 0 && index < this.#grid.photos.total) this.#grid.reveal(index);
  }

  /** Back or forward was pressed. */
  #return() {
    const place = route.here();
    this.#typing = false;
    if (place.picture && !this.#picture) place.picture = false;
    if (!route.sameQuestion(place, this.#place)) return this.#ask(place, "back", history.state?.anchor);
    const informs = Boolean(history.state?.facts);
    if (place.photo === this.#place.photo) return this.#detail.inform(informs); // and a sheet over it was closed
    if (place.photo && this.#detail.informs && !informs) { // one walked on with it: the photo stays
      route.stay(this.#place, { ...history.state, index: this.#detail.index });
      return this.#detail.inform(false);
    }
    this.#place = place;
    if (place.photo) return this.#openNamed(place.photo);
    return this.#closed();
  }

  #heard(event, old) {
    if (event.type === "progress_changed") tellStatus(event);
    if (event.type === "model_ready") tellStatus({ model_ready: true });
    if (event.type === "notes_changed") this.#notes.heard(event.photo_ids);
    if (REFRESHING.includes(event.type) && !old) this.#later();
  }

  #later = paused(() => {
    const wait = this.#freshAt + FRESH_AT_MOST - Date.now();
    if (wait > 0) return setTimeout(() => this.#refresh(), wait);
    return this.#refresh();
  }, FRESH_AFTER);

  /** Look at the library again; the photo at the top stays where it is, whatever came or went above it. */
  async #refresh() {
    if (Date.now() - this.#freshAt < FRESH_AFTER) return;
    this.#freshAt = Date.now();
    const before = this.#grid.photos;
    if (!before) return this.begin();
    this.#isBehind = this.#detail.open;
    if (this.#isBehind) return this.#detail.refresh();
    if (this.#place.similar || this.#place.picture || this.#place.labels.length) return undefined;
    const anchor = this.#grid.anchor, there = before.at(anchor.index)?.photo_id;
    const place = this.#place;
    try {
      const found = await this.#photosOf(place, new AbortController().signal);
      const moved = anchor.index + found.total - before.total;
      for (const index of [moved, anchor.index]) await found.photo(index);
      if (this.#place !== place || this.#grid.photos !== before || this.#detail.open) return undefined;
      const index = found.indexOf(there);
      const atTop = anchor.index === 0 && anchor.offset <= 0;
      this.#grid.show(found, atTop ? undefined : { index: index >= 0 ? index : anchor.index, offset: this.#grid.anchor.offset });
      this.#say(found);
    } catch (error) {
      if (error.status && error.status !== 401) say(error.message);
    }
    return undefined;
  }

  #pressed(event) {
    const writes = event.target.closest("input, textarea, dialog");
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) return this.#escape();
    if (event.target === document.body && !document.querySelector("dialog[open]")) this.#grid.pressed(event);
    if (event.defaultPrevented || writes || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (event.key === "/") this.#field.focus();
    else if (event.key === "?") showShortcuts(this.#allowWrites);
    else return undefined;
    event.preventDefault();
    return undefined;
  }

  /** Out of the field into the grid; from there out of the question, then out of what it was narrowed to. */
  #escape() {
    if (this.#field.busy) return this.#grid.focus();
    const { filters, labels } = this.#place;
    const asked = !route.isEverything({ ...this.#place, filters: [] }) || labels.length;
    if (asked || filters.length) this.#ask({ ...route.NOTHING, filters: asked ? filters : [] }, "go");
    return undefined;
  }
}

const REFRESHING = ["photos_changed", "notes_changed", "albums_changed", "tags_changed", "model_ready"];

async function start() {
  await speak();
  connection.addEventListener("lost", () => tell("lost", tr("The computer with your photos cannot be reached. Trying again…")));
  connection.addEventListener("back", () => tell("lost", null));
  connection.addEventListener("locked", () => askForToken());
  $("#field").value = route.here().text; // there, too, while the computer is away
  tellUnsent();
  const status = await get("status").catch(() => null);
  if (status) {
    await new Page(status).begin();
    if ("serviceWorker" in navigator) navigator.serviceWorker.register("sw.js").catch(() => {}); // where it may
  } else connection.addEventListener("back", () => location.reload(), { once: true });
}

start();
