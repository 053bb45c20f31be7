"""A command's way to the library's engine."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, cast

from photosearch import programs, settings
from photosearch.core.message import R, Request
from photosearch.core.messages import AnyEvent, AnyRequest, GetStatus
from photosearch.core.model_messages import ChangeModel
from photosearch.engine.client import Client, unless_failed
from photosearch.paths import Library

if TYPE_CHECKING:
    from photosearch.engine.server import Service
    from photosearch.store.reader import Reader

LINGER_VARIABLE = "PHOTOSEARCH_LINGER_MINUTES"

_log = logging.getLogger(__name__)
PATIENCE_SECONDS = 10.0  # with an engine that has the library and does not answer yet, or no more


@contextlib.contextmanager
def engine(
    library: Library, model: str | None = None, *, background: bool = False, lingers: bool = False
) -> Iterator[Client]:
    """A client of the library's engine: of the one that runs, else of one in this process for the while.

    Where the one that runs ends first, as it does with the command that it belongs to, one in this process
    takes its place, and what was asked is asked again.

    Args:
        model: the one that is to answer, as soon as it may; None: as the library has it.
        background: an engine of ours also watches and rescans the folders.
        lingers: for a search: the model is loaded while the engine is imported, and where there was none, one
            is left behind for some minutes, so that the next command is quick.

    Raises:
        KnownError: the library cannot be used, or there is no such model.
    """
    alone = False
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, terminate)
    with contextlib.ExitStack() as undo:

        def run_here() -> Client | None:
            nonlocal alone
            alone = True
            _log.info("This command runs an engine for itself.")
            return _run_here(library, model, background, lingers, undo)

        client = Client.connect(library, instead=run_here)
        if client:
            _log.info("An engine runs already.")
        client = client or run_here() or Client.connect(library, instead=run_here)
        assert client is not None
        undo.enter_context(client)
        if model is not None and not _has_model(client, library, model):
            client.call(ChangeModel(model))
        yield client
    if alone and lingers and not isinstance(client, _Direct) and (minutes := _minutes_to_linger(library)):
        Client.leave_engine(library, 60.0 * minutes)


def _minutes_to_linger(library: Library) -> float:
    """As the environment says, else as the library is set."""
    from photosearch.store.reader import setting

    try:
        return float(os.environ[LINGER_VARIABLE])
    except (KeyError, ValueError):
        return float(setting(library, settings.LINGER_MINUTES))


def require(library: Library) -> None:
    """
    Raises:
        KnownError: nothing was indexed here yet, or it is closed to this person.
    """
    from photosearch.store.connect import is_there

    if not is_there(library):
        open_reader(library).close()


def open_reader(library: Library) -> Reader:
    """A reader of the library; what an older program left is brought up to date first, as an engine does.

    Raises:
        KnownError: nothing was indexed here yet, or the library cannot be used.
    """
    from photosearch.store.connect import OlderLibrary
    from photosearch.store.reader import Reader

    try:
        return Reader.open(library)
    except OlderLibrary:
        with engine(library):
            return Reader.open(library)


def _run_here(
    library: Library, model: str | None, background: bool, searches: bool, undo: contextlib.ExitStack
) -> _Direct | None:
    """Run an engine in this process, unless another comes up meanwhile; -> what asks it, for None its socket.

    Other faces can use it, unless the library can only be read.
    """
    from photosearch.engine.loading import LoadingAhead, load_as_set

    load = LoadingAhead(library) if searches else load_as_set
    from photosearch.engine.lock import LibraryInUse
    from photosearch.engine.server import Server
    from photosearch.engine.service import Engine
    from photosearch.log import start_logging
    from photosearch.store.connect import NotWritable, explained, is_there

    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with contextlib.ExitStack() as begun:
                here = begun.enter_context(Engine(library, model, background=background, load=load))
                with explained(library):
                    start_logging(library, "command-line")
                    begun.enter_context(Server(library, here))
                undo.push(begun.pop_all())
        except LibraryInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
            if client := Client.connect(library):
                client.close()
                return None
        except NotWritable as error:
            if background or not is_there(library):
                raise
            return _Direct(
                undo.enter_context(Engine(library, model, background=False, only_reads=error, load=load))
            )
        else:
            return None


class _Direct(Client):
    """Asks an engine in this process without a socket, which takes a file."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def call(self, request: Request[R]) -> R:
        """See `Client.call`."""
        return cast(R, unless_failed(self._service.handle(cast(AnyRequest, request))))

    def events(self) -> Iterator[AnyEvent]:
        """None: nothing happens where nothing can be written."""
        return iter(())

    def close(self) -> None:
        """There is no line to hang up."""


def _has_model(client: Client, library: Library, wanted: str) -> bool:
    from photosearch.models import catalog

    status = client.call(GetStatus())
    return catalog.find(wanted, library).model_id in (status.model, status.next_model)


class Terminated(KeyboardInterrupt):
    """SIGTERM, at which the same is said and done as at Ctrl-C."""


def terminate(number: int, frame: FrameType | None) -> None:
    """End in order, as after Ctrl-C.

    Raises:
        Terminated
    """
    programs.end_amid_import(number, frame)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated
