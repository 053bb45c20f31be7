"""The matrix against a float64 oracle in numpy."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from photosearch.search import matrix as matrix_module
from photosearch.search import products
from photosearch.search.matrix import Matrix
from photosearch.search.products import ProcessorVectors
from tests.helpers.runtimes import RANKING_DEVICES


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def oracle(
    ids: NDArray[np.int64],
    vectors: NDArray[np.float16],
    bias: NDArray[np.float32],
    living: NDArray[np.int64],
    query: NDArray[np.float32],
    k: int,
) -> tuple[list[int], list[np.float32]]:
    with np.errstate(invalid="ignore"):
        scores = ((vectors.astype(np.float64) * query.astype(np.float64)).sum(1) - bias).astype(np.float32)
    kept = np.isin(ids, living) & np.isfinite(scores)
    order = sorted(np.flatnonzero(kept), key=lambda row: (-scores[row], ids[row]))[:k]
    return ids[order].tolist(), scores[order].tolist()


def wait_for_codes(matrix: Matrix, query: NDArray[np.float32]) -> None:
    """They are made beside the second query."""
    for _ in range(2):
        matrix.top(query, 1)
    for thread in threading.enumerate():
        if thread.name == products.CODING:
            thread.join()


@st.composite
def galleries(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.float16], NDArray[np.float32], int]:
    """Vectors of a few directions, so that ties and near ties are common, and some that are not numbers."""
    count, dim = draw(st.integers(0, 60)), draw(st.integers(1, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    directions = rng.integers(1, 8)
    noise = draw(st.sampled_from([0.0, 1e-4, 1e-2, 1.0]))
    spread = rng.standard_normal((directions, dim))[rng.integers(directions, size=count)]
    vectors = unit(spread + noise * rng.standard_normal((count, dim)) + 1e-9).astype(np.float16)
    if draw(st.booleans()):
        vectors[rng.random(count) < 0.2] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    bias = (draw(st.sampled_from([0.0, 0.05])) * rng.standard_normal(count)).astype(np.float32)
    ids = rng.permutation(1000)[:count].astype(np.int64)
    return ids, vectors, bias, dim


@pytest.fixture(scope="module")
def small_blocks() -> Iterator[None]:
    """Added rows fill some, which are coded then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrix_module, "SMALLEST_BLOCK", 8)
        patch.setattr(products, "CODED", 1)
        yield


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("device", "coded"), [("cpu", True), *((device, False) for device in RANKING_DEVICES)]
)
@settings(max_examples=150)
@given(galleries(), st.integers(0, 70), st.integers(0, 60), st.data())
def test_top_is_exact(
    device: str,
    coded: bool,
    gallery: tuple[NDArray[np.int64], NDArray[np.float16], NDArray[np.float32], int],
    k: int,
    loaded: int,
    data: st.DataObject,
) -> None:
    ids, vectors, bias, dim = gallery
    matrix = Matrix(device)
    matrix.load(ids[:loaded], vectors[:loaded].copy(), bias[:loaded])
    matrix.add(ids[loaded:], vectors[loaded:], bias[loaded:])
    query = unit(np.random.default_rng(k).standard_normal(dim)).astype(np.float32)
    if coded:
        wait_for_codes(matrix, query)
    living = ids
    if data.draw(st.booleans()):
        living = ids[np.random.default_rng(0).random(len(ids)) < 0.5]
        matrix.set_living(living)
    assert len(matrix) == len(living)
    among = None
    if data.draw(st.booleans()):
        among = np.sort(ids[np.random.default_rng(1).random(len(ids)) < data.draw(st.floats(0, 1))])
        living = np.intersect1d(living, among)
    ranking = matrix.rank(query, among)
    found, scores = ranking.top(k)
    expected_ids, expected_scores = oracle(ids, vectors, bias, living, query, k)
    assert found.tolist() == expected_ids
    assert scores.tolist() == expected_scores
    every = oracle(ids, vectors, bias, living, query, len(ids))[1]
    assert len(ranking) == len(every) == len(ranking.scores())
    for level in (0.0, *every[:3]):
        assert ranking.count(level) == sum(score >= level for score in every)


def test_half_precision_loses_no_neighbour() -> None:
    """Scores that half precision cannot tell apart, at the width of a real model."""
    rng = np.random.default_rng(1)
    centre = unit(rng.standard_normal(512))
    vectors = unit(centre + 0.02 * rng.standard_normal((5_000, 512)) / np.sqrt(512)).astype(np.float16)
    ids, bias = np.arange(5_000), np.zeros(5_000, np.float32)
    matrix = Matrix()
    matrix.load(ids, vectors, bias)
    query = centre.astype(np.float32)
    found, scores = matrix.top(query, 20)
    assert (found.tolist(), scores.tolist()) == oracle(ids, vectors, bias, ids, query, 20)
    low, high = ProcessorVectors(vectors).scores(query, bias, None)
    exact = vectors.astype(np.float64) @ query
    assert np.all(np.abs((low + high) / 2 - exact) < (high - low) / 4)


def test_equal_photos_are_in_the_order_of_ids_across_blocks() -> None:
    one = unit(np.ones((1, 7))).astype(np.float16)
    matrix = Matrix()
    ids = np.random.default_rng(0).permutation(5_000)
    for part in np.array_split(ids, 7):
        matrix.add(part, np.repeat(one, len(part), axis=0), np.zeros(len(part), np.float32))
    found, scores = matrix.top(one[0].astype(np.float32), 30)
    assert found.tolist() == list(range(30))
    assert len(set(scores.tolist())) == 1
    assert matrix.rank(one[0].astype(np.float32)).order(30).tolist() == list(range(5_000))


