import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch import cli, i18n, programs
from photosearch.cli.asked import as_typed, pointed
from photosearch.cli.search import fields, suffices
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.message import Reply
from photosearch.core.messages import (
    AnyEvent,
    AnyRequest,
    FolderStatus,
    GetJobs,
    GetStatus,
    Job,
    JobList,
    Status,
)
from photosearch.core.photo import Confidence, Hit
from photosearch.core.progress import Progress
from photosearch.core.search_messages import Labels, Piece, SearchResult
from photosearch.engine.server import Server
from photosearch.gui import app
from photosearch.paths import Library
from photosearch.search.filters import KEYS
from photosearch.search.query import parse
from photosearch.store.writer import Writer
from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import make_photo
from tests.helpers.rights import as_somebody_else


def test_an_error_points_to_its_place() -> None:
    assert pointed("dogs dat:2023", (5, 9)) == "  dogs dat:2023\n       ^^^^"
    assert pointed("犬 dat:2023", (2, 6)) == "  犬 dat:2023\n     ^^^^"
    assert pointed("dogs", (4, 4)) == "  dogs\n      ^"


@pytest.mark.parametrize("typed", ["~50 dogs", "a dog. " * 60])
def test_what_cannot_be_a_files_name_is_words(typed: str) -> None:
    assert as_typed(typed) == typed


def test_a_query_with_an_error_is_refused_before_anything_is_opened(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "dogs rating:9", "--library", f"{tmp_path}/none"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("photosearch: A rating is a number of stars")
    assert said[1:] == ["  dogs rating:9", "  " + " " * 12 + "^"]


def test_programs_get_what_was_understood() -> None:
    result = SearchResult(
        "dogs -people date:2023",
        "m",
        1.0,
        2.0,
        7,
        [],
        pieces=(
            Piece("words", "dogs", (0, 4)),
            Piece("away", "-people", (5, 12)),
            Piece("filter", "date:2023", (13, 22)),
        ),
        labels=Labels(1, 2, 4),
    )
    found = fields(result)
    assert found["terms"] == [{"kind": "words", "text": "dogs"}, {"kind": "away", "text": "-people"}]
    assert found["filters"] == ["date:2023"]
    assert found["labels"] == {"strong": 1, "likely": 2, "weak": 4, "named": 0, "behind": 0}


def test_help_teaches_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["search", "--help"])
    shown = capsys.readouterr().out
    for key in KEYS:
        assert f"  {key}:" in shown
    for word in ("-people", "beach^2", "like:", "date:2023-06..2023-08", "near:", "examples:"):
        assert word in shown


def test_where_the_words_stand_is_said() -> None:
    hits = [Hit(1, b"/Norway/boat.jpg", 0.1, Confidence.WEAK, found_in="folder")]
    found = fields(SearchResult("norway", "m", 1.0, 2.0, 1, hits, labels=Labels(named=1)))
    assert [hit["found_in"] for hit in found["hits"]] == ["folder"]


def test_what_filters_alone_chose_has_no_score_and_no_label() -> None:
    hits = [Hit(1, b"/a.jpg", 0.0, Confidence.STRONG)]
    pieces = parse("rating:5").pieces
    found = fields(SearchResult("rating:5", "m", 0.0, 1.0, 1, hits, pieces, labels=Labels(strong=1)))
    assert found["labels"] is found["hits"][0]["score"] is found["hits"][0]["confidence"] is None
    pieces = parse("dog rating:5").pieces
    found = fields(SearchResult("dog rating:5", "m", 0.0, 1.0, 1, hits, pieces, labels=Labels(strong=1)))
    assert found["labels"]["strong"] == 1


def test_programs_are_told_that_the_model_does_not_read_the_words() -> None:
    caveat = Sentence("This model reads English; describe the photo in English, or choose another model.")
    found = SearchResult("狗", "m", 1.0, 2.0, 1, [], caveat=caveat)
    assert fields(found)["caveat"] == str(caveat)
    assert fields(SearchResult("dog", "m", 1.0, 2.0, 1, []))["caveat"] is None
    i18n.use("zh_CN")
    assert fields(found)["caveat"].startswith("此模型")


def test_a_least_is_asked_of_the_picture_whatever_its_folder_is_called() -> None:
    named = Hit(1, b"/Dogs/boat.jpg", -0.1, Confidence.WEAK, found_in="folder")
    shown = Hit(2, b"/Dogs/dog.jpg", 0.3, Confidence.STRONG, found_in="folder")
    assert [suffices(hit, Confidence.LIKELY) for hit in (named, shown)] == [False, True]
    assert [suffices(hit, 0.2) for hit in (named, shown)] == [False, True]


@pytest.mark.parametrize("given", ["likley", "nan", ""])
def test_what_is_no_least_is_told_what_is(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["search", "dogs", "--min", given])
    assert f"{given!r} is none of strong, likely and weak, and no score" in capsys.readouterr().err


def test_a_picture_in_a_folder_that_is_closed_is_said(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with as_somebody_else(), pytest.raises(KnownError, match=r"dog\.jpg cannot be reached"):
        as_typed(str(closed / "dog.jpg"))
    closed.chmod(0o700)


@pytest.mark.parametrize("given", ["./nope.jpg", "~/nope.JPG", "/no where/nope.png", "a/nope.jpg"])
def test_a_path_of_a_picture_that_is_not_there_ends_in_an_error(
    given: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "dogs", given, "--library", f"{tmp_path}/none"]) == 1
    assert f"There is no file {given}." in capsys.readouterr().err


