"""Stacks that are kept in the library while the person wants to see each as one photo."""

from pathlib import Path

import pytest

from photosearch import settings
from photosearch.core import messages
from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.stack_messages import StacksChanged
from photosearch.engine.kept_stacks import KeptStacks
from photosearch.models import catalog
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL
from tests.helpers.engine import ask, engine_of
from tests.helpers.heard import Heard
from tests.helpers.photos import picture
from tests.helpers.stacked import Shown, write_stacked

WHOLE = picture(1, (320, 240))
SHOWN = (
    Shown(WHOLE.resize((160, 120)), "/p/small.jpg", 1, file_size=700),
    Shown(WHOLE, "/p/whole.jpg", 1, file_size=5000),
    Shown(picture(3), "/p/other.jpg", 3),
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    write_stacked(library, SHOWN)
    return library


class Keeping:
    """One that finds what it is told to, and counts how often it is asked."""

    def __init__(self, library: Library, writer: Writer, model: str | None = MODEL) -> None:
        self.library, self.writer, self.model = library, writer, model
        self.found: list[tuple[int, ...]] = [(2, 1)]
        self.fails: Exception | None = None
        self.asked = 0
        self.told: list[StacksChanged] = []
        self.seconds = 0.0  # by its clock
        self.takes = 0.0  # seconds to find them
        self.kept = KeptStacks(
            library, writer, self._find, self._answering, self.told.append, lambda: self.seconds
        )
        writer.set_setting(settings.STACK, settings.YES)

    def _find(self) -> list[tuple[int, ...]]:
        self.asked += 1
        self.seconds += self.takes
        if self.fails:
            raise self.fails
        return self.found

    def _answering(self) -> ModelInfo | None:
        return catalog.find(self.model, self.library) if self.model else None

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.kept.look()


def stacks(library: Library) -> list[list[int]]:
    """The ids of each stack, the best first."""
    with Reader.open(library) as reader:
        kept = reader.stacked()
    assert kept.ids.tolist() == sorted(kept.ids.tolist())
    order = kept.places.argsort()
    ids, numbers = kept.ids[order], kept.stacks[order]
    return [ids[numbers == number].tolist() for number in sorted(set(numbers.tolist()))]


def test_stacks_are_found_once_the_photos_rest_and_never_twice_among_the_same(library: Library) -> None:
    with Writer.open(library) as writer:
        keeping = Keeping(library, writer)
        keeping.look(1)
        assert (keeping.asked, stacks(library)) == (0, [])  # they may be coming in
        keeping.look(3)
        assert (keeping.asked, stacks(library), len(keeping.told)) == (1, [[2, 1]], 1)
        later = Keeping(library, writer)  # as the next engine has it
        later.look()
        assert later.asked == 0
        write_stacked(library, [Shown(picture(4), "/p/fourth.jpg", 4)])
        later.found = [(4, 3), (2, 1)]
        later.look(1)
        assert later.asked == 0
        later.look()
        assert (later.asked, stacks(library)) == (1, [[4, 3], [2, 1]])


def test_where_it_takes_long_it_is_done_seldom(library: Library) -> None:
    with Writer.open(library) as writer:
        keeping = Keeping(library, writer)
        keeping.takes = 30
        keeping.look()
        write_stacked(library, [Shown(picture(4), "/p/fourth.jpg", 4)])
        keeping.seconds += 60
        keeping.look()
        assert keeping.asked == 1
        keeping.seconds += 3600
        keeping.look()
        assert keeping.asked == 2


def test_nothing_is_looked_for_that_nobody_wants_or_no_model_knows(library: Library) -> None:
    with Writer.open(library) as writer:
        without = Keeping(library, writer, model=None)
        without.look()
        unwanted = Keeping(library, writer)
        writer.set_setting(settings.STACK, settings.NO)
        unwanted.look()
    assert (without.asked, unwanted.asked) == (0, 0)


def test_what_failed_is_not_tried_again_among_the_same_photos(library: Library) -> None:
    with Writer.open(library) as writer:
        keeping = Keeping(library, writer)
        keeping.fails = KnownError("a fault")
        with pytest.raises(KnownError):
            keeping.look()
        keeping.fails = None
        keeping.look()
        assert (keeping.asked, stacks(library)) == (1, [])


def test_an_engine_that_closes_leaves_it_to_the_next(library: Library) -> None:
    with Writer.open(library) as writer:
        keeping = Keeping(library, writer)
        keeping.fails = Cancelled()
        keeping.look()
        assert (stacks(library), keeping.told) == ([], [])
        later = Keeping(library, writer)
        later.look()
        assert stacks(library) == [[2, 1]]


def test_what_the_person_said_something_of_is_on_top(library: Library) -> None:
    with Writer.open(library) as writer:
        writer.keep_stacks([(2, 1, 3)], "these")
        writer.set_rating([3], 5)
    assert stacks(library) == [[3, 2, 1]]


@pytest.mark.parametrize(
    ("path", "found"),
    [(b"/p/small.jpg", [(2, 3)]), (b"/p/whole.jpg", [(3, 1)]), (b"/p/whole.jpg", [])],
    ids=["behind", "best", "the others part"],
)
def test_a_photo_that_comes_back_is_in_its_stack_at_once(
    library: Library, path: bytes, found: list[tuple[int, ...]]
) -> None:
    with Writer.open(library) as writer:
        writer.keep_stacks([(2, 3, 1)], "these")
        writer.forget([path])
        writer.keep_stacks(found, "fewer")
        (whole,) = stacks(library)
        assert whole == ([2, 3, 1] if found else [2, 3])
        writer.keep_stacks(found, "fewer still")
        assert stacks(library) == [whole]


def test_the_engine_keeps_them_and_tells_of_the_setting(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.engine.service.SECONDS_BETWEEN_LOOKS_AT_STACKS", 0.01)
    with engine_of(library, background=True) as engine:
        heard = Heard()
        engine.subscribe(heard)
        ask(engine, messages.ChangeSetting(settings.STACK, settings.YES))
        heard.until_any(lambda _: heard.events.count(StacksChanged()) == 2)  # wanted; found
    assert stacks(library) == [[2, 1]]
