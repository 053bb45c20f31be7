"""Photos are tagged by what is known of them, behind all else."""

import subprocess
import sys

import pytest

from photosearch import settings
from photosearch.core import history_messages, messages, search_messages
from photosearch.core.stage_messages import FinishStage, GetStages, StageState
from photosearch.core.tag_messages import AddTag, DenyTag, RemoveTag, RenameTag, RestoreTag, TagsChanged
from photosearch.engine.service import Engine
from photosearch.engine.tagging import TagStage
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_library import NAMES, add_photos, add_video, make_colour_library
from tests.helpers.colour_model import MODEL
from tests.helpers.engine import ask, engine_of, refusal, search
from tests.helpers.heard import Heard

PHOTOS = 30


@pytest.fixture
def ids(library: Library) -> list[int]:
    return make_colour_library(library, PHOTOS)


def finish(engine: Engine) -> StageState:
    ask(engine, FinishStage(settings.TAGS))
    return next(stage for stage in ask(engine, GetStages()).stages if stage.key == settings.TAGS)


def tags(library: Library) -> dict[int, list[str]]:
    with Reader.open(library) as reader:
        return {
            photo_id: [tag.name for tag in reader.tags_of(photo_id)] for photo_id in reader.living().tolist()
        }


def found(engine: Engine, text: str) -> list[int]:
    return sorted(hit.photo_id for hit in search(engine, text).hits)


def of_colour(ids: list[int], colour: str) -> list[int]:
    return [one for place, one in enumerate(ids) if NAMES[place % len(NAMES)] == colour]


def test_photos_are_tagged_with_what_they_surely_show(
    ids: list[int], library: Library, engine: Engine
) -> None:
    ask(engine, AddTag("red"))
    ask(engine, AddTag("Rusty", ("blue", "yellow")))
    state = finish(engine)
    assert (state.phase, state.done, state.total) == ("done", PHOTOS, PHOTOS)
    assert found(engine, "tag:red") == of_colour(ids, "red")
    assert found(engine, "tag:rusty -tag:red") == sorted(of_colour(ids, "blue") + of_colour(ids, "yellow"))
    ask(engine, RemoveTag("red"))
    assert "no tag “red”" in refusal(engine, search_messages.Search("tag:red"))
    ask(engine, history_messages.Undo())
    finish(engine)
    assert found(engine, "tag:red") == of_colour(ids, "red")


def test_it_says_how_far_it_has_got_ready(
    ids: list[int], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[float] = []
    go_on = TagStage.do_some

    def tell_and_go_on(self: TagStage) -> bool:
        prepared.append(self.prepared)
        return go_on(self)

    monkeypatch.setattr(TagStage, "do_some", tell_and_go_on)
    finish(engine)
    assert prepared == sorted(prepared)
    assert (prepared[0], prepared[-1]) == (0, 1) and len(set(prepared)) > 10


def test_a_video_is_tagged_with_what_any_of_its_frames_shows(
    ids: list[int], library: Library, engine: Engine
) -> None:
    with Writer.open(library) as writer:
        video = add_video(writer, catalog.find(MODEL, library), 999, ("red", "blue"))
    own = ("red", "blue", "yellow")
    for tag in own:
        ask(engine, AddTag(tag))
    finish(engine)
    assert [tag for tag in tags(library)[video] if tag in own] == ["red", "blue"]
    for query, at_ms in (("tag:red", 0), ("tag:blue", 3000), ("-tag:yellow", None)):
        assert {hit.at_ms for hit in search(engine, query).hits if hit.photo_id == video} == {at_ms}
    ask(engine, RenameTag("blue", "sky blue"))
    assert 3000 in [hit.at_ms for hit in search(engine, 'tag:"sky blue"').hits]


def test_one_that_is_wrong_goes_by_a_word_and_stays_away(
    ids: list[int], library: Library, engine: Engine
) -> None:
    heard = Heard()
    engine.subscribe(heard)
    ask(engine, AddTag("red"))
    finish(engine)
    wrong, *rest = of_colour(ids, "red")
    ask(engine, DenyTag((wrong,), "red"))
    heard.until(TagsChanged())
    ask(engine, AddTag("blue"))  # so that all are looked at anew
    finish(engine)
    assert found(engine, "tag:red") == rest
    ask(engine, history_messages.Undo())
    ask(engine, history_messages.Undo())
    assert found(engine, "tag:red") == [wrong, *rest]


def test_photos_that_come_later_are_tagged_and_no_others_anew(
    ids: list[int], library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine_of(library) as engine:
        ask(engine, AddTag("red"))
        finish(engine)
    kept: list[int] = []
    keep = Writer.keep_tags

    def keep_and_tell(self: Writer, photos: list[tuple[int, list[str]]], *more: object) -> None:
        kept.extend(photo_id for photo_id, _ in photos)
        keep(self, photos, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Writer, "keep_tags", keep_and_tell)
    with engine_of(library) as engine:
        with Writer.open(Library(library.root)) as writer:
            (new,) = add_photos(writer, catalog.find(MODEL, library), range(103, 104))
        finish(engine)
        assert kept == [new]
        assert new in found(engine, "tag:red")
        with Writer.open(Library(library.root)) as writer:
            add_photos(writer, catalog.find(MODEL, library), range(200, 200 + 3 * PHOTOS))
        finish(engine)  # so many more that it is looked anew how far apart the model's cosines lie
        assert len(kept) == 1 + 4 * PHOTOS + 1


def test_what_is_switched_off_finds_nothing_and_says_so(ids: list[int], engine: Engine) -> None:
    ask(engine, AddTag("red"))
    finish(engine)
    ask(engine, messages.ChangeSetting(settings.TAGS, settings.NO))
    assert "switched off" in refusal(engine, search_messages.Search("tag:red"))
    assert "switched off" in refusal(engine, FinishStage(settings.TAGS))
    ask(engine, messages.ChangeSetting(settings.TAGS, settings.YES))
    assert found(engine, "tag:red") == of_colour(ids, "red")


def test_a_tag_that_was_meant_is_proposed(ids: list[int], engine: Engine) -> None:
    assert "did you mean tag:dog" in refusal(engine, search_messages.Search("tag:dogg"))
    ask(engine, RemoveTag("dog"))
    assert "no tag “dog”" in refusal(engine, search_messages.Search("tag:dog"))
    ask(engine, RestoreTag("dog"))
    assert found(engine, "tag:dog") == []


def test_a_kill_in_the_middle_loses_nothing_and_does_nothing_twice(ids: list[int], library: Library) -> None:
    with engine_of(library) as engine:
        ask(engine, AddTag("red"))
    command = [sys.executable, "-m", "tests.helpers.tag_photos", str(library.root)]
    killed = subprocess.Popen([*command, "0.02"], stdout=subprocess.PIPE, text=True)
    assert killed.stdout
    while int(killed.stdout.readline()) < PHOTOS // 3:
        pass
    killed.kill()
    killed.communicate()
    with Reader.open(library) as reader:
        assert reader.check() == []
    with engine_of(library) as engine:
        state = next(stage for stage in ask(engine, GetStages()).stages if stage.key == settings.TAGS)
        assert PHOTOS // 3 <= state.done < PHOTOS
        finish(engine)
    after = tags(library)
    assert [one for one, names in after.items() if "red" in names] == of_colour(ids, "red")
