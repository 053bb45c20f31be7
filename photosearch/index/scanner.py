"""What a folder holds now, against what the store knows of it: the truth that indexing follows."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH118, PTH119, PTH122

import functools
import os
import stat
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from photosearch.core.errors import Sentence, system_reason
from photosearch.core.file_names import is_photo_name, is_visible_name
from photosearch.core.photo import VIDEO_EXTENSIONS, ctime_ns_of, mtime_ns_of
from photosearch.core.progress import Control
from photosearch.index.candidate import Candidate
from photosearch.index.excluding import IGNORE_FILE, Exclusion
from photosearch.index.sidecars import LARGEST, is_sidecar_name, joined
from photosearch.index.volume import Whereabouts, keeps_change_times, volume_of
from photosearch.store.rows import LIVE_PART, Failure, FileStamp, Folder, SidecarStamp

OF_VIDEOS = frozenset(map(os.fsencode, VIDEO_EXTENSIONS))
LIBRARY_FOLDERS = frozenset([b"thumbnails", b"vectors", b"models", b"logs"])
FILE_ATTRIBUTE_RECALL_ON_OPEN = 0x40000
FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS = 0x400000
SF_DATALESS = 0x40000000
IO_REPARSE_TAG_MOUNT_POINT = 0xA0000003
FLAGS_TELL = sys.platform in ("win32", "darwin")


NOTHING_EXCLUDED = Exclusion()
NO_SIDECARS: Mapping[bytes, SidecarStamp] = {}


class FolderAway(Exception):
    """The folder's drive is not here; what the store knows of it stays."""


def present_volume(folder: Folder, *, known: bool) -> str:
    """The volume that holds the folder now; `known` says whether the store has files of it.

    Raises:
        FolderAway: the folder is missing, or is the empty place where another volume was mounted.
    """
    try:
        volume = volume_of(folder.path)
        empty = not any(is_visible_name(name) for name in os.listdir(folder.path))
    except PermissionError:
        return folder.volume  # it is here; that it cannot be listed is for the walk to report
    except OSError as error:
        raise FolderAway(os.fsdecode(folder.path)) from error
    if known and empty and volume != folder.volume:
        raise FolderAway(os.fsdecode(folder.path))
    return volume


