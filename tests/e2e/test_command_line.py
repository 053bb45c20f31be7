"""`photosearch` as a person or a script meets it, in processes of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photosearch.core.messages import GetStatus, Shutdown
from photosearch.engine.client import Client
from photosearch.paths import Library
from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import make_photo
from tests.helpers.processes import ENVIRONMENT, PATIENCE, client_of, photosearch, start, wait_for

COMMANDS = [
    *("index", "search", "caption", "captions", "teach", "words", "favourite", "rate", "albums"),
    *("duplicates", "folders", "status", "models", "extras", "settings", "doctor", "watch", "gui", "update"),
    *("completion", "undo", "redo"),
]
ODD_NAMES = [b"line\nend.png", b"bad\xff.png", "\N{DOG FACE} \x1b[31m.png".encode()]
needs_odd_names = os.name == "posix" and sys.platform != "darwin"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos").resolve()
    for color in ("red", "green", "blue"):
        make_photo(folder / f"{color}.jpg", color=color)
    (folder / "inner").mkdir()
    make_photo(folder / "inner" / "grey.jpg", color="grey")
    (folder / "broken.jpg").write_bytes(b"no picture")
    for seed, name in enumerate(ODD_NAMES if needs_odd_names else []):
        made = make_photo(folder / "odd.png", seed)
        os.rename(os.fsencode(made), os.path.join(os.fsencode(folder), name))  # noqa: PTH104, PTH118  (bytes)
    return folder


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("home") / "library")
    copy_exported(library.models / "tiny")
    return library


@pytest.fixture(scope="module")
def report(library: Library, folder: Path) -> dict[str, Any]:
    """The folder is indexed by a command that runs an engine for itself."""
    ended = photosearch("index", folder, "--library", library.root, "--model", "tiny", "--json")
    assert (ended.code, ended.errors) == (0, "")
    answer: dict[str, Any] = json.loads(ended.output)
    return answer


@pytest.fixture(scope="module")
def at(library: Library, report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The arguments that name the indexed library, on which an engine runs."""
    process = start("photosearch.engine", "--library", library.root)
    with client_of(library, process) as client:
        yield "--library", str(library.root)
        client.call(Shutdown())
    process.communicate(timeout=PATIENCE)


def test_index_reports(report: dict[str, Any], folder: Path) -> None:
    assert list(report) == [
        "indexed",
        "unchanged",
        "moved",
        "copies",
        "back",
        "removed",
        "failed",
        "vanished",
        "notes_kept",
        "seconds",
        "images_per_second",
        "model",
        "replaced",
    ]
    photos = 4 + (len(ODD_NAMES) if needs_odd_names else 0)
    assert (report["indexed"], report["failed"], report["unchanged"]) == (photos, 1, 0)
    assert isinstance(report["seconds"], float)
    assert isinstance(report["images_per_second"], float)
    assert re.fullmatch("[0-9a-f]{16}", report["model"])


def test_index_again_for_people(at: tuple[str, str], folder: Path) -> None:
    ended = photosearch("index", folder / "inner", *at)
    assert ended.code == 0
    assert "Indexed 0 photos" in ended.output
    assert "is inside" in ended.errors


def test_search_for_programs(at: tuple[str, str], report: dict[str, Any]) -> None:
    ended = photosearch("search", "a cat", "-k", "2", "--json", *at)
    assert ended.code == 0
    answer = json.loads(ended.output)
    assert list(answer)[:4] == ["query", "model", "took_ms", "hits"]
    assert answer["terms"] == [{"kind": "words", "text": "a cat"}]
    assert sum(answer["labels"].values()) == answer["searched"]
    assert (answer["query"], answer["model"]) == ("a cat", report["model"])
    assert list(answer["took_ms"]) == ["encode", "rank"]
    assert len(answer["hits"]) == 2
    for hit in answer["hits"]:
        assert list(hit) == ["path", "score", "confidence", "found_in", "line", "at_seconds"]
        assert Path(hit["path"]).is_file()
        assert hit["confidence"] in ("strong", "likely", "weak")
    assert answer["hits"][0]["score"] >= answer["hits"][1]["score"]


def test_search_for_people(at: tuple[str, str], folder: Path) -> None:
    ended = photosearch("search", "a cat", *at)
    lines = ended.output.splitlines()
    assert len(lines) == 4 + (len(ODD_NAMES) if needs_odd_names else 0)
    assert all(re.match(r" *-?\d\.\d{3}  (strong|likely|weak) +/|\w:", line) for line in lines)
    assert "\x1b" not in ended.output


