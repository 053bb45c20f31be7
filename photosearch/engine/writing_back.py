"""Captions and stars written into XMP files beside the photos, where the person wants that."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH116, PTH120, PTH122

import functools
import os
import stat
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from photosearch import settings
from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.core.photo import Told, ctime_ns_of, mtime_ns_of
from photosearch.core.writing import written_whole
from photosearch.decode.frames import Edit, Edited
from photosearch.decode.pool import DecodeError, DecoderPool
from photosearch.paths import Library
from photosearch.store.folders import contains
from photosearch.store.reader import Reader, setting
from photosearch.store.rows import Notes, Sidecar, Written
from photosearch.store.writer import Writer

SECONDS_BETWEEN_LOOKS = 10.0  # at whether anything is to be written
PATIENCE = 600.0  # seconds until what could not be written is tried again
_SECONDS_AT_ONCE = 2.0  # so that neither other chores nor the end of the engine are held up


class NotesBesidePhotos:
    """Keeps XMP files beside photos in line with what the person wrote; a photo's own file is never touched.

    Args:
        report: told, once a folder, of what cannot be written.
        decoders: what reads and edits the files.
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        report: Callable[[KnownError], None],
        decoders: Callable[[], AbstractContextManager[DecoderPool]] = lambda: DecoderPool(None, workers=1),
    ) -> None:
        self._library = library
        self._writer = writer
        self._report = report
        self._decoders = decoders
        self._told: set[bytes] = set()  # folders of which the person has heard
        self._later: dict[int, float] = {}  # photos that wait, and until when (monotonic)

    def look(self) -> None:
        """Write what was changed since, if the person wants it.

        Raises:
            KnownError: the library cannot be read or written, or no decoder starts.
        """
        if setting(self._library, settings.WRITE_SIDECARS) != settings.YES:
            return
        now = time.monotonic()
        with Reader.open(self._library) as reader:
            waiting = reader.unwritten_notes()
            due = [one for one in waiting if self._later.get(one[0], 0.0) <= now]
            if not due:
                return
            with self._decoders() as pool:
                for photo_id, changes in due:
                    if self._write(reader.notes_to_write(photo_id), reader, pool):
                        self._writer.notes_written(photo_id, changes)
                    else:
                        self._later[photo_id] = now + PATIENCE
                    if time.monotonic() > now + _SECONDS_AT_ONCE:
                        return  # the next look goes on

    def _write(self, notes: Notes, reader: Reader, pool: DecoderPool) -> bool:
        """Whether all files of a photo that are known have it beside them now.

        Where there is none, the first that comes is a change of its own, if there is anything to write.
        """
        done = bool(notes.files) or notes.caption is not None or notes.rating is not None
        for file in notes.files:
            if file.away or not os.path.exists(file.path):  # noqa: PTH110
                done = False
                continue
            try:
                self._write_beside(notes, file.folder_id, file.path, reader, pool)
            except (OSError, DecodeError, KnownError) as error:
                done = False
                self._say(os.path.dirname(file.path), error)
        return done

    def _write_beside(
        self, notes: Notes, folder_id: int, file: bytes, reader: Reader, pool: DecoderPool
    ) -> None:
        """
        Raises:
            OSError, DecodeError, KnownError: it cannot be written.
        """
        folder = reader.folder_path(folder_id)
        if not contains(os.path.realpath(folder), os.path.realpath(os.path.dirname(file))):
            return  # a link leads out of what the person added
        path = _beside(file, reader)
        before = _status(path)
        if before is None and not (notes.caption or notes.rating is not None):
            return
        said = pool.sidecar(path)[1] if before else Told()
        was = reader.written_notes(path)
        moved = _moved(path, said, reader) if before and was == Written() else None
        edit, keep = plan(notes, said, moved or was)
        if edit == Edit():
            if moved:
                self._writer.note_written(path, keep)
                self._know(folder_id, path, reader.beside(path) or (file,), said)
            return
        edited = pool.edit(path, edit) if before else _created(edit)
        if edited.packet is None:
            raise KnownError("{file} is damaged, or too large", file=os.fsdecode(path))
        # What reading it gives may differ from what was written, as a caption is one line.
        caption = (edited.told.caption or "") if keep.caption is not None else None
        # Before it is written: after a kill between the two, ours would be taken for another program's.
        self._writer.note_written(path, msgspec.structs.replace(keep, caption=caption))
        try:
            unchanged = functools.partial(_require_unchanged, path, before)
            with written_whole(Path(os.fsdecode(path)), again=True, before=unchanged) as to:
                to.write(edited.packet)
                if before:
                    _keep_mode(to.fileno(), before)
        except (OSError, KnownError):
            self._writer.note_written(path, was)
            raise
        self._know(folder_id, path, reader.beside(path) or (file,), edited.told)

    def _know(self, folder_id: int, path: bytes, files: tuple[bytes, ...], told: Told) -> None:
        """Let the library know what stands beside photos now, so that it is not read again."""
        status = os.stat(path)
        stamp = status.st_size, mtime_ns_of(status), ctime_ns_of(status)
        self._writer.write_sidecars([Sidecar(folder_id, path, files, *stamp, told)])

    def _say(self, folder: bytes, error: Exception) -> None:
        if folder in self._told:
            return
        self._told.add(folder)
        reason: object
        match error:
            case OSError():
                reason = system_reason(error)
            case DecodeError():
                reason = error.reason
            case KnownError():
                reason = error.sentence
            case _:
                reason = str(error)
        self._report(
            KnownError(
                Sentence(
                    "Captions and stars cannot be written beside the photos in {folder}: {reason}. They are "
                    "kept in the library, and it is tried again later.",
                    folder=os.fsdecode(folder),
                    reason=reason,
                )
            )
        )


