import argparse
import subprocess

import pytest

from photosearch import cli
from photosearch.cli import manual

PROGRAM = manual.Command((), "", cli.parser())
COMMANDS = [command for command in PROGRAM.walk() if command.words]


def toy() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="toy", description="Make it, don't break it.", epilog="examples:\n  toy"
    )
    commands = parser.add_subparsers()
    make = commands.add_parser("make", help="make [it]: now")
    make.add_argument("--how", choices=["fast", "well"], help="how (default: %(default)s)", default="well")
    make.add_argument("--out", metavar="FILE", help="it's where")
    make.add_argument("what", choices=["cake", "tea"])
    commands.add_parser("read", help="read a file").add_argument("file", metavar="FILE", help=".first")
    return parser


def completed(parser: argparse.ArgumentParser, *words: str, cwd) -> list[str]:
    """What bash offers for the last of the words after the program's name."""
    line = " ".join(f"'{word}'" for word in (parser.prog, *words))
    script = (
        f"COMP_WORDS=({line}); COMP_CWORD={len(words)}; _{parser.prog}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    command = ["bash", "--norc", "-c", f"{manual.bash(parser)}\n{script}"]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout.split()


def test_every_command_and_option_has_its_place_in_the_man_page():
    page = manual.man_page(cli.parser(), "1.2", "2026-11-29")
    assert page.startswith('.TH PHOTOSEARCH 1 "2026-11-29" "PhotoSearch 1.2"')
    assert len(COMMANDS) > len(cli.COMMANDS)
    for command in COMMANDS:
        assert f".SS photosearch {' '.join(command.words)}\n" in page
        for option in command.options:
            assert option.option_strings[0].replace("-", "\\-") in page


def test_nobody_s_home_is_in_the_man_page(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    page = manual.man_page(cli.parser(), "1.2", "2026-11-29")
    assert str(tmp_path).replace("-", "\\-") not in page
    assert "(default: ~/" in page


def test_the_man_page_says_where_files_are_and_common_options_once():
    page = manual.man_page(cli.parser(), "1.2", "2026-11-29")
    files = page.partition(".SH FILES\n")[2].partition(".SH ")[0]
    assert "photosearch.ini" in files and "logs" in files
    assert page.count("\\fB\\-\\-quiet\\fR") == page.count("\\fB\\-\\-help\\fR") == 1


def test_what_is_special_to_the_man_macros_is_escaped():
    page = manual.man_page(toy(), "1", "2026-11-29")
    assert "\\-\\-how" in page
    assert "\n\\&.first\n" in page


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ([""], {"make", "read", "-h", "--help"}),
        (["ma"], {"make"}),
        (["make", "--"], {"--how", "--out", "--help"}),
        (["make", "--how", "w"], {"well"}),
        (["make", "c"], {"cake"}),
        (["read", "no"], {"notes.txt"}),
        (["make", "--out", "no"], {"notes.txt"}),
    ],
)
def test_bash_completes(words, offered, tmp_path):
    (tmp_path / "notes.txt").touch()
    assert set(completed(toy(), *words, cwd=tmp_path)) == offered


def test_bash_completes_commands_of_commands(tmp_path):
    assert "rollback" in completed(cli.parser(), "models", "", cwd=tmp_path)
    assert completed(cli.parser(), "extras", "add", "g", cwd=tmp_path) == ["gpu"]


def test_zsh_knows_every_command():
    script = manual.zsh(cli.parser())
    assert script.startswith("#compdef photosearch\n")
    for command in COMMANDS:
        assert f"_photosearch_{'_'.join(command.words)}() {{" in script
    assert r"'make:make \[it\]\: now'" in manual.zsh(toy())
    assert r"--out'[it'\''s where]:FILE:_files'" in manual.zsh(toy())


def test_fish_knows_every_command():
    script = manual.fish(cli.parser())
    for command in COMMANDS:
        assert f"-a {command.words[-1]} -d " in script
    assert "complete -c toy -n '__fish_seen_subcommand_from make' -l out -r -d 'it\\'s where'" in manual.fish(
        toy()
    )


def test_a_shell_gets_its_completion_from_the_program(capsys):
    made = {"bash": manual.bash, "zsh": manual.zsh, "fish": manual.fish}
    for shell, script in made.items():
        assert cli.main(["completion", shell]) == 0
        assert capsys.readouterr().out == script(cli.parser())
    assert cli.main(["completion", "man"]) == 0
    assert capsys.readouterr().out.startswith('.TH PHOTOSEARCH 1 "" "PhotoSearch ')


def test_bash_takes_its_completion_in_one_line(tmp_path):
    (tmp_path / "script").write_text(manual.bash(cli.parser()))
    script = f"source <(cat {tmp_path / 'script'}); complete -p photosearch"
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True)
    assert "_photosearch photosearch" in done.stdout
