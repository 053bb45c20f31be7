"""Photos in a vector store are found and scored as in memory."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from qdrant_client import QdrantClient

from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.search import stored
from photosearch.search.known_photos import KnownPhotos
from photosearch.search.matrix import Matrix
from photosearch.search.recall import ExactBest
from photosearch.search.stored import StoredVectors
from photosearch.search.stores import StoreDamaged, StoreGone, VectorStore, point_of, points_of, width
from photosearch.search.stores.lance import LanceStore
from photosearch.search.stores.qdrant import QdrantStore
from photosearch.store.reader import OpenReaders, Reader
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.library import indexed_file
from tests.helpers.spoilt import spoil
from tests.helpers.tiny_encoder import TinyEncoder

DIM = 24
MODEL = "tiny"
PHOTOS = 120
# Its own word for the mode that is for tests: it looks at all points.
pytestmark = pytest.mark.filterwarnings("ignore:Local mode performs exact")


def qdrant(_: Path) -> VectorStore:
    return QdrantStore("memory", "photos", DIM, QdrantClient(":memory:"))


def lance(folder: Path) -> VectorStore:
    return LanceStore(folder / "lance", DIM)


Make = Callable[[Path], VectorStore]


@pytest.fixture(params=[lance, qdrant])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


class Shelf:
    """A library of photos with random vectors, whose biases differ by as much as their cosines do."""

    def __init__(self, root: Path) -> None:
        self.library = Library(root)
        self.random = np.random.default_rng(0)
        self.writer = Writer.open(self.library)
        self.writer.register_model(MODEL, "tiny", DIM)
        self.folders = {name: self.writer.add_folder(name, "") for name in (b"/photos", b"/gone")}
        self.readers = OpenReaders(self.library)

    def add(
        self, numbers: range, folder: bytes = b"/photos"
    ) -> tuple[NDArray[np.int64], NDArray[np.float16], NDArray[np.float32]]:
        """-> ids, vectors and biases."""
        vectors = self.random.standard_normal((len(numbers), DIM)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        half, bias = vectors.astype(np.float16), self.random.random(len(numbers)).astype(np.float32) / 4
        files = []
        for number, vector, one in zip(numbers, half, bias.tolist(), strict=True):
            file = indexed_file(
                number, folder_id=self.folders[folder].folder_id, path=b"%s/%d" % (folder, number)
            )
            values = {field: getattr(file, field) for field in file.__struct_fields__}
            files.append(IndexedFile(**(values | {"vector": vector, "bias": one})))
        return np.array(self.writer.commit(files, MODEL)), half, bias

    def stored(self, store: VectorStore) -> StoredVectors:
        """With all photos in the store."""
        index = StoredVectors(store, "any", store.efforts[-1], MODEL, self.readers)
        with Reader.open(self.library) as reader:
            while index.fill(reader):
                pass
        return index

    def matrix(self) -> Matrix:
        matrix = Matrix()
        with Reader.open(self.library) as reader:
            for rows in reader.vectors(MODEL):
                matrix.add(*rows)
            matrix.set_living(reader.living())
        return matrix

    def query(self, seed: int) -> NDArray[np.float32]:
        vector = np.random.default_rng(seed).standard_normal(DIM)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "library")
    with shelf.writer:
        yield shelf
    shelf.readers.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is asked, however few photos there are, for many fewer than there are."""
    monkeypatch.setattr(stored, "READ", 0)
    monkeypatch.setattr(stored, "CANDIDATES", 30)
    monkeypatch.setattr(stored, "MOST_CANDIDATES", 60)


