/* Lists to choose from, and sheets: at the foot of a phone, beside what was pressed elsewhere. */

import { icon, iconButton, make, open } from "./dom.js";
import { tr } from "./strings.js";

const MANY = 12; // what is longer can be narrowed by typing
const NARROW = matchMedia("(max-width: 599px)");

/** Let the person choose one of `offers` ({ shown, under?, photos?, query, icon }); -> its query, or "" for none. */
export async function chooseFrom(beside, title, offers) {
  const list = make("ul", { class: "choices" });
  const dialog = sheet(title, list);
  const show = (wanted) => {
    const fits = offers.filter(({ shown, under = "" }) => `${shown} ${under}`.toLowerCase().includes(wanted.trim().toLowerCase()));
    list.replaceChildren(...fits.map((offer) => choice(offer, () => dialog.close(offer.query))));
    if (!fits.length) list.append(make("li", { class: "none" }, offers.length ? tr("None of these") : tr("There are none yet.")));
  };
  show("");
  if (offers.length > MANY) {
    const field = make("input", { type: "search", class: "line", placeholder: tr("Find in this list"), "aria-label": tr("Find in this list"), oninput: () => show(field.value) });
    list.before(field);
  }
  dialog.addEventListener("keydown", walk);
  return openBeside(dialog, beside);
}

const choice = ({ shown, under, photos, icon: name }, onclick) =>
  make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "choice", onclick },
      icon(name),
      make("span", { class: "what" }, shown, under && under !== shown ? make("small", {}, under) : null),
      photos === undefined || photos === null ? null : make("span", { class: "count" }, photos.toLocaleString(document.documentElement.lang)),
    ),
  );

/** A dialog with a title and something in it. */
export function sheet(title, ...content) {
  const dialog = make("dialog", { class: "sheet", "aria-label": title });
  const close = iconButton("clear", tr("Close"), () => dialog.close());
  dialog.append(make("div", { class: "sheet-head" }, make("h2", {}, title), close), ...content);
  return dialog;
}

/** Show it under what was pressed, or at the foot of a narrow screen; -> what it was closed with. */
export function openBeside(dialog, beside) {
  if (!NARROW.matches && beside) {
    const { left, bottom } = beside.getBoundingClientRect();
    dialog.classList.add("beside");
    dialog.style.left = `${Math.max(8, Math.min(left, innerWidth - 336))}px`;
    dialog.style.top = `${bottom + 6}px`;
    dialog.style.maxHeight = `${Math.max(200, innerHeight - bottom - 22)}px`;
  }
  return open(dialog);
}

function walk(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [...event.currentTarget.querySelectorAll("input, .choice")];
  const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  stops[Math.max(0, Math.min(next, stops.length - 1))]?.focus();
}
