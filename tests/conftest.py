"""For all tests."""

import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from photosearch import i18n, programs
from tests.helpers.runtimes import OF_TORCH, RUNTIMES

collect_ignore_glob = [] if "torch" in RUNTIMES else [*OF_TORCH]

# Where compiled modules are not kept, each of hundreds of processes compiles numpy, and some torch, anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# As the program does it; by Python's own threshold a tenth of an export's time goes into looking for garbage.
programs.look_for_garbage_seldom()
# The tests' networks are tiny: on two threads they wait for each other longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Each library syncs its files to the disk; in memory, where there is room, that takes no time.
_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
os.environ["PHOTOSEARCH_LINGER_MINUTES"] = "0"  # no test leaves an engine behind
os.environ["LC_ALL"] = "C.UTF-8"  # sentences are compared in English
os.environ.pop("LANGUAGE", None)  # which goes before a locale that is not C
# How long something takes here, beside what else runs, is no fault of the program.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def programs_hear_signals() -> Iterator[None]:
    """A run by nohup or in a script's background ignores these; programs inherit that, but no handler."""
    ignored = [
        number
        for name in ("SIGINT", "SIGHUP")
        if (number := getattr(signal, name, None)) and signal.getsignal(number) == signal.SIG_IGN
    ]
    for number in ignored:
        heard = number == signal.SIGINT
        signal.signal(number, signal.default_int_handler if heard else lambda number, frame: None)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True)
def process_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands and windows change what belongs to their process; tests share one, in any order."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root, own = logging.getLogger(), logging.getLogger("photosearch")
    handlers, level = list(root.handlers), own.level
    # torchrun, too, hears these, and leaves it at that.
    names = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT")
    on_signal = {
        number: signal.getsignal(number) for name in names if (number := getattr(signal, name, None))
    }
    yield
    for number, handler in on_signal.items():
        signal.signal(number, handler)
    own.setLevel(level)
    for added in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(added)
        added.close()
    i18n.use("en")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A file's name need not be Unicode, but what is said between pytest-xdist's processes must be."""
    report = yield
    report.sections = [
        (title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections
    ]
    return report
