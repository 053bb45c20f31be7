import pytest

from photosearch.core.errors import KnownError
from photosearch.engine.loading import LoadingAhead, chosen_model
from photosearch.models.catalog import ModelInfo, find
from photosearch.models.loading import LoadedEncoder
from photosearch.paths import Library
from tests.helpers.colour_model import MODEL, load_colours
from tests.helpers.engine import engine_of, search


class Loads:
    """Loads, and notes of which models it was asked to."""

    def __init__(self, fails: bool = False) -> None:
        self.names: list[str] = []
        self._fails = fails

    def __call__(self, info: ModelInfo, library: Library) -> LoadedEncoder:
        self.names.append(info.name)
        if self._fails:
            raise KnownError("It is broken.")
        return load_colours(info, library)


def chosen(library: Library) -> ModelInfo:
    """The model that the library remembers from now on."""
    with engine_of(library) as engine:
        search(engine, "red")
    return chosen_model(library)


def test_the_chosen_model_is_loaded_once_before_anybody_asks(library: Library) -> None:
    info, loads = chosen(library), Loads()
    assert LoadingAhead(library, loads)(info, library).encoder.model_id == info.model_id
    assert loads.names == [MODEL]


def test_it_is_given_away_once(library: Library) -> None:
    info, loads = chosen(library), Loads()
    ahead = LoadingAhead(library, loads)
    assert ahead(info, library).encoder is not ahead(info, library).encoder


def test_another_model_is_loaded_where_that_is_wanted(library: Library) -> None:
    chosen(library)
    loads = Loads()
    assert LoadingAhead(library, loads)(find("bundled"), library)
    assert loads.names[-1] == "bundled"


def test_what_fails_ahead_fails_where_it_is_wanted(library: Library) -> None:
    info, loads = chosen(library), Loads(fails=True)
    ahead = LoadingAhead(library, loads)
    with pytest.raises(KnownError, match="It is broken"):
        ahead(info, library)
    assert loads.names == [MODEL, MODEL]
