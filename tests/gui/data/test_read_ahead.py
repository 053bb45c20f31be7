from collections.abc import Sequence

import pytest
from pytestqt.qtbot import QtBot

from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.read_ahead import ReadAhead
from photosearch.store.reader import Reader
from tests.helpers.shelf import Shelf


class Facts:
    """Reads paths, and remembers what was read and told."""

    def __init__(self, reader: LibraryReader) -> None:
        self.read: list[list[int]] = []
        self.arrived: list[int] = []
        self.ahead = ReadAhead(reader, reader, self._read, self.arrived.extend)

    def _read(self, reader: Reader, photo_ids: Sequence[int]) -> list[bytes | None]:
        self.read.append(list(photo_ids))
        photos = [reader.photo(photo_id) for photo_id in photo_ids]
        return [photo.path_bytes if photo else None for photo in photos]


@pytest.fixture
def facts(reader: LibraryReader) -> Facts:
    return Facts(reader)


def test_what_is_wanted_is_read_once_and_then_known(qtbot: QtBot, shelf: Shelf, facts: Facts) -> None:
    ids = shelf.add(3)
    assert facts.ahead.get(ids[0]) is None
    facts.ahead.want([*ids, 999])
    qtbot.waitUntil(lambda: facts.arrived == [*ids, 999])
    assert [facts.ahead.get(photo_id) for photo_id in ids] == [b"/photos/%d.jpg" % n for n in range(3)]
    assert facts.ahead.get(999) is None
    facts.ahead.want(ids)
    assert len(facts.read) == 1


def test_of_what_was_wanted_during_a_read_only_the_newest_is_read(
    qtbot: QtBot, shelf: Shelf, facts: Facts
) -> None:
    ids = shelf.add(20)
    for photo_id in ids:  # as in a fast scroll
        facts.ahead.want([photo_id])
    qtbot.waitUntil(lambda: ids[-1] in facts.arrived)
    assert facts.read == [[ids[0]], [ids[-1]]]


def test_what_was_read_before_a_change_is_not_kept(qtbot: QtBot, shelf: Shelf, facts: Facts) -> None:
    ids = shelf.add(2)
    facts.ahead.want(ids[:1])
    facts.ahead.forget()
    facts.ahead.want(ids[1:])
    qtbot.waitUntil(lambda: facts.arrived == ids[1:])
    assert facts.ahead.get(ids[0]) is None


def test_a_library_that_comes_later_is_read_then(
    qtbot: QtBot, shelf: Shelf, reader: LibraryReader, facts: Facts
) -> None:
    with qtbot.waitSignal(reader.absent):
        facts.ahead.want([1])
    ids = shelf.add(1)
    facts.ahead.want(ids)
    qtbot.waitUntil(lambda: facts.arrived == ids)
