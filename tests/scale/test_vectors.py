"""Vectors leave a library, or come from elsewhere, and go into another one."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from photosearch import cli
from photosearch.cli import import_vectors as command
from photosearch.core import messages
from photosearch.core.errors import Cancelled
from photosearch.core.photo import FACTS_VERSION, Facts
from photosearch.core.progress import Control, Progress
from photosearch.core.vector_messages import ImportVectors, VectorsImported
from photosearch.engine.folders import Folders
from photosearch.engine.handlers import Handlers
from photosearch.engine.indexing import Bring
from photosearch.engine.model import LoadedModel
from photosearch.engine.service import Engine
from photosearch.engine.vector_import import VectorImports
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.scale import parts
from photosearch.scale.reading import ROWS_AT_ONCE
from photosearch.scale.rows import Header, PhotoRow
from photosearch.store.reader import Reader
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.engine import ask, engine_of, refusal, search
from tests.helpers.photos import make_photo

COLOURS = ("red", "green", "blue", "yellow")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of each colour, a copy, and one whose name is no Unicode."""
    folder = tmp_path_factory.mktemp("coloured")
    for colour in COLOURS:
        make_photo(folder / f"{colour}.png", color=colour)
    (folder / "copy.png").write_bytes((folder / "red.png").read_bytes())
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/\xff.png"))
    odd.write_bytes(make_photo(folder / "noise.png", 5).read_bytes())
    return folder


def new_library(folder: Path) -> Library:
    library = Library(folder)
    describe_model(library)
    return library


