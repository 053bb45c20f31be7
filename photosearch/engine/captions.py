"""Captions taken in from files, and written to one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from photosearch.captions.reading import read_captions
from photosearch.captions.writing import write_captions
from photosearch.core import note_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.engine.caption_import import CaptionImport
from photosearch.engine.handlers import Handlers
from photosearch.engine.photo_names import PhotoNames
from photosearch.paths import Library
from photosearch.store.folders import contains
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer


class CaptionFiles:
    """Answers requests that import captions from a file or export them to one.

    Args:
        publish: tells every face that notes have changed
    """

    def __init__(
        self, library: Library, writer: Writer, publish: Callable[[note_messages.NotesChanged], None]
    ) -> None:
        self._library = library
        self._writer = writer
        self._publish = publish

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.answer(note_messages.ImportCaptions, self._import)
        handlers.answer(note_messages.ExportCaptions, self._export)

    def _export(self, request: note_messages.ExportCaptions) -> note_messages.CaptionsExported:
        """
        Raises:
            KnownError: the file cannot be written, or there are no captions.
        """
        with Reader.open(self._library) as reader:
            number = write_captions(_path(request.path_bytes), named_captions(reader))
            photos = {caption.photo_id for caption in reader.captions()}
        return note_messages.CaptionsExported(number, len(photos))

    def _import(self, request: note_messages.ImportCaptions) -> note_messages.CaptionsImported:
        """
        Raises:
            KnownError: the file cannot be read, or holds no captions.
        """
        path, dry_run = _path(request.path_bytes), request.dry_run
        with Reader.open(self._library) as reader:
            gathered = CaptionImport(reader, PhotoNames(reader.files()))
            captions = read_captions(path, gathered.fault)
            inside = reader.described_below(os.fsencode(path.resolve()))
            if captions is None and not inside:
                raise _nothing(path)
            if captions is not None:
                gathered.add_all(captions)
            problems = gathered.problems(captions.table.notes if captions else [])
        found = list(gathered.captions)
        new = self._writer.import_captions(found, dry_run=dry_run)
        if new and not dry_run:
            self._publish(note_messages.NotesChanged(tuple(dict.fromkeys(new))))
        return note_messages.CaptionsImported(
            new=len(new),
            repeated=gathered.repeated + len(found) - len(new),
            skipped_no_photo=gathered.skipped_no_photo,
            ambiguous=gathered.ambiguous,
            problems=(*problems, _inside(inside)) if inside else problems,
            photos=len(set(new)),
            format=captions.table.format if captions else "captions in the photos",
        )


def named_captions(reader: Reader) -> Iterator[tuple[str, str]]:
    """Every caption that is shown, with a name that means its photo, and no other of the library."""
    names = PhotoNames(reader.files())
    folders = sorted((folder.path for folder in reader.folders()), key=len, reverse=True)
    for caption in reader.captions():
        folder = next((folder for folder in folders if contains(folder, caption.path)), b"/")
        yield names.name_of(caption.path, caption.photo_id, folder), caption.text


def _nothing(path: Path) -> KnownError:
    return KnownError(
        "{path} holds no captions that are known here: no captions.csv, no .jsonl, no .txt beside the "
        "photos, and no table of Flickr, Karpathy or COCO. Captions in the photos themselves are read "
        "when these are indexed.",
        path=path,
    )


def _inside(photos: int) -> Sentence:
    return Sentence(
        "Photos there with a caption in their own files: {photos:,}; these were read when they were indexed.",
        photos=photos,
    )


def _path(path_bytes: bytes) -> Path:
    return Path(os.fsdecode(path_bytes))
