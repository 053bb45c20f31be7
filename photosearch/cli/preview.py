"""Showing photos beside what a command prints of them."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from photosearch.cli.text import escaped
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.messages import Preview
from photosearch.core.photo import Hit
from photosearch.engine.client import Client
from photosearch.i18n import translated
from photosearch.paths import Library

Pictures = Sequence[bytes | None]  # JPEG files; None: a photo that cannot be shown
_EDGE = 512  # pixels, as thumbnails have


def pictures(client: Client, hits: Sequence[Hit], library: Library) -> Pictures:
    """What is to be looked at of photos: their thumbnails; of those that have none, the photo itself."""
    from photosearch.store.reader import Reader

    with Reader.open(library) as reader:
        return [reader.thumbnail(hit.photo_id) or _decoded(client, hit) for hit in hits]


def show(pictures: Pictures, sheet: str | None) -> None:
    """Draw them in the terminal, in rows as wide as it is; else write a contact sheet and name its file.

    Args:
        sheet: the file; None: the terminal, or a file for this user alone where it draws no pictures

    Raises:
        KnownError: the file cannot be written, or another kind of file is there.
    """
    from photosearch.cli import contact_sheet, terminal_pictures

    if sheet is None and (screen := terminal_pictures.screen()):
        across = max(1, screen.width // (contact_sheet.TILE + contact_sheet.GAP))
        sys.stdout.flush()
        for strip in contact_sheet.strips(pictures, across):
            sys.stdout.buffer.write(terminal_pictures.drawn(strip, screen.by))
        return
    file = Path(sheet or tempfile.mkdtemp(prefix="photosearch-") + "/contact-sheet.jpg").absolute()
    contact_sheet.write(file, pictures)
    print(escaped(translated(Sentence("Contact sheet: {file}", file=file))))


def _decoded(client: Client, hit: Hit) -> bytes | None:
    try:
        return client.call(Preview(hit.photo_id, _EDGE)).jpeg
    except KnownError:
        return None  # as where its drive is away
