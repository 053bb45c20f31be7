import msgspec
import numpy as np
import pytest

from photosearch.search import embedding
from photosearch.search.embedding import (
    AWAY,
    BESIDE_WORDS,
    STRESS,
    direction,
    parts_of,
    text_vectors,
    without_each_word,
)
from photosearch.search.query import Query, parse
from tests.helpers.tiny_encoder import TinyEncoder

ENCODER = TinyEncoder()


def parts(query: Query, encoder: TinyEncoder = ENCODER) -> list[embedding.Part]:
    return parts_of(query, text_vectors(encoder), lambda photo_id: None, ())


def test_a_plain_sentence_is_its_own_direction() -> None:
    found = direction(parts(parse("two red dogs")))
    assert found == pytest.approx(ENCODER.encode_texts(["two red dogs"])[0], abs=1e-6)
    assert found.dtype == np.float32


def test_the_weights_of_words() -> None:
    found = parts(parse("red +blue green^3 -white -(old boat)^2"))
    assert [(part.text, part.weight) for part in found] == [
        ("red blue green", 1.0),
        ("blue", pytest.approx(STRESS)),
        ("green", pytest.approx(2 * STRESS)),
        ("white", pytest.approx(-AWAY)),
        ("old boat", pytest.approx(-2 * AWAY)),
    ]


def test_a_word_of_weight_one_changes_nothing() -> None:
    assert direction(parts(parse("red dog^1"))) == pytest.approx(direction(parts(parse("red dog"))), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dog", "dog"),
        ("red dog", "red dog"),
        ("a dog", "dog"),
        ("The red dog", "red dog"),
        ("dog {", "dog {"),
        ("the big red dog", None),
        ("the", None),
        ("狗", None),
        ("собака", None),
    ],
)
def test_short_queries_are_asked_in_the_models_prompts(text: str, words: str | None) -> None:
    encoder = TinyEncoder()
    encoder.calibration = msgspec.structs.replace(encoder.calibration, prompts=("{}", "a photo of a {}"))
    texts = [text] if words is None else [words, f"a photo of a {words}"]
    mean = encoder.encode_texts(texts).mean(axis=0)
    expected = mean / np.linalg.norm(mean)
    (part,) = parts(parse(text), encoder)
    assert part.vector == pytest.approx(expected, abs=1e-6)


def test_each_word_is_left_out_once() -> None:
    found = without_each_word("small red dogs", text_vectors(ENCODER))
    assert [word for word, _ in found] == ["small", "red", "dogs"]
    assert found[1][1] == pytest.approx(ENCODER.encode_texts(["small dogs"])[0], abs=1e-6)
    assert without_each_word("dogs", text_vectors(ENCODER)) == []


def test_words_that_say_nothing_by_themselves_are_passed_over() -> None:
    found = without_each_word("The dog, with a ball", text_vectors(ENCODER))
    assert [word for word, _ in found] == ["dog,", "ball"]
    assert found[1][1] == pytest.approx(ENCODER.encode_texts(["The dog, with a"])[0], abs=1e-6)
    assert without_each_word("a dog", text_vectors(ENCODER)) == []
    assert without_each_word("在海滩上", text_vectors(ENCODER)) == []


def test_chinese_is_left_out_by_words_and_names() -> None:
    found = without_each_word("旺财在海滩上", text_vectors(ENCODER), names=[(0, 2)])
    assert [word for word, _ in found] == ["旺财", "海滩"]
    assert np.allclose(found[1][1], ENCODER.encode_texts(["旺财在上"])[0], atol=1e-6)


def test_a_name_of_several_words_is_left_out_as_one() -> None:
    found = without_each_word("at Clover  Meadow today", text_vectors(ENCODER), names=[(3, 17)])
    assert [word for word, _ in found] == ["Clover  Meadow", "today"]
    assert np.allclose(found[0][1], ENCODER.encode_texts(["at today"])[0], atol=1e-6)
    assert without_each_word("Clover Meadow", text_vectors(ENCODER), names=[(0, 13)]) == []


def test_a_picture_beside_words_counts_less_than_alone() -> None:
    picture = ENCODER.encode_texts(["blue"])[0]
    alone = parts_of(parse("like:a.jpg^2"), text_vectors(ENCODER), lambda photo_id: None, [picture])
    beside = parts_of(parse("red like:a.jpg^2"), text_vectors(ENCODER), lambda photo_id: None, [picture])
    assert [part.weight for part in alone] == [2.0]
    assert [part.weight for part in beside] == [1.0, 2 * BESIDE_WORDS]


def test_a_text_is_encoded_once_however_often_its_query_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, encoded = TinyEncoder(), list[str]()
    encode = encoder.encode_texts
    monkeypatch.setattr(encoder, "encode_texts", lambda texts: encoded.extend(texts) or encode(texts))
    text_vector = text_vectors(encoder)
    for _ in range(2):
        parts_of(parse("two red dogs -cats"), text_vector, lambda photo_id: None, ())
    without_each_word("two red dogs", text_vector)
    assert encoded.count("two red dogs") == encoded.count("cats") == 1
