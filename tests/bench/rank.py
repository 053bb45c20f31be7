"""Exact ranking of 896-d float16 vectors against FAISS flat, and against reading the rows per query."""

import multiprocessing
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tests.bench.table import Row, median_seconds

if TYPE_CHECKING:
    from photosearch.search.matrix import Matrix

COUNTS = (10_000, 100_000, 1_000_000)
DIM = 896
TOP = 50
CHUNK = 50_000


def measure() -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            path = Path(folder) / f"{count}.npy"
            write_unit_vectors(path, count)
            ours = alone(_matrix, path)
            references = {"FAISS flat": _faiss} | (
                {"reading SQLite rows": _rows} if count == COUNTS[0] else {}
            )
            for reference, rank in references.items():
                there = alone(rank, path)
                shown = f"{reference} {_shown(there)}"
                rows.append(Row(f"rank {count:,} photos", _shown(ours), shown, there[1] / ours[1]))
    return rows


def _shown(seconds: tuple[float, float]) -> str:
    return "{:,.1f} ms, {:,.1f} of a core".format(*(second * 1e3 for second in seconds))


def alone(rank: Callable[[Path], tuple[float, float]], path: Path) -> tuple[float, float]:
    """In a process of its own: the thread pools of torch and FAISS slow each other down in one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(rank, (path,))


def coded(matrix: "Matrix", vectors: NDArray[np.float16], query: NDArray[np.float32]) -> "Matrix":
    """The matrix with these vectors (N, D), once its codes in 8 bits are made: beside the second query."""
    from photosearch.search.products import CODING

    matrix.load(np.arange(len(vectors)), vectors, np.zeros(len(vectors), np.float32))
    for _ in range(2):
        matrix.top(query, TOP)
    for thread in threading.enumerate():
        if thread.name == CODING:
            thread.join()
    return matrix


def _matrix(path: Path) -> tuple[float, float]:
    from photosearch.search.matrix import Matrix

    vectors, query = read_vectors(path)
    matrix = coded(Matrix(), vectors, query)
    return _median(lambda: matrix.top(query, TOP))


def _faiss(path: Path) -> tuple[float, float]:
    import faiss

    vectors, query = read_vectors(path)
    flat = faiss.IndexFlatIP(DIM)
    for start in range(0, len(vectors), CHUNK):
        flat.add(vectors[start : start + CHUNK].astype(np.float32))
    return _median(lambda: flat.search(query[None], TOP))


def _rows(path: Path) -> tuple[float, float]:
    """What a query costs a program that keeps nothing resident: every BLOB read back, then one product."""
    vectors, query = read_vectors(path)
    database = sqlite3.connect(path.with_suffix(".sqlite3"))
    database.execute("create table vectors (photo_id integer primary key, vector blob)")
    database.executemany(
        "insert into vectors values (?, ?)", ((i, v.tobytes()) for i, v in enumerate(vectors))
    )
    database.commit()

    def rank() -> np.ndarray:
        blobs = [row[0] for row in database.execute("select vector from vectors")]
        matrix = np.frombuffer(b"".join(blobs), np.float16).reshape(-1, DIM).astype(np.float32)
        return np.argpartition(matrix @ query, -TOP)[-TOP:]

    seconds = _median(rank, 3)
    database.close()
    return seconds


def _median(work: Callable[[], object], repeats: int = 7) -> tuple[float, float]:
    """Seconds by the clock, and of all cores together."""
    by_the_clock = median_seconds(work, repeats)
    return by_the_clock, median_seconds(work, repeats, time.process_time)


def write_unit_vectors(path: Path, count: int) -> None:
    vectors = np.lib.format.open_memmap(path, "w+", np.float16, (count, DIM))
    chunk = np.random.default_rng(0).standard_normal((min(CHUNK, count), DIM), dtype=np.float32)
    unit = (chunk / np.linalg.norm(chunk, axis=1, keepdims=True)).astype(np.float16)
    for place in range(count // len(unit)):  # others, as their numbers are in other places
        vectors[place * len(unit) : (place + 1) * len(unit)] = np.roll(unit, place, axis=1)


def read_vectors(path: Path) -> tuple[np.ndarray, np.ndarray]:
    vectors = np.load(path)
    return vectors, vectors[len(vectors) // 2].astype(np.float32)
