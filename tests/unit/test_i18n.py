import errno
import os
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch import cli, i18n
from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.engine.server import Server
from photosearch.paths import Library
from tests.helpers.colour_model import describe_model
from tests.helpers.engine import engine_of
from tests.helpers.photos import picture
from tests.helpers.sentences import fields, templates

OTHERS = [language for language in i18n.LANGUAGES if language != "en"]

_words = st.text(max_size=20) | st.sampled_from(["{0}", "{path}", "}{", "{", "%s", "/a b/ç.jpg", "\udcff"])
_numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_holds_each_sentence_of_the_engine_and_no_other(language: str) -> None:
    assert set(i18n.load_sentences(language)) == {template for template, _, _ in templates()}


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_fields_of_its_template(language: str) -> None:
    for template, translation in i18n.load_sentences(language).items():
        assert fields(translation) == fields(template)


def test_each_template_is_given_its_values() -> None:
    for template, given_, where in templates():
        assert given_ == fields(template), where


@given(name=_words, count=_numbers, inner=_words)
def test_any_value_survives_the_wire_and_a_translation(name: str, count: float, inner: str) -> None:
    reason = Sentence("the file cannot be read ({reason})", reason=inner)
    said = Sentence("{name}: {count:g}, {reason}", name=name, count=count, reason=reason)
    there = msgspec.msgpack.decode(msgspec.msgpack.encode(said), type=Sentence)
    assert there == said
    shown = [text.encode(errors="replace").decode() for text in (name, inner)]
    assert str(there) == f"{shown[0]}: {count:g}, the file cannot be read ({shown[1]})"
    i18n.use("zh_CN")
    assert i18n.translated(there) == f"{shown[0]}: {count:g}, 无法读取文件（{shown[1]}）"


@given(_words)
def test_a_text_without_values_is_left_as_it_is_or_known(text: str) -> None:
    i18n.use("zh_CN")
    assert str(KnownError(text)) == text
    assert i18n.translated(Sentence(text)) == i18n.load_sentences("zh_CN").get(text, text)


@pytest.mark.parametrize(("language", "said"), [("en", "A. B."), ("zh_CN", "A.B.")])
def test_sentences_follow_each_other_as_the_language_has_it(language: str, said: str) -> None:
    i18n.use(language)
    assert i18n.paragraph(("A.", "", "B.")) == said


def test_a_reason_inside_a_sentence_is_translated_too() -> None:
    i18n.use("zh_CN")
    reason = Sentence("the file is truncated")
    told = Sentence("The picture {path} cannot be used: {reason}.", path="/a/lake.jpg", reason=reason)
    assert i18n.translated(told) == "无法使用图片 /a/lake.jpg：文件不完整。"


@pytest.mark.parametrize(("tag", "called"), [("dog", "狗"), ("Rusty", "Rusty")])
def test_a_tag_is_called_as_everywhere(tag: str, called: str) -> None:
    taken = Sentence("“{tag}” taken away from {photos}", tag=tag, photos=Sentence("{n:,} photo", n=1))
    i18n.use("zh_CN")
    assert i18n.translated(taken) == f"已从 1 张照片移除标签“{called}”"
    assert i18n.translated_to("en")(taken) == f"“{tag}” taken away from 1 photo"


def test_what_the_system_says_is_translated_where_it_is_known() -> None:
    i18n.use("zh_CN")
    full = OSError(errno.ENOSPC, "No space left on device", "a.csv")
    told = Sentence("{path} cannot be written: {reason}.", path="a.csv", reason=system_reason(full))
    assert i18n.translated(told) == "无法写入 a.csv：磁盘空间不足。"
    assert str(told) == "a.csv cannot be written: No space left on device."
    assert str(system_reason(OSError("the drive has gone to sleep"))) == "the drive has gone to sleep"


def test_the_command_line_tells_what_is_wrong_in_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.main(["search", "date:soon"]) == 1
    assert "不是日期" in capsys.readouterr().err

    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.teach, "run", interrupted)
    assert cli.main(["teach"]) == cli.INTERRUPTED
    assert capsys.readouterr().err == "photosearch: 已停止；没有任何改动。\n"


@pytest.mark.parametrize(
    ("locale", "wanted", "chinese"),
    [
        ("en_US.UTF-8", "zh_CN", True),
        ("de_DE.UTF-8", "de:zh_CN:en", True),
        ("zh_CN.UTF-8", "en_GB:zh_CN", False),
        ("zh_CN.UTF-8", "de", False),
        ("zh_CN.UTF-8", "", True),
        ("C", "zh_CN", False),
        ("C.UTF-8", "zh_CN", False),
        ("", "zh_CN", False),
    ],
)
def test_the_command_line_reads_the_languages_that_are_wanted_as_gettext_does(
    locale: str,
    wanted: str,
    chinese: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {"LC_ALL": "", "LC_MESSAGES": "", "LANG": locale, "LANGUAGE": wanted}.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["search", "date:soon"]) == 1
    assert ("不是日期" in capsys.readouterr().err) == chinese


_NAMES = {"PNG", "bundled", "colours", "cpu", "kB", "MB"}
_COMMANDS = re.compile(r"photosearch( [a-z][a-z-]*)+")


def test_a_command_prints_no_english_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever words something anew sees here whether it goes through the catalogue."""
    library, folder, table = Library(tmp_path / "1"), tmp_path / "2", tmp_path / "3.csv"
    folder.mkdir()
    for name, size in (("1.png", (320, 240)), ("2.png", (160, 120))):
        picture(1, (320, 240)).resize(size).save(folder / name)
    table.write_text("filename,caption\n1.png,狗\n9.png,猫\n", "utf-8")
    describe_model(library)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    commands = f"""
        folders
        albums
        index {folder}
        captions import {table} --dry-run
        captions export {tmp_path}/4.csv
        albums add 一 {folder}/1.png
        albums live 二 date:2000..2099 --notify
        albums
        search 红
        tags on
        tags
        tags add 沙发
        videos
        videos on
        duplicates
        models
        models cancel
        models rollback
        vectors
        words
        undo --list
        redo
        status
        backup {tmp_path}/5.sqlite3
        restore {tmp_path}/5.sqlite3
        folders remove {folder}
    """
    with engine_of(library) as engine, Server(library, engine):
        for line in commands.strip().splitlines():
            cli.main([*line.split(), "--library", os.fspath(library.root)])
            told = capsys.readouterr()
            said = _COMMANDS.sub("", (told.out + told.err).replace("photosearch: ", ""))
            words = re.findall(r"[A-Za-z]{2,}", re.sub(r"[!-~]*[/\d][!-~]*|--[a-z]+", "", said))
            assert not set(words) - _NAMES, f"{line}:\n{said}"
