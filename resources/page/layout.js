/* Justified rows, as the window lays them out: every row fills the width, its height follows from its photos. */

const NARROWEST = 0.45, WIDEST = 3.2; // aspect ratios of cells; photos beyond are cropped to them
const TALLEST = 1.5, LAST_TALLEST = 1.35; // a row's height over the one wished for; of the last of all
const SHARED = 2.5; // rows: what is no more than these is shared out evenly

const aspectOf = (photo) => Math.min(WIDEST, Math.max(NARROWEST, photo.width / photo.height || 1));

/**
 * Lay photos out below one another: -> { cells: [{x, y, width, height}], headings: [{label, y}], height }.
 *
 * A heading stands where a photo's `section` differs from that before it; `before` is that of the photo above
 * the first. `ends` says whether these are the last of all: only then a row may be left unfilled.
 */
export function justify(photos, { width, rowHeight, gap, headingHeight, before = null, ends = true }) {
  const cells = [], headings = [];
  let y = 0;
  for (let first = 0; first < photos.length;) {
    const section = photos[first].section;
    let end = first;
    while (end < photos.length && photos[end].section === section) end++;
    if (section && !(first === 0 && section === before)) {
      headings.push({ label: section, y });
      y += headingHeight;
    }
    const open = end === photos.length && !ends; // it goes on below
    y = rows(photos.slice(first, end).map(aspectOf), { width, rowHeight, gap, open }, y, cells);
    first = end;
  }
  return { cells, headings, height: y };
}

function rows(aspects, { width, rowHeight, gap, open }, y, cells) {
  const rights = [];
  let right = 0;
  for (const aspect of aspects) rights.push((right += aspect * rowHeight + gap));
  for (let first = 0; first < aspects.length;) {
    const left = first ? rights[first - 1] : 0;
    const rest = right - left;
    const share = rest < SHARED * width ? rest / Math.max(1, Math.round(rest / width)) : width;
    let end = first + 1;
    // A photo joins a row where its middle still fits.
    while (end < aspects.length && rights[end - 1] + (aspects[end] * rowHeight) / 2 <= left + share) end++;
    y += row(aspects.slice(first, end), { width, rowHeight, gap, last: end === aspects.length && !open }, y, cells) + gap;
    first = end;
  }
  return y;
}

function row(aspects, { width, rowHeight, gap, last }, y, cells) {
  const inner = width - gap * (aspects.length - 1);
  const sum = aspects.reduce((all, aspect) => all + aspect, 0);
  const ragged = inner / sum > rowHeight * (last ? LAST_TALLEST : TALLEST);
  const height = Math.round(ragged ? rowHeight : inner / sum);
  const fills = ragged ? Math.min(inner, Math.round(sum * height)) : inner;
  let before = 0;
  aspects.forEach((aspect, place) => {
    // Edges are rounded, not widths: the row then ends exactly where it should.
    const from = Math.round((before / sum) * fills);
    before += aspect;
    cells.push({ x: from + place * gap, y, width: Math.round((before / sum) * fills) - from, height });
  });
  return height;
}
