from pathlib import Path

import pytest

from photosearch.cli.teach import fields, line, text
from photosearch.core.teaching import (
    LearntWord,
    LessonInfo,
    QueryChange,
    Recalls,
    TeachingState,
    TeachProgress,
    TeachReport,
    Verdict,
)
from photosearch.paths import Library
from tests.helpers.colour_library import make_colour_library


def report(verdict: Verdict, photos: int = 40, label: str = "1") -> TeachReport:
    before, after = Recalls(40, 4, 10, 16, 0.2), Recalls(40, 8, 20, 28, 0.35)
    change = QueryChange("Rusty \x1b[31m", "red dog", label, 40, 2, (), ())
    return TeachReport(
        "0" * 16, 40, photos, 1000, verdict, before, after, 0.15, 0.1, 0.2, 20, 5, 15, before, before,
        -0.005, 0.003, words=(LearntWord("Rusty", "red dog", "phrase", 12, 0.3),), changes=(change,),
        seconds=31.4,
    )  # fmt: skip


def lesson(in_use: bool) -> LessonInfo:
    return LessonInfo("0123456789abcdef", "Ours", 1.7e9, 40, "better", in_use, True)


def test_the_report_says_what_was_measured_and_what_to_do(tmp_path: Path) -> None:
    library = Library(tmp_path)
    (photo_id,) = make_colour_library(library, 1)
    told = text(lesson(True), report("better", label=str(photo_id)), library)
    assert "40.0 %  70.0 %" in told
    assert "+0.150, 95 % interval +0.100 to +0.200" in told
    assert "Rusty = red dog  (12 captions, +0.30)" in told
    assert "40 -> 2  Rusty \\x1b[31m  (0-black)" in told
    assert "rollback" in told
    told = text(lesson(False), report("unclear", label="77"), library)
    assert "(77)" in told
    assert "photosearch models use 0123456789abcdef" in told


def test_too_few_says_how_many_more(tmp_path: Path) -> None:
    library = Library(tmp_path)
    make_colour_library(library, 0)
    assert "Caption 3 more" in text(lesson(False), report("too_few", photos=17), library)


def test_fields_have_the_whole_report() -> None:
    found = fields(lesson(True), report("better"))
    assert (found["verdict"], found["in_use"], found["lesson"]) == ("better", True, "0123456789abcdef")
    assert found["report"]["before"]["in10"] == 16
    assert found["report"]["words"][0]["name"] == "Rusty"


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (None, "learning …"),
        (TeachProgress("words"), "finding your words and what they mean …"),
        (TeachProgress("adapter", 2, 5, 12.0), "learning how you write … · 2 of 5 · 12.0 s left"),
    ],
)
def test_a_line_of_progress(progress: TeachProgress | None, said: str) -> None:
    assert line(TeachingState("running", progress)) == said