def equal(found: tuple[np.ndarray, np.ndarray], expected: tuple[np.ndarray, np.ndarray]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


def test_the_best_are_those_of_the_matrix_with_its_scores(
    shelf: Shelf, make: Make, tmp_path: Path, asked: None
) -> None:
    ids, _, _ = shelf.add(range(PHOTOS))
    index, matrix = shelf.stored(make(tmp_path)), shelf.matrix()

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 1000), st.none() | st.sets(st.integers(0, PHOTOS - 1)), st.integers(1, 12))
    def as_in_memory(seed: int, chosen: set[int] | None, k: int) -> None:
        among = None if chosen is None else ids[sorted(chosen)]
        query = shelf.query(seed)
        ranking, expected = index.rank(query, among), matrix.rank(query, among)
        assert equal(ranking.top(k), expected.top(k))
        assert len(ranking) == len(expected)
        assert set(ranking.ids()) == set(expected.ids())

    as_in_memory()
    assert index.bias(int(ids[3])) == matrix.bias(int(ids[3]))
    assert np.array_equal(index.vector(int(ids[3])), matrix.vector(int(ids[3])))
    assert index.vector(10**6) is index.bias(10**6) is None


def test_photos_come_and_go_as_if_the_store_were_made_anew(
    shelf: Shelf, make: Make, tmp_path: Path, asked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "WAITING", 16)
    shelf.add(range(20), b"/gone")
    shelf.add(range(20, 50))
    index = shelf.stored(make(tmp_path / "followed"))
    for start in range(50, 90, 9):  # the last ones wait in memory
        index.add(*shelf.add(range(start, start + 9)))
    shelf.writer.remove_folder(b"/gone")
    with Reader.open(shelf.library) as reader:
        living = reader.living()
        index.set_living(living)
        expected = [shelf.matrix().rank(shelf.query(seed)).top(20) for seed in range(3)]
        assert all(equal(index.rank(shelf.query(seed)).top(20), expected[seed]) for seed in range(3))
        while index.fill(reader):
            pass
        index.set_living(living)
    assert sorted(index.store.ids()) == sorted(shelf.stored(make(tmp_path / "anew")).store.ids())
    assert sorted(index.store.ids()) == sorted(living)
    assert all(equal(index.rank(shelf.query(seed)).top(20), expected[seed]) for seed in range(3))


@pytest.mark.parametrize("passing", [60, 4])  # of the best; where few do, all that pass are gone through
def test_filtered_photos_are_the_best_of_these_however_few_of_the_best_pass(
    shelf: Shelf, tmp_path: Path, asked: None, monkeypatch: pytest.MonkeyPatch, passing: int
) -> None:
    monkeypatch.setattr(stored, "MOST_NAMED", 40)
    monkeypatch.setattr(stored, "_SCORED_AT_ONCE", 25)
    shelf.add(range(PHOTOS))
    index, matrix = shelf.stored(lance(tmp_path)), shelf.matrix()
    query = shelf.query(2)
    order = matrix.rank(query).order(PHOTOS)
    among = np.sort(np.concatenate([order[:passing], order[-70:]]))
    assert equal(index.rank(query, among).top(20), matrix.rank(query, among).top(20))


def test_to_fill_a_store_takes_few_looks_at_all_photos(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "WAITING", 4)
    shelf.add(range(20))
    index = StoredVectors(lance(tmp_path), "lance", 8, MODEL, shelf.readers)
    looks, vector_ids = [], Reader.vector_ids

    def looked(reader: Reader, model_id: str) -> NDArray[np.int64]:
        looks.append(model_id)
        return vector_ids(reader, model_id)

    monkeypatch.setattr(Reader, "vector_ids", looked)
    with Reader.open(shelf.library) as reader:
        assert index.fill(reader)
        index.add(*shelf.add(range(20, 24)))  # as many as are written at once
        while index.fill(reader):
            pass
    assert len(looks) == 2
    assert len(index.store.ids()) == 24


def test_what_the_store_does_not_name_comes_after_all_else(shelf: Shelf, tmp_path: Path, asked: None) -> None:
    shelf.add(range(PHOTOS))
    index, matrix = shelf.stored(lance(tmp_path)), shelf.matrix()
    query = shelf.query(1)
    order = matrix.rank(query).order(PHOTOS)
    ranking = index.rank(query, also=order[-1:])
    assert len(ranking) == PHOTOS
    assert ranking.order(10).tolist() == [*order[:30].tolist(), order[-1]]
    assert set(ranking.unscored) == set(order[30:-1])
    everyone = index.rank(query, level=-2.0)
    assert everyone.order(60).tolist() == order[:60].tolist()
    assert index.rank(query).among(order[[5, 50]]).ids().tolist() == [order[50], order[5]]


