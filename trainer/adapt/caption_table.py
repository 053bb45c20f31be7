"""Which of a person's captions can be learnt from."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from photosearch.captions import csv_tables, jsonl
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import LONGEST_CAPTION
from trainer.adapt.material import Rows
from trainer.data.formats.listing import tidy


class Given(NamedTuple):
    """What a table of captions gives to learn from."""

    captions: list[str]  # (C,)
    photo_of: Rows  # (C,), rows of the gallery
    notes: tuple[Sentence, ...]  # on what was left out or guessed


def read_captions(table: Path, find: Callable[[str], int | None]) -> Given:
    """Read a table of captions: JSON lines where its name ends in .jsonl, else CSV.

    Args:
        find: the photo that a table names, as a row of the gallery; None: there is none.
    Raises:
        KnownError: the table cannot be read, or holds nothing to learn from.
    """
    notes: list[Sentence] = []
    faults: list[KnownError] = []
    rows = (jsonl if table.suffix.lower() == ".jsonl" else csv_tables).rows(table, notes, faults.append)
    pairs: dict[tuple[int, str], str] = {}
    missing: list[str] = []
    empty = long = again = 0
    for row in rows:
        caption = tidy(row.caption)
        photo = find(row.name)
        if photo is None:
            missing.append(row.name)
        elif not caption:
            empty += 1
        elif len(caption) > LONGEST_CAPTION:
            long += 1
        elif (photo, caption.casefold()) in pairs:
            again += 1
        else:
            pairs[photo, caption.casefold()] = caption
    if faults:
        notes.append(
            Sentence(
                "{lines} line(s) cannot be read and were left out; the first: {fault}",
                lines=len(faults),
                fault=faults[0].sentence,
            )
        )
    if missing:
        notes.append(
            Sentence(
                "{captions} caption(s) are of photos that are not there and were left out; the first of "
                "these photos is “{photo}”.",
                captions=len(missing),
                photo=missing[0],
            )
        )
    if empty:
        notes.append(Sentence("{captions} empty caption(s) were left out.", captions=empty))
    if long:
        notes.append(
            Sentence(
                "{captions} caption(s) longer than {most:,} characters were left out.",
                captions=long,
                most=LONGEST_CAPTION,
            )
        )
    if again:
        notes.append(
            Sentence(
                "{captions} caption(s) stand there twice for the same photo and count once.", captions=again
            )
        )
    _refuse_nothing(table, pairs, notes)
    return Given(list(pairs.values()), np.array([photo for photo, _ in pairs], np.int64), tuple(notes))


def _refuse_nothing(table: Path, pairs: dict[tuple[int, str], str], notes: list[Sentence]) -> None:
    if not pairs:
        told = Sentence("{table} holds no caption that can be learnt from.", table=table)
        for note in notes:
            told = Sentence("{told} {note}", told=told, note=note)
        raise KnownError(told)
    photos, texts = ({pair[part] for pair in pairs} for part in (0, 1))
    if len(photos) > 1 and len(texts) == 1:
        raise KnownError(
            "All {photos} photos in {table} have the same caption, “{caption}”; say of each what it shows.",
            photos=len(photos),
            table=table,
            caption=next(iter(pairs.values())),
        )
