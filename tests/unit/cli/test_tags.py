"""photosearch tags"""

import json
import os
from collections.abc import Iterator

import pytest

from photosearch import cli
from photosearch.core import messages
from photosearch.engine.server import Server
from photosearch.paths import Library
from tests.helpers.colour_model import describe_model
from tests.helpers.engine import ask, engine_of
from tests.helpers.photos import make_photo


@pytest.fixture
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """With a red photo and a blue one; served by an engine."""
    root = tmp_path_factory.mktemp("tags")
    library, folder = Library(root / "library"), root / "photos"
    folder.mkdir()
    for number, colour in enumerate(("red", "blue")):
        make_photo(folder / f"{colour}.png", size=(32 + number, 32), color=colour)
    describe_model(library)
    with engine_of(library) as engine, Server(library, engine):
        ask(engine, messages.Index([os.fsencode(folder)]))
        yield library


def said(capsys: pytest.CaptureFixture[str], library: Library, *arguments: str, code: int = 0) -> str:
    assert (cli.main(["tags", *arguments, "--library", os.fspath(library.root)]) or 0) == code
    told = capsys.readouterr()
    return told.err if code else told.out


def photo(library: Library, colour: str) -> str:
    return os.fspath(library.root.parent / "photos" / f"{colour}.png")


def listed(capsys: pytest.CaptureFixture[str], library: Library) -> dict[str, int]:
    told = json.loads(said(capsys, library, "list", "--json"))
    return {tag["tag"]: tag["photos"] for tag in told["tags"] if tag["own"]}


def test_own_tags_are_looked_for_shown_denied_and_removed(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "“red” is looked for in 2 photos" in said(capsys, library, "add", "red")
    assert listed(capsys, library) == {"red": 0}
    assert "0  red" in said(capsys, library)
    said(capsys, library, "add", "sea", "--ask", "blue", code=1)  # it is on the list
    said(capsys, library, "add", "Rusty", "--ask", "blue")
    assert "2 of 2 photos · done" in said(capsys, library, "now")
    assert listed(capsys, library) == {"red": 1, "Rusty": 1}
    assert "1  red" in said(capsys, library)
    assert "red" in said(capsys, library, "show", photo(library, "red")).split(", ")[-1]
    lines = said(capsys, library, "show", photo(library, "red"), photo(library, "blue")).splitlines()
    assert "Rusty" in lines[1] and "Rusty" not in lines[0]
    assert "None of these photos is tagged “red”" in said(
        capsys, library, "wrong", "red", photo(library, "blue"), code=1
    )
    both = (photo(library, "red"), photo(library, "blue"))
    assert said(capsys, library, "wrong", "RED", *both) == "“red” taken away from 1 photo\n"
    assert listed(capsys, library) == {"red": 0, "Rusty": 1}
    renamed = said(capsys, library, "rename", "rusty", "Max")
    assert renamed == "Tag “Rusty” renamed to “Max”\n"
    said(capsys, library, "rename", "Max", "Rusty")
    said(capsys, library, "remove", "rusty")
    assert listed(capsys, library) == {"red": 0}
    assert cli.main(["undo", "--library", os.fspath(library.root)]) in (None, 0)
    assert "Rusty" in capsys.readouterr().out
    assert listed(capsys, library) == {"red": 0, "Rusty": 1}


def test_who_adds_a_tag_again_is_told_what_was_looked_for(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked() -> list[str]:
        told = json.loads(said(capsys, library, "list", "--json"))
        (ask,) = (tag["ask"] for tag in told["tags"] if tag["tag"] == "Max")
        return ask

    root = os.fspath(library.root)
    said(capsys, library, "add", "Max", "--ask", "a brown dog", "--ask", "a dog")
    assert asked() == ["a brown dog", "a dog"]
    assert cli.main(["tags", "add", "Max", "--library", root]) in (None, 0)
    told = capsys.readouterr().err
    assert "“Max” was looked for as “a brown dog”, “a dog” until now; photosearch undo brings" in told
    assert asked() == ["Max"]
    assert cli.main(["tags", "add", "Max", "--library", root]) in (None, 0)
    assert "until now" not in capsys.readouterr().err
    assert cli.main(["undo", "--library", root]) in (None, 0)
    assert "What is looked for as tag “Max” changed" in capsys.readouterr().out
    assert asked() == ["a brown dog", "a dog"]


def test_tags_of_the_list_go_and_come_back(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    def names() -> set[str]:
        told = json.loads(said(capsys, library, "list", "--all", "--json"))
        return {tag["tag"] for tag in told["tags"]}

    assert "dog" in names()
    said(capsys, library, "remove", "狗")
    assert "dog" not in names()
    assert "no tag “dog”" in said(capsys, library, "wrong", "dog", photo(library, "red"), code=1)
    said(capsys, library, "restore", "puppy")
    assert "dog" in names()
    assert "no tag “xyz”" in said(capsys, library, "restore", "xyz", code=1)


def test_it_says_what_is_left_to_do_and_what_is_off(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["tags", "--library", os.fspath(library.root)]) == 0
    assert "2 photos not looked at yet" in capsys.readouterr().err
    assert cli.main(["status", "--library", os.fspath(library.root)]) == 0
    assert "tags      0 of 2 photos · waits for other work" in capsys.readouterr().out
    assert cli.main(["status", "--json", "--library", os.fspath(library.root)]) == 0
    stages = json.loads(capsys.readouterr().out)["stages"]
    assert [(one["stage"], one["done"], one["total"]) for one in stages] == [("tags", 0, 2)]
    assert "off" in said(capsys, library, "off")
    assert cli.main(["tags", "--library", os.fspath(library.root)]) == 0
    assert "switched off" in capsys.readouterr().err
    assert json.loads(said(capsys, library, "on", "--json"))["total"] == 2
