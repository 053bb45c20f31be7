from pathlib import Path

import pytest

from photosearch import settings
from photosearch.core import messages
from photosearch.engine.chosen import setting
from photosearch.engine.service import Engine
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL, describe_model, load_colours


def test_a_setting_is_what_was_chosen_else_the_default(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert setting(library, settings.DEVICE) == "auto"  # there is no library yet
    with Writer.open(library) as writer:
        writer.set_setting(settings.DEVICE, "cpu")
        assert setting(library, settings.DEVICE) == "cpu"
        writer.set_setting(settings.DEVICE, "an abacus")
        assert setting(library, settings.DEVICE) == "auto"


@pytest.mark.parametrize(
    ("key", "value"), [("device", "abacus"), ("colour", "red"), ("theme", "dark"), ("model", "none")]
)
def test_what_makes_no_sense_is_refused_in_a_sentence(tmp_path: Path, key: str, value: str) -> None:
    library = Library(tmp_path)
    describe_model(library)
    with Engine(library, MODEL, background=False, load=load_colours) as engine:
        reply = engine.handle(messages.ChangeSetting(key, value))
        assert isinstance(reply, messages.Failed)
        assert reply.sentence


def test_another_model_is_the_next_one(tmp_path: Path) -> None:
    library = Library(tmp_path)
    describe_model(library)
    describe_model(library, "newer")
    with Engine(library, MODEL, background=False, load=load_colours) as engine:
        assert engine.handle(messages.ChangeSetting("model", "newer")) == messages.Done()
        with Reader.open(library) as reader:
            assert reader.setting(settings.NEXT_MODEL) not in (None, "", "newer")  # its id
