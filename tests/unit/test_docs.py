"""What the pages name is there: links and headings, files, programs, commands and their options."""

import re
from collections.abc import Iterator
from pathlib import Path

from photosearch import cli
from photosearch.cli.manual import Command
from trainer.cli import parser as trainer_parser

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("resources/**/*.md")]
OURS = ("photosearch", "trainer", "tests", "installer")
FILES = [f"/{file.relative_to(ROOT).as_posix()}" for room in OURS for file in ROOT.glob(f"{room}/**/*.py")]
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
MODULE = re.compile(rf"python -m ((?:{'|'.join(OURS)})[\w.]*)")
CALL = re.compile(r"(?:^|^\$ |[|(/] ?)(photosearch|python -m trainer)((?: +[^\s|;&)]+)*)")
LATER = {"resources/releases"}  # whoever makes packages writes it
PATH = re.compile(rf"(?:{'|'.join(OURS)}|resources|docs)/[\w./-]+")


def told(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the code of a page, a span or a line of a block at a time, with where it stands."""
    in_block = False
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        place = f"{page.relative_to(ROOT)}:{number}"
        in_block ^= line.startswith("```")
        if in_block or line.startswith("    "):
            yield place, line.partition(" #")[0].strip()
        else:
            yield from ((place, span) for span in CODE.findall(line))


SAID = [each for page in PAGES if page.name != "CHANGELOG.md" for each in told(page)]  # it tells of what was


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_to_files_and_headings():
    lost = []
    for page in PAGES:
        for target, anchor in LINK.findall(page.read_text("utf-8")):
            file = page.parent / target if target else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                lost.append(f"{page.relative_to(ROOT)}: {target}#{anchor}")
    assert not lost, "\n".join(lost)


def test_every_page_is_linked():
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target, _ in LINK.findall(page.read_text("utf-8"))
    }
    assert [page.name for page in PAGES if "docs" in page.parts and page.resolve() not in linked] == []


def test_files_folders_and_programs_that_are_named_are_there():
    lost = []
    for place, code in SAID:
        for name in re.findall(r"(?<![\w/.<*-])[\w/]*[a-z_]\.py\b", code):
            if not any(file.endswith(f"/{name}") for file in FILES):
                lost.append(f"{place}: {name}")
        if PATH.fullmatch(code) and not (
            re.search("NAME|STEP", code) or code in LATER or (ROOT / code).exists()
        ):
            lost.append(f"{place}: {code}")
        for module in MODULE.findall(code):
            path = ROOT / module.replace(".", "/")
            if not (path / "__main__.py").exists() and not path.with_suffix(".py").exists():
                lost.append(f"{place}: {module}")
    assert not lost, "\n".join(lost)


def test_the_map_has_every_room():
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for room in ("photosearch", "photosearch/gui", "trainer", "tests", "resources", "installer"):
        rows = page.partition(f"\n| `{room}/` |")[2].partition("\n\n")[0]
        folders = [each.name for each in (ROOT / room).iterdir() if any(each.glob("[!_.]*"))]
        names = [f"{name}/" for name in folders if name[0] != "_"]
        if room.startswith(("photosearch", "trainer")):
            names += [file.stem for file in (ROOT / room).glob("[!_]*.py")]
        assert [name for name in names if f"`{name}`" not in rows] == [], room


def test_commands_that_are_named_are_there_with_their_options():
    programs = {"photosearch": cli.parser(), "python -m trainer": trainer_parser()}
    lost = []
    for place, code in SAID:
        for program, rest in CALL.findall(code):
            command, words = Command((), "", programs[program]), rest.split()
            while words and (below := {each.words[-1]: each for each in command.commands}):
                if words[0] not in below and re.fullmatch("[a-z][a-z-]+", words[0]):
                    lost.append(f"{place}: {code} has no {words[0]}")
                if words[0] not in below:
                    break
                command = below[words.pop(0)]
            known = {name for option in command.options for name in option.option_strings}
            given = re.findall(r"(?<= )--[a-z][a-z0-9-]*", rest.partition(" -- ")[0])
            lost += [f"{place}: {code} has no {each}" for each in given if each not in known]
    assert not lost, "\n".join(lost)
