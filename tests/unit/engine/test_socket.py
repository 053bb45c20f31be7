"""Server and client over a real socket, with a small service behind it."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import connection as sockets
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from photosearch import programs
from photosearch.core import messages, search_messages
from photosearch.core.errors import Cancelled, KnownError, Sentence
from photosearch.core.progress import Progress
from photosearch.engine import endpoint
from photosearch.engine.client import EXIT_LIBRARY_IN_USE, Client
from photosearch.engine.server import Server, Subscriber
from photosearch.paths import Library
from tests.helpers.processes import wait_for


class Echo:
    """Answers a search with its own words; the word "wait" waits for `go`."""

    def __init__(self) -> None:
        self.subscribers: list[Subscriber] = []
        self.go = threading.Event()
        self.waiting = threading.Event()

    def handle(self, request: messages.AnyRequest) -> messages.AnyReply:
        match request:
            case search_messages.Search(text="no frame"):
                return search_messages.SearchResult("", "m", 0.0, 0.0, 2**70, [])  # no frame can hold it
            case search_messages.Search(text="fault"):
                raise RecursionError
            case search_messages.Search(text="fail"):
                return messages.Failed(Sentence("No luck."))
            case search_messages.Search(text=text):
                if text == "wait":
                    self.waiting.set()
                    self.go.wait(30)
                return search_messages.SearchResult(text, "m", 0.0, 0.0, 0, [])
        return messages.Done()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        self.subscribers.append(subscriber)
        subscriber(messages.ProgressChanged(Progress("idle")))
        return lambda: self.subscribers.remove(subscriber)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def server(library: Library, echo: Echo) -> Iterator[Server]:
    with Server(library, echo) as server:
        yield server
    echo.go.set()


def connect(library: Library) -> Client:
    client = Client.connect(library)
    assert client
    return client


def raw(library: Library) -> sockets.Connection:
    there = endpoint.read(library)
    assert there
    return sockets.Client(there.address, endpoint.FAMILY, authkey=there.key)


def closed(line: sockets.Connection) -> bool:
    try:
        line.recv_bytes()
    except (EOFError, OSError):
        return True
    return False


def test_a_server_left_alone_with_a_library_that_was_moved_makes_room_for_another(tmp_path: Path) -> None:
    old, new = Library(tmp_path / "old"), Library(tmp_path / "new")
    old.root.mkdir()
    with Server(old, Echo()) as server:
        waiting = threading.Thread(target=server.wait_until_unused, kwargs={"first": 600.0, "after": 600.0})
        waiting.start()
        with connect(old) as face:
            face.call(search_messages.Search("a dog"))  # it is counted from here on
            old.root.rename(new.root)
            assert Client.connect(new) is None  # its key leads to the server of the old place
            assert (
                face.call(search_messages.Search("a cat")).query == "a cat"
            )  # who was there is not disturbed
            assert waiting.is_alive()
        wait_for(lambda: Client.connect(new) is None and not waiting.is_alive())
    with Server(new, Echo()), connect(new) as face:
        assert face.call(search_messages.Search("a cat")).query == "a cat"


@pytest.mark.parametrize("text", ["no frame", "fault"])
def test_what_nobody_foresaw_is_a_sentence_and_the_conversation_goes_on(
    library: Library, server: Server, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    with connect(library) as client:
        with pytest.raises(KnownError, match=r"has it as entry [0-9a-f]{6}\.") as told:
            client.call(search_messages.Search(text))
        assert str(told.value.sentence.values["entry"]) in caplog.text
        assert client.call(search_messages.Search("a cat")).query == "a cat"


def test_a_face_is_answered(library: Library, server: Server) -> None:
    with connect(library) as client:
        assert client.call(search_messages.Search("a cat")).query == "a cat"
        assert client.call(messages.Rescan()) == messages.Done()


def test_a_failure_is_raised_with_its_sentence(library: Library, server: Server) -> None:
    with connect(library) as client, pytest.raises(KnownError, match=r"^No luck\.$"):
        client.call(search_messages.Search("fail"))


def test_two_faces_do_not_wait_for_each_other(library: Library, server: Server, echo: Echo) -> None:
    with connect(library) as slow, connect(library) as quick:
        answers: list[str] = []
        thread = threading.Thread(
            target=lambda: answers.append(slow.call(search_messages.Search("wait")).query)
        )
        thread.start()
        assert echo.waiting.wait(30)
        assert quick.call(search_messages.Search("now")).query == "now"
        echo.go.set()
        thread.join()
        assert answers == ["wait"]


def test_events_arrive_in_order_and_end_with_the_client(library: Library, server: Server, echo: Echo) -> None:
    with connect(library) as client:
        events = client.events()
        assert next(events) == messages.ProgressChanged(Progress("idle"))
        for n in range(5):
            echo.subscribers[0](messages.PhotosChanged(n))
        assert [next(events) for _ in range(5)] == [messages.PhotosChanged(n) for n in range(5)]
    assert list(events) == []


def test_a_subscriber_that_stops_reading_is_dropped(library: Library, server: Server, echo: Echo) -> None:
    line = raw(library)
    line.send_bytes(messages.encode(messages.Subscribe()))
    messages.decode_event(line.recv_bytes())
    problem = messages.Problem(Sentence("x" * 100_000))
    for _ in range(400):
        if echo.subscribers:
            echo.subscribers[0](problem)
    with connect(library) as client:
        assert client.call(search_messages.Search("still here")).query == "still here"
    with pytest.raises((EOFError, OSError)):
        while True:
            line.recv_bytes()
    line.close()


@pytest.mark.parametrize("frame", [b"", b"\x00rubbish", b"\x81\xa4type\xa5shell", b"\xff" * 1000])
def test_rubbish_costs_its_own_connection_only(library: Library, server: Server, frame: bytes) -> None:
    line = raw(library)
    line.send_bytes(frame)
    assert closed(line) or closed(line)  # what is a message, of whatever kind, is answered first
    line.close()
    with connect(library) as client:
        assert client.call(search_messages.Search("ok")).query == "ok"


def test_a_frame_too_long_closes_its_connection(library: Library, server: Server) -> None:
    line = raw(library)
    with contextlib.suppress(OSError):  # the server hangs up before all of it was sent
        line.send_bytes(bytes(endpoint.MAX_REQUEST + 1))
    assert closed(line)
    line.close()
    with connect(library) as client, pytest.raises(KnownError, match="too long"):
        client.call(search_messages.Search("x" * (endpoint.MAX_REQUEST + 1)))


def test_a_wrong_key_is_refused(library: Library, server: Server) -> None:
    there = endpoint.read(library)
    assert there
    with pytest.raises(Exception, match="digest"):
        sockets.Client(there.address, endpoint.FAMILY, authkey=b"another")
    with connect(library) as client:
        assert client.call(search_messages.Search("ok")).query == "ok"


def test_one_who_connects_and_says_nothing_blocks_nobody(library: Library, server: Server) -> None:
    there = endpoint.read(library)
    assert there
    mute = sockets.Client(there.address, endpoint.FAMILY)
    with connect(library) as client:
        assert client.call(search_messages.Search("ok")).query == "ok"
    mute.close()


def test_one_who_leaves_in_the_middle_of_a_frame_harms_nobody(library: Library, server: Server) -> None:
    line = raw(library)
    os.write(line.fileno(), b"\x00\x00\x01\x00half")
    line.close()
    with connect(library) as client:
        assert client.call(search_messages.Search("ok")).query == "ok"


def test_the_key_is_private_and_goes_with_the_server(library: Library, echo: Echo) -> None:
    with Server(library, echo):
        there = endpoint.read(library)
        assert there
        if os.name == "posix":
            assert stat.S_IMODE(library.engine_key.stat().st_mode) == 0o600
            assert stat.S_IMODE(Path(there.address).parent.stat().st_mode) == 0o700
    assert not library.engine_key.exists()
    assert not Path(there.address).parent.exists() or os.name == "nt"
    assert Client.connect(library) is None


def test_a_stale_key_means_no_engine(library: Library, echo: Echo) -> None:
    stale = endpoint.create()
    endpoint.publish(library, stale)
    assert Client.connect(library) is None
    library.engine_key.write_bytes(b"\xff not json")
    assert Client.connect(library) is None
    with Server(library, echo), connect(library) as client:
        assert client.call(search_messages.Search("ok")).query == "ok"


def test_a_call_that_was_interrupted_leaves_its_reply_to_no_other(
    library: Library, server: Server, echo: Echo
) -> None:
    def interrupt() -> None:
        echo.waiting.wait()
        signal.pthread_kill(waiting, signal.SIGINT)

    waiting = threading.get_ident()
    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with connect(library) as client:
        with pytest.raises(KeyboardInterrupt):
            client.call(search_messages.Search("wait"))
        interrupting.join()
        echo.go.set()
        assert client.call(search_messages.Search("next")).query == "next"


def test_closing_the_client_frees_a_waiting_call(library: Library, server: Server, echo: Echo) -> None:
    client = connect(library)
    outcome: list[BaseException] = []

    def ask() -> None:
        try:
            client.call(search_messages.Search("wait"))
        except Cancelled as error:
            outcome.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert echo.waiting.wait(30)
    client.close()
    thread.join(30)
    assert len(outcome) == 1


def test_closing_the_client_waits_for_no_engine_that_is_started_again(
    library: Library, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()

    def in_use(module: str) -> tuple[str, ...]:  # by one that does not listen
        started.set()
        return (sys.executable, "-S", "-c", f"raise SystemExit({EXIT_LIBRARY_IN_USE})")

    with Server(library, echo):
        client = Client.connect_or_start(library)
    monkeypatch.setattr(programs, "command", in_use)
    outcome: list[BaseException] = []

    def ask() -> None:
        try:
            client.call(search_messages.Search("a cat"))
        except (Cancelled, KnownError) as error:
            outcome.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert started.wait(30)
    client.close()
    thread.join(30)
    assert [type(error) for error in outcome] == [Cancelled]


def test_a_client_finds_the_next_engine(library: Library, echo: Echo) -> None:
    with Server(library, echo):
        client = connect(library)
    with Server(library, echo):
        assert client.call(search_messages.Search("again")).query == "again"
    with client, pytest.raises(KnownError, match="stopped"):
        client.call(search_messages.Search("gone"))


def test_shutdown_ends_the_wait_after_its_reply(library: Library, server: Server) -> None:
    waiting = threading.Thread(target=server.wait_until_unused, kwargs={"first": 600.0, "after": 600.0})
    waiting.start()
    with connect(library) as client:
        assert client.call(messages.Shutdown()) == messages.Done()
    waiting.join(30)
    assert not waiting.is_alive()


def test_the_engine_of_an_older_program_ends_where_a_newer_one_comes(
    library: Library, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "__version__", "0.0.9")
    with Server(library, echo) as server:
        monkeypatch.undo()
        waiting = threading.Thread(target=server.wait_until_unused, kwargs={"first": 600.0, "after": 600.0})
        waiting.start()
        assert Client.connect(library) is None
        waiting.join(30)
        assert not waiting.is_alive()
    monkeypatch.setattr(
        endpoint, "__version__", "99.0"
    )  # one that is newer answers, as far as it is understood
    with Server(library, echo):
        monkeypatch.undo()
        with connect(library) as client:
            assert client.call(search_messages.Search("a dog")).query == "a dog"


def test_what_only_another_version_understands_is_refused_in_a_sentence(
    library: Library, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Newer(msgspec.Struct, frozen=True, tag="of another version"):
        pass

    with Server(library, echo), connect(library) as client:
        with pytest.raises(KnownError, match="different versions"):
            client.call(cast(Any, Newer()))
        monkeypatch.setattr(echo, "handle", lambda request: Newer())
        with pytest.raises(KnownError, match="different versions"):
            client.call(search_messages.Search("a dog"))
        monkeypatch.undo()
        assert client.call(search_messages.Search("a dog")).query == "a dog"


def test_who_is_not_alone_does_not_end_the_engine_of_others(library: Library, server: Server) -> None:
    waiting = threading.Thread(target=server.wait_until_unused, kwargs={"first": 600.0, "after": 600.0})
    waiting.start()
    with connect(library) as one:
        with connect(library) as other:
            one.call(search_messages.Search("a cat"))
            other.call(messages.Shutdown(if_alone=True))
            assert one.call(search_messages.Search("a dog")).query == "a dog"
            assert waiting.is_alive()
        assert one.call(search_messages.Search("a cow")).query == "a cow"
        assert waiting.is_alive()
    waiting.join(30)  # the last one left
    assert not waiting.is_alive()


def test_an_unused_server_stops_waiting(library: Library, server: Server) -> None:
    server.wait_until_unused(first=0.01, after=600.0)
    connect(library).close()
    server.wait_until_unused(first=600.0, after=0.01)


def test_the_client_is_light() -> None:
    heavy = "{'torch', 'timm', 'transformers', 'numpy', 'sqlite3', 'PySide6', 'PIL'}"
    code = f"import sys, photosearch.engine.client; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_engine_ends_once_its_program_is_gone(
    library: Library, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = threading.Thread(target=server.wait_until_unused, kwargs={"first": 600.0, "after": 600.0})
    waiting.start()
    with connect(library) as face:
        assert face.call(search_messages.Search("a cat")).query == "a cat"
        assert waiting.is_alive()
        monkeypatch.setattr(programs, "is_gone", lambda: True)
        waiting.join(30)
    assert not waiting.is_alive()


def test_a_program_that_is_gone_starts_no_engine(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "command", lambda module: ("/nowhere/photosearch",))
    with pytest.raises(KnownError, match="was removed or is being updated"):
        Client.connect_or_start(library)