@pytest.fixture(scope="module")
def exported(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parts of a library of these photos, which is `library` beside it."""
    root = tmp_path_factory.mktemp("exported")
    library = new_library(root / "library")
    with engine_of(library) as engine:
        ask(engine, messages.Index([os.fsencode(photos)]))
    arguments = ["export-vectors", "--out", str(root / "vectors"), "--library", str(library.root)]
    assert cli.main([*arguments, "--model", MODEL]) == 0
    return root / "vectors"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path / "other")


@pytest.fixture
def engine(library: Library) -> Iterator[Engine]:
    with engine_of(library) as running:
        yield running


def embedded(library: Library) -> list[IndexedFile]:
    with Reader.open(library) as reader:
        (model,) = (one.model_id for one in reader.models())
        return list(reader.embedded(model))


def bring(engine: Engine, vectors: Path, *places: tuple[Path | str, Path]) -> VectorsImported:
    told = tuple((os.fsencode(was), os.fsencode(now)) for was, now in places)
    reply = ask(engine, ImportVectors(os.fsencode(vectors), told))
    assert isinstance(reply, VectorsImported)
    return reply


def counts(found: VectorsImported) -> tuple[int, int, int, int, int]:
    return found.imported, found.known, found.missing + found.changed, found.outside, found.refused


def same(one: IndexedFile, other: IndexedFile) -> bool:
    return np.array_equal(one.vector, other.vector) and all(
        getattr(one, name) == getattr(other, name)
        for name in one.__struct_fields__
        if name not in ("vector", "folder_id")
    )


def test_what_was_exported_comes_back_as_it_was_and_is_not_read_again(
    exported: Path, photos: Path, library: Library, engine: Engine
) -> None:
    assert counts(bring(engine, exported, (photos, photos))) == (7, 0, 0, 0, 0)
    before, after = embedded(Library(exported.parent / "library")), embedded(library)
    assert len(after) == 7
    assert all(map(same, before, after))
    assert os.path.basename(search(engine, "blue").hits[0].path) == "blue.png"  # noqa: PTH119
    assert counts(bring(engine, exported)) == (0, 7, 0, 0, 0), "all is known"
    report = ask(engine, messages.Index([os.fsencode(photos)])).report
    assert (report.indexed, report.unchanged, report.failed) == (0, 7, 0)


def test_the_command_line_brings_them_in_and_out(
    exported: Path, photos: Path, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    out = exported.parent / "vectors"
    arguments = ["export-vectors", "--out", str(out), "--library", str(exported.parent / "library")]
    assert cli.main([*arguments, "--model", MODEL, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["written"], printed["skipped"]) == (0, 7), "what is finished is not written again"
    assert cli.main(["import-vectors", str(exported), "--library", str(library.root), "--json"]) == 1
    failed = json.loads(capsys.readouterr().out)
    assert "and this library answers with" in failed["error"], "the bundled model"


def test_a_model_that_read_none_of_the_photos_exports_nothing(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, before = tmp_path / "none", exported.parent / "library"
    arguments = ["export-vectors", "--out", str(out), "--library", str(before), "--model"]
    unread = catalog.default().name
    assert cli.main([*arguments, unread]) == 1
    assert f"{unread} has read none of the photos" in capsys.readouterr().err
    assert not out.exists()


def test_a_library_leaves_and_comes_back_by_way_of_lance(
    exported: Path, photos: Path, tmp_path: Path, library: Library, engine: Engine
) -> None:
    before = exported.parent / "library"
    arguments = ["export-vectors", "--out", str(tmp_path / "vectors"), "--library", str(before)]
    for _ in range(2):  # the second writes nothing
        assert cli.main([*arguments, "--model", MODEL, "--format", "lance"]) == 0
    assert counts(bring(engine, tmp_path / "vectors", (photos, photos))) == (7, 0, 0, 0, 0)
    assert all(map(same, embedded(Library(before)), embedded(library)))


def test_photos_that_lie_elsewhere_are_brought_to_where_they_are(
    exported: Path, photos: Path, tmp_path: Path, library: Library, engine: Engine
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "red.png").write_bytes((photos / "red.png").read_bytes())
    found = bring(engine, exported, (photos, here))
    assert counts(found) == (1, 0, 6, 0, 0)
    assert "if it is elsewhere on this computer: --folder FROM=TO" in str(found.problems[0])
    assert [file.path for file in embedded(library)] == [os.fsencode(here / "red.png")]
    report = ask(engine, messages.Index([os.fsencode(here)])).report
    assert report.indexed == 0, "it was written later: it is read, and not encoded"


def test_photos_outside_the_library_are_left_and_told(exported: Path, engine: Engine) -> None:
    found = bring(engine, exported)
    assert counts(found) == (0, 0, 0, 7, 0)
    assert "add one by --folder FOLDER" in str(found.problems[0])


class World:
    """A folder with one photo and one part, which may lie."""

    def __init__(self, folder: Path, library: Library, row: PhotoRow) -> None:
        self.photos, self.vectors = folder / "photos", folder / "vectors"
        self.photos.mkdir()
        path = make_photo(self.photos / "red.png", color="red")
        status = path.stat()
        info = catalog.find(MODEL, library)
        self.header = Header(info.model_id, info.name, info.dim, FACTS_VERSION)
        self.row = msgspec.structs.replace(
            row, path=os.fsencode(path), size=status.st_size, mtime_ns=status.st_mtime_ns
        )

    def write(self, *changes: dict[str, object]) -> None:
        with parts.PartWriter(self.vectors, "part-0", self.header) as part:
            for changed in changes or ({},):
                part.add(msgspec.structs.replace(self.row, **changed))

    def bring(self, engine: Engine) -> VectorsImported:
        return bring(engine, self.vectors, (self.photos, self.photos))


@pytest.fixture
def world(tmp_path: Path, library: Library, exported: Path) -> World:
    file = embedded(Library(exported.parent / "library"))[0]
    assert file.look
    row = PhotoRow(
        file.path,
        file.content_hash,
        file.size,
        file.mtime_ns,
        file.facts,
        file.colour,
        file.look,
        file.thumbnail,
        file.vector.tobytes(),
    )
    return World(tmp_path, library, row)


def unit(dim: int, value: float = 1.0) -> bytes:
    vector = np.zeros(dim, "<f2")
    vector[0] = value
    return vector.tobytes()


def test_a_row_that_makes_sense_is_taken(world: World, engine: Engine) -> None:
    world.write({"vector": unit(32)})
    assert counts(world.bring(engine)) == (1, 0, 0, 0, 0)


def test_photos_whose_file_changed_since_are_left_and_told(
    world: World, engine: Engine, library: Library, tmp_path: Path
) -> None:
    world.write({}, {"size": world.row.size + 1}, {"mtime_ns": world.row.mtime_ns - 1})
    found = world.bring(engine)
    assert (found.imported, found.changed, found.missing) == (1, 2, 0)
    assert "changed since they were embedded: 2, such as" in str(found.problems[0])
    assert command.sentence(found) == "Imported 1 photo; 2 whose file changed since."
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    world.write({"path": b"s3://bucket/red.png", "mtime_ns": 5}, {"path": b"s3://bucket/red.png", "size": 5})
    (elsewhere / "red.png").write_bytes((world.photos / "red.png").read_bytes())
    found = bring(engine, world.vectors, ("s3://bucket", elsewhere))
    assert (found.imported, found.changed) == (1, 1), "a copy may have a new time, and no new size"


WRONG: list[dict[str, object]] = [
    {"vector": unit(32, 0.5)},
    {"vector": unit(32, np.nan)},
    {"vector": unit(32, np.inf)},
    {"thumbnail": b"GIF89a"},
    {"thumbnail": b"\xff\xd8 no picture"},
    {"facts": Facts("JPEG", 0, 3)},
    {"facts": Facts("JPEG", 4, 3, latitude=91.0, longitude=0.0)},
    {"facts": Facts("JPEG", 4, 3, latitude=1.0)},
    {"facts": Facts("JPEG", 4, 3, altitude_metres=np.nan)},
    {"facts": Facts("JPEG", 4, 3, camera="a\nb")},
    {"facts": Facts("JPEG", 4, 3, keywords=("a", "A"))},
    {"facts": Facts("JPEG", 4, 3, rating=6)},
    {"facts": Facts("MP4", 4, 3)},
    {"size": -1},
]


def test_rows_that_make_no_sense_are_refused(world: World, engine: Engine, library: Library) -> None:
    world.write(*WRONG)
    found = world.bring(engine)
    assert counts(found) == (0, 0, 0, 0, len(WRONG))
    assert "red.png (its vector has not the length 1)" in str(found.problems[0])
    assert embedded(library) == []


def test_a_row_of_another_model_than_its_file_is_refused(
    world: World, engine: Engine, library: Library
) -> None:
    world.write()
    part = world.vectors / "part-0.parquet"
    table = pq.read_table(part)
    column = table.schema.get_field_index("model_id")
    pq.write_table(table.set_column(column, "model_id", pa.array(["0" * 16])), part)
    told = refusal(engine, ImportVectors(os.fsencode(world.vectors)))
    assert "part-0.parquet cannot be read: a row is of another model than the file" in told
    assert embedded(library) == []


class Jobs:
    """In the place of Indexing: runs a job here and now, and ends it.

    Args:
        seconds: after which; None: once it has told of its first batch
    """

    def __init__(self, library: Library, writer: Writer, seconds: float | None = None) -> None:
        self._seconds = seconds
        self.folders = Folders(library, writer)
        self._loaded = load_colours(catalog.find(MODEL, library), library)
        self.ended = False

    def add_folders(self, paths: list[bytes]) -> set[bytes]:
        return {self.folders.add(path) for path in paths}

    def bring(self, folders: set[bytes], bring: Bring) -> None:
        control = Control()
        loaded = LoadedModel(*self._loaded, None, None, None)  # type: ignore[arg-type]

        def told(progress: Progress) -> None:
            assert progress.total == MANY
            if progress.done:
                control.cancel()

        if self._seconds is not None:
            threading.Timer(self._seconds, control.cancel).start()
        try:
            bring(loaded, control, told, lambda ids, vectors, bias: None)
        except Cancelled:
            self.ended = True


MANY = ROWS_AT_ONCE + 9


def test_an_import_that_is_ended_keeps_what_it_has_done_and_goes_on(world: World, library: Library) -> None:
    names = [b"%s/%d.png" % (os.fsencode(world.photos), number) for number in range(MANY)]
    for name in names:
        Path(os.fsdecode(name)).touch()
    world.write(
        *(
            {
                "path": name,
                "content_hash": name[-20:].rjust(20),
                "size": 0,
                "mtime_ns": Path(os.fsdecode(name)).stat().st_mtime_ns,
            }
            for name in names
        )
    )
    place = os.fsencode(world.photos)
    request = ImportVectors(os.fsencode(world.vectors), ((place, place),))
    with Writer.open(library) as writer:
        jobs, handlers = Jobs(library, writer), Handlers()
        VectorImports(library, writer, jobs).serve(handlers)  # type: ignore[arg-type]
        assert counts(handlers(request)) == (ROWS_AT_ONCE, 0, 0, 0, 0)  # type: ignore[arg-type]
        assert jobs.ended
        assert len(embedded(library)) == ROWS_AT_ONCE
    with engine_of(library) as engine:
        assert counts(world.bring(engine)) == (9, ROWS_AT_ONCE, 0, 0, 0)


def test_an_import_that_waits_for_a_dead_drive_can_be_ended(world: World, library: Library) -> None:
    waits = [sys.executable, "-c", "import time; time.sleep(600)"]
    with Writer.open(library) as writer:
        jobs, handlers = Jobs(library, writer, seconds=0.1), Handlers()
        VectorImports(library, writer, jobs, waits).serve(handlers)  # type: ignore[arg-type]
        assert counts(handlers(ImportVectors(os.fsencode(world.vectors)))) == (0, 0, 0, 0, 0)  # type: ignore[arg-type]
    assert jobs.ended


def test_a_path_that_leads_out_of_its_folder_is_left(world: World, engine: Engine) -> None:
    world.write({"path": os.fsencode(world.photos) + b"/../vectors/part-0.parquet"})
    assert counts(world.bring(engine)) == (0, 0, 0, 1, 0)


def test_vectors_of_another_model_or_version_are_refused(world: World, engine: Engine) -> None:
    header = world.header
    world.header = msgspec.structs.replace(header, model_id="0" * 16, model="other")
    world.write()
    told = ImportVectors(os.fsencode(world.vectors))
    assert "of the model other (0000000000000000), and this library answers with" in refusal(engine, told)
    world.header = msgspec.structs.replace(header, facts_version=FACTS_VERSION + 1)
    world.write()
    assert "written by an older or a newer PhotoSearch" in refusal(engine, told)


def test_a_folder_without_vectors_is_told(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no vectors" in refusal(engine, ImportVectors(os.fsencode(tmp_path / "empty")))
    (tmp_path / "empty" / "part-0.parquet").write_bytes(b"PAR1 none")
    assert "is damaged or no Parquet" in refusal(engine, ImportVectors(os.fsencode(tmp_path / "empty")))
