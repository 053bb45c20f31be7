import errno
import os
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from photosearch.core.writing import clear_unfinished, exported, folder_written_whole, written_whole

PHOTO = b"\xff\xd8\xff the only copy"


def starts_with_x(path: Path) -> bool:
    return path.read_bytes().startswith(b"x")


def export(path: Path) -> None:
    with exported(path, starts_with_x) as file:
        file.write(b"x new")


@pytest.mark.parametrize("there", [b"", b"x old"])
def test_an_export_takes_the_place_of_its_own_kind(tmp_path: Path, there: bytes) -> None:
    path = tmp_path / "out"
    path.write_bytes(there)
    export(path)
    assert path.read_bytes() == b"x new"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("make", ["photo", "link", "broken link", "pipe", "folder"])
def test_an_export_refuses_whatever_else_is_there(tmp_path: Path, make: str) -> None:
    photo, path = tmp_path / "beach.jpg", tmp_path / "out"
    photo.write_bytes(PHOTO)
    if make == "photo":
        path = photo
    elif make == "link":
        path.symlink_to(photo)
    elif make == "broken link":
        path.symlink_to(tmp_path / "nothing")
    elif make == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(KnownError, match="another kind of file" if make != "folder" else "is a folder"):
        export(path)
    assert photo.read_bytes() == PHOTO
    assert sorted(os.listdir(tmp_path)) == before


def test_where_writing_fails_the_former_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"x old")
    with pytest.raises(KnownError, match="No space left"), exported(path, starts_with_x) as file:
        file.write(b"x half")
        raise OSError(errno.ENOSPC, "full")
    with pytest.raises(KnownError, match="No such file"):
        export(tmp_path / "none" / "out")
    assert path.read_bytes() == b"x old"
    assert os.listdir(tmp_path) == ["out"]


def test_a_link_is_replaced_and_never_followed(tmp_path: Path) -> None:
    photo, path = tmp_path / "beach.jpg", tmp_path / "kept"
    photo.write_bytes(PHOTO)
    path.symlink_to(photo)
    with written_whole(path) as file:
        file.write(b"new")
    assert (photo.read_bytes(), path.read_bytes(), path.is_symlink()) == (PHOTO, b"new", False)


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder_written_whole(tmp_path / "out") as fresh:
        (fresh / "half").touch()
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []
    with folder_written_whole(tmp_path / "out") as fresh:
        (fresh / "whole").touch()
    assert os.listdir(tmp_path) == ["out"]
    assert os.listdir(tmp_path / "out") == ["whole"]


def test_what_is_cleared_away_is_what_writing_left_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "deep" / ".photosearch-1.partial").mkdir(parents=True)
    (tmp_path / ".photosearch-2.partial").touch()
    (tmp_path / ".photosearch-2.partial-wal").touch()
    kept = tmp_path / "kept.partial"
    kept.touch()
    (tmp_path / ".photosearch-3.partial").symlink_to(tmp_path / "deep")
    clear_unfinished(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} == {"deep", "kept.partial"}