def test_what_cannot_be_written_is_found_all_the_same(
    shelf: Shelf, tmp_path: Path, asked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "WAITING", 16)
    shelf.add(range(40))
    index = shelf.stored(lance(tmp_path))

    def full(*_: object) -> None:
        raise KnownError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(index.store, "add", full)
        index.add(*shelf.add(range(40, 60)))
        assert equal(index.rank(shelf.query(4)).top(20), shelf.matrix().rank(shelf.query(4)).top(20))
    index.add(*shelf.add(range(60, 80)))
    assert len(index.store.ids()) == 80
    assert equal(index.rank(shelf.query(4)).top(20), shelf.matrix().rank(shelf.query(4)).top(20))


def test_videos_are_left_to_their_frames(shelf: Shelf, tmp_path: Path) -> None:
    ids, _, _ = shelf.add(range(9))
    index = shelf.stored(lance(tmp_path))
    index.rank_elsewhere(ids[:2])
    assert set(index.rank(shelf.query(0)).ids()) == set(ids[2:])


def test_a_store_answers_only_once_it_knows_which_photos_live(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add(range(9))
    gone, _, _ = shelf.add(range(9, 12), b"/gone")
    encoder = TinyEncoder(DIM)
    encoder.model_id = MODEL
    photos = KnownPhotos(shelf.library, encoder, "cpu", shelf.readers)
    asked: list[set[int]] = []

    class Asked(StoredVectors):
        """Is queried while it is told."""

        def set_living(self, ids: NDArray[np.int64]) -> None:
            asked.append(set(photos.rank(shelf.query(0)).ids()))
            super().set_living(ids)

    index = Asked(lance(tmp_path), "lance", 8, MODEL, shelf.readers)
    with Reader.open(shelf.library) as reader:
        while index.fill(reader):
            pass
    shelf.writer.remove_folder(b"/gone")
    photos.changed()
    photos.use(index)
    assert asked and not asked[0] & set(gone.tolist())


def test_recall_is_the_share_of_the_best_that_is_found(
    shelf: Shelf, tmp_path: Path, asked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = shelf.add(range(200))
    index = shelf.stored(lance(tmp_path))
    exact = ExactBest(np.stack([shelf.query(seed) for seed in range(4)]))
    assert exact.recall(index) == 1.0  # of no photos
    exact.look_at(*rows)
    assert exact.recall(index) == pytest.approx(0.3)  # of a hundred, only thirty candidates are asked for
    monkeypatch.setattr(stored, "CANDIDATES", 150)
    assert exact.recall(index) == 1.0


def test_an_index_finds_nearly_all_and_takes_in_what_came_later(shelf: Shelf, tmp_path: Path) -> None:
    ids, vectors, bias = shelf.add(range(600))
    store = LanceStore(tmp_path / "lance", DIM, indexed=400)
    store.add(ids[:500], points_of(vectors[:500], bias[:500]))
    assert store.build()
    assert not store.build()
    store.add(ids[500:], points_of(vectors[500:], bias[500:]))
    assert store.build()
    query = shelf.query(5)
    best = ids[np.argsort(bias - vectors.astype(np.float32) @ query)[:20]]
    assert np.isin(best, store.nearest(point_of(query), 200, store.efforts[-1])).mean() >= 0.95


def test_a_point_scores_as_the_photo_does(shelf: Shelf) -> None:
    _, vectors, bias = shelf.add(range(5))
    query = shelf.query(2)
    points = points_of(vectors, bias)
    assert points.shape == (5, width(DIM))
    assert points @ point_of(query) == pytest.approx(vectors @ query - bias, abs=2e-3)


KILLED = """
import sys, numpy as np
from pathlib import Path
from photosearch.search.stores.lance import LanceStore
store = LanceStore(Path(sys.argv[1]), {dim}, indexed=300)
for start in range(0, 10**6, 300):
    store.add(np.arange(start, start + 300), np.random.rand(300, {width}).astype(np.float16))
    print(start, flush=True)
    store.build()
"""


ALIKE = """
import sys, numpy as np
from pathlib import Path
from photosearch.search.stores.lance import LanceStore
store = LanceStore(Path(sys.argv[1]), {dim}, indexed=300)
store.add(np.arange(9000), np.ones((9000, {width}), np.float16))
assert store.build()
"""


def test_lancedb_tells_programmers_nothing_where_a_person_reads(tmp_path: Path) -> None:
    code = ALIKE.format(dim=DIM, width=width(DIM))
    command = [sys.executable, "-c", code, str(tmp_path / "lance")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_store_whose_writer_was_killed_goes_on(tmp_path: Path) -> None:
    code = KILLED.format(dim=DIM, width=width(DIM))
    command = [sys.executable, "-c", code, str(tmp_path / "lance")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        for _ in range(2):
            child.stdout.readline()
        time.sleep(0.05)  # into what it does next
        child.kill()
    store = LanceStore(tmp_path / "lance", DIM, indexed=300)
    there = store.ids()
    assert len(there) >= 300
    assert len(np.unique(there)) == len(there)
    store.add(np.array([10**7]), np.ones((1, width(DIM)), np.float16))
    store.remove(there)
    assert store.ids().tolist() == [10**7]


def test_faults_are_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"http://127\.0\.0\.1:9 does not answer.* use memory"):
        QdrantStore("http://127.0.0.1:9", "photos", DIM)
    (tmp_path / "lance").write_text("no folder")
    with pytest.raises(KnownError, match="see to that folder and its disk") as refused:
        LanceStore(tmp_path / "lance", DIM)
    assert not isinstance(refused.value, StoreGone), "it is nothing that filling it anew would mend"


@pytest.mark.parametrize("where", ["_versions", "data", "_indices", ""])
def test_damage_is_found_by_looking_and_told_from_what_the_system_refused(tmp_path: Path, where: str) -> None:
    store = LanceStore(tmp_path, DIM, indexed=100)
    store.add(np.arange(400), np.random.default_rng(0).random((400, width(DIM))).astype(np.float16))
    assert store.build()
    store.check()
    spoil(tmp_path / "photos.lance" / where)
    with pytest.raises(StoreDamaged, match="are damaged, and filled anew"):
        store.check()


@pytest.fixture
def emptied_server() -> Iterator[str]:
    """The address of a server whose collection is deleted once it was looked for."""

    class Emptied(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, b'{"result": {"exists": true}, "status": "ok", "time": 0}')

        def do_POST(self) -> None:
            self._answer(404, b'{"status": {"error": "Not found"}, "time": 0}')

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Emptied) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_collection_that_is_deleted_on_its_server_is_gone(emptied_server: str) -> None:
    store = QdrantStore(emptied_server, "photos", DIM)
    with pytest.raises(StoreGone, match="are not there any more; they are added"):
        store.nearest(np.zeros(width(DIM), np.float32), 5, 128)
    store.close()


def test_what_was_deleted_in_a_store_is_missed(shelf: Shelf, tmp_path: Path, make: Make) -> None:
    ids, _, _ = shelf.add(range(9))
    index = shelf.stored(make(tmp_path))
    index.check()
    index.store.remove(ids[:2])
    with pytest.raises(StoreGone, match="are not there any more"):
        index.check()


def test_a_table_whose_versions_were_deleted_is_missed(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add(range(9))
    index = shelf.stored(lance(tmp_path))
    shutil.rmtree(tmp_path / "lance" / "photos.lance" / "_versions")
    with pytest.raises(StoreGone, match="are not there any more"):
        index.check()
