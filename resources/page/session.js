/* Where the program does not know this browser yet: a field for the token. */

import { make } from "./dom.js";
import { post } from "./api.js";
import { reasonOf } from "./notices.js";
import { tr } from "./strings.js";

let asking = false;

export function askForToken() {
  if (asking) return;
  asking = true;
  const field = make("input", { class: "line", type: "password", autocomplete: "current-password", autocapitalize: "none", spellcheck: "false", required: true, maxlength: 200, "aria-label": tr("Token"), "aria-describedby": "token-said" });
  const said = make("p", { class: "mistake", role: "alert", id: "token-said" });
  const form = make("form", { class: "token", onsubmit: enter },
    make("img", { src: "icons/photosearch.svg", alt: "", width: 64, height: 64 }),
    make("h1", {}, tr("Your photos are locked")),
    make("p", { class: "quiet-text" }, tr("Open the link that “photosearch serve” shows on the computer with your photos, or write its token here.")),
    field, said, make("button", { class: "primary" }, tr("Open")));
  const dialog = make("dialog", { class: "locked", "aria-label": tr("Your photos are locked") }, form);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  field.focus();

  async function enter(event) {
    event.preventDefault();
    try {
      await post("session", { token: field.value.trim() });
      location.reload();
    } catch (error) {
      said.textContent = error.status === 401 ? tr("That is not the token.") : reasonOf(error);
      field.select();
    }
  }
}
