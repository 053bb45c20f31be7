/* The field for a photo's caption: what is written is saved on leaving it, and never over what another wrote meanwhile. */

import { make } from "./dom.js";
import { reasonOf, say } from "./notices.js";
import { tr } from "./strings.js";
import { drop, keep, send, waiting } from "./unsent.js";

/** Dispatches `saved`. */
export class CaptionField extends EventTarget {
  #photo;
  #known; // the caption as the library has it
  #theirs = null; // what another wrote while this was being written
  #saving = null;
  #field = make("textarea", { class: "line", rows: 2, maxlength: 5000, placeholder: tr("Say what this photo shows"), "aria-label": tr("Caption") });
  #mark = make("p", { class: "quiet-text unsaved", hidden: true }, tr("Not saved yet"));
  #other = make("div", { class: "conflict", role: "alert", hidden: true });

  /** Of a photo, as its facts have it. */
  constructor(facts) {
    super();
    const caption = facts.caption ?? "";
    this.#photo = facts;
    this.#known = caption;
    this.element = make("div", { class: "captioning" }, this.#field, this.#other, this.#mark);
    this.#field.value = caption;
    this.#field.addEventListener("change", () => this.keep());
    this.#field.addEventListener("input", () => this.grow());
    this.#field.addEventListener("keydown", (event) => this.#pressed(event));
    const left = waiting(facts);
    if (!left) return;
    [this.#known, this.#field.value] = [left.was, left.text];
    this.#mark.hidden = false;
    this.follow(caption);
    this.keep(); // it has not arrived yet
  }

  /** Take in what the library has by now: shown at once, or beside what is being written. */
  follow(caption) {
    const text = this.#text, isWritten = text !== this.#known && text !== caption;
    if (isWritten && caption !== this.#saving) this.#theirs = caption === this.#known ? null : caption;
    else {
      this.#known = caption;
      this.#theirs = null;
      if (!isWritten) this.#settle(caption);
    }
    this.#tellOther();
  }

  /** Save what is written, unless another wrote meanwhile: the person says then what counts. */
  keep() {
    if (this.#text === this.#known) return this.follow(this.#theirs ?? this.#known);
    if (this.#text !== this.#saving) keep(this.#photo, this.#text, this.#known);
    this.#mark.hidden = false;
    if (this.#theirs === null && this.#saving === null) this.#save(this.#known);
    return undefined;
  }

  /** The same, as the field goes away. */
  leave() {
    this.keep();
    if (this.#theirs !== null) this.#sayOther();
  }

  /** Make the field as high as what is in it. */
  grow() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight + 2}px`; // and its border
  }

  get #text() {
    return this.#field.value.trim().normalize();
  }

  get photoId() {
    return this.#photo.photo_id;
  }

  /** Send what waits, now that there is more hope; what is half written is left alone. */
  resend() {
    const left = waiting(this.#photo);
    if (left && (left.text === this.#text || document.activeElement !== this.#field)) this.keep();
  }

  async #save(was) {
    const text = (this.#saving = this.#text);
    try {
      await send(this.photoId, text, was);
    } catch (error) {
      this.#saving = null;
      if (!error.status) return say(tr("The caption is not saved yet: it waits here until the computer can be reached."));
      if (typeof error.present !== "string") return say(reasonOf(error), { label: tr("Try again"), act: () => this.keep() });
      this.follow(error.present);
      return this.element.checkVisibility() ? undefined : this.#sayOther();
    }
    this.follow(text);
    this.#saving = null;
    this.dispatchEvent(new Event("saved"));
    if (document.activeElement !== this.#field) this.keep(); // what was written meanwhile
    return undefined;
  }

  /** Nothing is left to save: this is the caption. */
  #settle(caption) {
    const isLeft = !this.element.isConnected; // what is written of the photo since is not of this field
    if (!isLeft || waiting(this.#photo)?.text === caption) drop(this.photoId);
    this.#mark.hidden = true;
    if (this.#text === caption) return;
    this.#field.value = caption;
    this.grow();
  }

  #giveUp(sentence) {
    const written = this.#text;
    this.#field.value = this.#known;
    this.follow(this.#theirs ?? this.#known);
    this.grow();
    if (written === this.#known) return;
    const write = () => {
      this.#field.value = written;
      this.grow();
      this.keep();
    };
    say(sentence, { label: tr("Undo"), act: write });
  }

  #tellOther() {
    this.#other.hidden = this.#theirs === null;
    if (this.#other.hidden) return;
    const button = (label, act) => make("button", { type: "button", class: "quiet", onclick: act }, label);
    this.#other.replaceChildren(
      make("p", {}, tr("Meanwhile the caption was changed elsewhere:")),
      make("p", { class: "caption" }, this.#theirs || tr("None")),
      button(tr("Keep mine"), () => this.#save(this.#theirs)),
      button(tr("Take theirs"), () => this.#giveUp(tr("The other caption stays"))));
  }

  #sayOther() {
    say(tr("Your caption is not saved: it was changed elsewhere meanwhile."), { label: tr("Keep mine"), act: () => this.#save(this.#theirs) });
  }

  #pressed(event) {
    if (event.key === "Escape") this.#giveUp(tr("The caption is as it was"));
    else if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    this.#field.blur();
  }
}
