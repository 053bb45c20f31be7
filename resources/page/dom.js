/* Elements, made by hand: text goes in as text, so that nothing of a photo is ever read as markup. */

export const $ = (selector, within = document) => within.querySelector(selector);

/** An element with attributes (`on…`: a listener; null or false: left out) and what is in it. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value === "boolean") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** One of the window's icons, in the colour of the text around it. */
export const icon = (name) => make("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

/** A button that is an icon; its label is read aloud and shown as a tip. */
export function iconButton(name, label, onclick, attributes = {}) {
  return make("button", { type: "button", class: "bar", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

export const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** Call `after` once nothing was asked for `pause` milliseconds; `.now()` does not wait, `.stop()` forgets it. */
export function paused(after, pause) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => after(...values), pause);
  };
  later.stop = () => clearTimeout(timer);
  later.now = (...values) => {
    clearTimeout(timer);
    after(...values);
  };
  return later;
}

/** Show a dialog; -> a promise that is kept when it closes. A press beside it closes it, as Esc and Back do. */
export function open(dialog) {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  history.pushState({ ...history.state, sheet: true }, "");
  return new Promise((closed) => {
    addEventListener("popstate", () => {
      dialog.close();
      dialog.remove();
      closed(dialog.returnValue);
    }, { once: true });
    dialog.addEventListener("close", () => history.state?.sheet && history.back(), { once: true });
  });
}
