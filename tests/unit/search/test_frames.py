"""Videos among photos: each is found by its best frame and counts once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photosearch.core.errors import KnownError
from photosearch.core.query import OfType
from photosearch.core.search_messages import Labels, Ranked
from photosearch.core.vectors import l2_normed
from photosearch.paths import Library
from photosearch.search.query import Query, parse
from photosearch.search.scoring import Beside
from photosearch.search.searcher import Options, Searcher
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder, IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.library import indexed_file, indexed_video
from tests.helpers.tiny_encoder import TinyEncoder

ENCODER = TinyEncoder()
DIM = ENCODER.dim


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def writer(library: Library) -> Iterator[Writer]:
    with Writer.open(library) as writer:
        writer.register_model(ENCODER.model_id, ENCODER.name, DIM)
        yield writer


@pytest.fixture
def folder(writer: Writer) -> Folder:
    return writer.add_folder(b"/photos", "")


def best_of(file: IndexedFile, query: np.ndarray) -> tuple[float, int | None]:
    """The score of the best of a file's pictures, and where that is."""
    if file.video is None:
        return float(file.vector.astype(np.float64) @ query) - file.bias, None
    return max(
        (float(frame.vector.astype(np.float64) @ query) - frame.bias, frame.at_ms)
        for frame in file.video.frames
    )


def files_of(folder: Folder, seeds: range) -> list[IndexedFile]:
    """Every third is a photo; the others are videos of one to four frames."""
    return [
        indexed_video(seed, folder_id=folder.folder_id, frames=1 + seed % 4, dim=DIM)
        if seed % 3
        else indexed_file(seed, folder_id=folder.folder_id, dim=DIM)
        for seed in seeds
    ]


def direction(text: str) -> np.ndarray:
    return l2_normed(ENCODER.encode_texts([text]))[0].astype(np.float64)


@pytest.mark.parametrize("added_later", [0, 12])
@pytest.mark.parametrize("text", ["red", "a green house", "blue"])
def test_each_is_found_by_the_best_of_its_frames(library, writer, folder, added_later, text) -> None:
    files = files_of(folder, range(20))
    ids = writer.commit(files[added_later:], ENCODER.model_id)
    searcher = Searcher(library, ENCODER)
    if added_later:
        later = files[:added_later]
        new = writer.commit(later, ENCODER.model_id)
        vectors, bias = np.stack([file.vector for file in later]), np.float32([file.bias for file in later])
        searcher.photos_added(np.array(new), vectors, bias)
        ids = new + ids

    result = searcher.search(parse(text), 20)

    query = direction(text)
    expected = {photo_id: best_of(file, query) for photo_id, file in zip(ids, files, strict=True)}
    assert [hit.photo_id for hit in result.hits] == sorted(expected, key=lambda one: -expected[one][0])
    for hit in result.hits:
        score, at_ms = expected[hit.photo_id]
        assert hit.score == pytest.approx(score, abs=1e-5)
        assert hit.at_ms == at_ms
    assert result.searched == 20
    assert sum((result.labels.strong, result.labels.likely, result.labels.weak)) == 20


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 19), min_size=1), st.integers(1, 20))
def test_among_some(library, writer, folder, some, k) -> None:
    files = files_of(folder, range(20))
    ids = writer.commit(files, ENCODER.model_id)
    chosen = {ids[place]: files[place] for place in some}
    query = direction("red")
    expected = sorted(chosen, key=lambda one: -best_of(chosen[one], query)[0])[:k]
    searcher = Searcher(library, ENCODER)
    assert searcher.first(parse("red"), k, np.array(list(chosen))).tolist() == expected


def test_all_are_ranked_once(library, writer, folder) -> None:
    ids = writer.commit(files_of(folder, range(20)), ENCODER.model_id)
    searcher = Searcher(library, ENCODER)
    ranked: Ranked = searcher.rank_all(parse("red"), 5, Options())
    assert sorted(np.frombuffer(ranked.ids, dtype="<i8").tolist()) == sorted(ids)
    assert searcher.known().tolist() == sorted(ids)


