import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from photosearch.core.errors import Cancelled
from photosearch.core.photo import ctime_ns_of, mtime_ns_of
from photosearch.core.progress import Control
from photosearch.index import volume
from photosearch.index.candidate import Candidate
from photosearch.index.excluding import Exclusion
from photosearch.index.scanner import (
    FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS,
    IO_REPARSE_TAG_MOUNT_POINT,
    SF_DATALESS,
    FolderAway,
    FolderScan,
    is_hidden,
    is_junction,
    is_placeholder,
)
from photosearch.index.volume import volume_of
from photosearch.store.rows import Failure, FileStamp, Folder
from tests.helpers.rights import as_somebody_else

NOW = 1_000_000.0


def scan_of(
    root: Path | bytes, stamps=None, *, volume=None, vectors=(), control=None, others=(), exclude=""
) -> FolderScan:
    path = os.fsencode(root)
    if volume is None:
        volume = volume_of(path)
    return FolderScan(
        Folder(1, path, volume, away=False),
        stamps or {},
        complete=set(vectors).__contains__,
        control=control or Control(),
        others=others,
        exclusion=Exclusion.of_all_folders(exclude, path),
        now=NOW,
    )


def found(root: Path, scan: FolderScan) -> tuple[list[str], list[Failure]]:
    """Candidates' paths relative to the root, sorted, and failures."""
    everything = list(scan)
    paths = [Path(os.fsdecode(item.path)) for item in everything if isinstance(item, Candidate)]
    names = sorted(path.relative_to(root).as_posix() for path in paths)
    return names, [item for item in everything if isinstance(item, Failure)]


def touch(path: Path, data: bytes = b"photo") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def stamp_of(path: Path, photo_id: int | None = 1, **failure) -> FileStamp:
    status = path.stat()
    return FileStamp(status.st_size, status.st_mtime_ns, photo_id, ctime_ns=status.st_ctime_ns, **failure)


def change_unseen(path: Path, data: bytes) -> None:
    """Write other bytes and set the time back, as programs do that keep a photo's date."""
    before = path.stat()
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # the system's clock for files may tick slowly
        path.write_bytes(data)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_photos_are_found_by_extension_in_any_case(tmp_path):
    for name in ["a.jpg", "b.JPEG", "deep/er/c.HeiC", "d.webp", "notes.txt", "jpg", "movie.mp4"]:
        touch(tmp_path / name)
    names, failures = found(tmp_path, scan_of(tmp_path))
    assert names == ["a.jpg", "b.JPEG", "d.webp", "deep/er/c.HeiC"]
    assert not failures


def test_hidden_things_and_rubbish_are_passed_over(tmp_path):
    for name in [".a.jpg", ".cache/b.jpg", "@eaDir/c.jpg", "$RECYCLE.BIN/d.jpg", "lost+found/e.jpg"]:
        touch(tmp_path / name)
    touch(tmp_path / "System Volume Information" / "f.jpg")
    assert found(tmp_path, scan_of(tmp_path)) == ([], [])


def test_what_is_left_out_is_not_found_and_goes_when_it_was_known(tmp_path):
    for name in ["a.jpg", "a.gif", "Screenshots/b.jpg", "trip/c.jpg", "trip/raw/d.jpg", "trip/e.gif"]:
        touch(tmp_path / name)
    touch(tmp_path / "trip" / ".photosearchignore", b"raw/\n!e.gif\n")
    known = {os.fsencode(tmp_path / "trip/raw/d.jpg"): stamp_of(tmp_path / "trip/raw/d.jpg")}
    scan = scan_of(tmp_path, known, exclude="*.gif\nscreenshots/")
    assert found(tmp_path, scan) == (["a.jpg", "trip/c.jpg", "trip/e.gif"], [])
    assert scan.gone == {os.fsencode(tmp_path / "trip/raw/d.jpg"): 1}


def test_where_an_ignore_file_cannot_be_read_nothing_new_is_read_and_nothing_known_goes(tmp_path):
    touch(tmp_path / "trip" / "a.jpg")
    touch(tmp_path / "b.jpg")
    (tmp_path / "trip" / ".photosearchignore").write_bytes(b"\n" * 100_000)
    known = {os.fsencode(tmp_path / "trip/a.jpg"): stamp_of(tmp_path / "trip/a.jpg")}
    scan = scan_of(tmp_path, known)
    names, [failure] = found(tmp_path, scan)
    assert names == ["b.jpg"]
    assert failure.path == os.fsencode(tmp_path / "trip")
    assert failure.retry_at is not None
    assert not scan.gone


