"""The page of `photosearch serve`, as far as it can be told without a browser; tests/e2e/page.py has one."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from photosearch import i18n
from photosearch.paths import resources

PAGE = resources() / "page"
SCRIPTS = sorted(PAGE.glob("*.js"))
SHEETS = sorted(PAGE.glob("*.css"))
SOURCES = [*SCRIPTS, *SHEETS, PAGE / "index.html", PAGE / "manifest.webmanifest"]
_TEXT = r'"((?:[^"\\]|\\.)*)"'


class Elements(HTMLParser):
    """The elements of index.html, each with its attributes, and what stands in its scripts and sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed((PAGE / "index.html").read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag in ("script", "style"):
            self.inline += data.strip()


def shown_texts() -> Iterator[str]:
    """The catalogue's key of each text that the page shows."""
    for script in SCRIPTS:
        source = script.read_text("utf-8")
        for name, first, second in re.findall(rf"\b(tr|trN)\(\s*{_TEXT}(?:,\s*{_TEXT})?", source):
            yield json.loads(f'"{second if name == "trN" else first}"')
    for _, attributes in Elements().elements:
        for name in ("data-tr", "data-tr-label", "data-tr-placeholder"):
            if text := attributes.get(name):
                yield text


def fields(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", [language for language in i18n.LANGUAGES if language != "en"])
def test_catalogue_holds_what_the_page_shows_and_nothing_else(language: str) -> None:
    catalogue = i18n.load_page(language)
    assert set(catalogue) == set(shown_texts())
    assert all(fields(text) == fields(translated) for text, translated in catalogue.items())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_every_text_is_a_literal_that_can_be_found(script: Path) -> None:
    if script.stem != "strings":
        assert re.findall(r'\btrN?\((?!\s*")', script.read_text("utf-8")) == []


def test_what_stands_in_the_page_is_what_it_says_in_english() -> None:
    for _, attributes in Elements().elements:
        for marked, said in (("data-tr-label", "aria-label"), ("data-tr-placeholder", "placeholder")):
            assert attributes.get(marked) == attributes.get(said)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_nothing_is_asked_of_anyone_else(source: Path) -> None:
    assert re.findall(r"\b\w+://|[\"'(]//", source.read_text("utf-8")) == []


def test_page_runs_where_only_its_own_files_may() -> None:
    page = Elements()
    assert page.inline == ""
    for tag, attributes in page.elements:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
    forbidden = r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function)"
    for script in SCRIPTS:
        assert re.findall(forbidden + r"|setAttribute\(\"style\"", script.read_text("utf-8")) == []


def test_every_import_is_there_and_used() -> None:
    for script in SCRIPTS:
        for names, source in re.findall(r'import (.+?) from "\./(.+?)";', script.read_text("utf-8")):
            exported = re.findall(
                r"^export (?:async )?(?:const|let|function|class) (\w+)",
                (PAGE / source).read_text("utf-8"),
                re.MULTILINE,
            )
            wanted = [] if names.startswith("*") else re.findall(r"\w+", names)
            assert set(wanted) <= set(exported), f"{script.name} from {source}"
            for name in wanted:
                used = re.findall(rf"\b{name}\b", script.read_text("utf-8"))
                assert len(used) > 1, f"{script.name} has no use for {name}"


def test_every_icon_that_is_named_has_its_picture_and_no_other() -> None:
    drawn = dict(re.findall(r"\.icon-([\w-]+) { mask-image: url\((.+?)\)", (PAGE / "icons.css").read_text()))
    named = set(re.findall(r"\bicon-([\w-]+)", (PAGE / "index.html").read_text("utf-8")))
    quoted = {text for script in SCRIPTS for text in re.findall(r'"([\w-]+)"', script.read_text("utf-8"))}
    assert named <= set(drawn)
    assert set(drawn) <= named | quoted
    for script in SCRIPTS:
        assert set(re.findall(r'\bicon(?:Button)?\("([\w-]+)"', script.read_text("utf-8"))) <= set(drawn)
    for name, address in drawn.items():
        assert address == f"icons/{name}.svg"
        assert (resources() / address).is_file()


def test_page_can_be_installed() -> None:
    manifest = json.loads((PAGE / "manifest.webmanifest").read_text("utf-8"))
    assert {"name", "start_url", "display", "icons"} <= set(manifest)
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        if icon["src"].endswith(".png"):
            with Image.open(PAGE / icon["src"]) as picture:
                assert "x".join(map(str, picture.size)) == icon["sizes"]
        else:
            assert (resources() / icon["src"]).is_file()


def test_what_is_kept_for_later_is_the_page_and_never_a_photo() -> None:
    kept = re.findall(r'^  "\./(.*)",$', (PAGE / "sw.js").read_text("utf-8"), re.MULTILINE)
    own = {file.name for file in PAGE.iterdir()} - {"index.html", "sw.js"}
    icons = set(
        re.findall(r"icons/[\w-]+\.svg", (PAGE / "icons.css").read_text() + (PAGE / "index.html").read_text())
    )
    assert sorted(kept) == sorted({"", *own, *icons})
