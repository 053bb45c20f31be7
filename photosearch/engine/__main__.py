"""The engine as a process of its own: `python -m photosearch.engine --library DIR`. Faces start it.

Imports are light here and in what is imported at the top: decoder children start by importing this module.
"""

import argparse
import faulthandler
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import msgspec

from photosearch import programs
from photosearch.core.errors import KnownError
from photosearch.engine.client import EXIT_LIBRARY_IN_USE
from photosearch.paths import Library

FIRST_FACE_SECONDS = 60.0  # that one may take to come
LAST_FACE_SECONDS = 10.0  # after which nobody wants the engine
PATIENCE_SECONDS = 5.0  # for an engine that is just closing


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the library that the arguments name until nobody needs it; -> the exit status."""
    parser = argparse.ArgumentParser(prog="python -m photosearch.engine", description="Serve one library.")
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--model", help="name or id")
    parser.add_argument(
        "--linger", type=float, default=LAST_FACE_SECONDS, help="seconds after the last face left"
    )
    parser.add_argument(
        "--idle", action="store_true", help="answer, but neither read nor watch folders until a face stays"
    )
    options = parser.parse_args(argv)
    programs.look_for_garbage_seldom()
    faulthandler.enable()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    try:
        _serve(Library(options.library), options.model, options.linger, options.idle)
    except KeyboardInterrupt:
        pass
    except KnownError as error:
        from photosearch.engine.lock import LibraryInUse

        print(json.dumps(msgspec.to_builtins(error.sentence)), file=sys.stderr)
        return EXIT_LIBRARY_IN_USE if isinstance(error, LibraryInUse) else 1
    return 0


def _serve(library: Library, model: str | None, linger: float, idle: bool) -> None:
    from photosearch.engine.loading import LoadingAhead, load_as_set

    load = LoadingAhead(library) if model is None else load_as_set
    from photosearch.engine.server import Server
    from photosearch.engine.service import Engine
    from photosearch.log import start_logging
    from photosearch.store.connect import explained

    with explained(library):
        library.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        start_logging(library, "engine")
    with (
        Engine(library, model, idle=idle, patience=PATIENCE_SECONDS, load=load) as engine,
        Server(library, engine) as server,
    ):
        server.wait_until_unused(first=max(linger, FIRST_FACE_SECONDS), after=linger)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End once, in order; further signals would only break that.

    Raises:
        KeyboardInterrupt
    """
    programs.end_amid_import(number, frame)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the library is closed; a model that still loads in its thread is not waited for