@pytest.mark.parametrize("given", ["nope.jpg", "cats and/or dogs.jpg", "black/white", "v2.0", "St. John's"])
def test_what_is_no_path_is_looked_for_as_words(given: str) -> None:
    assert as_typed(given) == given


def test_a_name_of_a_picture_that_is_not_there_is_said(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "nosuch.jpg", "--library", f"{tmp_path}/none"]) == 1
    assert "There is no file nosuch.jpg; its name is looked for as words." in capsys.readouterr().err
    for other in (["like:nosuch.jpg"], ["像：nosuch.jpg"], ["a", "dog"], ["nosuch.dog"]):
        cli.main(["search", *other, "--library", f"{tmp_path}/none"])
        assert "as words" not in capsys.readouterr().err


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The arguments that name a library of three photos."""
    root = tmp_path_factory.mktemp("home")
    copy_exported(root / "library" / "models" / "tiny")
    (root / "photos").mkdir()
    for color in ("red", "green", "blue"):
        make_photo(root / "photos" / f"{color}.jpg", color=color)
    at = ("--library", str(root / "library"))
    assert cli.main(["index", str(root / "photos"), "--model", "tiny", "-q", *at]) == 0
    return at


def test_all_that_reach_the_least_are_printed_where_no_number_is_given(
    at: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("photosearch.cli.search.FEW", 1)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for options, photos in (([], 1), (["--min=-1"], 3), (["--min=-1", "-n", "2"], 2)):
        assert cli.main(["search", "red", "--paths", *options, *at]) == 0
        told = capsys.readouterr()
        assert len(told.out.splitlines()) == photos
        assert (f"good enough answers: {photos}." in told.err) == bool(options)


AT_REST, READING = Progress("idle"), Progress("indexing", done=5, total=9)


class Amid:
    """An engine whose photos leave the library while it is searched."""

    def __init__(
        self, progress: Progress = AT_REST, next_model: str = "", jobs: tuple[Job, ...] = ()
    ) -> None:
        folders = [FolderStatus(b"/p", 7, "here", unread=True)]
        self.status = Status("m", True, "cpu", "float32", 7, 7, 0, folders, progress, False, next_model)
        self.jobs = jobs

    def handle(self, request: AnyRequest) -> Reply:
        if isinstance(request, GetJobs):
            return JobList(self.jobs)
        return self.status if isinstance(request, GetStatus) else SearchResult("red", "m", 1.0, 1.0, 5, [])

    def subscribe(self, subscriber: Callable[[AnyEvent], None]) -> Callable[[], None]:
        return lambda: None


def test_a_filter_that_no_photo_passes_is_named_as_it_was_typed(
    at: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.main(["search", "狗", "日期：2029", *at]) == 1
    assert capsys.readouterr().err.endswith(" 日期：2029。\n")
    assert cli.main(["search", " ", *at]) == 1
    assert "海滩上的两只狗" in capsys.readouterr().err


def test_the_least_is_named_only_where_it_was_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = Library(tmp_path / "library")
    Writer.open(library).close()
    with Server(library, Amid()):
        assert cli.main(["search", "red", "--library", str(library.root)]) == 1
        assert "just left the library" in capsys.readouterr().err
        assert cli.main(["search", "red", "--min", "strong", "--library", str(library.root)]) == 1
        assert "--min asks for" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("engine", "more", "told"),
    [
        (Amid(READING), [], True),
        (Amid(READING), ["-q"], False),
        (Amid(READING, "another"), [], False),
        (Amid(jobs=(Job(1, (b"/p",), running=True),)), [], True),
        (Amid(), [], False),
    ],
    ids=["reading", "quiet", "read for another model", "warming up", "at rest"],
)
def test_that_only_a_part_was_searched_is_said_on_a_terminal(
    engine: Amid,
    more: list[str],
    told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    library = Library(tmp_path / "library")
    Writer.open(library).close()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Server(library, engine):
        cli.main(["search", "red", *more, "--library", str(library.root)])
        assert ("this search knew 7 photos" in capsys.readouterr().err) == told
        monkeypatch.setattr("sys.stderr.isatty", lambda: False)
        cli.main(["search", "red", *more, "--library", str(library.root)])
    assert "this search" not in capsys.readouterr().err


def test_what_was_found_is_shown_in_the_window(
    at: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert cli.main(["search", "red", "+beach", "--open", *at]) == 0
    assert capsys.readouterr().out == ""
    assert started == [[*programs.face(), "gui", *at, "--", "red +beach"]]
    assert cli.main(["search", "red", "date:1900", "--open", *at]) == 1
    assert cli.main(["search", "-", "--open", *at]) == 1
    assert len(started) == 1


def test_the_window_can_be_opened_with_a_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(app, "main", lambda library, model, query: opened.append(query) or 0)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lake.jpg").touch()
    assert cli.main(["gui", "two", "dogs", "lake.jpg"]) == cli.main([]) == 0
    assert opened == [f"two dogs like:{tmp_path / 'lake.jpg'}", ""]
    assert cli.main(["gui", "date:soon"]) == 1
    assert capsys.readouterr().err.endswith("\n  date:soon\n       ^^^^\n")


def test_what_is_wrong_is_shown_as_it_was_typed(
    at: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    for arguments, underlined in (
        (["red  house", "+dog", "like:nothere", "date:2023"], "like:nothere"),
        (["red", str(text)], str(text)),
        (["red", str(text), "like:nothere^2"], str(text)),
    ):
        assert cli.main(["search", *arguments, *at]) == 1
        _, typed, below = capsys.readouterr().err.splitlines()
        assert typed == f"  {' '.join(arguments)}"
        assert typed[below.index("^") : len(below)] == underlined
