import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.index.excluding import Exclusion, pattern_of

ROOT = b"/photos"


def left_out(patterns: str, path: str) -> bool:
    """Whether a file below /photos, or a folder where the path ends so, is left out."""
    exclusion = Exclusion.of_all_folders(patterns, ROOT)
    return exclusion.leaves_out(os.fsencode(f"/photos/{path.rstrip('/')}"), is_folder=path.endswith("/"))


@pytest.mark.parametrize(
    ("patterns", "out", "kept"),
    [
        ("*.gif", ["a.gif", "trip/B.GIF", "a.gif/"], ["a.gif.jpg", "gif"]),
        ("Screenshots/", ["Screenshots/", "2020/screenshots/"], ["Screenshots", "Screenshots2/"]),
        ("/top.jpg", ["top.jpg"], ["trip/top.jpg"]),
        ("raw/out", ["raw/out/", "raw/out"], ["2020/raw/out/"]),
        ("**/raw/out", ["raw/out/", "2020/a/raw/out/"], ["raw/"]),
        ("work/**", ["work/a.jpg", "work/x/"], ["work/", "network/a.jpg"]),
        ("a/**/b.jpg", ["a/b.jpg", "a/x/b.jpg", "a/x/y/b.jpg"], ["b.jpg", "x/a/b.jpg"]),
        ("IMG_?[0-4].jpg", ["IMG_10.jpg"], ["IMG_15.jpg", "IMG_1.jpg", "IMG_100.jpg"]),
        ("[!a].jpg\n[^a].png", ["b.jpg", "b.png"], ["a.jpg", "a.png"]),
        ("*.jpg\n!keep.jpg", ["a.jpg"], ["keep.jpg", "trip/keep.jpg"]),
        ("!keep.jpg\n*.jpg", ["keep.jpg"], []),
        ("# a.jpg\n\n   \n/\n!", [], ["a.jpg", "# a.jpg"]),
        (r"\#1.jpg", ["#1.jpg"], ["1.jpg"]),
        (r"\*.jpg", ["*.jpg"], ["a.jpg"]),
        ("a.jpg   ", ["a.jpg"], []),
        ("a**c.jpg", ["abc.jpg", "ac.jpg"], ["a/c.jpg"]),
        ("Cafe\u0301/", ["Caf\u00e9/"], ["Cafe/"]),
        ("[z-a].jpg\n[\n[]\n**\\", [], ["a.jpg"]),
    ],
)
def test_patterns_mean_what_they_mean_to_git(patterns, out, kept):
    assert [path for path in (*out, *kept) if left_out(patterns, path)] == out


def test_names_that_are_not_unicode_can_be_left_out():
    exclusion = Exclusion.of_all_folders("caf*.jpg", ROOT)
    assert exclusion.leaves_out(b"/photos/caf\xe9.jpg", is_folder=False)


def test_the_whole_path_of_a_folder_names_that_one_alone():
    assert left_out("/photos/Trips/Work/", "Trips/Work/")
    assert not left_out("/photos/Trips/Work/", "Other/Trips/Work/")
    assert not left_out("/elsewhere/Trips/", "Trips/")


@pytest.mark.skipif(os.sep != "/", reason="names that Windows has not")
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0\n\r"), min_size=1))
def test_the_pattern_of_a_folder_leaves_out_that_folder(name):
    if name in (".", ".."):
        return
    line = pattern_of(os.fsencode(f"/photos/x/{name}"))
    exclusion = Exclusion.of_all_folders(line, ROOT)
    assert exclusion.leaves_out(os.fsencode(f"/photos/x/{name}"), is_folder=True)
    assert not exclusion.leaves_out(os.fsencode(f"/photos/x/{name}2"), is_folder=True)


def test_an_inner_file_goes_before_an_outer_one(tmp_path: Path):
    (tmp_path / ".photosearchignore").write_text("*.png\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / ".photosearchignore").write_text("!a.png\n/b.jpg\n")
    root = os.fsencode(tmp_path)
    outer = Exclusion().below(root)
    inner = outer.below(root + b"/in")
    assert outer.leaves_out(root + b"/a.png", is_folder=False)
    assert not inner.leaves_out(root + b"/in/a.png", is_folder=False)
    assert inner.leaves_out(root + b"/in/b.jpg", is_folder=False)
    assert inner.leaves_out(root + b"/in/c.png", is_folder=False)


def test_many_stars_hold_nothing_up():
    """A regular expression that backtracks would take years."""
    assert not left_out("*a" * 30 + "b", "a" * 250)
    assert not left_out("**/a/" * 30 + "b", "a/" * 1000 + "c")


def test_no_place_has_so_many_patterns_that_a_scan_takes_minutes(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    for folder, lines in ((tmp_path, 400), (inner, 200)):
        (folder / ".photosearchignore").write_text("\n".join(f"{line}*" for line in range(lines)))
    outer = Exclusion().below(os.fsencode(tmp_path))
    with pytest.raises(OSError, match="too large"):
        outer.below(os.fsencode(inner))
