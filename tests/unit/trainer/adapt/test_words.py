import numpy as np
import pytest

from photosearch.core.errors import Cancelled
from photosearch.core.progress import Control
from photosearch.core.teaching import Word
from photosearch.core.vectors import l2_normed
from photosearch.models.lesson import Lesson
from tests.helpers.own_words import NAMES, bag_of_words, direction, material, named, world
from trainer.adapt.material import Material, Rows
from trainer.adapt.words import learn_words


def all_rows(captioned: Material) -> Rows:
    return np.arange(len(captioned.captions))


def learnt(captioned: Material, *, edited: tuple[Word, ...] = ()) -> dict[str, Word]:
    words, _ = learn_words(captioned, all_rows(captioned), edited=edited, control=Control())
    return {word.name: word for word in words}


def test_names_are_translated() -> None:
    words = learnt(world())
    assert {name: word.phrase for name, word in words.items()} == {
        name: plain for plain, name in NAMES.items()
    }


def test_says_how_many_captions_have_a_name_and_what_else_it_might_be() -> None:
    word = learnt(world())["Rusty"]
    assert word.captions == 32
    assert 1 <= len(word.choices) <= 5
    assert word.phrase not in word.choices


def test_captions_find_their_photos_as_if_they_were_plain() -> None:
    captioned = world(copies=1)
    words, vectors = learn_words(captioned, all_rows(captioned), control=Control())
    lesson = Lesson("0" * 16, words=tuple(words), vectors=vectors)
    texts = [lesson.rewrite(caption) for caption in captioned.captions]
    found = (lesson.adapt(bag_of_words(texts), captioned.captions) @ captioned.photos.T).argmax(axis=1)
    unread = (bag_of_words(captioned.captions) @ captioned.photos.T).argmax(axis=1)
    assert (found == captioned.photo_of).mean() > 0.95 > (unread == captioned.photo_of).mean()


def test_a_word_that_the_model_understands_stays_itself() -> None:
    """Frequent with this person, rare in general, and in the photos just as in the captions."""
    captioned = world({"brown dog": "armadillo"})
    seen = bag_of_words([caption.replace("at ", "") for caption in captioned.captions])
    words = learnt(material(seen, captioned.captions))
    assert not words["armadillo"].has_effect
    assert "horse" not in words  # known in general too: nothing to ask the person


def test_a_name_with_no_plain_equivalent_gets_a_vector() -> None:
    """Two brown dogs, told apart by what no phrase says."""
    random = np.random.default_rng(0)
    base = world({})
    photos, captions = base.photos.copy(), list(base.captions)
    for row, caption in enumerate(captions):
        if "brown dog" in caption:
            name = ("Ajax", "Bruno")[random.integers(2)]
            captions[row] = caption.replace("brown dog", name)
            photos[row] += 0.1 * direction(f"what {name} looks like").astype(np.float32)
    twins = material(l2_normed(photos), captions)
    words, vectors = learn_words(twins, all_rows(twins), control=Control())
    row_of = {word.name: word.vector for word in words}
    for name, other in (("Ajax", "Bruno"), ("Bruno", "Ajax")):
        row = row_of[name]
        assert row is not None
        like, unlike = (direction(f"what {one} looks like") for one in (name, other))
        assert vectors[row] @ like > vectors[row] @ unlike + 1
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_what_the_person_chose_stays() -> None:
    chosen = Word("rusty", "old friend", vector=3, weight=1.0, edited=False)
    words = learnt(world(), edited=(chosen,))
    assert words["rusty"] == Word("rusty", "old friend", captions=32, edited=True)
    assert "Rusty" not in words
    assert "black" in words["Midnight"].phrase


def test_a_name_that_the_person_wants_left_alone_is_not_translated() -> None:
    words = learnt(world(), edited=(Word("Rusty", ""),))
    assert words["Rusty"].phrase == ""
    assert words["Rusty"].captions == 32


def test_plain_captions_teach_nothing() -> None:
    captioned = world({})
    words, vectors = learn_words(captioned, all_rows(captioned), control=Control())
    assert not any(word.has_effect for word in words)
    assert vectors.shape == (0, captioned.photos.shape[1])


def test_only_the_given_captions_are_learnt_from() -> None:
    captioned = world()
    rows = np.array([row for row, text in enumerate(captioned.captions) if "Rusty" not in text])
    words, _ = learn_words(captioned, rows, control=Control())
    assert "Rusty" not in {word.name for word in words}
    assert "Midnight" in {word.name for word in words}


def test_learns_the_same_twice() -> None:
    once, twice = (learn_words(world(copies=1), np.arange(64), control=Control()) for _ in range(2))
    assert once[0] == twice[0]
    np.testing.assert_array_equal(once[1], twice[1])


def test_stops_when_asked() -> None:
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        learn_words(world(), all_rows(world()), control=control)


def test_lower_case_names_possessives_and_chinese_do_no_harm() -> None:
    captioned = world()
    captions = [
        text.replace("Rusty runs", "rusty's ball").replace("jumps", "跳") for text in captioned.captions
    ]
    words = learnt(material(captioned.photos, captions))
    assert words["Rusty"].captions == 32
    assert words["stonepeak"].phrase == "snow"
    assert named("snow", NAMES) == "stonepeak"
