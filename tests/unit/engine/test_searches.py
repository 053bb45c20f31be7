"""Searches through the engine: pictures as queries, explanations, suggestions."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from photosearch.core import messages, search_messages
from photosearch.core.note_messages import CreateAlbum
from photosearch.core.query import AnyFilter, Favourite, InFolder
from photosearch.engine import searches
from photosearch.engine.handlers import Handlers
from photosearch.engine.models import ModelSlots
from photosearch.engine.queries_first import QueriesFirst
from photosearch.engine.searches import Searches
from photosearch.engine.service import Engine
from photosearch.paths import Library
from photosearch.search.query import of_path
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_model import describe_model
from tests.helpers.engine import ask, engine_of, search
from tests.helpers.indexed import Indexed
from tests.helpers.library import DIM, MODEL
from tests.helpers.photos import make_photo
from tests.helpers.rights import as_somebody_else


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos").resolve() / "Colours of 2023"
    folder.mkdir()
    for colour in ("red", "green", "blue"):
        make_photo(folder / f"{colour}.png", color=colour)
    return folder


@pytest.fixture(scope="module")
def engine(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    library = Library(tmp_path_factory.mktemp("library"))
    describe_model(library)
    with engine_of(library) as engine:
        ask(engine, messages.Index([os.fsencode(photos)]))
        yield engine


def failure(engine: Engine, request: messages.AnyRequest) -> messages.Failed:
    reply = engine.handle(request)
    assert isinstance(reply, messages.Failed), reply
    return reply


def best(engine: Engine, text: str, **options: object) -> str:
    return Path(search(engine, text, **options).hits[0].path).name


def test_the_answer_says_what_was_understood(engine: Engine) -> None:
    result = search(engine, " red  -blue   type:png")
    assert result.query == "red -blue type:png"
    assert [(piece.kind, piece.span) for piece in result.pieces] == [
        ("words", (1, 4)),
        ("away", (6, 11)),
        ("filter", (14, 22)),
    ]
    assert result.searched == 3


def test_all_photos_follow_the_first_hits(engine: Engine) -> None:
    found = search(engine, "red", k=3).hits
    for question, count in (
        (search_messages.Search("red", 1), 3),
        (search_messages.Similar(found[0].photo_id, 1), 2),
    ):
        ranked = ask(engine, search_messages.RankAll(question))
        ids = np.frombuffer(ranked.ids, np.int64).tolist()
        assert set(ids) <= {hit.photo_id for hit in found}
        assert len(ids) == count == len(np.frombuffer(ranked.aspects, np.float32))
    assert ids == [hit.photo_id for hit in ask(engine, question).hits] + ids[1:]
    assert failure(engine, search_messages.RankAll(search_messages.Search("red folder:nowhere"))).span == (
        4,
        18,
    )


def test_an_error_comes_with_its_place(engine: Engine) -> None:
    assert failure(engine, search_messages.Search("red date:2023-13")).span == (9, 16)
    assert failure(engine, search_messages.Search("red folder:nowhere")).span == (4, 18)


def test_an_error_comes_with_the_name_that_was_probably_meant(engine: Engine) -> None:
    ask(engine, CreateAlbum("Best of 2023"))
    for typed, meant in (
        ('red folder:"Colors of 2023"', 'folder:"Colours of 2023"'),
        ("folder:Colous", 'folder:"Colours of 2023"'),
        ("-album:best", '-album:"Best of 2023"'),
        ("folder:nowhere", None),
        ("dat:2023", "date:"),
    ):
        assert failure(engine, search_messages.Search(typed)).instead == meant


def test_a_picture_of_the_library_or_of_anywhere_is_a_query(
    engine: Engine, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_photo(tmp_path / "my blue.png", color=(45, 65, 215))
    assert best(engine, f'like:"{photos / "red.png"}"') == "red.png"
    assert best(engine, f'like:"{tmp_path / "my blue.png"}"') == "blue.png"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert best(engine, 'like:"~/my blue.png"') == best(engine, 'like:"my blue.png"') == "blue.png"
    assert best(engine, "", images=((tmp_path / "my blue.png").read_bytes(),)) == "blue.png"


@pytest.mark.skipif(os.name != "posix" or sys.platform == "darwin", reason="names are Unicode there")
def test_a_picture_of_any_name_is_a_query(engine: Engine, tmp_path: Path) -> None:
    for name in (b"line\nend.png", b"bad\xff.png", b'"a  b" .png', "cafe\u0301.png".encode()):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        make_photo(tmp_path / "blue.png", color=(45, 65, 215)).rename(path)
        assert best(engine, of_path("like", str(path))) == "blue.png"
    assert best(engine, f'like:"{tmp_path}/line\nend.png"') == "blue.png"
    assert best(engine, f"like:{tmp_path}/caf\u00e9.png") == "blue.png"


def test_a_picture_that_is_none_is_refused_at_its_place(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    failed = failure(engine, search_messages.Search("red like:text.jpg"))
    assert failed.span == (4, 17)
    assert "text.jpg cannot be used" in str(failed.sentence)
    missing = failure(engine, search_messages.Search("like:missing.jpg"))
    assert (missing.span, str(missing.sentence)) == ((0, 16), f"There is no file {tmp_path / 'missing.jpg'}.")
    assert "cannot be used" in str(
        failure(engine, search_messages.Search("", images=(b"no picture",))).sentence
    )


def test_a_picture_in_a_folder_that_is_closed_is_refused_as_such() -> None:
    with as_somebody_else(), tempfile.TemporaryDirectory() as folder:
        library, closed = Library(Path(folder) / "library"), Path(folder) / "closed"
        describe_model(library)
        closed.mkdir(mode=0)
        with engine_of(library) as engine:
            failed = failure(engine, search_messages.Search(f"red like:{closed / 'dog.png'}"))
        closed.chmod(0o700)
    assert failed.span == (4, len(f"red like:{closed / 'dog.png'}"))
    assert "dog.png cannot be reached: a folder that holds it is closed to you" in str(failed.sentence)


def test_marks_alone_are_a_query(engine: Engine) -> None:
    green = search(engine, "green").hits[0].photo_id
    assert best(engine, "", liked=(green,)) == "green.png"


def test_why(engine: Engine) -> None:
    asked = search_messages.Search("red blue")
    why = engine.handle(search_messages.Explain(asked, search(engine, "red").hits[0].photo_id))
    assert isinstance(why, search_messages.Explanation), why
    assert {pull.text for pull in why.words if pull.score > 0} == {"red"}
    assert why.searched == sum(why.histogram) == 3


def test_suggestions_come_from_the_library(engine: Engine) -> None:
    reply = engine.handle(search_messages.Suggest("red col"))
    assert isinstance(reply, search_messages.Suggestions)
    assert [suggestion.text for suggestion in reply.suggestions] == ['red folder:"Colours of 2023"']
    assert [suggestion.photos for suggestion in reply.suggestions] == [3]


def test_suggestions_within_a_scope_count_its_photos(engine: Engine, photos: Path) -> None:
    def found(*within: AnyFilter) -> list[tuple[str, int | None]]:
        reply = ask(engine, search_messages.Suggest("red col", within=within))
        return [(each.shown, each.photos) for each in reply.suggestions]

    assert found(InFolder((os.fsencode(photos),))) == [("Colours of 2023", 3)]
    assert found(Favourite()) == []


def test_names_are_not_counted_at_every_key_while_photos_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def folders(engine: Engine) -> list[str]:
        return [found.shown for found in ask(engine, search_messages.Suggest("zo")).suggestions]

    library = Library(tmp_path / "library")
    describe_model(library)
    monkeypatch.setattr(searches, "NAMES_LAST_SECONDS", 86_400.0)
    with engine_of(library) as engine:
        assert folders(engine) == []
        (tmp_path / "Zoo").mkdir()
        make_photo(tmp_path / "Zoo" / "lion.png", color="red")
        ask(engine, messages.Index([os.fsencode(tmp_path / "Zoo")]))
        ask(engine, CreateAlbum("Zoology"))
        assert folders(engine) == ["Zoology"]
        monkeypatch.setattr(searches, "NAMES_LAST_SECONDS", 0.0)
        assert folders(engine) == ["Zoo", "Zoology"]


def test_filters_that_leave_nothing_are_told_with_what_each_keeps_out(engine: Engine) -> None:
    result = search(engine, "red type:jpeg green.png rating:0")
    assert (result.hits, result.searched) == ([], 0)
    assert [piece.text for piece in result.pieces] == ["red", "type:jpeg", "green.png", "rating:0"]
    assert result.without_piece == (0, 3, 0, 0)
    assert search(engine, "type:jpeg").without_piece == (3,)
    assert search(engine, "red type:png").without_piece == ()


def test_a_scope_holds_for_hits_ranks_and_counts(engine: Engine, photos: Path) -> None:
    here, favourites = (InFolder((os.fsencode(photos),)),), (Favourite(),)
    assert search(engine, "red", within=here).searched == 3
    nothing = search(engine, "red type:png", within=favourites)
    assert (nothing.hits, nothing.without_piece, nothing.everywhere) == ([], (0, 0), 3)
    assert search(engine, "red type:jpeg", within=here).everywhere == 0
    ranked = ask(engine, search_messages.RankAll(search_messages.Search("red", within=favourites)))
    assert not ranked.ids


def test_photos_of_a_place_that_is_opened_are_looked_at(tmp_path: Path) -> None:
    library, handlers = Library(tmp_path / "library"), Handlers()
    with Writer.open(library) as writer:
        writer.register_model(MODEL, MODEL, DIM)
        Indexed(tmp_path / "photos", library, writer).add("signs/a.jpg", "b.jpg")
    here = Searches(library, cast(ModelSlots, None), QueriesFirst(), tuple)
    here.serve(handlers)
    handlers(messages.LookAt((InFolder((os.fsencode(tmp_path / "photos" / "signs"),)),)))
    with Reader.open(library) as reader:
        looked_at = [
            Path(os.fsdecode(path)).name for id_, path in reader.paths().items() if id_ in here.looked_at
        ]
    assert looked_at == ["a.jpg"]
