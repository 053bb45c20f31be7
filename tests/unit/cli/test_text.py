import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.cli.text import as_json, count, duration, escaped, rate, size


@given(st.text(st.characters(codec=None)))
def test_escaped_text_is_one_printable_line(text: str) -> None:
    shown = escaped(text)
    assert all(c.isprintable() or c == "\u200d" for c in shown)
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize(
    "name", ["Ferien/Blümchen.jpg", "犬.png", "a family \N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}.jpg"]
)
def test_what_can_be_shown_stays(name: str) -> None:
    assert escaped(name) == name


def test_what_would_move_the_cursor_is_spelled_out() -> None:
    assert escaped("a\nb\x1b[31m\u202e\udcff") == r"a\nb\x1b[31m\u202e\udcff"


@given(st.binary())
def test_any_path_survives_json(path: bytes) -> None:
    text = path.decode(errors="surrogateescape")
    line = as_json({"path": text})
    assert line.isprintable()
    assert json.loads(line)["path"].encode(errors="surrogateescape") == path


def test_amounts() -> None:
    assert [count(1, "photo"), count(2000, "photo"), count(0, "file")] == [
        "1 photo",
        "2,000 photos",
        "0 files",
    ]
    assert [size(0), size(999), size(330_982), size(69_000_000), size(5e12)] == [
        "0 bytes",
        "999 bytes",
        "331.0 kB",
        "69.0 MB",
        "5,000.0 GB",
    ]
    assert [duration(4.25), duration(75), duration(7500)] == ["4.2 s", "1 min 15 s", "2 h 5 min"]


def test_slow_rates_are_not_nought() -> None:
    assert [str(rate(speed)) for speed in (0.04, 0.43, 9.94, 9.97, 1234.5)] == [
        "0.0 a second",
        "0.4 a second",
        "9.9 a second",
        "10 a second",
        "1,234 a second",
    ]
