import io
import os
import tarfile
import tempfile
from pathlib import Path

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.errors import KnownError
from photosearch.decode.image import DecodeError
from photosearch.scale import sources
from photosearch.scale.rows import Stamp, is_shard
from tests.helpers.rights import as_somebody_else
from tests.scale.conftest import BROKEN, PHOTOS

NAMES = {BROKEN, *(f"{seed}.jpg" for seed in range(PHOTOS - 1)), "6.png"}


def found(source: str | Path, standard: bytes = b"") -> list[Stamp]:
    return [file for _, file in sources.find(str(source), io.BytesIO(standard))]


def names(files: list[Stamp]) -> list[str]:
    return [os.path.basename(os.fsdecode(file.path)) for file in files]  # noqa: PTH119


def test_a_folder_gives_what_is_named_as_a_photo_and_below_it_too(photos: Path) -> None:
    files = found(photos)
    assert set(names(files)) == NAMES
    assert len(files) == len(NAMES)
    first = photos / "0.jpg"
    assert Stamp(os.fsencode(first), first.stat().st_size, first.stat().st_mtime_ns) in files


def test_hidden_files_and_rubbish_are_no_photos(tmp_path: Path) -> None:
    for name in (".hidden.jpg", "@eaDir/1.jpg", ".git/2.jpg", "seen.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert names(found(tmp_path)) == ["seen.jpg"]


def test_a_link_to_itself_fails_by_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    (tmp_path / "seen.jpg").touch()
    loop, seen = found(tmp_path)
    assert names([loop, seen]) == ["loop.jpg", "seen.jpg"]
    with pytest.raises(DecodeError, match="cannot be read"), sources.stream(loop.path, ""):
        pass


@pytest.mark.skipif(os.name == "nt", reason="permission bits mean little there")
def test_a_folder_that_cannot_be_read_is_told_but_not_one_inside() -> None:
    with as_somebody_else(), tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "seen.jpg").touch()
        (locked := Path(folder) / "locked").mkdir(mode=0)
        assert names(found(folder)) == ["seen.jpg"]
        with pytest.raises(KnownError, match="locked cannot be read: Permission denied"):
            found(locked)


