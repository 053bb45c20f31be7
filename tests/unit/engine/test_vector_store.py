"""A vector store is built behind all else, answers in place of memory, and may go at any time."""

import json
import shutil

import msgspec
import numpy as np
import pytest

from photosearch import cli, settings
from photosearch.cli import doctor
from photosearch.core import messages, search_messages
from photosearch.core.stage_messages import FinishStage, GetStages, PauseStage
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.search import stored
from photosearch.search.recall import ExactBest
from photosearch.search.stored import StoredVectors
from photosearch.search.stores import StoreDamaged
from photosearch.search.stores.chosen import Standing, checked, folder, said, standing
from photosearch.search.stores.lance import LanceStore
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_library import add_photos, make_colour_library
from tests.helpers.colour_model import MODEL
from tests.helpers.engine import ask, engine_of, refusal, search
from tests.helpers.spoilt import spoil

PHOTOS = 30


@pytest.fixture(autouse=True)
def _few_photos(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "READ", 0)  # the store is asked for these, too
    monkeypatch.setattr(stored, "CANDIDATES", PHOTOS)
    make_colour_library(library, PHOTOS)


def choose(engine: Engine, store: str) -> None:
    ask(engine, messages.ChangeSetting(settings.VECTOR_STORE, store))


def finish(engine: Engine) -> str:
    ask(engine, FinishStage(settings.VECTOR_STORE))
    return next(one.phase for one in ask(engine, GetStages()).stages if one.key == settings.VECTOR_STORE)


def is_stored(engine: Engine) -> bool:
    return isinstance(engine._models.load_answering().searcher.photos.index, StoredVectors)


def found(engine: Engine) -> list[tuple[int, float]]:
    return [(hit.photo_id, hit.score) for hit in search(engine, "red").hits]


def look(library: Library) -> Standing | None:
    info = catalog.find(MODEL, library)
    with Reader.open(library) as reader:
        return checked(library, reader, info.model_id, info.dim)


def standing_in(library: Library) -> Standing | None:
    with Reader.open(library) as reader:
        return standing(library, reader, catalog.find(MODEL, library).model_id)


def test_it_answers_as_memory_does_from_when_it_is_built(library: Library, engine: Engine) -> None:
    by_memory = found(engine)
    choose(engine, settings.LANCE)
    assert not is_stored(engine)
    assert finish(engine) == "done"
    assert is_stored(engine)
    assert found(engine) == by_memory
    told = standing_in(library)
    assert told is not None
    assert (told.store, told.recall, told.photos) == (settings.LANCE, 1.0, PHOTOS)
    assert "LanceDB: finds 1.000" in str(told.said())
    assert "finds only 0.900" in str(msgspec.structs.replace(told, recall=0.9).said())
    choose(engine, settings.MEMORY)
    assert not is_stored(engine)
    assert found(engine) == by_memory
    assert standing_in(library) is None
    finish(engine)
    assert not folder(library, catalog.find(MODEL, library).model_id).exists()