@pytest.mark.parametrize("among", [None, np.arange(0, 3_000, 7), np.arange(2_000)])
def test_the_order_of_all_begins_with_the_best_and_has_each_photo_once(
    among: NDArray[np.int64] | None,
) -> None:
    random = np.random.default_rng(0)
    matrix = Matrix()
    vectors = unit(random.normal(size=(3_000, 16))).astype(np.float16)
    for part in np.array_split(np.arange(3_000), 2):
        matrix.add(part, vectors[part], np.zeros(len(part), np.float32))
    matrix.set_living(np.arange(1, 3_000))
    query = vectors[5].astype(np.float32)
    ranking = matrix.rank(query, among)
    order = ranking.order(100)
    assert order[:100].tolist() == ranking.top(100)[0].tolist()
    assert sorted(order.tolist()) == [n for n in (range(3_000) if among is None else among) if n > 0]
    cosines = vectors[order].astype(np.float64) @ query
    assert np.all(np.diff(cosines) < 0.02)  # as estimated in 8 bits


def test_nothing_to_find() -> None:
    matrix = Matrix()
    query = np.float32([1, 0, 0, 0])
    assert [part.size for part in matrix.top(query, 5)] == [0, 0]
    matrix.add(np.array([3]), np.float16([[1, 0, 0, 0]]), np.zeros(1, np.float32))
    matrix.set_living(np.array([], dtype=np.int64))
    assert [part.size for part in matrix.top(query, 5)] == [0, 0]
    assert len(matrix) == 0


def test_adding_what_is_there_brings_it_back_to_life() -> None:
    vectors, bias = np.eye(4, dtype=np.float16), np.zeros(4, np.float32)
    matrix = Matrix()
    assert matrix.add(np.arange(4), vectors, bias).tolist() == [0, 1, 2, 3]
    matrix.set_living(np.array([0]))
    again = np.array([2, 7, 7])
    assert matrix.add(again, vectors[:3], bias[:3]).tolist() == [1]
    assert matrix.top(np.float32([0, 0, 1, 0]), 9)[0].tolist() == [2, 0, 7]
    assert matrix.ids().tolist() == [0, 1, 2, 3, 7]


def test_a_loaded_matrix_is_not_copied() -> None:
    vectors = np.eye(4, dtype=np.float16)
    matrix = Matrix()
    matrix.load(np.arange(4), vectors, np.zeros(4, np.float32))
    vectors[:] = vectors[::-1].copy()
    assert matrix.top(np.float32([1, 0, 0, 0]), 1)[0].tolist() == [3]


def test_a_photo_s_own_vector() -> None:
    matrix = Matrix()
    matrix.load(np.array([5]), np.float16([[1, 0]]), np.zeros(1, np.float32))
    matrix.add(np.array([9]), np.float16([[0, 1]]), np.zeros(1, np.float32))
    vector = matrix.vector(9)
    assert vector is not None
    assert vector.tolist() == [0, 1]
    assert matrix.vector(6) is None


@pytest.mark.parametrize("smallest", [1, 8])
def test_queries_beside_additions_see_whole_batches(monkeypatch: pytest.MonkeyPatch, smallest: int) -> None:
    monkeypatch.setattr(matrix_module, "SMALLEST_BLOCK", smallest)
    matrix = Matrix()
    vector = np.float16([1, 0, 0])
    done = threading.Event()
    sizes: list[int] = []

    def ask() -> None:
        while not done.is_set():
            found, scores = matrix.top(vector.astype(np.float32), 10_000)
            assert sorted(found.tolist()) == list(range(len(found)))
            assert np.all(scores == 1.0)
            sizes.append(len(found))

    thread = threading.Thread(target=ask)
    thread.start()
    for start in range(0, 1_000, 4):
        matrix.add(np.arange(start, start + 4), np.tile(vector, (4, 1)), np.zeros(4, np.float32))
    done.set()
    thread.join()
    assert sizes == sorted(sizes)
    assert len(matrix) == 1_000


@pytest.mark.parametrize("spread", ["normal", "sparse", "one is large"])
def test_eight_bits_lose_no_neighbour(monkeypatch: pytest.MonkeyPatch, spread: str) -> None:
    """Many photos are first looked for in codes of 8 bits, and what is found is exact all the same."""
    monkeypatch.setattr(products, "CODED", 1)
    rng = np.random.default_rng(2)
    count, dim = 20_000, 256
    values = rng.standard_normal((count, dim))
    if spread == "sparse":
        values *= rng.random((count, dim)) < 0.05
    elif spread == "one is large":
        values[:, 0] = 20
    values[0] = 0  # a row of zeros, as no model gives it
    vectors = unit(values + 1e-9).astype(np.float16)
    vectors[0] = 0
    vectors[7] = np.nan
    vectors[8, 3] = np.inf
    ids, bias = np.arange(count), (0.02 * rng.standard_normal(count)).astype(np.float32)
    matrix = Matrix()
    matrix.load(ids[:9_000], vectors[:9_000], bias[:9_000])
    matrix.add(ids[9_000:], vectors[9_000:], bias[9_000:])
    wait_for_codes(matrix, vectors[10].astype(np.float32))
    for _ in range(5):
        query = unit(vectors[rng.integers(10, count)].astype(np.float64) + 0.05 * rng.standard_normal(dim))
        query = query.astype(np.float32)
        found, scores = matrix.top(query, 100)
        assert (found.tolist(), scores.tolist()) == oracle(ids, vectors, bias, ids, query, 100)
        exact = np.array(oracle(ids, vectors, bias, ids, query, count)[1])
        assert matrix.rank(query).count(float(exact[50])) == int((exact >= exact[50]).sum())
        even = np.arange(0, count, 2)
        assert matrix.top(query, 10, even)[0].tolist() == oracle(ids, vectors, bias, even, query, 10)[0]
