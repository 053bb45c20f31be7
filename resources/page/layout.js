/* Justified rows, as the window lays them out: every row fills the width, its height follows from its photos. */

const NARROWEST = 0.45, WIDEST = 3.2; // aspect ratios of cells; photos beyond are cropped to them
const TALLEST = 1.5, LAST_TALLEST = 1.35; // a row's height over the one wished for; of the last of all
const LOWEST = 0.7; // a row's height over the one wished for, where sections are moved together
const SHARED = 2.5; // rows: what is no more than these is shared out evenly

const aspectOf = (photo) => Math.min(WIDEST, Math.max(NARROWEST, photo.width / photo.height || 1));

/**
 * Lay photos out below one another: -> { cells: [{x, y, width, height}], headings: [{label, x, y, width}], height }.
 *
 * A heading stands where a photo's `section` differs from that before it; `before` is that of the photo above
 * the first. `ends` says whether these are the last of all: only then a row may be left unfilled. `beside` lets
 * sections that fit on one row stand side by side: { narrowest, apart }, pixels that each has at least, and between two.
 */
export function justify(photos, { width, rowHeight, gap, headingHeight, before = null, ends = true, beside = null }) {
  const cells = [], headings = [], sections = sectionsOf(photos);
  const goesOn = sections[0]?.label === before ? sections[0] : null; // its heading stands further up
  let y = 0;
  for (const shelf of shelves(sections, goesOn, { width, rowHeight, gap, beside })) {
    const headed = shelf[0].label && shelf[0] !== goesOn;
    const below = headed ? y + headingHeight : y;
    const boxes = shelf.length > 1 ? sideBySide(shelf, { width, rowHeight, gap, ...beside }, below, cells) : [{ x: 0, width }];
    if (headed) boxes.forEach((box, place) => headings.push({ label: shelf[place].label, y, ...box }));
    const open = shelf.at(-1) === sections.at(-1) && !ends; // it goes on below
    y = shelf.length > 1 ? below + cells.at(-1).height + gap : rows(shelf[0].aspects, { width, rowHeight, gap, open }, below, cells);
  }
  return { cells, headings, height: y };
}

function sectionsOf(photos) {
  const sections = [];
  for (const photo of photos) {
    if (!sections.length || sections.at(-1).label !== photo.section) sections.push({ label: photo.section, aspects: [], sum: 0 });
    sections.at(-1).aspects.push(aspectOf(photo));
    sections.at(-1).sum += aspectOf(photo);
  }
  return sections;
}

/** Lists of sections, each of which stands on rows of its own. A section joins where its middle still fits, as a photo joins a row. */
function shelves(sections, goesOn, { width, rowHeight, gap, beside }) {
  if (!beside) return sections.map((section) => [section]);
  const { narrowest, apart } = beside, found = [];
  let taken = 0, room = 0;
  for (const section of sections) {
    const wide = (height) => Math.max(narrowest, section.sum * height + gap * (section.aspects.length - 1));
    const usual = wide(rowHeight), least = wide(rowHeight * LOWEST);
    const joins = found.length && found.at(-1)[0] !== goesOn && room >= apart + least && taken + apart + usual / 2 <= width;
    if (joins) found.at(-1).push(section);
    else found.push([section]);
    taken = joins ? taken + apart + usual : usual;
    room = joins ? room - apart - least : width - least;
  }
  return found;
}

/** One row of several sections: -> [{ x, width }], the box of each. */
function sideBySide(shelf, { width, rowHeight, gap, narrowest, apart }, y, cells) {
  const gaps = ({ aspects }) => gap * (aspects.length - 1);
  let filling = shelf, height = 0; // those that are wider than they have to be share the room
  for (let before = null; before !== filling.length;) {
    before = filling.length;
    const room = filling.reduce((rest, section) => rest - gaps(section), width - apart * (shelf.length - 1) - narrowest * (shelf.length - filling.length));
    height = room / filling.reduce((sum, section) => sum + section.sum, 0);
    filling = filling.filter((section) => section.sum * height + gaps(section) >= narrowest);
  }
  if (height > rowHeight * TALLEST) height = rowHeight;
  let left = 0;
  return shelf.map((section) => {
    const x = Math.round(left), wide = Math.max(narrowest, section.sum * height + gaps(section));
    let sum = 0;
    section.aspects.forEach((aspect, place) => {
      const from = Math.round(left + sum * height + place * gap);
      sum += aspect;
      cells.push({ x: from, y, width: Math.round(left + sum * height + place * gap) - from, height: Math.round(height) });
    });
    left += wide + apart;
    return { x, width: Math.round(wide) };
  });
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
