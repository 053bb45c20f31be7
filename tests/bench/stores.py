"""A vector store against the resident matrix: a query, recall, time to build, bytes a photo, memory.

Alone, `python -m tests.bench.stores --library DIR --queries FILE.csv` measures the vectors of a library by
captions; `--photos N` measures made-up ones in clusters, and with `--filters` queries among some of them.
"""

import argparse
import csv
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil

from photosearch.paths import Library
from photosearch.search.matrix import Matrix
from tests.bench.library import fill, small_jpeg
from tests.bench.table import Row, median_seconds, print_table

DIM = 896
PHOTOS = 100_000
QUERIES = 30
CLUSTERS = 2_000
CHUNK = 8_192
SPREAD = 0.5  # length of what is added to a cluster's middle
BEST = 100
PASSING = (10, 1_000, 10_000, 50_000)  # photos that filters leave


def measure(photos: int = PHOTOS) -> list[Row]:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = Path(folder)
        _write_clusters(path, photos)
        return _rows(path)


def measure_library(library: Path, queries: Path) -> list[Row]:
    """Of a library's own vectors, by the captions of a file."""
    from photosearch.engine.loading import chosen_model
    from photosearch.models.loading import load_encoder
    from photosearch.store.reader import Reader

    info = chosen_model(Library(library))
    with queries.open(encoding="utf-8") as file:
        captions = [row["caption"] for row in csv.DictReader(file)]
    captions = captions[:: max(1, len(captions) // (4 * QUERIES))]
    with tempfile.TemporaryDirectory() as folder, Reader.open(Library(library)) as reader:
        rows = list(reader.vectors(info.model_id))
        np.save(Path(folder) / "vectors.npy", np.concatenate([vectors for _, vectors, _ in rows]))
        np.save(Path(folder) / "bias.npy", np.concatenate([bias for _, _, bias in rows]))
        np.save(Path(folder) / "queries.npy", load_encoder(info).encoder.encode_texts(captions))
        return _rows(Path(folder))


def measure_filters(photos: int) -> list[Row]:
    """Queries among some photos, of which LanceDB names candidates, beside the matrix."""
    from photosearch.search.stored import StoredVectors
    from photosearch.search.stores.lance import LanceStore
    from photosearch.store.reader import OpenReaders, Reader

    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        library, model = Library(Path(folder)), SimpleNamespace(model_id="0" * 16, name="random", dim=DIM)
        fill(library, model, photos, small_jpeg())
        store = LanceStore(Path(folder) / "lance", DIM)
        index = StoredVectors(store, "lance", store.efforts[0], model.model_id, OpenReaders(library))
        matrix, random = Matrix(), np.random.default_rng(1)
        with Reader.open(library) as reader:
            while index.fill(reader):
                pass
            for some in reader.vectors(model.model_id):
                matrix.add(*some)
        store.build()
        ids, query = np.sort(index.found_by_store()), _unit(random.standard_normal((1, DIM)))[0]
        query = query.astype(np.float32)

        def ms(known: Matrix | StoredVectors, among: np.ndarray) -> str:
            seconds = median_seconds(lambda: known.rank(query, among).top(BEST), clock=time.process_time)
            return f"{1e3 * seconds:,.1f} ms of a core"

        passing = [np.sort(random.choice(ids, min(count, photos), replace=False)) for count in PASSING]
        return [
            Row(f"among {len(some):,} of {photos:,} photos", ms(index, some), f"matrix {ms(matrix, some)}")
            for some in passing
        ]


def _rows(path: Path) -> list[Row]:
    memory = _alone(_matrix, path)
    np.save(path / "best.npy", memory.pop("best"))
    rows = []
    for name, work in {"LanceDB": _lance, "Qdrant's local mode": _qdrant}.items():
        if name != "LanceDB" and memory["photos"] > PHOTOS // 5:
            continue  # it looks at every point, in Python
        found = _alone(work, path)
        at = f"{name}, {memory['photos']:,} photos"
        rows += [
            Row(
                f"{at}: a query, its candidates scored",
                _ms(found),
                f"matrix {_ms(memory)}",
                memory["ms"] / found["ms"],
            ),
            *(
                Row(f"{at}: recall@100, effort {effort}", f"{recall:.4f}")
                for effort, recall in found["recall"]
            ),
            Row(f"{at}: to fill and index", f"{found['fill']:,.0f} and {found['build']:,.0f} s of a core"),
            Row(f"{at}: on disk", f"{found['bytes']:,.0f} bytes a photo"),
            Row(f"{at}: memory", f"{found['rss'] / 1e6:,.0f} MB", f"matrix {memory['rss'] / 1e6:,.0f} MB"),
        ]
    return rows


def _ms(found: dict) -> str:
    return f"{found['ms']:,.1f} ms of a core"


def _alone(work, path: Path) -> dict:
    """In a process of its own, whose memory is the work's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (path,))


def _read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    vectors = np.load(path / "vectors.npy", mmap_mode="r")
    return vectors, np.load(path / "bias.npy"), np.load(path / "queries.npy")


def _matrix(path: Path) -> dict:

    vectors, bias, queries = _read(path)
    before = psutil.Process().memory_info().rss
    matrix = Matrix()
    matrix.load(np.arange(1, len(vectors) + 1), np.array(vectors), bias)
    best = np.stack([matrix.top(query, BEST)[0] for query in queries])
    ms = 1e3 * median_seconds(lambda: matrix.top(queries[0], BEST), clock=time.process_time)
    return {
        "best": best,
        "ms": ms,
        "photos": len(vectors),
        "rss": psutil.Process().memory_info().rss - before,
    }


def _lance(path: Path) -> dict:
    from photosearch.search.stores.lance import LanceStore

    return _store(
        path, LanceStore(path / "lance", np.load(path / "vectors.npy", mmap_mode="r").shape[1], 1_000)
    )


def _qdrant(path: Path) -> dict:
    import warnings

    from qdrant_client import QdrantClient

    from photosearch.search.stores.qdrant import QdrantStore

    warnings.filterwarnings("ignore", "Local mode performs exact")
    width = np.load(path / "vectors.npy", mmap_mode="r").shape[1]
    return _store(path, QdrantStore("memory", "photos", width, QdrantClient(":memory:")))


def _store(path: Path, store) -> dict:
    from photosearch.search.stored import CANDIDATES
    from photosearch.search.stores import point_of, points_of

    vectors, bias, queries = _read(path)
    best = np.load(path / "best.npy")
    ids = np.arange(1, len(vectors) + 1)
    began = time.process_time()
    for start in range(0, len(ids), CHUNK):
        some = slice(start, start + CHUNK)
        store.add(ids[some], points_of(vectors[some], bias[some]))
    filled = time.process_time()
    store.build()
    built = time.process_time()
    before = psutil.Process().memory_info().rss

    def top(query: np.ndarray, effort: int) -> np.ndarray:
        near = np.sort(store.nearest(point_of(query), CANDIDATES, effort))
        matrix = Matrix()
        matrix.load(near, np.ascontiguousarray(vectors[near - 1]), bias[near - 1])
        return matrix.top(query, BEST)[0]

    recalls = []
    for effort in store.efforts:
        shares = [np.isin(row, top(query, effort)).mean() for query, row in zip(queries, best, strict=True)]
        recalls.append((effort, float(np.mean(shares))))
    enough = next((effort for effort, recall in recalls if recall >= 0.99), recalls[-1][0])
    ms = 1e3 * median_seconds(lambda: top(queries[0], enough), clock=time.process_time)
    size = sum(file.stat().st_size for file in (path / "lance").rglob("*") if file.is_file())
    return {
        "recall": recalls,
        "fill": filled - began,
        "build": built - filled,
        "bytes": size / len(ids),
        "ms": ms,
        "rss": psutil.Process().memory_info().rss - before,
    }


def _write_clusters(path: Path, count: int) -> None:
    random = np.random.default_rng(0)
    middles = _unit(random.standard_normal((CLUSTERS, DIM), dtype=np.float32))
    vectors = np.lib.format.open_memmap(path / "vectors.npy", "w+", np.float16, (count, DIM))

    def near(some: int) -> np.ndarray:
        away = random.standard_normal((some, DIM), dtype=np.float32) * np.float32(SPREAD / DIM**0.5)
        return _unit(middles[random.integers(0, CLUSTERS, some)] + away)

    for start in range(0, count, CHUNK):
        vectors[start : start + CHUNK] = near(min(CHUNK, count - start))
    np.save(path / "bias.npy", random.normal(0.08, 0.017, count).astype(np.float32))
    np.save(path / "queries.npy", near(QUERIES))


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stores", description=__doc__)
    parser.add_argument("--library", type=Path, help="of which the vectors are")
    parser.add_argument("--queries", type=Path, help="a CSV file with a column caption")
    parser.add_argument("--photos", type=int, default=PHOTOS, help="made up")
    parser.add_argument("--filters", action="store_true", help="queries among some of the photos")
    options = parser.parse_args()
    if options.library:
        print_table(measure_library(options.library, options.queries))
    else:
        print_table((measure_filters if options.filters else measure)(options.photos))
    sys.exit(0)
