/* What is looked at stands in the address, so that Back, a reload and a bookmark lead to it. */

/** What may be asked: words, filters ("folder:Norway"), a photo to be like, labels to sort by; and an open photo. */
export const NOTHING = { text: "", filters: [], similar: null, labels: [], picture: false, photo: null };

export function here() {
  const query = new URLSearchParams(location.search);
  return {
    text: query.get("q") ?? "",
    filters: query.getAll("f"),
    similar: Number(query.get("similar")) || null,
    labels: query.getAll("label"),
    picture: query.has("picture"),
    photo: Number(query.get("photo")) || null,
  };
}

export function addressOf({ text, filters, similar, labels, picture, photo }) {
  const query = new URLSearchParams();
  if (text) query.set("q", text);
  for (const filter of filters) query.append("f", filter);
  if (similar) query.set("similar", similar);
  for (const label of labels) query.append("label", label);
  if (picture) query.set("picture", "");
  if (photo) query.set("photo", photo);
  return query.size ? `?${query}` : location.pathname;
}

/** The query that the program is asked: words, then filters. */
export const queryOf = ({ text, filters }) => [text.trim(), ...filters].filter(Boolean).join(" ");

/** Whether two places ask for the same photos, whichever of them is open. */
export const sameQuestion = (one, other) => addressOf({ ...one, photo: null }) === addressOf({ ...other, photo: null });

/** Whether a place asks for every photo there is. */
export const isEverything = ({ text, filters, similar, picture }) => !(text || filters.length || similar || picture);

/** Go on to a place; `kept` comes back with it, such as where it was scrolled to. */
export const go = (place, kept = {}) => history.pushState(kept, "", addressOf(place));

export const stay = (place, kept = history.state ?? {}) => history.replaceState(kept, "", addressOf(place));

/** Remember more of the present place. */
export const keep = (kept) => history.replaceState({ ...history.state, ...kept }, "");
