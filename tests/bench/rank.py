"""Exact ranking of 512-d float16 vectors against FAISS flat, and against reading the rows per query."""

import sqlite3
import tempfile
from pathlib import Path

import faiss
import numpy as np

from photosearch.search.ranking import Matrix
from tests.bench.table import Row, median_seconds

DIM = 512
TOP = 50


def measure() -> list[Row]:
    rows = []
    for count in (10_000, 100_000, 1_000_000):
        vectors = _unit_vectors(count)
        query = vectors[count // 2].astype(np.float32)
        repeats = 7 if count < 1_000_000 else 3
        matrix = Matrix()
        matrix.load(np.arange(count), vectors, np.zeros(count, np.float32))
        ours = median_seconds(lambda m=matrix, q=query: m.top(q, TOP), repeats)
        del matrix
        flat = faiss.IndexFlatIP(DIM)
        flat.add(vectors.astype(np.float32))
        faiss_seconds = median_seconds(lambda f=flat, q=query: f.search(q[None], TOP), repeats)
        del flat
        with tempfile.TemporaryDirectory() as folder:
            reading = _seconds_reading_rows(Path(folder), vectors, query, repeats)
        name = f"rank {count:,} photos"
        rows.append(
            Row(
                name, f"{ours * 1e3:.1f} ms", f"FAISS flat {faiss_seconds * 1e3:.1f} ms", faiss_seconds / ours
            )
        )
        rows.append(
            Row(name, f"{ours * 1e3:.1f} ms", f"reading SQLite rows {reading * 1e3:,.0f} ms", reading / ours)
        )
    return rows


def _unit_vectors(count: int) -> np.ndarray:
    vectors = np.empty((count, DIM), np.float16)
    random = np.random.default_rng(0)
    for start in range(0, count, 50_000):
        chunk = random.standard_normal((min(50_000, count - start), DIM), dtype=np.float32)
        vectors[start : start + len(chunk)] = chunk / np.linalg.norm(chunk, axis=1, keepdims=True)
    return vectors


def _seconds_reading_rows(folder: Path, vectors: np.ndarray, query: np.ndarray, repeats: int) -> float:
    """What a query costs a program that keeps nothing resident: every BLOB read back, then one product."""
    database = sqlite3.connect(folder / "vectors.sqlite3")
    database.execute("create table vectors (photo_id integer primary key, vector blob)")
    database.executemany(
        "insert into vectors values (?, ?)", ((i, v.tobytes()) for i, v in enumerate(vectors))
    )
    database.commit()

    def rank() -> np.ndarray:
        blobs = [row[0] for row in database.execute("select vector from vectors")]
        matrix = np.frombuffer(b"".join(blobs), np.float16).reshape(-1, DIM).astype(np.float32)
        return np.argpartition(matrix @ query, -TOP)[-TOP:]

    seconds = median_seconds(rank, min(repeats, 3))
    database.close()
    return seconds
