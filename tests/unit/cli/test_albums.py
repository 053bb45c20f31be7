"""photosearch albums: plain ones, and those that fill themselves."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from photosearch import cli
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.photos import make_photo

Run = Callable[..., str]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """One with an engine, and three photos."""
    library = Library(tmp_path / "library")
    describe_model(library)
    (tmp_path / "photos").mkdir()
    for color in ("red", "blue", "green"):
        make_photo(tmp_path / "photos" / f"{color}.png", color=color)
    with Engine(library, MODEL, background=False, load=load_colours) as engine, Server(library, engine):
        assert cli.main(["index", "-q", str(tmp_path / "photos"), "--library", str(library.root)]) == 0
        yield library


@pytest.fixture
def run(library: Library, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path, code: int = 0) -> str:
        assert cli.main([*map(str, arguments), "--library", str(library.root)]) == code
        told = capsys.readouterr()
        return told.err if code else told.out

    return run


def listed(run: Run) -> dict[str, dict[str, Any]]:
    return {album.pop("name"): album for album in json.loads(run("albums", "--json"))["albums"]}


def test_a_query_becomes_an_album_that_is_kept_up_to_date(run: Run, tmp_path: Path) -> None:
    assert run("albums") == "No albums yet; make one: photosearch albums add NAME FILE\n"
    assert run("albums", "live", "Reds", "red -blue") == "Reds: 1 photo\n"
    run("albums", "add", "By hand", tmp_path / "photos" / "blue.png")
    assert run("albums").splitlines() == ["      1  By hand", "      1  Reds  (fills itself with: red -blue)"]
    make_photo(tmp_path / "photos" / "again.png", color="red", size=(72, 40))
    run("index", "-q", tmp_path / "photos")
    assert run("albums").splitlines()[1] == "      2  Reds  (fills itself with: red -blue; 1 new)"
    assert listed(run)["Reds"] == {"photos": 2, "query": "red -blue", "new": 1, "notifies": False}
    assert "again.png" in run("search", "album:reds")


def test_an_album_is_found_by_its_name_as_it_is_kept(run: Run, tmp_path: Path) -> None:
    for color in ("red", "blue"):
        run("albums", "add", " The \n Lake ", tmp_path / "photos" / f"{color}.png")
    assert listed(run) == {"The Lake": {"photos": 2}}
    assert "Write a name first." in run("albums", "add", " ", tmp_path / "photos" / "red.png", code=1)


def test_what_was_put_into_an_album_is_told(run: Run, tmp_path: Path) -> None:
    red, blue = (tmp_path / "photos" / f"{colour}.png" for colour in ("red", "blue"))
    assert run("albums", "add", "Lake", red) == "1 photo added to “Lake”\n"
    assert run("albums", "add", "Lake", red, blue) == "1 photo added to “Lake”\n"
    assert run("albums", "add", "Lake", blue, "-q") == ""


def test_another_query_for_an_album_is_told_and_undone(
    run: Run, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    run("albums", "live", "Reds", "red")
    assert cli.main(["albums", "live", "Reds", "blue", "--library", str(library.root)]) == 0
    said = "Reds was filled with red until now; photosearch undo brings that back."
    assert said in capsys.readouterr().err
    run("undo")
    assert listed(run)["Reds"]["query"] == "red"


def test_it_is_named_told_of_kept_and_ended(run: Run, library: Library) -> None:
    made = json.loads(run("albums", "live", "Reds", "red", "--notify", "--json"))
    assert made == {"name": "Reds", "photos": 1, "query": "red", "new": 0, "notifies": True}
    assert json.loads(run("albums", "rename", "Reds", "Reds", "--json")) == {}
    assert listed(run)["Reds"]["notifies"]
    assert run("albums") == "      1  Reds  (fills itself with: red; you are told of new photos)\n"
    run("albums", "live", "Reds", "red -green")
    assert listed(run)["Reds"]["notifies"]  # as it was
    run("albums", "live", "Reds", "--no-notify")
    assert listed(run)["Reds"]["notifies"] is False
    run("albums", "rename", "Reds", "Rosy")
    run("albums", "keep", "Rosy", "Rosy of May")
    run("albums", "rename", "Rosy of May", "May")
    assert listed(run).keys() == {"Rosy", "May"} and listed(run)["May"] == {"photos": 1}
    run("albums", "off", "Rosy")
    assert listed(run).keys() == {"May"}
    assert run("albums", "live", "Rosy") == "Rosy: 1 photo\n"  # it is a saved search
    run("album", "remove", "Rosy")  # as the command was called before
    run("albums", "remove", "May")
    with Reader.open(library) as reader:
        assert (reader.saved_searches(), reader.albums()) == ([], [])
    assert run("undo") == "Undone: Album “May” deleted\n"
    assert run("undo") == "Undone: Album “Rosy” deleted\n"
    assert listed(run).keys() == {"Rosy", "May"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "Reds", "{photo}"], "fills itself, and takes no photos by hand"),
        (["take", "Reds", "{photo}"], "fills itself, and takes no photos by hand"),
        (["off", "Plain"], "does not fill itself"),
        (["keep", "Plain", "Other"], "does not fill itself"),
        (["keep", "Reds", "Plain"], "There is an album Plain already"),
        (["live", "Plain", "red"], "There is an album Plain already"),
        (["live", "Roses", "album:reds"], "“reds” fills itself, and no other such album can look in it"),
        (["live", "Nothing"], "There is no saved search Nothing"),
        (["live", "Soon", "date:soon"], "is no date"),
        *((["remove", "None"], "There is no album None"), (["rename", "None", "Some"], "no album None")),
        *((["off", "None"], "There is no album None"), (["take", "None", "{photo}"], "no album None")),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, tmp_path: Path, words: list[str], sentence: str) -> None:
    photo = tmp_path / "photos" / "red.png"
    run("albums", "live", "Reds", "red")
    run("albums", "add", "Plain", photo)
    assert sentence in run("albums", *(word.format(photo=photo) for word in words), code=1)


def test_a_query_that_is_none_is_told_as_a_search_tells_it(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "\n  date:soon\n       ^^^^" in run("albums", "live", "Soon", "date:soon", code=1)
    at = ["--library", str(tmp_path / "library")]
    assert cli.main(["albums", "live", "Soon", "date:soon", "--json", *at]) == 1
    assert "is no date" in json.loads(capsys.readouterr().out)["error"]


def test_one_that_cannot_be_filled_says_why(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("albums", "add", "Lake", tmp_path / "photos" / "blue.png")
    run("albums", "live", "At the lake", "album:lake")
    run("albums", "remove", "Lake")
    assert listed(run)["At the lake"]["problem"].startswith("There is no album “lake”")
    assert cli.main(["albums", "--library", str(tmp_path / "library")]) == 0
    told = capsys.readouterr()
    assert "The album At the lake cannot be filled: There is no album “lake”" in told.err
    assert told.out == "      1  At the lake  (fills itself with: album:lake)\n"
