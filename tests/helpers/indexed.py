"""A library of small files that need not be photos, indexed without decoding or encoding."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from photosearch.core import messages, note_messages
from photosearch.engine.captions import CaptionFiles
from photosearch.engine.handlers import Handlers
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file


@dataclass
class Indexed:
    """A library whose photos lie in `folder`."""

    folder: Path
    library: Library
    writer: Writer
    told: list[messages.AnyEvent] = field(default_factory=list)

    def add(self, *names: str, caption: str | None = None) -> None:
        """Index these files of the folder, and make those that are not there."""
        new = [name for name in names if not (self.folder / name).exists()]
        for number, name in enumerate(new, len(list(self.folder.rglob("*.*")))):
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"photo %d" % number)
        folder_id = self.writer.add_folder(os.fsencode(self.folder), "disk").folder_id
        for name in names:
            path = self.folder / name
            stat = path.stat()
            file = msgspec.structs.replace(
                indexed_file(0, folder_id=folder_id, path=os.fsencode(path), caption=caption),
                size=stat.st_size,
                mtime_ns=stat.st_mtime_ns,
                content_hash=hashlib.blake2b(path.read_bytes(), digest_size=20).digest(),
            )
            self.writer.commit([file], MODEL)

    def take(self, path: Path, *, dry_run: bool = False) -> note_messages.CaptionsImported:
        handlers = Handlers()
        CaptionFiles(self.library, self.writer, self.told.append).serve(handlers)
        reply = handlers(note_messages.ImportCaptions(os.fsencode(path), dry_run))
        assert isinstance(reply, note_messages.CaptionsImported)
        return reply

    def give(self, path: Path) -> note_messages.CaptionsExported:
        handlers = Handlers()
        CaptionFiles(self.library, self.writer, self.told.append).serve(handlers)
        reply = handlers(note_messages.ExportCaptions(os.fsencode(path)))
        assert isinstance(reply, note_messages.CaptionsExported)
        return reply

    def shown(self) -> list[tuple[str, str]]:
        with Reader.open(self.library) as reader:
            return [
                (Path(os.fsdecode(caption.path)).relative_to(self.folder).as_posix(), caption.text)
                for caption in reader.captions()
            ]

    def id_of(self, name: str) -> int:
        with Reader.open(self.library) as reader:
            photo_id = reader.photo_at(os.fsencode(self.folder / name))
        assert photo_id is not None
        return photo_id


def made(root: Path) -> Indexed:
    """Without photos yet; the caller closes its writer."""
    library = Library(root / "library")
    writer = Writer.open(library)
    writer.register_model(MODEL, "tiny", DIM)
    (root / "photos").mkdir()
    return Indexed(root / "photos", library, writer)