def test_a_name_need_not_be_unicode(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff\n.jpg"
    Path(os.fsdecode(odd)).touch()
    assert [file.path for file in found(tmp_path)] == [odd]
    assert [file.path for file in found("-", odd + b"\0")] == [odd]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\0"])
def test_a_list_names_a_file_a_line_there_or_not(photos: Path, ending: bytes, tmp_path: Path) -> None:
    paths = [os.fsencode(photos / "1.jpg"), b"", b"/nowhere/\xe4.jpg", (photos / "0.jpg").as_uri().encode()]
    listed = ending.join(paths)
    there = [os.fsencode(photos / "1.jpg"), b"/nowhere/\xe4.jpg", os.fsencode(photos / "0.jpg")]
    assert [file.path for file in found("-", listed)] == there
    (tmp_path / "list").write_bytes(listed + ending)
    assert [file.path for file in found(tmp_path / "list")] == there


def test_a_list_is_bounded_and_names_no_buckets() -> None:
    with pytest.raises(KnownError, match="a line of more than"):
        found("-", b"x" * (1 << 21))
    with pytest.raises(KnownError, match=r"name s3:.* by itself"):
        found("-", b"s3://there/1.jpg")


def test_an_archive_is_one_file_until_it_is_read(shard: Path) -> None:
    assert found(shard) == found(shard.parent)
    assert names(found(shard)) == ["0000.tar"]


def test_the_photos_of_an_archive_come_one_by_one_and_leave_nothing(shard: Path, tmp_path: Path) -> None:
    (stamp,) = found(shard)
    with shard.open("rb") as archive:
        read = {}
        for file, at_hand in sources.members(archive, stamp, 1 << 20, tmp_path):
            with at_hand as copy:
                read[file.path.removeprefix(stamp.path)] = (file.size, Path(os.fsdecode(copy)).read_bytes())
    assert len(read) == PHOTOS + 1
    assert all(size == len(content) for size, content in read.values())
    assert read[b"/" + BROKEN.encode()][1].endswith(b"no photo")
    assert list(tmp_path.iterdir()) == []


def test_no_more_is_copied_than_a_photo_may_have(shard: Path, tmp_path: Path) -> None:
    (stamp,) = found(shard)
    with shard.open("rb") as archive:
        _, at_hand = next(sources.members(archive, stamp, 100, tmp_path))
    with at_hand as copy:
        assert Path(os.fsdecode(copy)).stat().st_size == 101


def test_a_name_that_leads_out_of_its_archive_is_refused_and_told(tmp_path: Path) -> None:
    path = tmp_path / "0.tar"
    with tarfile.open(path, "w") as tar:
        for name in ("../../evil.jpg", "/root.jpg", "./a//b.jpg"):
            tar.addfile(tarfile.TarInfo(name))
    (stamp,) = found(path)
    with path.open("rb") as archive:
        members = list(sources.members(archive, stamp, 100, tmp_path))
    inside = [file.path.removeprefix(stamp.path) for file, _ in members]
    assert inside == [b"/evil.jpg", b"/root.jpg", b"/a/b.jpg"]
    with pytest.raises(DecodeError, match="leads out of the archive"), members[0][1]:
        pass
    for _, at_hand in members[1:]:
        with at_hand:
            pass


def test_a_bucket_is_walked_and_read_by_fsspec(photos: Path, tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    for name in ("a/1.jpg", "a/b/2.jpg", "a/.hidden/3.jpg", "a/readme.md"):
        memory.pipe(f"/{name}", (photos / "1.jpg").read_bytes())
    try:
        files = found("memory://a")
        assert [file.path for file in files] == [b"memory://a/1.jpg", b"memory://a/b/2.jpg"]
        with sources.local(files[1], "memory://a", 1 << 20, tmp_path) as copy:
            assert Path(os.fsdecode(copy)).read_bytes() == (photos / "1.jpg").read_bytes()
        assert list(tmp_path.iterdir()) == []
    finally:
        memory.rm("/a", recursive=True)


def test_a_file_url_is_a_file_of_this_computer(photos: Path) -> None:
    assert found(photos.as_uri()) == found(photos)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("/nowhere/at/all", "There is no file or folder /nowhere/at/all"),
        ("memory://nowhere", "There is nothing at memory://nowhere"),
        ("nosuch://there/1.jpg", "nosuch://there/1.jpg cannot be read"),
    ],
)
def test_what_is_not_there_is_told(source: str, told: str) -> None:
    with pytest.raises(KnownError, match=told):
        found(source)


_paths = st.sampled_from([b"/a.tar", b"/b.TAR"]) | st.binary(min_size=1, max_size=4).map(
    lambda b: b + b".jpg"
)


@given(st.lists(st.tuples(st.sampled_from(["", "s3://x", "gs://y"]), _paths)), st.integers(1, 5))
def test_chunks_hold_each_file_once_and_an_archive_by_itself(
    found: list[tuple[str, bytes]], size: int
) -> None:
    files = [(bucket, Stamp(path, number, 0)) for number, (bucket, path) in enumerate(found)]
    made = list(sources.chunks(files, size))
    assert [chunk.number for chunk in made] == list(range(len(made)))
    assert sorted((chunk.bucket, file.size) for chunk in made for file in chunk.files) == sorted(
        (bucket, file.size) for bucket, file in files
    )
    for chunk in made:
        assert 1 <= len(chunk.files) <= size
        assert (chunk.shard is not None) == (len(chunk.files) == 1 and is_shard(chunk.files[0].path))
        assert chunk.shard or not any(is_shard(file.path) for file in chunk.files)