def test_a_root_may_be_hidden_itself(tmp_path):
    touch(tmp_path / ".photos" / "a.jpg")
    assert found(tmp_path / ".photos", scan_of(tmp_path / ".photos"))[0] == ["a.jpg"]


def test_names_that_are_odd_or_not_unicode(tmp_path):
    names = [b"line\nbreak.jpg", "🏖.jpg".encode(), b"caf\xe9.jpg", b"'; drop table files; --.jpg"]
    if sys.platform in ("win32", "darwin"):
        names.remove(b"caf\xe9.jpg")
    for name in names:
        touch(tmp_path / os.fsdecode(name))
    assert found(tmp_path, scan_of(tmp_path)) == (sorted(map(os.fsdecode, names)), [])


def test_a_library_among_the_photos_is_passed_over(tmp_path):
    for name in ["a.jpg", "lib/library.sqlite3", "lib/thumbnails/b.jpg", "lib/c.jpg"]:
        touch(tmp_path / name)
    assert found(tmp_path, scan_of(tmp_path))[0] == ["a.jpg"]


def test_a_library_that_was_put_into_the_photo_folder_itself_hides_only_its_own_folders(tmp_path):
    for name in ["a.jpg", "trip/b.jpg", "library.sqlite3", "thumbnails/c.jpg", "models/m/d.png"]:
        touch(tmp_path / name)
    assert found(tmp_path, scan_of(tmp_path))[0] == ["a.jpg", "trip/b.jpg"]


def test_symlink_loops_end_and_each_folder_is_walked_once_by_its_own_path(tmp_path):
    touch(tmp_path / "root" / "sub" / "a.jpg")
    touch(tmp_path / "outside" / "b.jpg")
    (tmp_path / "root" / "a-loop").symlink_to(tmp_path / "root")
    (tmp_path / "root" / "sub" / "loop").symlink_to("..")
    (tmp_path / "root" / "also-sub").symlink_to("sub")
    (tmp_path / "root" / "out1").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "out2").symlink_to(tmp_path / "outside")
    (tmp_path / "outside" / "back").symlink_to(tmp_path / "root")
    assert found(tmp_path / "root", scan_of(tmp_path / "root"))[0] == ["out1/b.jpg", "sub/a.jpg"]


def test_folders_that_share_an_inode_are_all_walked(tmp_path, monkeypatch):
    """As exFAT and file systems in user space have it."""
    for name in ["2019/a.jpg", "2020/b.jpg", "2020/c/d.jpg"]:
        touch(tmp_path / name)
    look = os.stat

    def with_one_inode(path, **options):
        status = look(path, **options)
        fields = {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}
        return SimpleNamespace(**fields | {"st_dev": 1 << 63, "st_ino": (1 << 64) - 1})

    monkeypatch.setattr(os, "stat", with_one_inode)
    assert found(tmp_path, scan_of(tmp_path)) == (["2019/a.jpg", "2020/b.jpg", "2020/c/d.jpg"], [])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has mounts of this kind")
def test_a_folder_mounted_again_elsewhere_is_walked_once(tmp_path, monkeypatch):
    root = tmp_path / "photos"
    for name in ["photos/in/a.jpg", "photos/in/deep/b.jpg", "mounts/0"]:
        touch(tmp_path / name)
    for name in [
        "photos/in again",
        "photos/z deep",
    ]:  # as if these were mounts of the first and of its folder
        shutil.copytree(tmp_path / "photos" / "in" / ("deep" if "z" in name else ""), tmp_path / name)
    touch(root / "stick" / "in" / "c.jpg")
    lines = [
        "21 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw",
        f"22 21 8:1 {root}/in {root}/in\\040again rw shared:1 - ext4 /dev/sda1 rw",
        f"23 21 8:1 {root}/in/deep {root}/z\\040deep rw shared:1 master:2 - ext4 /dev/sda1 rw",
        f"24 21 8:17 / {root}/stick rw - exfat /dev/sdb1 rw",
    ]
    monkeypatch.setattr(volume, "MOUNTS", touch(tmp_path / "mounts" / "1", "\n".join(lines).encode()))
    names, failures = found(root, scan_of(root))
    assert not failures
    assert len([name for name in names if name.endswith("a.jpg")]) == 1
    assert len([name for name in names if name.endswith("b.jpg")]) == 1
    assert "stick/in/c.jpg" in names


@pytest.mark.parametrize("hidden", ["none", "."])
def test_folders_are_walked_where_a_sandbox_hides_what_is_mounted(tmp_path, monkeypatch, hidden):
    touch(tmp_path / "a" / "b.jpg")
    (tmp_path / "loop").symlink_to(tmp_path)
    monkeypatch.setattr(volume, "MOUNTS", tmp_path / hidden)
    assert found(tmp_path, scan_of(tmp_path)) == (["a/b.jpg"], [])


