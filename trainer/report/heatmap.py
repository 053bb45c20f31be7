"""A few captions against a few photos: how alike the model finds each pair."""

import numpy as np
from markupsafe import Markup, escape

from trainer.report.finished_run import Measured
from trainer.report.thumbnails import InlineThumbnails

PAIRS = 14
CELL, GAP, PHOTO = 30, 2, 30
CAPTION = 31  # characters
LEFT = 232


def sample(measured: Measured, seed: int = 0) -> list[int]:
    """Captions of different photos, the same for every run over the same data."""
    _, first = np.unique(measured.image_of, return_index=True)
    drawn = np.random.default_rng(seed).permutation(first)[:PAIRS]
    return sorted(drawn.tolist())


def heat_map(measured: Measured, thumbnails: InlineThumbnails) -> Markup:
    """Rows are captions, columns their photos; the stronger the colour, the more alike."""
    rows = sample(measured)
    columns = measured.image_of[rows]
    cosines = measured.texts[rows] @ measured.images[columns].T  # (S, S)
    finite = cosines[np.isfinite(cosines)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    side = len(rows) * CELL
    top = PHOTO + 8
    parts = [
        f'<svg class="heat" viewBox="0 0 {LEFT + side} {top + side}" role="img" '
        'aria-label="Similarity of captions and photos">'
    ]
    for i, column in enumerate(columns):
        x = LEFT + i * CELL
        if source := thumbnails.square(measured.photos[column]):
            parts.append(
                f'<image href="{source}" x="{x}" y="0" width="{CELL - GAP}" height="{PHOTO - GAP}" '
                'preserveAspectRatio="xMidYMid slice"/>'
            )
        else:
            parts.append(f'<rect class="absent" x="{x}" y="0" width="{CELL - GAP}" height="{PHOTO - GAP}"/>')
    for i, row in enumerate(rows):
        caption = measured.captions[row]
        y = top + i * CELL
        parts.append(
            f'<text class="caption" x="{LEFT - 10}" y="{y + CELL / 2 + 3:.0f}" text-anchor="end">'
            f"{escape(shortened(caption, CAPTION))}<title>{escape(caption)}</title></text>"
        )
        for j, cosine in enumerate(cosines[i].tolist()):
            strength = (cosine - low) / (high - low) if high > low else 0.0
            own = " own" if i == j else ""
            title = escape(f"{caption} · photo {j + 1}: cosine {cosine:.3f}")
            parts.append(
                f'<rect class="cell{own}" x="{LEFT + j * CELL}" y="{y}" width="{CELL - GAP}" '
                f'height="{CELL - GAP}" rx="3" style="--heat:{max(0.0, strength) ** 1.6:.3f}">'
                f"<title>{title}</title></rect>"
            )
    return Markup("".join(parts) + "</svg>")  # every text in it was escaped


def shortened(text: str, length: int) -> str:
    """The text, cut to so many characters with an ellipsis where it is longer."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
