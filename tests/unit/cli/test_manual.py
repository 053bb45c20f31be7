import argparse

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


def test_every_command_and_option_has_its_place_in_the_man_page():
    page = manual.man_page(cli.parser(), "1.2", "2026-11-29")
    assert page.startswith('.TH PHOTOSEARCH 1 "2026-11-29" "PhotoSearch 1.2"')
    assert len(COMMANDS) > len(cli.COMMANDS)
    for command in COMMANDS:
        title = " ".join(command.words).replace("-", "\\-")
        assert f".SS photosearch {title}\n" in page
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


def test_the_program_prints_its_manual(capsys):
    assert cli.main(["completion", "man"]) == 0
    assert capsys.readouterr().out.startswith('.TH PHOTOSEARCH 1 "" "PhotoSearch ')
