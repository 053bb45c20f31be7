"""What a shell offers for the values of arguments."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.core.teaching import Word
from photosearch.models.lesson import LESSON, Lesson, write_lesson
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.exported_models import copy_exported
from tests.helpers.library import DIM, MODEL, indexed_file

Offered = Callable[..., list[str]]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "my library")
    copy_exported(library.models / "tiny")
    with Writer.open(library) as writer:
        folder = writer.add_folder(b"/photos", "drive").folder_id
        writer.register_model(MODEL, "tiny", DIM)
        ids = writer.commit([indexed_file(1, folder_id=folder, path=b"/photos/Old Trip/1.jpg")], MODEL)
        writer.create_album("Summer 2023", list(ids))
        writer.create_album("sea", list(ids))
        writer.set_setting("lesson", "0" * 16)
    (library.lessons / ("0" * 16)).mkdir(parents=True)
    words = (Word("Rusty", "brown dog", edited=True),)
    write_lesson(library.lessons / ("0" * 16) / LESSON, Lesson(MODEL, "2026-11-21 18:30", words=words))
    return library


@pytest.fixture
def offered(library: Library, capsys: pytest.CaptureFixture[str]) -> Offered:
    def offered(line: str, *options: str) -> list[str]:
        typed = f"photosearch --library '{library.root}' {line}"
        code = cli.main(["completion", "bash", f"--line={typed}", *options])
        told = capsys.readouterr()
        assert (code == 0) == bool(told.out) and not told.err
        return told.out.splitlines()

    return offered


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("search --min ", ["strong", "likely", "weak"]),
        ("search --min=st", ["--min=strong"]),
        ("search dogs --min 0.3 -k 3 has:g", ["has:gps"]),
        ("search fol", ["folder:"]),
        ("search folder:ol", ['folder:"Old Trip"']),
        ('search "album:su', ['album:"Summer 2023"']),
        ("search dogs", []),
        ("settings set th", ["theme", "threads"]),
        ("settings set theme ", ["system", "light", "dark"]),
        ("settings set tray ", ["yes", "no"]),
        ("settings set threads ", []),
        ("settings reset theme ", []),
        ("models use ", ["none", "tiny", "2026-11-21 18:30"]),
        ("models export --lesson ", ["2026-11-21 18:30"]),
        ("models get google/siglip2-so", ["google/siglip2-so400m-patch14-384"]),
        ("words set ", ["Rusty"]),
        ("words set Rusty ", []),
        ("albums add ", ["sea", "Summer 2023"]),
        ("albums add Summer\\ ", ["Summer 2023"]),
        ("albums add 'Summer 2023' ", []),
        ("albums remove s", ["sea", "Summer 2023"]),
        ("folders remove ", ["/photos"]),
        ("rate ", ["0", "1", "2", "3", "4", "5", "file"]),
        ("index ", []),
        ("nothing ", []),
    ],
)
def test_what_may_stand_at_the_end_of_a_line(line: str, values: list[str], offered: Offered) -> None:
    found = [value for value in offered(line) if "bundled" not in value]
    assert sorted(found) == sorted(values)


def test_a_shell_that_replaces_a_part_of_a_word_is_given_that_part(offered: Offered) -> None:
    assert offered("search folder:O", "--part=O") == ['"Old Trip"']
    assert offered("search folder:O", "--part=folder:O") == ['folder:"Old Trip"']
    assert offered('albums add "Sum', '--part="Sum') == ["Summer 2023"]


def test_no_engine_is_started_for_it_and_no_library_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], library: Library, offered: Offered
) -> None:
    assert offered("albums add ")
    assert not os.path.lexists(library.engine_key)
    line = f"photosearch albums add --library {tmp_path / 'new'} "
    assert cli.main(["completion", "zsh", f"--line={line}"]) == 1
    assert not (tmp_path / "new").exists()