def test_a_video_that_goes_and_comes_back(library, writer, folder) -> None:
    video = indexed_video(1, folder_id=folder.folder_id, dim=DIM)
    (photo_id,) = writer.commit([video], ENCODER.model_id)
    searcher = Searcher(library, ENCODER)
    writer.forget([video.path])
    searcher.photos_changed()
    assert searcher.search(parse("red"), 5).hits == []
    writer.link(folder.folder_id, video.path, video.size, video.mtime_ns, photo_id)
    searcher.photos_added(np.array([photo_id]), video.vector[None], np.float32([video.bias]))
    searcher.photos_changed()
    assert [hit.photo_id for hit in searcher.search(parse("red"), 5).hits] == [photo_id]


def test_what_is_like_a_video_is_not_the_video(library, writer, folder) -> None:
    files = files_of(folder, range(6))
    ids = writer.commit(files, ENCODER.model_id)
    result = Searcher(library, ENCODER).similar(ids[1], 10)
    assert sorted(hit.photo_id for hit in result.hits) == sorted(set(ids) - {ids[1]})
    assert result.searched == 5
    assert result.labels == Labels(
        **{
            name: sum(hit.confidence.value == name for hit in result.hits)
            for name in ("strong", "likely", "weak")
        }
    )


def test_why_a_video_stands_where_it_does(library, writer, folder) -> None:
    files = files_of(folder, range(6))
    ids = writer.commit(files, ENCODER.model_id)
    searcher = Searcher(library, ENCODER)
    hits = searcher.search(parse("red"), 6).hits
    for rank, hit in enumerate(hits, 1):
        why = searcher.explain(parse("red"), hit.photo_id)
        assert why.score == pytest.approx(hit.score, abs=1e-4)
        assert why.rank == rank
    assert len(ids) == len(hits)
    with pytest.raises(KnownError):
        searcher.explain(parse("red"), 99)


def test_beside_another_model(library, writer, folder) -> None:
    """What only the model before knows is found by its frames there."""
    old = TinyEncoder(dim=48)
    writer.register_model(old.model_id, "old", 48)
    before = indexed_video(1, folder_id=folder.folder_id, dim=48, frames=4)
    now = indexed_video(2, folder_id=folder.folder_id, dim=DIM)
    ids = [*writer.commit([before], old.model_id), *writer.commit([now], ENCODER.model_id)]
    beside = Beside(Searcher(library, old).scorer)
    result = Searcher(library, ENCODER).search(parse("red"), 5, Options(beside=[beside]))
    assert {hit.photo_id for hit in result.hits} == set(ids)
    query = l2_normed(old.encode_texts(["red"]))[0].astype(np.float64)
    at_ms = next(hit.at_ms for hit in result.hits if hit.photo_id == ids[0])
    assert at_ms == best_of(before, query)[1]


def test_filters_alone_open_a_video_at_its_poster(library, writer, folder) -> None:
    ids = writer.commit(files_of(folder, range(6)), ENCODER.model_id)
    query = Query(filters=(OfType(formats=("MP4",)),))
    hits = Searcher(library, ENCODER).search(query, 10).hits
    assert sorted(hit.photo_id for hit in hits) == [ids[place] for place in (1, 2, 4, 5)]
    assert {hit.at_ms for hit in hits} == {None}


def test_frames_survive_a_restart(library, writer, folder) -> None:
    writer.commit(files_of(folder, range(10)), ENCODER.model_id)
    first = Searcher(library, ENCODER).search(parse("red"), 10).hits
    assert Searcher(library, ENCODER).search(parse("red"), 10).hits == first
    with Reader.open(library) as reader:
        assert len(reader.frame_vectors(ENCODER.model_id).frames) == sum(
            1 + seed % 4 for seed in range(10) if seed % 3
        )
