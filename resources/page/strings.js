/* What the person reads, in their language. The English text is the key, and stands as a literal where it is said,
   as in photosearch/i18n.py, or in a data-tr attribute of the page, so that a test can find them all. */

import { get } from "./api.js";

const LANGUAGES = { en: "English", "zh-CN": "简体中文" };
const KEPT = "language";

let catalogue = {};

export let language = "en";

export const languages = Object.entries(LANGUAGES);

/** What the person chose, or null where the device's language counts. */
export const chosen = () => localStorage.getItem(KEPT);

/** Take the language that was chosen, or the device's, and say the page's own words in it. */
export async function speak() {
  const wanted = chosen() ?? navigator.language;
  language = wanted.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
  document.documentElement.lang = language;
  catalogue = language === "en" ? {} : await get("strings", { lang: language }).catch(() => ({}));
  for (const element of document.querySelectorAll("[data-tr]")) element.textContent = tr(element.dataset.tr);
  for (const element of document.querySelectorAll("[data-tr-placeholder]")) element.placeholder = tr(element.dataset.trPlaceholder);
  for (const element of document.querySelectorAll("[data-tr-label]")) {
    element.setAttribute("aria-label", tr(element.dataset.trLabel));
    if (element.matches("button, label")) element.title = tr(element.dataset.trLabel);
  }
}

export function choose(code) {
  if (code) localStorage.setItem(KEPT, code);
  else localStorage.removeItem(KEPT);
}

/** The text in the person's language, with {names} filled in. */
export function tr(text, values = {}) {
  return (catalogue[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** As tr(), for a text that counts {n} things. The catalogue holds it under `many`. */
export function trN(one, many, n, values = {}) {
  return (catalogue[many] ?? (n === 1 ? one : many)).replace(/\{(\w+)\}/g, (_, name) => shown(name === "n" ? n : values[name]));
}

const shown = (value) => (typeof value === "number" ? value.toLocaleString(language) : String(value ?? ""));

/** A photo's date, as far as it is known: "1965", "1965-08", "2020-08-15T12:30". `style`: short, month or full. */
export function date(takenAt, style) {
  if (!takenAt) return "";
  const [, year, month, day, hour, minute] = takenAt.match(/^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d))?/) ?? [];
  if (!year) return takenAt;
  const time = new Date(Date.UTC(year, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0));
  const wanted = { year: "numeric", ...(month && { month: style === "short" ? "short" : "long" }), ...(day && style !== "month" && { day: "numeric" }) };
  if (style === "full" && hour) Object.assign(wanted, { weekday: "long", hour: "numeric", minute: "2-digit" });
  return new Intl.DateTimeFormat(language, { ...wanted, timeZone: "UTC" }).format(time);
}

/** How long a video is: "1:05". */
export function length(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}
