import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.core.photo import Confidence
from photosearch.paths import Library
from photosearch.search.query import parse
from photosearch.search.searcher import Searcher
from photosearch.store.rows import Folder, IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.library import indexed_file
from tests.helpers.tiny_encoder import COLOURS, TinyEncoder

ENCODER = TinyEncoder()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def writer(library: Library) -> Iterator[Writer]:
    with Writer.open(library) as writer:
        writer.register_model(ENCODER.model_id, ENCODER.name, ENCODER.dim)
        yield writer


@pytest.fixture
def folder(writer: Writer) -> Folder:
    return writer.add_folder(b"/photos", "")


def painted(folder: Folder, *colours: str) -> IndexedFile:
    """A photo in stripes of these colours."""
    pixels = np.repeat(np.uint8([COLOURS[colour] for colour in colours]), 12, axis=0)[None, None]
    vector = ENCODER.encode_images(np.repeat(pixels[0], 4, axis=0)[None])[0]
    name = "-".join(colours)
    file = indexed_file(
        sum(name.encode()) * 100 + len(name), folder_id=folder.folder_id, path=b"/photos/" + name.encode()
    )
    values = {field: getattr(file, field) for field in file.__struct_fields__}
    return IndexedFile(**(values | {"vector": vector.astype(np.float16), "bias": 0.0}))


def names(searcher: Searcher, text: str, k: int = 10) -> list[str]:
    return [hit.path.removeprefix("/photos/") for hit in searcher.search(parse(text), k).hits]


@pytest.fixture
def red_and_others(writer: Writer, folder: Folder) -> list[int]:
    files = [painted(folder, *colours) for colours in (["blue"], ["red"], ["green"], ["red", "blue", "blue"])]
    return writer.commit(files, ENCODER.model_id)


def test_a_sentence_finds_what_it_says(library: Library, red_and_others: list[int]) -> None:
    result = Searcher(library, ENCODER).search(parse("red"), 2)
    assert [hit.path for hit in result.hits] == ["/photos/red", "/photos/red-blue-blue"]
    assert result.hits[0].score == pytest.approx(1.0, abs=1e-3)
    assert result.hits[0].confidence is Confidence.STRONG
    assert (result.query, result.model, result.searched) == ("red", ENCODER.model_id, 4)
    assert result.encode_ms >= 0
    assert result.rank_ms >= 0


def test_nonsense_shows_nothing_as_strong(library: Library, red_and_others: list[int]) -> None:
    result = Searcher(library, ENCODER).search(parse("qwxz vbnm"), 4)
    assert {hit.confidence for hit in result.hits} <= {Confidence.WEAK, Confidence.LIKELY}


def test_the_bias_lowers_a_photo_that_answers_everything(
    library: Library, writer: Writer, folder: Folder
) -> None:
    hub = painted(folder, "red")
    values = {field: getattr(hub, field) for field in hub.__struct_fields__}
    hub = IndexedFile(**(values | {"bias": 0.9}))
    writer.commit([hub, painted(folder, "red", "blue")], ENCODER.model_id)
    assert names(Searcher(library, ENCODER), "red") == ["red-blue", "red"]


def test_similar_photos_without_the_photo_itself(library: Library, red_and_others: list[int]) -> None:
    searcher = Searcher(library, ENCODER)
    result = searcher.similar(red_and_others[0], 2)
    first, second = (hit.photo_id for hit in result.hits)
    assert first == red_and_others[3]
    assert second in red_and_others[1:3]
    with pytest.raises(KnownError, match="not indexed yet"):
        searcher.similar(999, 2)


def test_a_photo_in_several_files_is_one_hit(
    library: Library, writer: Writer, folder: Folder, red_and_others: list[int]
) -> None:
    writer.link(folder.folder_id, b"/photos/copy", 1, 1, red_and_others[1])
    assert names(Searcher(library, ENCODER), "red", 9).count("red") == 1
    writer.forget([b"/photos/red"])
    assert names(Searcher(library, ENCODER), "red", 1) == ["copy"]


def test_photos_come_and_go_while_it_runs(
    library: Library, writer: Writer, folder: Folder, red_and_others: list[int]
) -> None:
    searcher = Searcher(library, ENCODER)
    file = painted(folder, "yellow")
    ids = writer.commit([file], ENCODER.model_id)
    searcher.photos_added(np.array(ids), file.vector[None], np.zeros(1, np.float32))
    assert names(searcher, "yellow", 1) == ["yellow"]

    writer.forget([file.path])
    searcher.photos_changed()
    assert "yellow" not in names(searcher, "yellow")
    assert searcher.search(parse("yellow"), 9).searched == 4

    writer.link(folder.folder_id, b"/photos/back", 1, 1, ids[0])
    searcher.photos_changed()
    assert names(searcher, "yellow", 1) == ["back"]

    restarted = Searcher(library, ENCODER)
    assert names(restarted, "yellow", 9) == names(searcher, "yellow", 9)


def test_vectors_that_came_by_another_way_are_noticed(
    library: Library, writer: Writer, folder: Folder
) -> None:
    searcher = Searcher(library, ENCODER)
    assert names(searcher, "red") == []
    writer.commit([painted(folder, "red"), painted(folder, "blue")], ENCODER.model_id)
    searcher.photos_changed()
    searcher.photos_changed()
    assert names(searcher, "red") == ["red", "blue"]
    assert (library.vectors / f"{ENCODER.model_id}.f16").stat().st_size == 2 * 2 * ENCODER.dim


def test_threads_search_at_once(library: Library, red_and_others: list[int]) -> None:
    searcher = Searcher(library, ENCODER)
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(names(searcher, "green", 1))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["green"]] * 4


def test_importing_search_does_not_load_torch() -> None:
    code = "import sys, photosearch.search.searcher; print('torch' in sys.modules)"
    assert subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout == ("False\n")
