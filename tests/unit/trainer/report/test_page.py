import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from photosearch.core.errors import KnownError
from tests.helpers.runs import make_run
from tests.helpers.tiny_model import make_tiny_checkpoint
from trainer.report import write_report

VOID = {"meta", "img"}


class Page(HTMLParser):
    """Every tag is closed; what it shows, and what it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.sources: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.sources += [value or "" for name, value in attributes if name in ("src", "href", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(tmp_path: Path, *runs: Path) -> Page:
    out = tmp_path / "out" / "report.html"
    write_report(runs, out)
    return Page(out.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    photos = folder / "photos"
    return (
        make_run(folder / "a", name="plain", knows=0.4, steps=30, photos=photos),
        make_run(folder / "b", name="hybrid", knows=0.8, steps=30, seed=1, photos=photos),
    )


def test_one_page_that_fetches_nothing_and_runs_nothing(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    found = page(tmp_path, *runs)
    assert not {"script", "link", "iframe", "object"} & found.tags
    assert found.sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in found.sources)
    assert "url(" not in found.text and "@import" not in found.text


def test_says_which_run_is_better_and_what_differs(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    text = page(tmp_path, *runs).text
    assert "hybrid finds photos better than plain: MRR +0." in text
    for heading in (
        "Figures",
        "Against plain",
        "Curves",
        "Captions against photos",
        "Queries of",
        "Settings",
    ):
        assert heading in text
    assert "Lost most against plain" in text and "All settings are the same" in text


def test_one_run_is_told_in_plain_words(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    text = page(tmp_path, runs[0]).text
    assert "Of 100 sentences," in text and "out of 40 photos" in text
    assert "Against" not in text


def test_captions_names_and_reasons_are_text_never_markup(tmp_path: Path) -> None:
    evil = '<script>alert("1")</script>'
    run = make_run(tmp_path / "run", name=evil, steps=6, status="stopped", reason=f"{evil} collapsed")
    found = page(tmp_path, run)
    assert "script" not in found.tags and "b" in found.tags
    assert f"{evil} was stopped: {evil} collapsed" in found.text
    assert "seen <b>again</b> & again" in found.text


def test_a_run_that_goes_on_is_shown_as_such(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    running = make_run(tmp_path / "run", name="late", status="running", steps=6)
    text = page(tmp_path, runs[0], running).text
    assert "still running" in text
    assert "late is not compared with plain: one of the two has no published model yet" in text
    assert "No model has been published yet" in page(tmp_path, running).text


def test_a_run_that_has_only_begun(tmp_path: Path) -> None:
    running = make_run(tmp_path / "run", status="running", steps=6)
    (running / "metrics.jsonl").unlink()
    assert "Nothing recorded yet" in page(tmp_path, running).text


def test_warnings_are_on_top(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    cancelled = make_run(tmp_path / "run", name="late", status="cancelled", steps=6)
    text = page(tmp_path, runs[0], cancelled).text
    assert text.index("it can go on with --resume") < text.index("Figures")


def test_captions_that_the_model_cuts_are_counted(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", steps=6)
    make_tiny_checkpoint(run / "model")  # it takes 16 tokens, and letters are tokens to it
    assert re.search(r"reads only the beginning of \d+ of the 120 captions", page(tmp_path, run).text)


def test_embeddings_that_are_no_numbers_still_give_a_page(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", steps=6)
    path = run / "validation" / "validation.safetensors"
    arrays = safetensors.numpy.load_file(path)
    safetensors.numpy.save_file({**arrays, "texts": np.full_like(arrays["texts"], np.nan)}, path)
    assert "Of 100 sentences, 0 find their photo first" in page(tmp_path, run).text


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    with pytest.raises(KnownError, match="is a folder"):
        write_report(runs[:1], tmp_path)
    photo = tmp_path / "beach.jpg"
    photo.write_bytes(b"\xff\xd8 the only copy")
    with pytest.raises(KnownError, match="another kind of file"):
        write_report(runs[:1], photo)
    page = tmp_path / "report.html"
    write_report(runs[:1], page)
    write_report(runs[:1], page)  # over itself
    with pytest.raises(KnownError, match="cannot be written"):
        write_report(runs[:1], photo / "report.html")
