"""Failures whose time has come are looked at again."""

import threading
from pathlib import Path

from photosearch.engine.retries import Retries
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import Failure
from photosearch.store.writer import Writer


def failure(folder_id: int, path: bytes, retry_at: float | None) -> Failure:
    return Failure(folder_id, path, "read", "the drive was busy", 1, 1, retry_at=retry_at)


def test_folders_with_due_failures_are_hinted_and_no_others(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library) as writer:
        due, broken, later, away = (
            writer.add_folder(path, "") for path in (b"/due", b"/broken", b"/later", b"/away")
        )
        writer.set_away(away.folder_id, True)
        writer.fail(
            [
                failure(due.folder_id, b"/due/1.jpg", 1.0),
                failure(due.folder_id, b"/due/2.jpg", 2.0),
                failure(broken.folder_id, b"/broken/1.jpg", None),
                failure(later.folder_id, b"/later/1.jpg", 1e12),
                failure(away.folder_id, b"/away/1.jpg", 1.0),
            ]
        )
    with Reader.open(library) as reader:
        assert reader.folders_to_retry(0.0) == []

    hinted: list[list[bytes]] = []
    heard = threading.Event()

    def hint(folders) -> None:
        hinted.append(list(folders))
        heard.set()

    with Retries(library, hint, seconds=0.01):
        assert heard.wait(10)
    assert hinted[0] == [b"/due"]