def plan(notes: Notes, said: Told, was: Written) -> tuple[Edit, Written]:
    """What to write where a file says `said`, and what to remember of it.

    What the person has taken back gives way to what stood there before, unless another program has written
    there since.
    """
    edit, keep = Edit(), Written()
    for name in ("caption", "rating"):
        wanted, there, ours = getattr(notes, name), getattr(said, name), getattr(was, name)
        is_ours = ours is not None and ours in (there, "" if there is None else there)
        before = getattr(was, f"{name}_before") if is_ours else there
        if wanted is not None:
            keep = msgspec.structs.replace(keep, **{name: wanted, f"{name}_before": before})
            target = None if wanted == "" else wanted
        elif is_ours:
            target = before
        else:
            continue
        if target != there:
            edit = msgspec.structs.replace(edit, **{name: target})
    return edit, keep


def _beside(file: bytes, reader: Reader) -> bytes:
    """The XMP file of a photo: digiKam's `a.jpg.xmp`, but Lightroom's `a.xmp` where there is only that.

    One that is of other photos as well cannot say what the person wrote of each.
    """
    usual, shared = file + b".xmp", os.path.splitext(file)[0] + b".xmp"
    known = sorted((path for path in reader.beside_file(file) if path.lower().endswith(b".xmp")), key=len)
    own = [path for path in (usual, *reversed(known), shared) if set(reader.beside(path)) <= {file}]
    return next(filter(os.path.lexists, own), usual)


def _moved(path: bytes, said: Told, reader: Reader) -> Written | None:
    """What this program wrote into a file that was in another folder and is here now, with its photo."""
    for old, was in reader.written_by_name(os.path.basename(path)):  # noqa: PTH119
        is_ours = was.caption in (None, said.caption or "") and was.rating in (None, said.rating)
        if is_ours and was != Written() and not os.path.lexists(old):
            return was
    return None


def _status(path: bytes) -> os.stat_result | None:
    """Of a file that may be written; None where nothing is there.

    Raises:
        KnownError: it is a link, or protected.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        raise KnownError("{file} is a link", file=os.fsdecode(path))
    if not status.st_mode & stat.S_IWUSR:
        raise KnownError("{file} is write-protected", file=os.fsdecode(path))
    return status


def _require_unchanged(path: bytes, before: os.stat_result | None) -> None:
    """
    Raises:
        KnownError: another program has written there since.
    """
    now = _status(path)
    if _stamp(now) != _stamp(before):
        raise KnownError("{file} has just been changed", file=os.fsdecode(path))


def _stamp(status: os.stat_result | None) -> tuple[int, int, int | None] | None:
    # Without the inode, which some network drives make up at each look.
    return status and (status.st_size, status.st_mtime_ns, ctime_ns_of(status))


def _keep_mode(file: int, before: os.stat_result) -> None:
    mode = stat.S_IMODE(before.st_mode)
    # Where it is so already nothing is asked for: drives without rights refuse.
    if hasattr(os, "fchmod") and stat.S_IMODE(os.fstat(file).st_mode) != mode:
        os.fchmod(file, mode)


def _created(edit: Edit) -> Edited:
    from photosearch.decode import sidecar, sidecar_editing  # seldom needed

    packet = sidecar_editing.edited(sidecar_editing.EMPTY, edit)
    assert packet is not None
    return Edited(packet, sidecar.read(packet))
