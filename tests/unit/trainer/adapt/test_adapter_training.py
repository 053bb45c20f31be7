import numpy as np

from tests.helpers.own_words import GENERAL, anchors, bag_of_words, caption_vectors
from trainer.adapt.adapter_training import AdapterTraining, CaptionVectors

SCALE = 20.0


def test_begins_as_no_change() -> None:
    given = caption_vectors()
    adapter = AdapterTraining(given, anchors(), SCALE, seed=0).adapter(1.0)
    np.testing.assert_allclose(adapter(given.texts), given.texts, atol=1e-6)


def test_keeps_general_sentences_where_they_were() -> None:
    given, general = caption_vectors(), bag_of_words(GENERAL)
    training = AdapterTraining(given, anchors(), SCALE, seed=0)
    for _ in range(10):
        training.epoch()
    adapter = training.adapter(1.0)
    moved = 1 - (adapter(general) * general).sum(axis=1)
    learnt = 1 - (adapter(given.texts) * given.texts).sum(axis=1)
    assert moved.mean() < learnt.mean()


def test_captions_without_negatives_teach_nothing() -> None:
    given = caption_vectors()
    alike = CaptionVectors(given.texts, given.photos, np.zeros_like(given.groups), given.text_ids)
    assert AdapterTraining(alike, anchors(), SCALE, seed=0).epoch() == 0