def test_a_junction_of_windows_is_walked_as_a_link():
    assert is_junction(SimpleNamespace(st_reparse_tag=IO_REPARSE_TAG_MOUNT_POINT))
    assert not is_junction(SimpleNamespace(st_reparse_tag=0))


def test_a_link_to_nothing_is_passed_over_and_one_to_itself_is_a_failure(tmp_path):
    (tmp_path / "nothing.jpg").symlink_to("not-there.jpg")
    (tmp_path / "itself.jpg").symlink_to("itself.jpg")
    (tmp_path / "itself").symlink_to("itself")
    names, failures = found(tmp_path, scan_of(tmp_path))
    assert not names
    assert [failure.path for failure in failures] == [os.fsencode(tmp_path / "itself.jpg")]


def test_a_folder_named_like_a_photo_is_a_folder(tmp_path):
    touch(tmp_path / "x.jpg" / "y.jpg")
    assert found(tmp_path, scan_of(tmp_path)) == (["x.jpg/y.jpg"], [])


def test_a_pipe_named_like_a_photo_is_a_failure_recorded_once(tmp_path):
    pipe = tmp_path / "x.jpg"
    os.mkfifo(pipe)
    names, [failure] = found(tmp_path, scan_of(tmp_path))
    assert not names
    assert (failure.stage, str(failure.reason), failure.retry_at) == (
        "scan",
        "it is not a regular file",
        None,
    )
    again = scan_of(tmp_path, {os.fsencode(pipe): stamp_of(pipe, None, attempts=1)})
    assert found(tmp_path, again) == ([], [])
    assert not again.gone


def test_only_what_changed_needs_work(tmp_path):
    same, longer, later = (touch(tmp_path / name) for name in ["same.jpg", "longer.jpg", "later.jpg"])
    stamps = {os.fsencode(path): stamp_of(path) for path in (same, longer, later)}
    touch(longer, b"another photo")
    os.utime(later, ns=(1, 1))
    scan = scan_of(tmp_path, stamps, vectors=[1])
    assert found(tmp_path, scan) == (["later.jpg", "longer.jpg"], [])
    assert scan.unchanged == 1
    assert not scan.gone


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no change time")
def test_other_bytes_of_the_same_size_and_time_are_seen(tmp_path):
    photo, broken, still = (touch(tmp_path / name) for name in ["a.jpg", "b.jpg", "c.jpg"])
    stamps = {os.fsencode(photo): stamp_of(photo), os.fsencode(broken): stamp_of(broken, None, attempts=1)}
    stamps[os.fsencode(still)] = stamp_of(still)
    change_unseen(photo, b"PHOTO")
    change_unseen(broken, b"whole")
    scan = scan_of(tmp_path, stamps, vectors=[1])
    assert found(tmp_path, scan) == (["a.jpg", "b.jpg"], [])
    assert scan.unchanged == 1


def test_files_whose_change_time_was_never_kept_are_not_read_anew(tmp_path):
    file = touch(tmp_path / "a.jpg")
    stamp = msgspec.structs.replace(stamp_of(file), ctime_ns=None)
    scan = scan_of(tmp_path, {os.fsencode(file): stamp}, vectors=[1])
    assert found(tmp_path, scan) == ([], [])


@pytest.mark.parametrize("kind", ["exfat", "fuse.mergerfs", "cifs"])
def test_change_times_that_a_file_system_makes_up_are_not_believed(tmp_path, monkeypatch, kind):
    device = tmp_path.stat().st_dev
    mounts = touch(
        tmp_path / "mountinfo",
        f"23 1 {os.major(device)}:{os.minor(device)} / / rw - {kind} /dev/sdb1 rw\n".encode(),
    )
    monkeypatch.setattr(volume, "MOUNTS", mounts)
    file = touch(tmp_path / "a.jpg")
    stamps = {os.fsencode(file): stamp_of(file)}
    change_unseen(file, b"PHOTO")
    names, _ = found(tmp_path, scan_of(tmp_path, stamps, vectors=[1]))
    assert names == ([] if sys.platform == "linux" else ["a.jpg"])


def test_a_photo_without_a_vector_of_this_model_needs_work(tmp_path):
    a, b = touch(tmp_path / "a.jpg"), touch(tmp_path / "b.jpg")
    stamps = {os.fsencode(a): stamp_of(a, 1), os.fsencode(b): stamp_of(b, 2)}
    assert found(tmp_path, scan_of(tmp_path, stamps, vectors=[2]))[0] == ["a.jpg"]