def test_odd_names_survive_json(at: tuple[str, str], folder: Path) -> None:
    ended = photosearch("search", "a cat", "--json", *at)
    assert ended.output.count("\n") == 1
    found = {os.fsencode(hit["path"]) for hit in json.loads(ended.output)["hits"]}
    assert {os.path.join(os.fsencode(folder), n) for n in ODD_NAMES if needs_odd_names} <= found  # noqa: PTH118


def test_a_terminal_that_is_not_unicode_is_served(at: tuple[str, str]) -> None:
    ascii_only = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}
    ended = photosearch("search", "chat été", "--json", *at, environment=ascii_only)
    assert ended.code == 0
    assert ended.output.isascii()
    assert json.loads(ended.output)["query"] == "chat été"


def test_words_and_pictures_need_no_marks(at: tuple[str, str], folder: Path) -> None:
    answer = json.loads(photosearch("search", "red", "stripes", folder / "red.jpg", "--json", *at).output)
    assert [term["text"] for term in answer["terms"]] == ["red stripes", f"like:{folder / 'red.jpg'}"]
    of_file = photosearch("search", folder / "blue.jpg", "-n", "3", "--paths0", *at)
    from_stdin = photosearch(
        "search", "-", "-n", "3", "--paths0", *at, stdin=(folder / "blue.jpg").read_bytes()
    )
    assert of_file.output.count("\0") == 3
    assert from_stdin.output == of_file.output


