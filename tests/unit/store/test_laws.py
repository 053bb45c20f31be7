"""Any sequence of changes keeps the laws of the library, held against a model of plain dicts."""

import shutil
import tempfile
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from photosearch.core.errors import Sentence
from photosearch.core.query import InFolder
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import Failure
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file

seeds = st.integers(0, 5)
names = st.sampled_from([b"a", b"b", b"c", b"\xff"])
folders = st.sampled_from([b"/p", b"/p/x", b"/q"])
stamps = st.integers(0, 1)


class LibraryLaws(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.writer = Writer.open(Library(self.root))
        self.reader = Reader.open(Library(self.root))
        self.writer.register_model(MODEL, "tiny", DIM)
        self.folders: dict[bytes, int] = {}
        self.files: dict[bytes, tuple[bytes, int, int]] = {}  # path -> folder, photo id, mtime_ns
        self.failures: dict[bytes, tuple[bytes, int]] = {}  # path -> folder, attempts
        self.photos: dict[int, int] = {}  # seed -> photo id

    def teardown(self) -> None:
        assert self.reader.check() == []
        self.reader.close()
        self.writer.close()
        shutil.rmtree(self.root)

    def folder_of(self, path: bytes) -> bytes | None:
        return next((folder for folder in self.folders if path.startswith(folder + b"/")), None)

    @rule(path=folders)
    def add_folder(self, path: bytes) -> None:
        folder = self.writer.add_folder(path, "")
        if (known := self.folder_of(path + b"/")) is not None:
            assert folder.folder_id == self.folders[known]
            return
        for child in [child for child in self.folders if child.startswith(path + b"/")]:
            del self.folders[child]
        self.folders[path] = folder.folder_id
        self.files = {p: (self.folder_of(p) or b"", *rest) for p, (_, *rest) in self.files.items()}  # type: ignore
        self.failures = {p: (self.folder_of(p) or b"", n) for p, (_, n) in self.failures.items()}

    @rule(path=folders)
    def remove_folder(self, path: bytes) -> None:
        assert self.writer.remove_folder(path) == (path in self.folders)
        self.folders.pop(path, None)
        self.files = {p: row for p, row in self.files.items() if row[0] != path}
        self.failures = {p: row for p, row in self.failures.items() if row[0] != path}

    @rule(batch=st.lists(st.tuples(seeds, folders, names), max_size=4), mtime_ns=stamps)
    def commit(self, batch: list[tuple[int, bytes, bytes]], mtime_ns: int) -> None:
        batch = [(seed, parent + b"/" + name, b"") for seed, parent, name in batch]
        batch = [(seed, path, folder) for seed, path, _ in batch if (folder := self.folder_of(path))]
        files = [
            indexed_file(seed, folder_id=self.folders[folder], path=path, mtime_ns=mtime_ns)
            for seed, path, folder in batch
        ]
        for (seed, path, folder), photo_id in zip(batch, self.writer.commit(files, MODEL), strict=True):
            assert self.photos.setdefault(seed, photo_id) == photo_id
            self.files[path] = (folder, photo_id, mtime_ns)
            self.failures.pop(path, None)

    @rule(seed=seeds, parent=folders, name=names, mtime_ns=stamps)
    def link(self, seed: int, parent: bytes, name: bytes, mtime_ns: int) -> None:
        path = parent + b"/" + name
        folder = self.folder_of(path)
        if folder and seed in self.photos:
            self.writer.link(self.folders[folder], path, 1, mtime_ns, self.photos[seed])
            self.files[path] = (folder, self.photos[seed], mtime_ns)
            self.failures.pop(path, None)

    @rule(parent=folders, name=names)
    def forget(self, parent: bytes, name: bytes) -> None:
        path = parent + b"/" + name
        assert self.writer.forget([path]) == (path in self.files)
        self.files.pop(path, None)
        self.failures.pop(path, None)

    @rule(parent=folders, name=names, mtime_ns=stamps)
    def fail(self, parent: bytes, name: bytes, mtime_ns: int) -> None:
        path = parent + b"/" + name
        folder = self.folder_of(path)
        if folder:
            self.writer.fail(
                [
                    Failure(
                        folder_id=self.folders[folder],
                        path=path,
                        stage="decode",
                        reason=Sentence(""),
                        size=-1,
                        mtime_ns=mtime_ns,
                    )
                ]
            )
            self.files.pop(path, None)
            self.failures[path] = (folder, self.failures.get(path, ("", 0))[1] + 1)

    @invariant()
    def the_library_says_the_same(self) -> None:
        reader = self.reader
        assert {folder.path: folder.folder_id for folder in reader.folders()} == self.folders
        assert {f.path: f.attempts for f in reader.failures()} == {
            p: n for p, (_, n) in self.failures.items()
        }
        for folder, folder_id in self.folders.items():
            photos = {p: s.photo_id for p, s in reader.stamps(folder_id).items()}
            assert photos == {p: row[1] for p, row in self.files.items() if row[0] == folder} | {
                p: None for p, row in self.failures.items() if row[0] == folder
            }
        living = {photo_id for _, photo_id, _ in self.files.values()}
        assert set(reader.living().tolist()) == living
        assert set(reader.timeline()[0].tolist()) == living
        for folder, count, _ in map(msgspec.structs.astuple, reader.subfolders()):
            photo_ids = {row[1] for path, row in self.files.items() if path.startswith(folder + b"/")}
            assert count == len(photo_ids)
        below = [path for path in self.files if path.startswith(b"/p/x/")]
        assert set(reader.matching([InFolder((b"/p/x",))]).tolist()) == {self.files[p][1] for p in below}
        assert set(reader.vector_ids(MODEL).tolist()) == set(self.photos.values())
        assert {p.photo_id for p in reader.photos(sorted(self.photos.values()))} == living
        assert all(reader.thumbnail(photo_id) for photo_id in self.photos.values())
        assert reader.counts(MODEL).searchable == len(living)


TestLibraryLaws = LibraryLaws.TestCase
TestLibraryLaws.settings = settings(max_examples=25, stateful_step_count=20)
