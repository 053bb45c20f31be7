import errno
from pathlib import Path

import filelock
import pytest

from photosearch.core.errors import KnownError
from photosearch.core.teaching import Recalls, TeachReport
from photosearch.models.lesson import LESSON, Lesson, read_lesson
from trainer.adapt import output
from trainer.adapt.output import REPORT, output_folder, write_output

BASE = "0123456789abcdef"
NONE = Recalls(0, 0, 0, 0, 0.0)
REPORTED = TeachReport(
    BASE, 3, 3, 9, "too_few", NONE, NONE, 0.0, 0.0, 0.0, 0, 0, 0, NONE, NONE, 0.0, 0.0
)  # fmt: skip


def write(out: Path, name: str = "first") -> None:
    with output_folder(out) as folder:
        write_output(folder, Lesson(BASE, name), REPORTED, None)


def test_writes_a_lesson_and_its_report(tmp_path: Path) -> None:
    out = tmp_path / "new" / "lesson"
    write(out)
    assert sorted(path.name for path in out.iterdir()) == [LESSON, REPORT]
    assert [path.name for path in out.parent.iterdir()] == ["lesson"]


def test_an_earlier_lesson_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "lesson"
    write(out)
    write(out, "second")
    assert read_lesson(out / LESSON).name == "second"


def test_nothing_else_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").write_bytes(b"mine")
    (tmp_path / "file").write_bytes(b"mine")
    for name in ("photos", "file"):
        with (
            pytest.raises(KnownError, match="is there and no earlier lesson"),
            output_folder(tmp_path / name),
        ):
            raise AssertionError
    assert (tmp_path / "photos" / "1.jpg").read_bytes() == b"mine"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "lesson").mkdir()
    write(tmp_path / "lesson")
    assert (tmp_path / "lesson" / LESSON).is_file()


@pytest.mark.parametrize("error", [KeyboardInterrupt, KnownError("no"), RuntimeError("a bug")])
def test_what_ends_early_leaves_nothing_and_keeps_the_earlier_lesson(tmp_path: Path, error) -> None:
    out = tmp_path / "lesson"
    write(out)
    with pytest.raises((KeyboardInterrupt, KnownError, RuntimeError)), output_folder(out) as folder:
        (folder / LESSON).write_bytes(b"half")
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ["lesson"]
    assert read_lesson(out / LESSON).name == "first"


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / ".lesson.teaching" / "fresh"
    left.mkdir(parents=True)
    (left / LESSON).write_bytes(b"half")
    write(tmp_path / "lesson")
    assert [path.name for path in tmp_path.iterdir()] == ["lesson"]


def test_a_second_start_is_refused(tmp_path: Path) -> None:
    hidden = tmp_path / ".lesson.teaching"
    hidden.mkdir()
    with (
        filelock.FileLock(hidden / "lock"),
        pytest.raises(KnownError, match="Another teaching"),
        output_folder(tmp_path / "lesson"),
    ):
        raise AssertionError


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(output, "write_lesson", full)
    with pytest.raises(KnownError, match=r"disk is full.*make room"):
        write(tmp_path / "lesson")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KnownError, match="cannot be written"):
        write(tmp_path / "file" / "lesson")
