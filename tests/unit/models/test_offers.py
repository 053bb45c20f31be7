"""The catalogue of models that can be had, and which of them is recommended to whom."""

import msgspec
import pytest

from photosearch.models import downloads, offers
from photosearch.models.offers import KnownModel, known_models, named, recommended

QUICKEST, BEST = "google/siglip2-base-patch32-256", "google/siglip2-base-patch16-256"


def test_the_catalogue_says_of_each_model_what_a_person_must_know() -> None:
    known = known_models()
    assert len({model.source for model in known}) == len({model.name for model in known}) == len(known) >= 7
    for model in known:
        assert downloads.is_hub_id(model.source)
        assert model.about.endswith(".") and model.languages
        assert 0 < model.disk_bytes < model.download_bytes
        for recall in model.recall:
            assert 0 < recall.percent < 100 and recall.measure and recall.source
            assert {recall.language, offers.ANY} & set(model.languages)


@pytest.mark.parametrize("language", ["en", "zh", "zh_CN"])
def test_unmeasured_a_quick_one_is_recommended(language: str) -> None:
    assert recommended(language, {}, known_models()) == QUICKEST


def test_what_is_weaker_than_the_model_in_use_is_not_recommended() -> None:
    known = known_models()
    assert recommended("en", {}, known, BEST) == ""
    assert recommended("en", {}, known, QUICKEST) == QUICKEST
    assert recommended("en", {}, known, "makers/unknown") == QUICKEST
    assert recommended("en", {model.source: 1.0 for model in known}, known, QUICKEST) == BEST


def test_measured_the_best_that_reads_the_library_in_a_night_is_recommended() -> None:
    seconds = {model.source: 60.0 for model in known_models()}
    assert recommended("en", seconds, known_models()) == BEST
    assert recommended("zh", seconds, known_models()) == "google/siglip2-base-patch16-224"
    seconds[BEST] = offers.LONGEST + 1
    assert recommended("en", seconds, known_models()) == "google/siglip2-base-patch16-224"
    assert recommended("en", dict.fromkeys(seconds, 1e9), known_models()) == ""


def test_what_is_not_free_or_does_not_know_the_language_is_not_recommended() -> None:
    def changed(**what: object) -> list[KnownModel]:
        return [msgspec.structs.replace(model, **what) for model in known_models()]

    assert recommended("en", {}, changed(research_only=True)) == ""
    assert recommended("en", {}, changed(licence="")) == ""
    assert recommended("en", {}, changed(languages=("fr",))) == ""
    assert recommended("fr", {}, known_models()) == ""  # nobody published how well they find in French


def test_a_model_is_meant_by_its_id_or_its_name() -> None:
    for model in known_models():
        for name in (model.source, model.name, model.name.upper(), model.source.partition("@")[0]):
            assert named(name) == model
    assert named("nobody/nothing") is None
