"""photosearch models offers --measure, asked of an engine whose trainer measures for ever."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.core.messages import Index
from photosearch.core.model_messages import GetOffers, Measuring
from photosearch.engine import measuring as measuring_module
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.models.offers import known_models
from photosearch.paths import Library
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.engine import ask
from tests.helpers.photos import make_photo
from tests.helpers.processes import wait_for

FOR_EVER = (sys.executable, "-c", "import time; time.sleep(1000)")
SMALLEST = min(known_models(), key=lambda model: model.gigaflops)
BEGUN = (
    f"photosearch: Measuring how fast the models are here, {len(known_models())} in all; this takes some "
    "minutes.\n"
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    describe_model(library)
    return library


@pytest.fixture
def engine(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Another process's, as far as the command can tell."""
    monkeypatch.setattr(measuring_module, "torch_is_here", lambda: True)
    (tmp_path / "photos").mkdir()
    for seed in range(2):
        make_photo(tmp_path / "photos" / f"{seed}.jpg", seed)
    with (
        Engine(library, MODEL, background=False, load=load_colours, trainer=FOR_EVER) as engine,
        Server(library, engine),
    ):
        ask(engine, Index([os.fsencode(tmp_path / "photos")]))
        yield engine


def measuring(engine: Engine) -> Measuring:
    found: Measuring = ask(engine, GetOffers()).measuring
    return found


@pytest.fixture
def ended(
    library: Library, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> Callable[[str, signal.Signals, list[str]], tuple[int, str]]:
    """Measure, and send a signal once something was said; -> how it ended, and all that was said."""

    def ended(awaited: str, number: signal.Signals, options: list[str]) -> tuple[int, str]:
        def end() -> None:
            wait_for(lambda: awaited in shown() and measuring(engine).source != "")
            signal.pthread_kill(waiting, number)

        said: list[str] = []

        def shown() -> str:
            said.append(capsys.readouterr().err)
            return "".join(said)

        waiting = threading.get_ident()
        ending = threading.Thread(target=end)
        ending.start()
        code = cli.main(["models", "offers", "--measure", *options, "--library", str(library.root)])
        ending.join()
        assert measuring(engine) == Measuring()
        return code, shown()

    return ended


@pytest.mark.parametrize(
    ("number", "options", "code", "before"),
    [
        (signal.SIGINT, [], cli.INTERRUPTED, BEGUN),
        (signal.SIGTERM, [], cli.TERMINATED, BEGUN),
        (signal.SIGTERM, ["-q"], cli.TERMINATED, ""),
    ],
    ids=["Ctrl-C", "SIGTERM", "quiet"],
)
def test_where_no_terminal_is_it_is_said_that_it_began_and_what_is_kept_once_it_is_ended(
    number: signal.Signals, options: list[str], code: int, before: str, ended
) -> None:
    said = f"{before}photosearch: stopped; what was measured is remembered.\n"
    assert ended(before, number, options) == (code, said)


def test_a_terminal_shows_which_model_is_measured(ended, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    line = f"0 of {len(known_models())} models measured, now {SMALLEST.name} …"
    assert line in ended(line, signal.SIGINT, [])[1]
