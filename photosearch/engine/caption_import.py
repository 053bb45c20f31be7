"""The captions of a file, each brought to its photo in the library, and what became of the others."""

import contextlib
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from photosearch.captions.files import parts_of
from photosearch.captions.reading import Captions, Finder
from photosearch.captions.table import CaptionRow
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.file_names import path_of
from photosearch.core.photo import LONGEST_CAPTION, content_hash_of, ctime_ns_of, mtime_ns_of
from photosearch.engine.photo_names import PhotoNames
from photosearch.store.reader import Reader

MOST_CAPTIONS = 1_000_000  # taken in at once; they are held in memory
_SHOWN = 3  # examples of each problem
_REMEMBERED = 4096  # names; the captions of a photo mostly stand together

# What becomes of a caption that no photo takes, or not for sure.
_NO_PHOTO, _NOT_INDEXED, _AMBIGUOUS, _OUTSIDE, _ELSEWHERE, _EMPTY, _LONG = range(7)


class CaptionImport:
    """Gathers the captions of a table by photo. Nothing is written here."""

    def __init__(self, reader: Reader, names: PhotoNames) -> None:
        self._reader = reader
        self._names = names
        self._texts: dict[int, dict[str, None]] = {}  # by photo id, in the order of the table
        self._count = 0
        self._found: Counter[int] = Counter()
        self._examples: dict[int, dict[str, None]] = {}
        self._faults: list[KnownError] = []
        self._faulty = 0
        self.repeated = 0

    @property
    def captions(self) -> Iterator[tuple[int, str]]:
        """(photo id, text), each once."""
        return ((photo_id, text) for photo_id, texts in self._texts.items() for text in texts)

    @property
    def skipped_no_photo(self) -> int:
        """How many captions are of photos that the library does not have."""
        return self._found[_NO_PHOTO] + self._found[_NOT_INDEXED] + self._found[_OUTSIDE]

    @property
    def ambiguous(self) -> int:
        """How many captions could be of more than one photo."""
        return self._found[_AMBIGUOUS]

    def fault(self, error: KnownError) -> None:
        """Note a row that cannot be read."""
        self._faulty += 1
        if len(self._faults) < _SHOWN:
            self._faults.append(error)

    def add_all(self, captions: Captions) -> None:
        """Take in every row of a table of captions, each with the photo that it names.

        Raises:
            KnownError: the table cannot be read, or has too many captions to take in at once.
        """
        find = lru_cache(_REMEMBERED)(lambda folder, name: self._photo_of(folder, name, captions.files))
        with contextlib.closing(captions.table.rows) as rows:
            for row in rows:
                self._add(row, *find(row.folder, row.name))

    def problems(self, notes: list[Sentence]) -> tuple[Sentence, ...]:
        """Sentences on all that is not as one would expect."""
        sentences = [error.sentence for error in self._faults]
        if self._faulty > _SHOWN:
            sentences.append(_more_faults(self._faulty))
        told = (_no_photo, _not_indexed, _ambiguous, _outside, _elsewhere, _empty, _long)
        for kind, sentence in enumerate(told):
            if self._found[kind]:
                sentences.append(sentence(self._found[kind], ", ".join(self._examples[kind])))
        texts = {text for _, text in self.captions}
        if len(self._texts) >= _SHOWN and len(texts) == 1:
            sentences.append(_same(len(self._texts), texts.pop()[:80]))
        return (*sentences, *notes[:_SHOWN])

    def _add(self, row: CaptionRow, photo_id: int | None, kind: int | None, example: str) -> None:
        text = unicodedata.normalize("NFC", row.caption).strip()
        if photo_id is not None and not text:
            kind, example = _EMPTY, row.name
        elif photo_id is not None and len(text) > LONGEST_CAPTION:
            kind, example = _LONG, row.name
        elif photo_id is not None:
            self._keep(photo_id, text)
        if kind is not None:
            self._found[kind] += 1
            examples = self._examples.setdefault(kind, {})
            if len(examples) < _SHOWN:
                examples[example] = None

    def _keep(self, photo_id: int, text: str) -> None:
        texts = self._texts.setdefault(photo_id, {})
        if text in texts:
            self.repeated += 1
            return
        texts[text] = None
        self._count += 1
        if self._count > MOST_CAPTIONS:
            raise KnownError(
                "The table has more than {most:,} captions; split it, and import one part after the other.",
                most=MOST_CAPTIONS,
            )

    def _photo_of(self, folder: str, name: str, files: Finder) -> tuple[int | None, int | None, str]:
        """-> (id, what is to be told of it, an example to show).

        A file beside the table tells the photo by its content, else the end of the path does.
        """
        if path_of(name):
            return self._called(name, name)
        whole = f"{folder}/{name}" if folder else name
        parts = parts_of(name)
        if not parts or ".." in parts_of(whole):
            return None, _OUTSIDE, name
        beside = None
        # A path from the root may be of any file: the library knows it, or it is not looked at.
        whole_path = parts[0].endswith(("/", ":"))
        if not whole_path:
            try:
                beside = (files.find(whole) if folder else None) or files.find(name)
            except KnownError:
                return None, _AMBIGUOUS, name
        if beside is not None:
            photo_id = self._photo_in(beside)
            return photo_id, None if photo_id else _NOT_INDEXED, str(beside)
        return self._called(whole, name)

    def _called(self, whole: str, name: str) -> tuple[int | None, int | None, str]:
        match = self._names.find(whole)
        if len(match.photos) > 1:
            first, second = [os.fsdecode(path) for path in match.photos.values()][:2]
            return None, _AMBIGUOUS, f"{name} ({first} or {second})"
        if match.photo_id is None:
            return None, _NO_PHOTO, name
        path = os.fsdecode(match.photos[match.photo_id])
        elsewhere = match.shared == 1 < len(parts_of(name))
        return match.photo_id, _ELSEWHERE if elsewhere else None, f"{name} ({path})"

    def _photo_in(self, file: Path) -> int | None:
        """Id of the living photo that a file holds."""
        with contextlib.suppress(OSError):
            found = file.stat()
            stamp = found.st_size, mtime_ns_of(found), ctime_ns_of(found)
            for path in (file, file.resolve()):
                known = self._reader.holds(os.fsencode(path), *stamp)
                if known is not None:
                    return known
            photo_id = self._reader.photo_id(content_hash_of(os.fsencode(file)))
            return photo_id if photo_id is not None and self._reader.photo(photo_id) else None
        return None


