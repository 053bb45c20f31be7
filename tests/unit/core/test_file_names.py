import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.file_names import path_of, spellings, uri_of

names = st.binary(min_size=1, max_size=20).filter(lambda name: not set(name) & set(b"\0/") and name != b"..")


@pytest.mark.skipif(sys.platform == "win32", reason="names are Unicode there")
@given(names)
def test_a_uri_names_any_file(name: bytes) -> None:
    path = os.path.normpath("/photos/" + os.fsdecode(name))
    uri = uri_of(path)
    assert uri.isascii() and uri.isprintable() and " " not in uri
    assert path_of(uri) == path


def test_what_is_no_uri_of_a_file_is_none() -> None:
    other = ("lake.jpg", "/a/lake.jpg", "https://a/lake.jpg", "file:lake.jpg", "")
    for text in (*other, "file://[", "file:///a%00b.jpg"):
        assert path_of(text) is None


def test_a_path_that_is_not_whole_goes_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert path_of(uri_of("a b.jpg")) == str(tmp_path / "a b.jpg")


def test_accents_are_written_in_two_ways() -> None:
    assert spellings("caf\u00e9") == ("caf\u00e9", "cafe\u0301")
    assert spellings("cafe\u0301") == ("cafe\u0301", "caf\u00e9")
    assert spellings("lake") == ("lake",)
