"""What escapes from a command, and how the person meets it."""

import argparse
import errno
import io
import json
import logging
import os
import shlex
import signal
import tempfile
from pathlib import Path

import pytest

from photosearch import __main__, cli
from photosearch.cli import manual, models, shells
from photosearch.cli.arguments import WrongValue
from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.rights import as_somebody_else


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(options: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(models, "run", run)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KnownError("The disk is full.\x1b"), 1, "photosearch: The disk is full.\\x1b\n"),
        (WrongValue("There is no such colour."), 2, "photosearch: There is no such colour.\n"),
        (KeyboardInterrupt(), 130, "photosearch: stopped.\n"),
        (
            PermissionError(errno.EACCES, "no", "/a/b"),
            1,
            "photosearch: /a/b cannot be opened: Permission denied.\n",
        ),
    ],
)
def test_a_sentence_and_a_status(
    error: BaseException,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fail_with(error, monkeypatch)
    assert cli.main(["models", "--library", str(tmp_path)]) == code
    assert capsys.readouterr() == ("", said)


class Full(io.StringIO):
    """An output on a disk without room."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._held = file.open("w")

    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fileno(self) -> int:
        return self._held.fileno()

    def close(self) -> None:
        self._held.close()
        super().close()


@pytest.mark.parametrize("command", [["--help"], ["search", "--help"]])
def test_help_that_cannot_be_written_is_told(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Full(tmp_path / "full") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert cli.main(command) == 1
    assert capsys.readouterr().err == (
        "photosearch: the output cannot be written: No space left on device.\n"
    )


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_what_a_folder_that_is_gone_leaves_unknown_is_told(
    json: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--library", str(tmp_path / "none"), *json]
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    gone = "photosearch: The present folder is gone; go to one that is there, as by: cd ~\n"
    for command in (["search", "dog", "--here"], ["index", "."], ["search", "like:./a.jpg"], ["here", "."]):
        assert cli.main([*command, *at]) == 1
        assert capsys.readouterr().err == gone
    assert cli.main(["status", "--library", "none", *json]) == 1
    assert capsys.readouterr().err == gone
    assert cli.main(["search", "dog like:/a.jpg folder:holidays", *at]) == 1
    assert "There is no library" in capsys.readouterr().err


def test_a_query_that_begins_with_a_minus_is_told_where_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["search", "-people"])
    assert capsys.readouterr().err.endswith(" stands behind --: photosearch search … -- -people\n")
    with pytest.raises(SystemExit):
        cli.main(["search", "-n5"])
    assert "--help says what it takes" in capsys.readouterr().err


def test_a_slip_of_the_finger_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serach", "dogs"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "photosearch: There is no command serach; did you mean search?\n"


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        (["two dogs"], "'two dogs'"),
        (["two", "dogs", "-n", "3"], "two dogs -n 3"),
        (["rusty's", "ball"], """'rusty'"'"'s' ball"""),
        (["--library", "here", "sunset"], "sunset"),
        (["map", "--help"], "map"),
    ],
)
def test_words_without_a_command_are_told_how_to_search(
    capsys: pytest.CaptureFixture[str], typed: list[str], command: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(typed)
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"; to search: photosearch search {command}\n")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("search two -n 3 dogs --json", ["two", "dogs"]),
        ("search two -n 3 dogs -- -cats -n", ["two", "dogs", "-cats", "-n"]),
        ("search two -n 3 '-a cat'", ["two", "-a cat"]),
        ("search -n 3 -- -people", ["-people"]),
        ("search two --json -", ["two", "-"]),
        ("here . two -n 3 dogs", ["two", "dogs"]),
        ("here . -n 3 two dogs", ["two", "dogs"]),
        ("gui two -q dogs", ["two", "dogs"]),
    ],
)
def test_options_stand_between_words(typed: str, words: list[str]) -> None:
    options = cli.parser().parse_args(shlex.split(typed))
    assert options.query == words
    assert "-n 3" not in typed or options.k == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("settings set thread 4", "SETTING cannot be thread; did you mean threads?"),
        ("settings set nosuch 1", "SETTING cannot be nosuch; photosearch settings set --help has a list"),
        ("search two --sort dat", "--sort cannot be dat; did you mean date?"),
        ("rate 9 a.jpg", "STARS cannot be 9; it can be 0, 1, 2, 3, 4, 5, file"),
        ("models lsit", "There is no command models lsit; did you mean list?"),
        ("search two --jsn", "There is no option --jsn; did you mean --json?"),
        ("search dog --top 3", "There is no option --top; did you mean -n?"),
        ("search dog -t 3", "There is no option -t; did you mean -n?"),
        ("search dog -t3", "There is no option -t; did you mean -n?"),
        ("search dog -f", "There is no option -f; did you mean --paths?"),
        ("status -t", "There is no option -t; photosearch status --help has a list"),
        ("status now", "photosearch status takes no now here; photosearch status --help says what it takes"),
        (
            "search dogs -people",
            "There is no option -people; what a query leads away from stands behind --: "
            "photosearch search … -- -people",
        ),
        ("-x", "There is no option -x; photosearch --help has a list"),
        (
            "search",
            "the following arguments are required: QUERY; photosearch search --help says what it takes",
        ),
        (
            "search two -n 0",
            "argument -k/-n: '0' is not a whole number from 1 on; "
            "photosearch search --help says what it takes",
        ),
        (
            "search two --min foo",
            "argument --min: 'foo' is none of strong, likely and weak, and no score; "
            "photosearch search --help says what it takes",
        ),
    ],
)
def test_wrong_usage_is_one_sentence(typed: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(typed.split())
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", f"photosearch: {said}\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("serach", "没有命令 serach；您是指 search 吗？"),
        ("two dogs", "没有命令 two；要搜索：photosearch search two dogs"),
        ("settings set nosuch 1", "SETTING 不能为 nosuch；photosearch settings set --help 会列出全部"),
        ("rate 9 a.jpg", "STARS 不能为 9；可以是 0, 1, 2, 3, 4, 5, file"),
        ("status now", "photosearch status 在此处不接受 now；用法见 photosearch status --help"),
        ("-x", "没有选项 -x；photosearch --help 会列出全部"),
        (
            "search two --min foo",
            "--min：'foo' 既不是 strong、likely 或 weak，也不是分数；用法见 photosearch search --help",
        ),
        ("search two -n 0", "-k/-n：'0' 不是大于等于 1 的整数；用法见 photosearch search --help"),
        # what argparse says by itself
        ("settings set", "缺少必需的参数：SETTING, VALUE；用法见 photosearch settings set --help"),
        ("search two -n", "-k/-n 后面需要一个值；用法见 photosearch search --help"),
        ("gui --open", "--open 后面至少需要一个值；用法见 photosearch gui --help"),
        ("search two -0 --json", "--json 不能与 -0/--paths0 一起使用；用法见 photosearch search --help"),
        ("status --quiet=x", "-q/--quiet 不带值，却给了 'x'；用法见 photosearch status --help"),
        ("search two --pa", "选项 --pa 不明确，可以是 --paths, --paths0；用法见 photosearch search --help"),
    ],
)
def test_wrong_usage_is_told_in_the_language_of_the_terminal(
    typed: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(SystemExit) as ended:
        cli.main(typed.split())
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.err == f"photosearch: {said}\n"
    assert "--json" not in typed.split() or json.loads(told.out) == {"error": said}


@pytest.mark.parametrize("command", ["search two", "duplicates"])
def test_paths_that_end_in_nul_are_paths(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.parser().parse_args([*command.split(), "--paths", "-0"]).paths0
    for other in ("--paths", "-0"):
        with pytest.raises(SystemExit):
            cli.parser().parse_args([*command.split(), other, "--json"])
    assert "not allowed with argument" in capsys.readouterr().err


def test_what_is_no_option_is_refused_between_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["search", "two", "--json", "--never", "dogs"])
    assert "There is no option --never; " in capsys.readouterr().err


def test_every_command_and_action_has_what_all_have() -> None:
    for command in manual.Command((), "", cli.parser()).walk():
        options = [option for action in command.options for option in action.option_strings]
        for option in ("--library", "-q", "--quiet", "-v", "--verbose", "--json"):
            assert options.count(option) == 1, command.words


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_home_that_the_shell_left_is_found(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    at = ["--library=~/library"]
    assert cli.main([*at, "status"] if place == "before" else ["status", *at]) == 1
    assert str(tmp_path / "library") in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["search", "--json"], ["serach", "--json"], ["status", "--json", "-x"]]
)
def test_wrong_usage_is_told_to_programs_too(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["error"] in said.err


@pytest.mark.parametrize(
    "error", [KnownError("It is full."), KeyboardInterrupt(), ZeroDivisionError("surprise")]
)
def test_a_program_is_told_what_a_person_is(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(error, monkeypatch)
    codes = set()
    for more in ([], ["--json"]):
        codes.add(cli.main(["models", "--library", str(tmp_path), *more]))
        said = capsys.readouterr()
        sentence = said.err.removeprefix("photosearch: ").removesuffix("\n")
        assert said.out == (f'{{"error": "{sentence}"}}\n' if more else "")
    assert len(codes) == 1


def test_quiet_leaves_out_what_was_not_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Writer.open(Library(tmp_path / "library")):
        pass
    at = ["--library", str(tmp_path / "library")]
    assert cli.main(["backup", str(tmp_path / "copy"), *at, "-q"]) == 0
    assert cli.main(["captions", "list", *at, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert cli.main(["backup", str(tmp_path / "copy"), *at]) == 0
    assert capsys.readouterr().out.startswith("Copied")
    assert cli.main(["-q", "backup", str(tmp_path), *at]) == 1
    assert "is a folder" in capsys.readouterr().err


def test_what_was_done_is_an_object_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Writer.open(Library(tmp_path / "library")):
        pass
    at = ["--library", str(tmp_path / "library"), "--json"]
    copy = str(tmp_path / "copy")
    none = {"photos": 0, "captions": 0, "favourites": 0, "ratings": 0, "albums": 0}
    for typed, told in (
        (["backup", copy], {"copy": none}),
        (["restore", copy], {"error": "What the copy has not will be lost; to go back to it, say so: --yes"}),
        (["restore"], {"copies": []}),
        (["completion", "fish"], {"text": shells.fish(cli.parser())}),
    ):
        code = cli.main([*typed, *at])
        out = capsys.readouterr().out
        assert code == ("--yes" in out)
        assert json.loads(out) == told


def test_more_is_said_where_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: argparse.Namespace) -> int:
        logging.getLogger("photosearch.engine").info("Reading %s", "a\x1b.jpg")
        return 0

    monkeypatch.setattr(models, "run", run)
    assert cli.main(["models", "-v", "--library", str(tmp_path)]) == 0
    assert capsys.readouterr().err.endswith(" Reading a\\x1b.jpg\n")


def test_ctrl_c_while_indexing_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(options: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.index, "run", interrupted)
    assert cli.main(["index", str(tmp_path), "--library", str(tmp_path)]) == 130
    assert "goes on where it was" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["status", "duplicates"])
def test_a_library_behind_a_closed_folder_is_told_in_a_sentence(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with tempfile.TemporaryDirectory() as closed:
        library = Library(Path(closed) / "library")
        Writer.open(library).close()
        arguments = [command, "--library", str(library.root)]
        assert cli.main(arguments) == 0  # with all that it imports, which somebody else may not read
        capsys.readouterr()
        Path(closed).chmod(0)
        try:
            with as_somebody_else():
                assert cli.main(arguments) == 1
        finally:
            Path(closed).chmod(0o700)
        said = capsys.readouterr().err
        assert f"You may not read the library in {library.root}" in said
        assert "error in PhotoSearch" not in said


@pytest.mark.parametrize("writable", [True, False])
def test_a_bug_is_written_down_and_named(
    writable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "library"
    if not writable:
        library.touch()
    fail_with(ZeroDivisionError("surprise"), monkeypatch)
    assert cli.main(["models", "--library", str(library)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "surprise" not in said
    log = Path(said.partition("; ")[2].removesuffix(" has the details.\n"))
    assert log.is_relative_to(library) == writable
    assert "ZeroDivisionError: surprise" in log.read_text()


def test_ctrl_c_before_a_command_begins_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> argparse.ArgumentParser:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "parser", interrupted)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert __main__.main() == cli.INTERRUPTED
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL  # while Python ends
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("typed", ["status", "settings nosuch 3", "search dog --mni x", "index /nope"])
def test_json_is_heard_before_a_command_as_well(
    typed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for line in (["--json", *typed.split()], [*typed.split(), "--json"]):
        try:
            code = cli.main([*line, "--library", str(tmp_path / "none")])
        except SystemExit as ended:
            code = int(str(ended.code))
        told.append((code, capsys.readouterr().out))
    assert told[0] == told[1] and "error" in json.loads(told[0][1])
