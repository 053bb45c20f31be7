import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.core.teaching import Word
from photosearch.models.lesson import Adapter, Lesson, TaughtEncoder, lesson_hash, read_lesson, write_lesson
from tests.helpers.tiny_encoder import TinyEncoder

ENCODER = TinyEncoder()
BASE = ENCODER.model_id
RANDOM = np.random.default_rng(0)


def unit(rows: int, dim: int = ENCODER.dim) -> NDArray[np.float32]:
    vectors = RANDOM.standard_normal((rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


ADAPTER = Adapter(
    RANDOM.standard_normal((4, 32)).astype(np.float32),
    RANDOM.standard_normal((32, 4)).astype(np.float32),
    0.5,
)
LESSON = Lesson(
    base=BASE,
    name="Spring",
    created_at=1.7e9,
    captions=300,
    words=(
        Word("Rusty", "red", captions=12, choices=("brown", "orange")),
        Word("Kit", vector=1, weight=0.75),
        Word("Bella", "Bella", vector=0, weight=2.0),
    ),
    vectors=unit(2),
)


def taught(lesson: Lesson, *texts: str) -> NDArray[np.float32]:
    return TaughtEncoder(ENCODER, lesson).encode_texts(texts)


def test_a_lesson_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "lesson.safetensors"
    for lesson in (LESSON, Lesson(BASE), Lesson(BASE, adapter=ADAPTER, words=(Word("小白", "white"),))):
        write_lesson(path, lesson)
        read = read_lesson(path)
        assert (read.base, read.name, read.created_at, read.captions, read.words) == (
            lesson.base, lesson.name, lesson.created_at, lesson.captions, lesson.words
        )  # fmt: skip
        texts = ["Rusty and Kit", "Bella", "小白", "green"]
        assert np.array_equal(taught(read, *texts), taught(lesson, *texts))
    assert os.listdir(tmp_path) == [path.name]


def test_a_header_that_is_nested_deeply_is_refused(tmp_path: Path) -> None:
    header = '{"base": "b", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    metadata = {"format": "1", "lesson": header, "hash": lesson_hash(header, {})}
    (tmp_path / "deep").write_bytes(safetensors.numpy.save({}, metadata))
    with pytest.raises(KnownError, match="makes no sense"):
        read_lesson(tmp_path / "deep")


def test_a_text_without_a_name_has_exactly_the_model_s_own_vector() -> None:
    texts = ["red", "a green  thing", ""]
    assert np.array_equal(taught(LESSON, *texts), ENCODER.encode_texts(texts))
    assert np.array_equal(taught(Lesson(BASE), "Rusty"), ENCODER.encode_texts(["Rusty"]))


def test_a_name_reads_as_its_phrase_and_pulls_with_its_vector() -> None:
    red, kit, alone, beside, bella = taught(LESSON, "Rusty", "kit red", "Kit", "red Kit Kit", "Bella")
    assert np.array_equal(red, ENCODER.encode_texts(["red"])[0])
    expected = ENCODER.encode_texts(["red"])[0] + 0.75 * LESSON.vectors[1]
    assert np.allclose(kit, expected / np.linalg.norm(expected), atol=1e-6)
    assert np.allclose(alone, LESSON.vectors[1], atol=1e-6)  # nothing is left but the name
    assert np.allclose(beside, kit, atol=1e-6)  # each name once
    expected = ENCODER.encode_texts(["Bella"])[0] + 2.0 * LESSON.vectors[0]
    assert np.allclose(bella, expected / np.linalg.norm(expected), atol=1e-6)


def test_a_lesson_of_another_model_is_refused() -> None:
    for lesson in (
        Lesson("0" * 16),
        Lesson(BASE, vectors=unit(1, 8), words=(Word("a", vector=0, weight=1.0),)),
    ):
        with pytest.raises(KnownError, match="another model"):
            TaughtEncoder(ENCODER, lesson)


def test_a_word_takes_the_place_of_one_of_its_name() -> None:
    lesson = LESSON.with_word(Word("RUSTY", "blue", edited=True))
    assert [word.name for word in lesson.words] == ["Kit", "Bella", "RUSTY"]
    assert np.array_equal(taught(lesson, "Rusty")[0], ENCODER.encode_texts(["blue"])[0])
    for name, phrase in (
        ("", "x"),
        (" - ", "x"),
        ("a\nb", "x"),
        ("n" * 201, "x"),
        ("a", "x" * 501),
        ("a", "\x1b["),
    ):
        with pytest.raises(KnownError):
            LESSON.with_word(Word(name, phrase))


def forged(path: Path, tensors: dict[str, NDArray[Any]] | None = None, **changes: object) -> None:
    """A lesson with other content and the hash that goes with it, as one with bad intent makes it."""
    header = {
        "base": BASE, "name": "", "created_at": 0.0, "captions": 0, "words": [], "share": 0.0,
    } | changes  # fmt: skip
    text = json.dumps(header)
    tensors = tensors or {}
    metadata = {"format": "1", "lesson": text, "hash": lesson_hash(text, tensors)}
    path.write_bytes(safetensors.numpy.save(tensors, metadata))


WORD = {
    "name": "a",
    "phrase": "b",
    "vector": None,
    "weight": 1.0,
    "captions": 0,
    "edited": False,
    "choices": [],
}
ONES = np.ones((2, 4), np.float32)


@pytest.mark.parametrize(
    ("tensors", "changes"),
    [
        ({}, {"base": "../../etc"}),
        ({}, {"created_at": 1e300}),
        ({}, {"created_at": 5e11}),  # past the year 9999
        ({}, {"captions": -1}),
        ({}, {"name": "n" * 1000}),
        ({}, {"words": "none"}),
        ({}, {"words": [WORD | {"vector": 0}]}),
        ({}, {"words": [WORD | {"vector": -1}]}),
        ({}, {"words": [WORD | {"weight": -1.0}]}),
        ({}, {"words": [WORD | {"name": ""}]}),
        ({}, {"words": [WORD | {"name": "\x1b[31m"}]}),
        ({}, {"words": [WORD, WORD | {"name": "A"}]}),
        ({}, {"words": [WORD] * 6000}),
        ({"vectors": ONES}, {}),
        ({"vectors": np.full((1, 4), np.nan, np.float32)}, {}),
        ({"vectors": np.eye(2, dtype=np.float64)}, {}),
        ({"vectors": np.eye(2, dtype=np.float32)[0]}, {}),
        ({"weights": np.eye(2, dtype=np.float32)}, {}),
        ({"down": ONES}, {"share": 0.5}),
        ({"down": ONES, "up": ONES}, {"share": 0.5}),
        ({"down": ONES, "up": ONES.T}, {"share": 0.0}),
        ({"down": ONES, "up": ONES.T}, {"share": 7.0}),
        ({"down": ONES * 1e30, "up": ONES.T}, {"share": 0.5}),
        ({"down": ONES, "up": ONES.T, "vectors": np.eye(2, dtype=np.float32)}, {"share": 0.5}),
    ],
)
def test_what_no_lesson_holds_is_refused(
    tmp_path: Path, tensors: dict[str, NDArray[Any]], changes: dict[str, object]
) -> None:
    path = tmp_path / "forged.safetensors"
    forged(path, {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, **changes)
    with pytest.raises(KnownError):
        read_lesson(path)


def test_an_honest_forgery_is_read(tmp_path: Path) -> None:
    """So that the test above refuses for its own reasons."""
    path = tmp_path / "forged.safetensors"
    forged(path, {"down": ONES, "up": np.ascontiguousarray(ONES.T)}, share=0.5, words=[WORD])
    assert read_lesson(path).words == (Word("a", "b", weight=1.0),)


def test_other_and_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "lesson.safetensors"
    write_lesson(path, LESSON)
    whole = path.read_bytes()
    altered = bytearray(whole)
    altered[-1] ^= 1
    plain = safetensors.numpy.save({"vectors": LESSON.vectors})
    for data in (b"", b"\xff" * 64, whole[:-8], whole[: len(whole) // 2], bytes(altered), plain, b"{}" * 99):
        path.write_bytes(data)
        with pytest.raises(KnownError, match=r"lesson\.safetensors"):
            read_lesson(path)
    with pytest.raises(KnownError, match="no lesson"):
        read_lesson(tmp_path)
    with pytest.raises(KnownError, match="no lesson"):
        read_lesson(tmp_path / "none")
    path.write_bytes(safetensors.numpy.save({}, {"format": "2"}))
    with pytest.raises(KnownError, match="newer"):
        read_lesson(path)
    with path.open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(KnownError, match="too large"):
        read_lesson(path)