def test_photos_that_it_does_not_name_come_last_and_newest_first(
    library: Library, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ranked() -> list[int]:
        every = ask(engine, search_messages.RankAll(search_messages.Search("red", k=3)))
        return np.frombuffer(every.ids, np.int64).tolist()

    by_memory = ranked()
    choose(engine, settings.LANCE)
    finish(engine)
    monkeypatch.setattr(stored, "CANDIDATES", 8)
    monkeypatch.setattr(stored, "MOST_CANDIDATES", 8)
    by_store = ranked()
    assert sorted(by_store) == sorted(by_memory)
    with Reader.open(library) as reader:
        newest, _ = reader.timeline()
    rest = by_store[8:]
    assert rest == [one for one in newest.tolist() if one in rest]


def test_the_next_engine_goes_on_with_it_and_with_what_came_meanwhile(library: Library) -> None:
    with engine_of(library) as engine:
        choose(engine, settings.LANCE)
        finish(engine)
    info = catalog.find(MODEL, library)
    with Writer.open(library) as writer:
        add_photos(writer, info, range(PHOTOS, PHOTOS + 12))
    with engine_of(library) as engine:
        assert is_stored(engine)
        with_the_new_ones = found(engine)
        finish(engine)
        assert found(engine) == with_the_new_ones
    shutil.rmtree(folder(library, info.model_id))
    with engine_of(library) as engine:
        assert found(engine) == with_the_new_ones
        finish(engine)
        assert found(engine) == with_the_new_ones


def test_one_given_up_while_it_is_measured_does_not_answer(
    library: Library, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall = ExactBest.recall

    def given_up(exact: ExactBest, index: StoredVectors) -> float:
        choose(engine, settings.MEMORY)
        return recall(exact, index)

    monkeypatch.setattr(ExactBest, "recall", given_up)
    choose(engine, settings.LANCE)
    finish(engine)
    assert not is_stored(engine)
    assert standing_in(library) is None


def test_one_deleted_under_the_engine_lacks_no_photo_and_is_filled_anew(
    library: Library, engine: Engine
) -> None:
    by_memory = found(engine)
    choose(engine, settings.LANCE)
    finish(engine)
    shutil.rmtree(folder(library, catalog.find(MODEL, library).model_id))
    assert standing_in(library) is None
    assert engine._vector_store.is_over()
    assert found(engine) == by_memory
    assert not is_stored(engine)
    finish(engine)
    assert is_stored(engine)
    assert standing_in(library) is not None
    assert found(engine) == by_memory


def test_a_damaged_one_is_filled_anew_as_a_deleted_one_is(library: Library) -> None:
    with engine_of(library) as engine:
        by_memory = found(engine)
        choose(engine, settings.LANCE)
        finish(engine)
        kept = folder(library, catalog.find(MODEL, library).model_id)
        spoil(kept)
        assert found(engine) == by_memory, "the search that meets it is answered"
        assert not is_stored(engine)
        assert engine._vector_store.is_over()
        assert finish(engine) == "done"
        assert is_stored(engine)
        spoil(kept)
        assert finish(engine) == "done", "and so it is where no search met it"
        look(library)
        spoil(kept)
    with pytest.raises(StoreDamaged):
        look(library)
    with engine_of(library) as engine:
        assert found(engine) == by_memory
        assert finish(engine) == "done"
        assert is_stored(engine)
        assert found(engine) == by_memory
    assert look(library) is not None


def test_damage_that_filling_anew_does_not_mend_is_told(
    library: Library, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(engine, settings.LANCE)
    with monkeypatch.context() as patch:
        patch.setattr(LanceStore, "add", lambda self, *_: spoil(self._folder))
        assert "are damaged" in refusal(engine, FinishStage(settings.VECTOR_STORE))
    assert finish(engine) == "done"
    assert is_stored(engine)


def told_of(library: Library, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.main([*arguments, "--library", str(library.root)])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def test_the_command_line_says_what_cannot_answer(
    library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    info = catalog.find(MODEL, library)
    with Writer.open(library) as writer:
        writer.set_setting(settings.MODEL, info.model_id)
        monkeypatch.delenv("QDRANT_URL", raising=False)
        status, said = told_of(library, capsys, "vectors", "use", "qdrant")
        assert (status, "settings set qdrant_address URL" in said) == (1, True)
        writer.set_setting(settings.QDRANT_ADDRESS, "http://127.0.0.1:9")
        status, said = told_of(library, capsys, "vectors", "use", "qdrant")
        assert (status, "Qdrant at http://127.0.0.1:9 does not answer" in said) == (1, True)
        assert told_of(library, capsys, "vectors") == (0, "memory, exact\n"), "it was not chosen"
        writer.set_setting(settings.VECTOR_STORE, settings.QDRANT)
        status, said = told_of(library, capsys, "vectors")
        assert (status, "Qdrant at http://127.0.0.1:9 does not answer" in said) == (1, True)
    with engine_of(library) as engine, Server(library, engine):
        choose(engine, settings.LANCE)
        ask(engine, PauseStage(settings.VECTOR_STORE, paused=True))
        _, said = told_of(library, capsys, "status")
        assert "vectors   0 of 30 photos · " in said, "as the command is called, not the setting"
        ask(engine, PauseStage(settings.VECTOR_STORE, paused=False))
        finish(engine)
    assert told_of(library, capsys, "vectors") == (
        0,
        f"LanceDB: finds 1.000 of the hundred best (62 queries, {PHOTOS} photos)\n",
    )
    assert "LanceDB: finds 1.000" in told_of(library, capsys, "status")[1]
    spoil(folder(library, info.model_id))
    status, said = told_of(library, capsys, "vectors")
    assert (status, "are damaged, and filled anew" in said) == (1, True)
    with pytest.raises(StoreDamaged):
        doctor.CHECKS["vectors"](library)
    status, said = told_of(library, capsys, "status")
    assert (status, "are damaged, and filled anew" in said) == (0, True)
    shutil.rmtree(folder(library, info.model_id))
    for command in ("status", "vectors"):
        assert "memory, exact, until lance is built\n" in told_of(library, capsys, command)[1], command
    chosen = json.loads(told_of(library, capsys, "status", "--json")[1])["vectors"]
    assert chosen == {"chosen": "lance", "store": "memory"}


def test_as_many_hits_come_as_are_asked_for(
    library: Library, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hits() -> list[tuple[int, float]]:
        return [
            (hit.photo_id, hit.score) for hit in ask(engine, search_messages.Search("red", k=PHOTOS)).hits
        ]

    by_memory = hits()
    choose(engine, settings.LANCE)
    finish(engine)
    monkeypatch.setattr(stored, "CANDIDATES", 8)
    monkeypatch.setattr(stored, "MOST_CANDIDATES", 8)
    assert hits() == by_memory
    assert len(by_memory) == PHOTOS


def test_the_store_before_answers_until_the_next_one_is_built(library: Library) -> None:
    with engine_of(library) as engine:
        choose(engine, settings.LANCE)
        finish(engine)
        choose(engine, settings.QDRANT)
        assert is_stored(engine)
        assert not engine._vector_store.is_over()
    told = standing_in(library)
    assert told is not None and told.store == settings.LANCE
    assert str(said(settings.LANCE, told)) == str(told.said())
    assert str(said(settings.QDRANT, told)) == f"{told.said()}, until qdrant is built"
    assert str(said(settings.QDRANT, None)) == "memory, exact, until qdrant is built"
    with engine_of(library) as engine:
        assert is_stored(engine)
        choose(engine, settings.MEMORY)
        assert not is_stored(engine)


def test_a_server_that_is_not_there_is_told_of_and_memory_answers(library: Library, engine: Engine) -> None:
    choose(engine, settings.QDRANT)
    assert "has no address" in refusal(engine, FinishStage(settings.VECTOR_STORE))
    ask(engine, messages.ChangeSetting(settings.QDRANT_ADDRESS, "http://127.0.0.1:9"))
    assert "Qdrant at http://127.0.0.1:9 does not answer" in refusal(
        engine, FinishStage(settings.VECTOR_STORE)
    )
    assert not is_stored(engine)
    assert found(engine)
