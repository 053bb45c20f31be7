/* The menu at the right of the field, and the sheet of keys. */

import { icon, make, open } from "./dom.js";
import { openBeside, sheet } from "./menu.js";
import { choose, chosen, languages, tr } from "./strings.js";

const HAS_KEYS = matchMedia("(any-pointer: fine)"); // as far as a page can tell: where there is a mouse

export async function showMore(beside, act) {
  const dialog = sheet(tr("More"));
  const entry = (name, label, does) => make("li", {}, make("button", { type: "button", class: "choice", onclick: () => dialog.close(does) }, icon(name), make("span", { class: "what" }, label)));
  const language = make("select", { "aria-label": tr("Language"), onchange: () => dialog.close("language") },
    make("option", { value: "" }, tr("As the device")),
    ...languages.map(([code, name]) => make("option", { value: code, lang: code, selected: chosen() === code }, name)));
  dialog.append(
    make("ul", { class: "choices" }, entry("tag", tr("Sort by your own words"), "labels"), HAS_KEYS.matches ? entry("help", tr("Keys"), "keys") : null),
    make("label", { class: "choice" }, icon("text"), make("span", { class: "what" }, tr("Language")), language));
  const does = await openBeside(dialog, beside);
  if (does === "keys") act.keys();
  if (does === "labels") act.labels();
  if (does !== "language") return;
  choose(language.value);
  act.language();
}

export function showShortcuts(allowWrites) {
  const keys = [
    ["/", tr("To the field")],
    ["↓", tr("From the field to the photos")],
    ["← ↑ → ↓", tr("From photo to photo")],
    ["Home", tr("To the first photo")],
    ["End", tr("To the last photo")],
    ["Enter", tr("Look at the photo")],
    ["Esc", tr("Back")],
    ["+ − Z", tr("Closer, and back")],
    ["I", tr("Information")],
    ["S", tr("Find similar photos")],
    ...(allowWrites ? [["F", tr("Favourite")], ["0–5", tr("Rating")]] : []),
    ["?", tr("Keys")],
  ];
  const list = make("dl", { class: "keys" }, ...keys.flatMap(([key, does]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, does)]));
  return open(sheet(tr("Keys"), list));
}