class FolderScan:
    """One walk over a folder, which yields what needs work while it walks.

    Iterating yields a Candidate for each file to be read and a Failure for each thing that cannot be. Once
    the iteration has ended, and only then, `gone` is right. Raises FolderAway at either end of the walk, and
    Cancelled.
    """

    def __init__(
        self,
        folder: Folder,
        stamps: Mapping[bytes, FileStamp],
        *,
        complete: Callable[[int], bool],
        control: Control,
        others: Collection[bytes] = (),
        exclusion: Exclusion = NOTHING_EXCLUDED,
        too_small: Collection[int] = (),
        sidecars: Mapping[bytes, SidecarStamp] = NO_SIDECARS,
        videos: bool = False,
        live_parts: Collection[int] = (),
        now: float | None = None,
    ) -> None:
        self.unchanged = 0  # files that need nothing, those that wait to be tried again included
        self.volume = folder.volume  # as found by the walk
        self.changed_sidecars: list[FoundSidecar] = []
        self._unseen_sidecars = dict(sidecars)
        self._folder = folder
        self._complete = complete  # has this photo id a vector of the present model, and the present facts?
        self._control = control
        self._others = frozenset(others)  # folders inside this one that are scanned by themselves
        self._exclusion = exclusion  # what is left out of the whole folder; its ignore files add to it
        self._too_small = too_small  # ids of photos
        self._videos = videos  # are they wanted?
        self._live_parts = live_parts  # ids of videos that a photo of their name, if one is there, shows
        self._now = time.time() if now is None else now
        self._unseen = dict(stamps)
        self._photos_here: set[bytes] = set()  # names of the folder that is being looked at, without endings
        self._unlisted: list[bytes] = []  # folders whose files may well be there, unseen
        self._visited: set[tuple[bytes, bytes]] = set()
        self._whereabouts = Whereabouts()
        self._known = bool(stamps)
        self._keeps_change_times = functools.cache(keeps_change_times)  # by device

    @property
    def gone(self) -> dict[bytes, int | None]:
        """Known paths that are no more, with the photo each held; None for a failure."""
        unlisted = tuple(os.path.join(folder, b"") for folder in self._unlisted)
        return {path: stamp.photo_id for path, stamp in self._unseen.items() if not path.startswith(unlisted)}

    @property
    def gone_sidecars(self) -> list[bytes]:
        """Known files beside photos that are no more, or of no photo any more."""
        unlisted = tuple(os.path.join(folder, b"") for folder in self._unlisted)
        return [path for path in self._unseen_sidecars if not path.startswith(unlisted)]

    def __iter__(self) -> Iterator[Candidate | Failure]:
        self.volume = present_volume(self._folder, known=self._known)
        root = _Found(self._folder.path, os.path.realpath(self._folder.path), self._exclusion)
        folders, links = [root], list[_Found]()
        while folders:
            self._control.checkpoint()
            yield from self._list(folders.pop(), folders, links)
            if not folders:
                # Symlinks come last and in order, so that a file keeps its own path, run after run.
                folders, links = sorted(links, key=lambda link: link.path, reverse=True), []
        # A drive pulled out meanwhile looks like deleted files, but for its root.
        present_volume(self._folder, known=self._known)

    def _list(
        self, folder: "_Found", folders: "list[_Found]", links: "list[_Found]"
    ) -> Iterator[Candidate | Failure]:
        """Look at one folder's entries; found subfolders go to `folders`, those behind a link to `links`."""
        path, where = folder.path, self._whereabouts(folder.real)
        if where in self._visited:
            return
        self._visited.add(where)
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return  # vanished since its parent was listed
        except OSError as error:
            yield self._unlistable(path, _cannot_be_listed(error))
            return
        exclusion = folder.exclusion
        try:
            if any(entry.name == IGNORE_FILE for entry in entries):
                exclusion = exclusion.below(path)
        except OSError as error:
            yield self._unlistable(path, _ignore_file_cannot_be_read(error))
            return
        own = _is_library(entries)
        if own and path != self._folder.path:
            return
        self._look_beside(entries, exclusion)
        self._photos_here = self._names_of_photos(entries, exclusion)
        for entry in entries:
            if is_visible_name(entry.name) and not (own and entry.name in LIBRARY_FOLDERS):
                yield from self._visit(entry, folder.real, exclusion, folders, links)

    def _names_of_photos(self, entries: "list[os.DirEntry[bytes]]", exclusion: Exclusion) -> set[bytes]:
        """Names without endings, in lower case; none where no video is asked whether one is beside it."""
        if not self._videos or not any(is_video_name(entry.name) for entry in entries):
            return set()
        return {
            _stem(entry.name)
            for entry in entries
            if is_photo_name(entry.name)
            and is_visible_name(entry.name)
            and not exclusion.leaves_out(entry.path, is_folder=False)
        }

    def _is_wanted_name(self, name: bytes) -> bool:
        return is_photo_name(name) or (self._videos and is_video_name(name))

    def _look_beside(self, entries: "list[os.DirEntry[bytes]]", exclusion: Exclusion) -> None:
        """Find what has changed of the files beside the photos of one folder."""
        beside = {
            entry.name: entry
            for entry in entries
            if is_sidecar_name(entry.name)
            and is_visible_name(entry.name)
            and not exclusion.leaves_out(entry.path, is_folder=False)
        }
        if not beside:
            return
        photos = {
            entry.name: entry.path
            for entry in entries
            if self._is_wanted_name(entry.name) and is_visible_name(entry.name)
        }
        for name, of in joined(photos, beside).items():
            path = beside[name].path
            try:
                status = beside[name].stat()
            except OSError:
                self._unseen_sidecars.pop(path, None)  # it is there, and stays what is known of it
                continue
            if is_hidden(status) or not 0 < status.st_size <= LARGEST or not stat.S_ISREG(status.st_mode):
                continue
            known = self._unseen_sidecars.pop(path, None)
            files = tuple(photos[photo] for photo in of)
            found = FoundSidecar(self._folder.folder_id, path, files)
            if not is_placeholder(status) and not (known and self._is_same(known, files, status)):
                self.changed_sidecars.append(found)

    def _is_same(self, known: SidecarStamp, files: tuple[bytes, ...], status: os.stat_result) -> bool:
        ctime_ns = ctime_ns_of(status) if self._keeps_change_times(status.st_dev) else None
        same = known.is_of(status.st_size, mtime_ns_of(status), ctime_ns)
        return same and known.files == frozenset(files)

    def _visit(
        self,
        entry: "os.DirEntry[bytes]",
        real: bytes,
        exclusion: Exclusion,
        folders: "list[_Found]",
        links: "list[_Found]",
    ) -> Iterator[Candidate | Failure]:
        named_as_photo = self._is_wanted_name(entry.name)
        try:
            if entry.is_dir():
                if entry.path in self._others or exclusion.leaves_out(entry.path, is_folder=True):
                    return
                flags = entry.stat(follow_symlinks=False) if FLAGS_TELL else None
                if flags and is_placeholder(flags):
                    self._unlisted.append(entry.path)
                elif flags and is_hidden(flags):
                    pass
                elif entry.is_symlink() or (flags and is_junction(flags)):
                    links.append(_Found(entry.path, os.path.realpath(entry.path), exclusion))
                else:
                    folders.append(_Found(entry.path, os.path.join(real, entry.name), exclusion))
                return
            if not named_as_photo or exclusion.leaves_out(entry.path, is_folder=False):
                return
            status = entry.stat()
        except FileNotFoundError:
            return  # vanished since it was listed, or a link to nothing
        except OSError as error:
            if named_as_photo:
                yield self._unseeable(entry.path, error)
            else:
                self._unlisted.append(entry.path)  # it may be a folder
            return
        if not is_hidden(status):
            yield from self._compare(entry.path, status)

    def _unlistable(self, path: bytes, reason: Sentence) -> Failure:
        """A folder whose files stay what the store knows of them."""
        self._unlisted.append(path)
        folder = Candidate(self._folder.folder_id, path, known=self._unseen.pop(path, None))
        return folder.failed("scan", reason, passing=True)

    def _unseeable(self, path: bytes, error: OSError) -> Failure:
        """A file that is there, and stays what the store knows of it."""
        known = self._unseen.pop(path, None)
        size, mtime_ns = (known.size, known.mtime_ns) if known else (0, 0)
        file = Candidate(self._folder.folder_id, path, size, mtime_ns, known)
        return file.failed("scan", _cannot_be_looked_at(error), passing=True)

    def _compare(self, path: bytes, status: os.stat_result) -> Iterator[Candidate | Failure]:
        stamp = self._unseen.pop(path, None)
        if is_placeholder(status):
            self.unchanged += stamp is not None  # it was read while its bytes were here
            return
        beside = is_video_name(path) and _stem(os.path.basename(path)) in self._photos_here
        known = stamp is not None and not self._needs_work(stamp, status, beside)
        small = known and stamp is not None and stamp.photo_id in self._too_small
        part = known and stamp is not None and beside and stamp.photo_id in self._live_parts
        if known and not small and not part:
            self.unchanged += 1
            return
        file = Candidate(
            self._folder.folder_id,
            path,
            status.st_size,
            mtime_ns_of(status),
            stamp,
            ctime_ns_of(status),
            beside,
        )
        if small:
            yield file.too_small()
        elif part:
            yield file.part_of_live_photo()
        elif stat.S_ISREG(status.st_mode):
            yield file
        else:
            yield file.failed("scan", Sentence("it is not a regular file"), passing=False)

    def _needs_work(self, stamp: FileStamp, status: os.stat_result, beside_photo: bool) -> bool:
        ctime_ns = ctime_ns_of(status) if self._keeps_change_times(status.st_dev) else None
        if not stamp.is_of(status.st_size, mtime_ns_of(status), ctime_ns):
            return True
        if stamp.stage == LIVE_PART and not beside_photo:
            return True
        if stamp.photo_id is None:
            return stamp.retry_at is not None and stamp.retry_at <= self._now
        return not self._complete(stamp.photo_id)