def test_what_is_here_and_good_enough(at: tuple[str, str], folder: Path, tmp_path: Path) -> None:
    inside = str(folder / "inner" / "grey.jpg")
    here = photosearch("search", "a", "cat", "--here", "--json", *at, folder=folder / "inner")
    assert [hit["path"] for hit in json.loads(here.output)["hits"]] == [inside]
    of_lines = photosearch("search", "-", "--here", *at, folder=folder / "inner", stdin=b"a cat\n")
    assert [hit["path"] for hit in json.loads(of_lines.output)["hits"]] == [inside]
    beside = photosearch("search", "folder:../inner", *at, folder=folder / "inner")
    assert beside.output == f"{inside}\n"  # chosen, not ranked: no score
    none = photosearch("search", "a", "cat", "--min", "99", *at)
    assert (none.code, none.output) == (1, "")
    assert "--min" in none.errors
    elsewhere = photosearch("search", "a", "cat", "--here", *at, folder=tmp_path)
    assert elsewhere.code == 1
    assert f"{tmp_path} is not in this library" in elsewhere.errors


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_that_cannot_be_written_is_told(at: tuple[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = photosearch("search", "a cat", *at, stdout=full)
    assert ended.code == 1
    assert ended.errors == "photosearch: the output cannot be written: No space left on device.\n"


@pytest.mark.skipif(os.name != "posix", reason="another shell")
@pytest.mark.parametrize(
    ("closed", "command", "told"),
    [
        (">&-", ["search", "a cat"], "the output cannot be written: Bad file descriptor."),
        (">&-", ["search", "rating:9", "--json"], "the output cannot be written: Bad file descriptor."),
        (">&-", ["search", "--json"], "the output cannot be written: Bad file descriptor."),
        (">&-", ["status"], "the output cannot be written: Bad file descriptor."),
        (">&-", ["completion", "bash"], "the output cannot be written: Bad file descriptor."),
        ("<&-", ["search", "-"], "There is nothing to read: standard input is closed."),
        ("<&- >&-", ["captions", "import", "-"], "There is nothing to read: standard input is closed."),
        ("</dev/null", ["search", "-"], "There is no query and no picture on standard input."),
        (">&- 2>&-", ["status"], None),
    ],
)
def test_streams_that_are_closed_are_told(
    closed: str, command: list[str], told: str | None, at: tuple[str, str]
) -> None:
    shell = ["sh", "-c", f'exec "$0" "$@" {closed}', sys.executable, "-m", "photosearch"]
    ended = subprocess.run(
        [*shell, *command, *at], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.endswith(f"photosearch: {told}\n" if told else "")
    assert "PhotoSearch itself" not in ended.stderr


def test_an_error_for_programs(at: tuple[str, str]) -> None:
    ended = photosearch("search", "rating:9", "--json", *at)
    assert ended.code == 1
    assert json.loads(ended.output)["error"].startswith("A rating is a number of stars")


def test_queries_from_stdin(at: tuple[str, str]) -> None:
    ended = photosearch("search", "-", "-k", "1", *at, stdin="a cat\n \n\nrating:9\nzwei Hunde äöü".encode())
    answers = [json.loads(line) for line in ended.output.splitlines()]
    assert [answer["query"] for answer in answers] == ["a cat", "rating:9", "zwei Hunde äöü"]
    assert [len(answer["hits"]) for answer in answers] == [1, 0, 1]
    assert "error" in answers[1]
    assert ended.code == 1


def test_each_query_from_stdin_is_answered_before_the_next(at: tuple[str, str]) -> None:
    process = start("photosearch", "search", "-", *at)
    assert process.stdin and process.stdout
    for text in ("a cat", "a dog"):
        process.stdin.write(text + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["query"] == text
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_whoever_stops_reading_is_no_error(at: tuple[str, str]) -> None:
    process = start("photosearch", "search", "-", *at)
    assert process.stdin and process.stdout and process.stderr
    process.stdout.close()
    process.stdin.write("a cat\na dog\n")
    process.stdin.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(PATIENCE) == 0


def test_filters_and_errors_in_a_query(at: tuple[str, str], folder: Path) -> None:
    ended = photosearch("search", "a cat folder:inner type:jpeg", *at)
    assert [line.endswith("grey.jpg") for line in ended.output.splitlines()] == [True]
    ended = photosearch("search", "-like:none.jpg date:2000", *at, folder=folder)
    assert f"There is no file {folder / 'none.jpg'}" in ended.errors.splitlines()[0]
    assert ended.errors.splitlines()[1:] == ["  -like:none.jpg date:2000", "  " + "^" * len("-like:none.jpg")]
    assert "No photo passes the filter date:2000." in photosearch("search", "a cat date:2000", *at).errors


def test_captions_come_and_go(at: tuple[str, str], folder: Path) -> None:
    table = "filename,caption\ngreen.jpg,“A meadow, at Zermatt”\nlost.jpg,Lost\n".encode()
    ended = photosearch("captions", "import", "-", "--json", *at, stdin=table)
    found = json.loads(ended.output)
    assert (ended.code, found["new"], found["skipped_no_photo"]) == (0, 1, 1)
    assert json.loads(photosearch("captions", "list", "--json", "--query", '"zermatt"', *at).output) == {
        "captions": [
            {"path": str(folder / "green.jpg"), "caption": "A meadow, at Zermatt", "source": "imported"}
        ]
    }
    assert 'green.jpg,"A meadow, at Zermatt"' in photosearch("captions", "export", "-", *at).output
    elsewhere = photosearch("captions", "list", "--query", "folder:inner", *at)
    assert elsewhere.errors == "photosearch: No photo that answers this has a caption.\n"


def test_notes_are_written_and_found(at: tuple[str, str], folder: Path) -> None:
    red, blue = folder / "red.jpg", folder / "blue.jpg"
    for command in (
        ["caption", "set", red, "Rusty at Pelican Cove"],
        ["favourite", red, blue],
        ["favourite", "--off", blue],
        ["rate", "4", red],
        ["album", "add", "Best of", red, blue],
        ["album", "take", "Best of", blue],
    ):
        ended = photosearch(*command, *at)
        assert (ended.code, ended.errors) == (0, "")
    assert photosearch("caption", "get", red, *at).output == "Rusty at Pelican Cove\n"
    query = '"pelican cove" has:favourite rating:4 album:"Best of"'
    hits = json.loads(photosearch("search", query, "--json", *at).output)["hits"]
    assert [hit["path"] for hit in hits] == [str(red)]
    assert json.loads(photosearch("album", "--json", *at).output) == {
        "albums": [{"name": "Best of", "photos": 1}]
    }
    assert "There is no file" in photosearch("rate", "3", folder / "none.jpg", *at).errors


def test_folders(at: tuple[str, str], folder: Path) -> None:
    listed = json.loads(photosearch("folders", "--json", *at).output)["folders"]
    assert [(row["path"], row["state"]) for row in listed] == [(str(folder), "here")]
    assert str(folder) in photosearch("folders", *at).output
    assert "not one of" in photosearch("folders", "remove", folder / "inner", *at).errors


def test_status(at: tuple[str, str], library: Library, report: dict[str, Any]) -> None:
    found = json.loads(photosearch("status", "--json", *at).output)
    assert (found["library"], found["model"], found["model_name"]) == (
        str(library.root),
        report["model"],
        "tiny",
    )
    assert found["photos"] == found["searchable"] >= report["indexed"]
    assert (found["running"], found["watching"]) == (True, True)
    assert [Path(row["path"]).name for row in found["failures"]] == ["broken.jpg"]
    assert "broken.jpg" in photosearch("status", *at).output


def test_models(at: tuple[str, str], report: dict[str, Any]) -> None:
    listed = json.loads(photosearch("models", "--json", *at).output)["models"]
    assert [(row["name"], row["id"]) for row in listed if row["default"]] == [("tiny", report["model"])]
    keys = {
        "id",
        "name",
        "dim",
        "bytes",
        "path",
        "default",
        "licence",
        "calibrated",
        "fitted_on",
        "next",
        "waits",
    }
    assert all(keys == set(row) for row in listed)
    assert "* tiny" in photosearch("models", *at).output


def test_doctor(at: tuple[str, str]) -> None:
    ended = photosearch("doctor", "--json", *at)
    found = json.loads(ended.output)
    checks = {check["check"]: check for check in found["checks"]}
    assert list(checks) == [
        "library",
        "model",
        "formats",
        "codecs",
        "device",
        "faster",
        "extras",
        "vectors",
        "watching",
        "space",
        "window",
    ]
    assert all(checks[name]["ok"] for name in ("library", "model", "formats", "device"))
    assert ended.code == (0 if found["ok"] else 1)


def test_a_photo_saved_under_watch_is_found(at: tuple[str, str], folder: Path) -> None:
    watching = start("photosearch", "watch", *at)
    assert watching.stdout and watching.stderr
    while "photos" not in watching.stdout.readline().partition("watching")[0]:
        pass
    make_photo(folder / "saved.jpg", color="orange")
    assert re.search(r"photos \(\+1\)$", watching.stdout.readline().rstrip())
    found = json.loads(photosearch("search", "a cat", "--json", *at).output)["hits"]
    assert "saved.jpg" in {Path(hit["path"]).name for hit in found}
    (folder / "saved.jpg").unlink()
    assert re.search(r"photos \(-1\)$", watching.stdout.readline().rstrip())
    if os.name == "posix":
        watching.send_signal(signal.SIGINT)
        _, errors = watching.communicate(timeout=PATIENCE)
        assert (watching.returncode, errors) == (130, "photosearch: stopped watching.\n")
    else:
        watching.kill()
        watching.communicate()


def test_a_running_engine_takes_up_another_model(at: tuple[str, str], library: Library, folder: Path) -> None:
    copy_exported(library.models / "other", "other")
    assert photosearch("index", folder, "--model", "other", *at).code == 0
    assert "* other" in photosearch("models", *at).output
    assert photosearch("models", "use", "tiny", *at).output.startswith("It answers from now on")
    assert "* tiny" in photosearch("models", *at).output


def test_a_search_imports_little(tmp_path: Path) -> None:
    """Each module that is imported on the way to an answer is waited for by whoever asks."""
    script = (
        "import sys; from photosearch.cli import main; main(sys.argv[1:]); "
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    library = Library(tmp_path / "library")
    copy_exported(library.models / "tiny")
    make_photo(tmp_path / "photos.jpg")
    assert photosearch("index", tmp_path, "--library", library.root, "--model", "tiny").code == 0
    command = [sys.executable, "-c", script, "search", "red", "--library", str(library.root)]
    modules = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=True).stderr.split()
    assert len(modules) < 800  # 766 as measured, 308 of them our own
    heavy = {b"torch", b"timm", b"transformers", b"trainer", b"PySide6", b"scipy"}
    assert not heavy & {module.partition(b".")[0] for module in modules}


def test_a_search_leaves_an_engine_behind_for_the_next_one(folder: Path, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    copy_exported(library.models / "tiny")
    at = ("--library", library.root)
    assert photosearch("index", folder, *at, "--model", "tiny").code == 0
    first = photosearch(
        "search", "red", *at, "--json", environment={**ENVIRONMENT, "PHOTOSEARCH_LINGER_MINUTES": "1"}
    )
    assert first.code == 0, first.errors
    wait_for(lambda: "not running" not in photosearch("status", *at).output)
    again = photosearch("search", "red", *at, "--json")
    assert json.loads(again.output)["hits"] == json.loads(first.output)["hits"]
    client = Client.connect(library)
    assert client is not None
    with client:
        assert not client.call(GetStatus()).watching
        client.call(Shutdown())
    wait_for(lambda: Client.connect(library) is None)


@pytest.mark.parametrize("change", [("models", "use", "other"), ()], ids=["models use", "index --model"])
def test_another_model_is_taken_up_where_a_search_left_an_engine(
    folder: Path, tmp_path: Path, change: tuple[str, ...]
) -> None:
    library = Library(tmp_path / "library")
    copy_exported(library.models / "tiny")
    copy_exported(library.models / "other", "other")
    at = ("--library", library.root)
    assert photosearch("index", folder, *at, "--model", "tiny").code == 0
    photosearch("search", "red", *at, environment={**ENVIRONMENT, "PHOTOSEARCH_LINGER_MINUTES": "1"})
    wait_for(lambda: "not running" not in photosearch("status", *at).output)
    if change:
        assert re.match(r"It knows 0 of \d+ photos and answers once", photosearch(*change, *at).output)
    report = photosearch("index", folder, *at, "--json", *(() if change else ("--model", "other")))
    assert report.code == 0, report.errors
    assert json.loads(report.output)["indexed"] > 0
    assert "* other" in photosearch("models", *at).output
    if change:
        assert photosearch("models", "use", "tiny", *at).output.startswith("It answers from now on")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["search", ""], "Type what the photo shows"),
        (["search", "x" * 100_000], "100,000 characters"),
        (["index", "{folder}/missing"], "There is no folder"),
        (["index", "{folder}/red.jpg"], "is a file; name the folder that holds it"),
        (["index", "{folder}", "--model", "nope"], "There is no model 'nope'"),
        (["search", "a cat", "--library", "{folder}/nowhere"], "index a folder first"),
        (["index", "{folder}", "--library", "{folder}/red.jpg"], "that path is a file"),
        (["search", "a cat", "--library", "{folder}/red.jpg"], "that path is a file"),
        (["folders", "remove", "{folder}/never"], "not one of the library's folders"),
        (["gui"], "There is no display" if sys.platform == "linux" else None),
    ],
)
def test_a_known_error_is_one_sentence(
    at: tuple[str, str], folder: Path, arguments: list[str], sentence: str | None
) -> None:
    if sentence is None:
        return  # a window would open
    command = [argument.replace("{folder}", str(folder)) for argument in arguments]
    ended = photosearch(*(() if "--library" in command else at), *command)
    assert ended.code == 1
    assert ended.output == ""
    assert ended.errors.startswith("photosearch: ")
    assert ended.errors.count("\n") == 1
    assert sentence in ended.errors


@pytest.mark.parametrize("arguments", [["fly"], ["search"], ["index"], ["search", "a", "-k", "0"]])
def test_wrong_usage(arguments: list[str]) -> None:
    assert photosearch(*arguments).code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command: str) -> None:
    ended = photosearch(command, "--help")
    assert ended.code == 0
    assert f"  photosearch {command}" in ended.output


def signalled_amid_import(folder: Path, number: str, loaded: str) -> dict[str, str]:
    """An environment where who imports a module gets a signal then, and loses what is raised of it."""
    (folder / "sitecustomize.py").write_text(
        "import contextlib, os, signal, sys\n"
        "class Signalling:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == '{loaded}':\n"
        "            with contextlib.suppress(BaseException):\n"
        f"                os.kill(os.getpid(), signal.{number})\n"
        "sys.meta_path.insert(0, Signalling())\n"
    )
    paths = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return {**ENVIRONMENT, "PYTHONPATH": paths}


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from photosearch.cli import main\n"
        "try: main(['--help'])\n"
        "finally: assert not {'torch', 'numpy', 'PIL', 'PySide6', 'sqlite3', 'filelock'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(re.search(f"^ +{command} ", done.stdout, re.MULTILINE) for command in COMMANDS)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal")
@pytest.mark.parametrize("loaded", ["photosearch.programs", "photosearch.cli", "photosearch.store.connect"])
def test_ctrl_c_while_the_program_is_being_loaded_ends_it_without_a_word(tmp_path: Path, loaded: str) -> None:
    ended = photosearch("status", environment=signalled_amid_import(tmp_path, "SIGINT", loaded))
    assert (ended.code, ended.output, ended.errors) == (-signal.SIGINT, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("loaded", ["photosearch.engine.service", "numpy"])
def test_sigterm_while_the_engine_is_being_loaded_ends_it(tmp_path: Path, loaded: str) -> None:
    environment = signalled_amid_import(tmp_path, "SIGTERM", loaded)
    (photos := tmp_path / "photos").mkdir()
    library = f"--library={tmp_path / 'library'}"
    ended = photosearch("index", photos, library, environment=environment)
    assert (ended.code, ended.output, ended.errors) == (-signal.SIGTERM, "", "")
    engine = start("photosearch.engine", library, environment=environment)
    assert engine.communicate(timeout=PATIENCE) == ("", "")
    assert engine.returncode == -signal.SIGTERM
