"""Logs go to the library's own folder: what happened, with paths, and nothing else of the person."""

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path

from photosearch.paths import Library

_BYTES = 1 << 20  # of one file
_FILES = 3
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _LogFile(RotatingFileHandler):
    """A full disk keeps nobody from work, and is told of by what could not be done for it."""

    def handleError(self, record: logging.LogRecord) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def start_logging(library: Library, process: str) -> Path:
    """Log this process to `<process>.log`, what escapes from its threads included; -> that file.

    Raises:
        OSError: the library's folder cannot be written.
    """
    library.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = library.logs / f"{process}.log"
    # A file name need not be Unicode.
    handler = _LogFile(
        path, maxBytes=_BYTES, backupCount=_FILES - 1, encoding="utf-8", delay=True, errors="backslashreplace"
    )
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.getLogger().addHandler(handler)
    logging.getLogger("photosearch").setLevel(logging.INFO)
    threading.excepthook = _log_thread
    return path


def _log_thread(escaped: threading.ExceptHookArgs) -> None:
    if escaped.exc_value is not None and not issubclass(escaped.exc_type, SystemExit):
        name = escaped.thread.name if escaped.thread else "a thread"
        logging.getLogger("photosearch").error("%s ended with an error", name, exc_info=escaped.exc_value)
