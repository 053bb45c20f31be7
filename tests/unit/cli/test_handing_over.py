"""The engine that a command found may end before it, with the command that it belongs to."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.core.errors import KnownError
from photosearch.core.messages import GetJobs, GetStatus, Index
from photosearch.engine.client import Client
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.models.catalog import ModelInfo
from photosearch.models.loading import LoadedEncoder
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_model import load_colours
from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import make_photo
from tests.helpers.processes import wait_for

End = Callable[[int], threading.Thread]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    copy_exported(library.models / "tiny")
    with Writer.open(library) as writer:
        writer.set_setting("model", "tiny")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        make_photo(tmp_path / name / f"{name}.jpg", color="red" if name == "first" else "blue")
    return library


@pytest.fixture
def end_first(library: Library, tmp_path: Path) -> Iterator[End]:
    """A command that is reading a folder; what is given ends it once there are so many jobs."""
    go = threading.Event()
    engine = Engine(library, background=False, load=loading_after(go)).__enter__()
    server = Server(library, engine)
    threads = [threading.Thread(target=engine.handle, args=(Index([bytes(tmp_path / "first")]),))]
    threads[0].start()
    wait_for(lambda: jobs(engine) == 1)

    def end_once(waiting: int) -> None:
        wait_for(lambda: jobs(engine) == waiting)
        server.close()
        go.set()
        engine.__exit__()

    def end(waiting: int) -> threading.Thread:
        threads.append(threading.Thread(target=end_once, args=(waiting,)))
        threads[-1].start()
        return threads[-1]

    yield end
    for thread in threads:
        thread.join()


def loading_after(go: threading.Event) -> Callable[[ModelInfo, Library], LoadedEncoder]:
    def load(info: ModelInfo, library: Library) -> LoadedEncoder:
        go.wait()
        return load_colours(info, library)

    return load


def jobs(engine: Engine) -> int:
    return len(engine.handle(GetJobs()).jobs)  # type: ignore[union-attr]


def watching(library: Library) -> bool:
    client = Client.connect(library)
    if client is None:
        return False
    with client:
        return client.call(GetStatus()).watching


def photos(library: Library) -> set[str]:
    with Reader.open(library) as reader:
        return {Path(os.fsdecode(photo.path_bytes)).name for photo in reader.photos(reader.living())}


def test_who_waits_for_another_index_is_told_and_goes_on_when_it_ends(
    library: Library, tmp_path: Path, end_first: End, capsys: pytest.CaptureFixture[str]
) -> None:
    end_first(2)
    assert cli.main(["index", str(tmp_path / "second"), "--library", str(library.root)]) == 0
    told = capsys.readouterr()
    assert told.err == (
        f"photosearch: Another command is reading {tmp_path / 'first'}; this one waits for it.\n"
    )
    assert "second.jpg" in photos(library)


def test_ctrl_c_ends_what_the_command_began_in_the_engine_of_another(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go, waiting = threading.Event(), threading.get_ident()
    with Engine(library, background=False, load=loading_after(go)) as engine, Server(library, engine):

        def interrupt() -> None:
            wait_for(lambda: jobs(engine) == 1)
            signal.pthread_kill(waiting, signal.SIGINT)  # as a terminal does it: what waits is woken

        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        folder = str(tmp_path / "first")
        assert cli.main(["index", folder, "--library", str(library.root)]) == cli.INTERRUPTED
        interrupting.join()
        go.set()
        wait_for(lambda: jobs(engine) == 0)
    assert capsys.readouterr().err.startswith("photosearch: stopped; run the same command again")
    assert photos(library) == set()


def test_what_is_here_is_searched_where_the_engine_ends_meanwhile(
    library: Library, tmp_path: Path, end_first: End, capsys: pytest.CaptureFixture[str]
) -> None:
    end_first(2)
    here = ["here", str(tmp_path / "second"), "dog", "--paths", "--library", str(library.root)]
    assert cli.main(here) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'second' / 'second.jpg'}\n"


def test_a_client_whose_engine_ended_asks_for_one_instead(library: Library, end_first: End) -> None:
    asked: list[str] = []
    client = Client.connect(library, instead=lambda: asked.append("again"))
    assert client
    with client:
        end_first(1).join()
        with pytest.raises(KnownError, match="stopped"):
            client.call(GetJobs())
    assert asked == ["again"]


def test_watching_goes_on_where_the_engine_that_it_found_ends(
    library: Library, end_first: End, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        ended.join()
        wait_for(lambda: watching(library))
        signal.pthread_kill(waiting, signal.SIGINT)  # as a terminal does it: what waits is woken

    waiting = threading.get_ident()
    ended = end_first(1)
    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    assert cli.main(["watch", "--library", str(library.root)]) == cli.INTERRUPTED
    interrupting.join()
    assert capsys.readouterr().err == "photosearch: stopped watching.\n"