@pytest.mark.parametrize(
    ("retry_at", "due"), [(None, False), (NOW + 1, False), (NOW, True)], ids=["broken", "later", "due"]
)
def test_a_failed_file_waits_until_it_is_due(tmp_path, retry_at, due):
    file = touch(tmp_path / "a.jpg")
    stamps = {os.fsencode(file): stamp_of(file, None, attempts=1, retry_at=retry_at)}
    scan = scan_of(tmp_path, stamps)
    assert found(tmp_path, scan)[0] == (["a.jpg"] if due else [])
    assert scan.unchanged == (not due)


def test_a_failed_file_that_changed_is_tried_at_once(tmp_path):
    file = touch(tmp_path / "a.jpg")
    stamps = {os.fsencode(file): stamp_of(file, None, attempts=3)}
    touch(file, b"mended photo")
    assert found(tmp_path, scan_of(tmp_path, stamps))[0] == ["a.jpg"]


def test_what_is_not_there_any_more_is_gone(tmp_path):
    kept = touch(tmp_path / "kept.jpg")
    stamps = {os.fsencode(kept): stamp_of(kept)}
    stamps |= {os.fsencode(tmp_path / name): stamp_of(kept) for name in ["a.jpg", "sub/b.jpg"]}
    scan = scan_of(tmp_path, stamps, vectors=[1])
    assert found(tmp_path, scan) == ([], [])
    assert list(scan.gone) == [os.fsencode(tmp_path / "a.jpg"), os.fsencode(tmp_path / "sub" / "b.jpg")]


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that other users can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_files_of_a_folder_that_cannot_be_listed_are_not_gone(public_folder):
    locked = public_folder / "locked"
    file = touch(locked / "deep" / "a.jpg")
    touch(public_folder / "b.jpg")
    stamps = {os.fsencode(file): stamp_of(file), os.fsencode(public_folder / "gone.jpg"): stamp_of(file)}
    scan = scan_of(public_folder, stamps)
    locked.chmod(0)
    with as_somebody_else():
        names, failures = found(public_folder, scan)
    locked.chmod(0o700)
    assert names == ["b.jpg"]
    [failure] = failures
    assert (failure.path, failure.stage) == (os.fsencode(locked), "scan")
    assert str(failure.reason) == "the folder cannot be listed: Permission denied"
    assert failure.retry_at is not None
    assert list(scan.gone) == [os.fsencode(public_folder / "gone.jpg")]


def test_files_that_cannot_be_looked_at_stay_what_they_were(public_folder):
    """A folder of mode 0444 can be listed, and nothing in it be looked at."""
    file = touch(public_folder / "half" / "a.jpg")
    behind = touch(public_folder / "elsewhere" / "b.jpg")
    (public_folder / "half" / "link").symlink_to(public_folder / "elsewhere")
    by_link = os.fsencode(public_folder / "half" / "link" / "b.jpg")
    stamps = {os.fsencode(file): stamp_of(file), by_link: stamp_of(behind)}
    scan = scan_of(public_folder, stamps, others=[os.fsencode(public_folder / "elsewhere")])
    file.parent.chmod(0o444)
    with as_somebody_else():
        _, failures = found(public_folder, scan)
    file.parent.chmod(0o700)
    [failure] = failures
    status = file.stat()
    assert (failure.path, failure.size, failure.mtime_ns) == (
        os.fsencode(file),
        status.st_size,
        status.st_mtime_ns,
    )
    assert failure.retry_at is not None
    assert not scan.gone


def test_a_root_that_cannot_be_listed_is_a_failure_and_not_away(public_folder):
    root = public_folder / "locked"
    file = touch(root / "a.jpg")
    scan = scan_of(root, {os.fsencode(file): stamp_of(file)})
    root.chmod(0)
    with as_somebody_else():
        names, failures = found(root, scan)
    root.chmod(0o700)
    assert not names
    assert [failure.path for failure in failures] == [os.fsencode(root)]
    assert not scan.gone


def test_a_folder_that_can_be_listed_again_is_no_failure_any_more(tmp_path):
    folder = touch(tmp_path / "sub" / "a.jpg").parent
    scan = scan_of(tmp_path, {os.fsencode(folder): FileStamp(0, 0, None, attempts=2, retry_at=NOW + 60)})
    assert found(tmp_path, scan) == (["sub/a.jpg"], [])
    assert list(scan.gone) == [os.fsencode(folder)]