def _more_faults(rows: int) -> Sentence:
    return Sentence("Rows that cannot be read, in all: {rows:,}.", rows=rows)


def _no_photo(captions: int, examples: str) -> Sentence:
    return Sentence(
        "Captions whose photo is not in the library: {captions:,}, such as of {examples}; index the "
        "folder that holds it, then import them again.",
        captions=captions,
        examples=examples,
    )


def _not_indexed(captions: int, examples: str) -> Sentence:
    return Sentence(
        "Captions whose photo lies beside them and is not in the library: {captions:,}, such as of "
        "{examples}; index that folder, then import them again, or move the table elsewhere to go by "
        "names alone.",
        captions=captions,
        examples=examples,
    )


def _ambiguous(captions: int, examples: str) -> Sentence:
    return Sentence(
        "Captions that may belong to several photos: {captions:,}, such as of {examples}; write the "
        "folder into the table too, as in beach/1.jpg.",
        captions=captions,
        examples=examples,
    )


def _outside(captions: int, examples: str) -> Sentence:
    return Sentence(
        "Captions whose photo is said to be outside the table's folder: {captions:,}, such as of {examples}.",
        captions=captions,
        examples=examples,
    )


def _elsewhere(captions: int, examples: str) -> Sentence:
    return Sentence(
        "Captions of photos that lie in another folder than the table says: {captions:,}, such as of "
        "{examples}; they were found by their names alone.",
        captions=captions,
        examples=examples,
    )


def _empty(captions: int, examples: str) -> Sentence:
    return Sentence(
        "Captions without text: {captions:,}, such as of {examples}.", captions=captions, examples=examples
    )


def _long(captions: int, examples: str) -> Sentence:
    return Sentence(
        "Captions longer than the {most:,} characters that are kept: {captions:,}, such as of {examples}.",
        most=LONGEST_CAPTION,
        captions=captions,
        examples=examples,
    )


def _same(photos: int, text: str) -> Sentence:
    return Sentence(
        "All {photos:,} photos have the same caption, “{text}”; nothing can be learnt from that.",
        photos=photos,
        text=text,
    )
