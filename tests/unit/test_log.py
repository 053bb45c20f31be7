import logging
import threading
from pathlib import Path

import pytest

from photosearch import log
from photosearch.log import start_logging
from photosearch.paths import Library


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(log, "_BYTES", 2000)
    return start_logging(Library(tmp_path), "engine")


def test_any_path_can_be_logged(file: Path) -> None:
    logging.getLogger("photosearch.x").info("read %s", "bad\udcff.jpg")
    assert r"INFO photosearch.x: read bad\udcff.jpg" in file.read_text("utf-8")


def test_what_escapes_from_a_thread_is_logged(file: Path) -> None:
    thread = threading.Thread(target=lambda: 1 // 0, name="worker")
    thread.start()
    thread.join()
    assert "worker ended with an error" in file.read_text("utf-8")
    assert "ZeroDivisionError" in file.read_text("utf-8")


def test_logs_stay_small(file: Path) -> None:
    for n in range(500):
        logging.getLogger("photosearch.x").info("line %d", n)
    files = list(file.parent.iterdir())
    assert len(files) == 3
    assert all(one.stat().st_size <= 2000 for one in files)
    assert "line 499" in file.read_text("utf-8")