class FoundSidecar(NamedTuple):
    """A file beside photos that is to be read."""

    folder_id: int
    path: bytes
    files: tuple[bytes, ...]  # paths of the photos'


class _Found(NamedTuple):
    """A folder to be walked."""

    path: bytes  # as it was come by
    real: bytes  # the same without a link in it
    exclusion: Exclusion  # what is left out of the folder that holds it


def is_junction(status: os.stat_result) -> bool:
    """Does this folder of Windows stand for another one?"""
    return getattr(status, "st_reparse_tag", 0) == IO_REPARSE_TAG_MOUNT_POINT


def is_hidden(status: os.stat_result) -> bool:
    """Hidden by an attribute of Windows or macOS (a dot does it everywhere)."""
    # Not FILE_ATTRIBUTE_SYSTEM: Explorer sets it on any folder with an icon of its own.
    return bool(
        getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN
        or getattr(status, "st_flags", 0) & stat.UF_HIDDEN
    )


def is_placeholder(status: os.stat_result) -> bool:
    """A cloud file or folder whose bytes are not here: reading it would download it."""
    attributes = (
        stat.FILE_ATTRIBUTE_OFFLINE | FILE_ATTRIBUTE_RECALL_ON_OPEN | FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS
    )
    return bool(
        getattr(status, "st_file_attributes", 0) & attributes or getattr(status, "st_flags", 0) & SF_DATALESS
    )


def is_told_of(path: bytes) -> bool:
    """Whether a file of this name may change what a scan finds."""
    return (
        is_photo_name(path)
        or is_video_name(path)
        or is_sidecar_name(path)
        or os.path.split(path)[1] == IGNORE_FILE
    )


def is_video_name(name: bytes) -> bool:
    """Whether a file of this name may be a video."""
    return os.path.splitext(name)[1].lower() in OF_VIDEOS


def _stem(name: bytes) -> bytes:
    """A name without its ending, in lower case."""
    return os.path.splitext(name)[0].lower()


def _is_library(entries: "list[os.DirEntry[bytes]]") -> bool:
    """Is this the folder of a PhotoSearch library? Its thumbnails are no photos."""
    names = {entry.name for entry in entries}
    return b"library.sqlite3" in names and b"thumbnails" in names


def _cannot_be_listed(error: OSError) -> Sentence:
    return Sentence("the folder cannot be listed: {reason}", reason=system_reason(error))


def _ignore_file_cannot_be_read(error: OSError) -> Sentence:
    return Sentence("its .photosearchignore cannot be read: {reason}", reason=system_reason(error))


def _cannot_be_looked_at(error: OSError) -> Sentence:
    return Sentence("the file cannot be looked at: {reason}", reason=system_reason(error))
