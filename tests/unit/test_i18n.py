from collections.abc import Iterator

import pytest

from photosearch import cli, i18n
from tests.helpers.sentences import sentences

OTHERS = [language for language in i18n.LANGUAGES if language != "en"]


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    i18n.use("en")


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_holds_each_sentence_of_the_engine_and_no_other(language: str) -> None:
    assert set(i18n.load_sentences(language)) == set(sentences())


@pytest.mark.parametrize("language", OTHERS)
def test_each_sentence_is_known_again_with_its_values(language: str) -> None:
    i18n.use(language)
    values = ("/home/a b/ç.jpg", "3; {1}", "“x”", "y")
    for text, translation in i18n.load_sentences(language).items():
        assert i18n.translated(text.format(*values)) == translation.format(*values)


def test_a_reason_inside_a_sentence_is_translated_too() -> None:
    i18n.use("zh_CN")
    told = i18n.translated("The picture /a/lake.jpg cannot be used: the file is truncated.")
    assert told == "无法使用图片 /a/lake.jpg：文件不完整。"


def test_names_are_left_as_they_are() -> None:
    i18n.use("zh_CN")
    assert i18n.translated("There is no album “Folders”.") == "没有相册“Folders”。"
    assert i18n.translated("Something new.") == "Something new."


def test_the_command_line_tells_what_is_wrong_in_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.main(["search", "date:soon"]) == 1
    assert "不是日期" in capsys.readouterr().err
