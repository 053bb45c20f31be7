"""What is told where filters find nothing, as what they look for was not read."""

import pytest

from photosearch import settings
from photosearch.core import messages
from photosearch.core.stage_messages import FinishStage
from photosearch.engine.service import Engine
from photosearch.paths import Library
from tests.helpers.colour_library import make_colour_library
from tests.helpers.engine import ask, search


@pytest.fixture(autouse=True)
def _photos(library: Library) -> None:
    make_colour_library(library, 7)


def told(engine: Engine, text: str) -> str:
    found = search(engine, text)
    assert not found.hits
    return str(found.caveat)


@pytest.mark.parametrize(
    ("query", "command"),
    [
        ("text:parking", "text on"),
        ("has:text", "text on"),
        ("red has:text", "text on"),
        ("type:video", "videos on"),
        ("type:mp4", "videos on"),
        ("length:>1m", "videos on"),
    ],
)
def test_what_is_off_is_told_with_how_to_switch_it_on(engine: Engine, query: str, command: str) -> None:
    said = told(engine, query)
    assert "switched off" in said and f"photosearch {command}." in said


@pytest.mark.parametrize(
    ("key", "query"),
    [(settings.TEXT, "text:parking"), (settings.TEXT, "has:text"), (settings.TAGS, "tag:dog")],
)
def test_how_many_photos_were_read_is_told_until_all_were(engine: Engine, key: str, query: str) -> None:
    ask(engine, messages.ChangeSetting(key, settings.YES))
    assert "0 of 7 photos so far" in told(engine, query)


def test_nothing_is_told_where_all_was_read_or_something_else_is_looked_for(engine: Engine) -> None:
    ask(engine, FinishStage(settings.TAGS))
    ask(engine, messages.ChangeSetting(settings.VIDEOS, settings.YES))
    for query in ("tag:dog", "type:video", "type:gif", "-type:jpeg,png date:1901"):
        assert told(engine, query) == "None"
    assert search(engine, "-has:text").caveat is None