def test_a_folder_too_deep_to_name_is_a_failure(tmp_path):
    touch(tmp_path / "a.jpg")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(25):  # 25 * 200 bytes are more than any system takes as one path
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
        names, failures = found(tmp_path, scan_of(tmp_path))
    finally:
        os.chdir(before)
        shutil.rmtree(tmp_path)
    assert names == ["a.jpg"]
    assert len(failures) == 1


def test_times_that_no_column_holds_are_cut_to_what_one_does(tmp_path):
    file = touch(tmp_path / "a.jpg")
    for seconds, expected in ((1e10, 2**63 - 1), (-1e10, 1 - 2**63)):
        far = SimpleNamespace(st_mtime_ns=int(seconds) * 10**9, st_ctime_ns=int(seconds) * 10**9)
        assert mtime_ns_of(far) == expected
        assert ctime_ns_of(far) == (None if os.name == "nt" else expected)
    assert mtime_ns_of(file.stat()) == file.stat().st_mtime_ns


def test_a_missing_root_is_away(tmp_path):
    with pytest.raises(FolderAway):
        list(scan_of(tmp_path / "usb", {b"x": FileStamp(1, 1, 1)}, volume="usb"))


def test_an_empty_mount_point_is_away_and_an_emptied_folder_is_not(tmp_path):
    stamps = {os.fsencode(tmp_path / "a.jpg"): FileStamp(1, 1, 1)}
    touch(tmp_path / ".keep")
    with pytest.raises(FolderAway):
        list(scan_of(tmp_path, stamps, volume="the stick that was here"))
    scan = scan_of(tmp_path, stamps)
    assert found(tmp_path, scan) == ([], [])
    assert list(scan.gone) == list(stamps)


def test_a_folder_that_was_always_empty_is_here_whatever_its_volume(tmp_path):
    scan = scan_of(tmp_path, volume="another")
    assert found(tmp_path, scan) == ([], [])
    assert scan.volume == volume_of(os.fsencode(tmp_path))


def test_a_drive_pulled_out_during_the_walk_is_away(tmp_path):
    root = tmp_path / "usb"
    for name in ["a.jpg", "sub/b.jpg"]:
        touch(root / name)
    scan = iter(scan_of(root))
    next(scan)
    shutil.rmtree(root)
    with pytest.raises(FolderAway):
        list(scan)


def test_cancel_ends_the_walk(tmp_path):
    for number in range(3):
        touch(tmp_path / str(number) / "a.jpg")
    control = Control()
    scan = iter(scan_of(tmp_path, control=control))
    next(scan)
    control.cancel()
    with pytest.raises(Cancelled):
        list(scan)


def test_candidates_come_while_walking(tmp_path):
    touch(tmp_path / "a.jpg")
    touch(tmp_path / "later" / "b.jpg")
    scan = iter(scan_of(tmp_path))
    assert next(scan).path.endswith(b"a.jpg")
    (tmp_path / "later" / "c.jpg").write_bytes(b"written after the walk began")
    assert len(list(scan)) == 2


def test_attributes_of_windows_and_macos():
    def status(**flags):
        return SimpleNamespace(**flags)

    assert is_hidden(status(st_file_attributes=stat.FILE_ATTRIBUTE_HIDDEN))
    assert is_hidden(status(st_flags=stat.UF_HIDDEN))
    assert not is_hidden(status(st_file_attributes=stat.FILE_ATTRIBUTE_SYSTEM))
    assert is_placeholder(status(st_file_attributes=FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS))
    assert is_placeholder(status(st_file_attributes=stat.FILE_ATTRIBUTE_OFFLINE))
    assert is_placeholder(status(st_flags=SF_DATALESS))
    assert not is_placeholder(status(st_file_attributes=stat.FILE_ATTRIBUTE_ARCHIVE, st_flags=0))


def test_cloud_placeholders_are_not_read_and_not_forgotten(tmp_path, monkeypatch):
    known, new = touch(tmp_path / "known.jpg"), touch(tmp_path / "new.jpg")
    stamps = {os.fsencode(known): stamp_of(known)}
    # No file system here has such files.
    monkeypatch.setattr("photosearch.index.scanner.is_placeholder", lambda status: True)
    scan = scan_of(tmp_path, stamps)
    assert found(tmp_path, scan) == ([], [])
    assert not scan.gone
    assert new.exists()


def test_a_folder_that_is_scanned_by_itself_is_left_to_its_own_scan(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    touch(tmp_path / "drive" / "b.jpg")
    assert found(tmp_path, scan_of(tmp_path, others=[os.fsencode(tmp_path / "drive")])) == (["a.jpg"], [])
