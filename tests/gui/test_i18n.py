import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import photosearch
from photosearch import i18n

SOURCES = sorted(Path(photosearch.__file__).parent.rglob("*.py"))


def shown_texts() -> Iterator[tuple[str, ast.Call]]:
    """The catalogue's key of each text that the sources show, and where."""
    for source in SOURCES:
        if source.name == "i18n.py":
            continue
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("tr", "tr_n")
            ):
                key = node.args[0 if node.func.id == "tr" else 1]
                where = f"{source.name}:{node.lineno}"
                assert isinstance(key, ast.Constant), f"{where}: only a literal can be found and translated"
                yield key.value, node


def fields(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", [language for language in i18n.LANGUAGES if language != "en"])
def test_catalogue_holds_what_is_shown_and_nothing_else(language: str) -> None:
    catalogue = i18n.load(language)
    assert set(catalogue) == {text for text, _ in shown_texts()}
    assert all(fields(text) == fields(translated) for text, translated in catalogue.items())


def test_every_placeholder_gets_a_value() -> None:
    for text, call in shown_texts():
        given = {keyword.arg for keyword in call.keywords} | ({"n"} if len(call.args) > 1 else set())
        assert given == fields(text), text


def test_numbers_and_plurals() -> None:
    assert i18n.tr_n("{n} photo", "{n} photos", 1) == "1 photo"
    assert i18n.tr_n("{n} photo", "{n} photos", 1204) == "1,204 photos"
    i18n.use("zh-Hans-CN")
    assert i18n.tr_n("{n} photo", "{n} photos", 1204) == "1,204 张照片"


def test_braces_in_what_a_person_typed_stay() -> None:
    assert i18n.tr("Best {n} of {searched} for “{query}”", n=1, searched=2, query="{n}").endswith("“{n}”")


@pytest.mark.parametrize(("locale", "language"), [("de_DE", "en"), ("zh_TW.UTF-8", "zh_CN"), ("C", "en")])
def test_a_locale_chooses_the_language(locale: str, language: str) -> None:
    assert i18n.use(locale) == language
