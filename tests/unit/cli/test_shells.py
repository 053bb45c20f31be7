import argparse
import subprocess
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.cli import manual, shells

COMMANDS = [command for command in manual.Command((), "", cli.parser()).walk() if command.words]


def toy() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="toy")
    commands = parser.add_subparsers()
    make = commands.add_parser("make", help="make [it]: now")
    make.add_argument("--how", metavar="fast|well|HOURS", help="how (default: %(default)s)", default="well")
    make.add_argument("--out", metavar="FILE", help="it's where")
    make.add_argument("what", choices=["cake", "tea"])
    commands.add_parser("read", help="read a file").add_argument("file", metavar="FILE")
    commands.add_parser("put", help="put it").add_argument("album", metavar="ALBUM")
    commands.add_parser("tidy", help="tidy up")
    return parser


def completed(parser: argparse.ArgumentParser, *words: str, answer: str = "") -> list[str]:
    """What bash offers for the last of the words after the program's name; the program answers so."""
    line = " ".join(f"'{word}'" for word in (parser.prog, *words))
    script = (
        f"{parser.prog}() {{ printf '%s' \"{answer}\"; }}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; "
        f"COMP_LINE={' '.join(words)!r}; COMP_POINT=99; "
        f"_{parser.prog} {parser.prog} '{words[-1]}' '{words[-2] if words[1:] else parser.prog}'; "
        "printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    command = ["bash", "--norc", "-c", f"{shells.bash(parser)}\n{script}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ([""], {"make", "read", "put", "tidy"}),
        (["-"], {"-h", "--help"}),
        (["ma"], {"make"}),
        (["make", "--"], {"--how", "--out", "--help"}),
        (["make", "--how", "w"], {"well"}),
        (["make", "--how", ""], {"fast", "well"}),
        (["make", "c"], {"cake"}),
        (["make", "--how", "well", "c"], {"cake"}),
        (["tidy", ""], set()),
    ],
)
def test_bash_completes(words: list[str], offered: set[str]) -> None:
    assert set(completed(toy(), *words)) == offered


def test_bash_asks_the_program_for_what_the_library_knows() -> None:
    assert completed(toy(), "put", "S", answer="Summer 2023\n*\n") == ["Summer 2023", "*"]
    assert completed(toy(), "make", "t", answer="nothing\n") == ["tea"]  # which is known without asking


def test_bash_completes_commands_of_commands() -> None:
    assert "rollback" in completed(cli.parser(), "models", "")
    assert completed(cli.parser(), "extras", "add", "g") == ["gpu"]
    assert completed(cli.parser(), "search", "dogs", "--min", "s") == ["strong"]
    assert completed(cli.parser(), "completion", "z") == ["zsh"]


def test_bash_takes_its_completion_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "script").write_text(shells.bash(cli.parser()))
    script = f"source <(cat {tmp_path / 'script'}); complete -p photosearch"
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True)
    assert "_photosearch photosearch" in done.stdout


def test_zsh_knows_every_command() -> None:
    script = shells.zsh(cli.parser())
    assert script.startswith("#compdef photosearch\n")
    for command in COMMANDS:
        assert f"_photosearch_{'_'.join(command.words)}() {{" in script
    assert r"'make:make \[it\]\: now'" in shells.zsh(toy())
    assert r"--out'[it'\''s where]:FILE:_files'" in shells.zsh(toy())
    assert "':ALBUM:_toy_asked'" in shells.zsh(toy())


def test_fish_knows_every_command() -> None:
    script = shells.fish(cli.parser())
    for command in COMMANDS:
        assert f"-a {command.words[-1]} -d " in script
    made = shells.fish(toy())
    assert "complete -c toy -n '__fish_seen_subcommand_from make' -l out -r -d 'it\\'s where'" in made
    assert "-l how -r -f -a 'fast well' -d" in made
    assert "complete -c toy -f -n '__fish_seen_subcommand_from tidy'\n" in made


def test_a_shell_gets_its_completion_from_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    for shell, made in {"bash": shells.bash, "zsh": shells.zsh, "fish": shells.fish}.items():
        assert cli.main(["completion", shell]) == 0
        assert capsys.readouterr().out == made(cli.parser())
