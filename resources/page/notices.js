/* What the page says by itself: a line for what goes on, a line that offers Undo, and what is read aloud. */

import { $, make, stillness } from "./dom.js";
import { tr } from "./strings.js";

const UNDO_FOR = 12_000, SAID_FOR = 6000; // milliseconds

let timer = 0;

/** Say something for a while at the foot, with one thing to do about it: `{ label, act }`. */
export function say(sentence, action = null) {
  const line = $("#said");
  clearTimeout(timer);
  const press = () => {
    line.hidePopover();
    action.act();
  };
  line.replaceChildren(make("span", {}, sentence), action ? make("button", { type: "button", class: "quiet", onclick: press }, action.label) : "");
  ($("dialog[open]") ?? document.body).append(line); // above what is open
  line.hidePopover();
  line.showPopover();
  timer = setTimeout(() => line.hidePopover(), action ? UNDO_FOR : SAID_FOR);
}

/** Why something was not done. */
export const reasonOf = (error) => (error.status ? error.message : tr("The computer with your photos cannot be reached."));

export const sayWithUndo = (sentence, undo) => say(sentence, { label: tr("Undo"), act: undo });

const standing = new Map(); // what goes on -> element

/** A line that stands under the field as long as something goes on; null takes it away. */
export function tell(what, sentence, share = null) {
  standing.get(what)?.remove();
  standing.delete(what);
  if (!sentence) return;
  const bar = share === null ? null : make("progress", { value: share, max: 1, "aria-label": sentence });
  const line = make("p", { class: `going-on ${what}` }, sentence, bar);
  if (stillness.matches) line.classList.add("still");
  standing.set(what, line);
  $("#goes-on").append(line);
}

/** Have something read aloud, which is shown elsewhere. */
export const aloud = (sentence) => ($("#aloud").textContent = sentence);
