"""What is to be embedded: files of folders and lists, archives of files, objects in buckets.

Photos of a folder are told by their names, as indexing does it; `.tar` archives are looked into by a worker.
"""

import contextlib
import os
import posixpath
import stat
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from photosearch.core.errors import KnownError, system_reason
from photosearch.core.file_names import is_photo_name, is_visible_name, path_of
from photosearch.core.photo import mtime_ns_of
from photosearch.decode.image import DecodeError
from photosearch.scale.frames import Chunk
from photosearch.scale.rows import Stamp, is_shard

STANDARD = "-"
_READ_AT_ONCE = 1 << 20  # bytes
_LONGEST_LINE = 1 << 16  # bytes of a path in a list
_LATEST = (2**63 - 1) // 10**9  # seconds since the epoch


def chunks(found: Iterable[tuple[str, Stamp]], size: int) -> Iterator[Chunk]:
    """Files, each with its bucket, in chunks of `size`; each archive in one by itself."""
    number = 0
    waiting: dict[str, list[Stamp]] = {}
    for bucket, file in found:
        of_bucket = waiting.setdefault(bucket, [])
        if is_shard(file.path):
            yield Chunk(number, (file,), bucket)
            number += 1
            continue
        of_bucket.append(file)
        if len(of_bucket) == size:
            yield Chunk(number, tuple(of_bucket), bucket)
            number += 1
            of_bucket.clear()
    for bucket, files in waiting.items():
        if files:
            yield Chunk(number, tuple(files), bucket)
            number += 1


def find(source: str, standard: IO[bytes]) -> Iterator[tuple[str, Stamp]]:
    """(bucket, file) of all that a source names.

    Args:
        source: a folder, a photo, an archive, a list of these two, or a URL; "-": a list in `standard`

    Raises:
        KnownError: it is not there, or cannot be read.
    """
    if source == STANDARD:
        yield from (("", file) for file in _listed(standard))
    elif is_bucket(source):
        yield from ((source, file) for file in _in_bucket(source))
    else:
        path = os.fsencode(os.path.abspath(path_of(source) or source))  # noqa: PTH100  (odd names)
        with _told(source):
            status = os.stat(path)  # noqa: PTH116  (bytes)
            if stat.S_ISDIR(status.st_mode):
                os.scandir(path).close()  # one that cannot be read is told, unlike those below it
                yield from (("", file) for file in _below(path))
            elif is_photo_name(path) or is_shard(path):
                yield "", _stamp(path, status)
            else:
                with open(path, "rb") as lines:  # noqa: PTH123  (bytes)
                    yield from (("", file) for file in _listed(lines))


def is_bucket(source: str) -> bool:
    """Whether it is a URL of another file system than this computer's."""
    return "://" in source and path_of(source) is None


def members(
    archive: IO[bytes], shard: Stamp, most_bytes: int, folder: Path
) -> Iterator[tuple[Stamp, contextlib.AbstractContextManager[bytes]]]:
    """The photos of an archive, each with what gives the path of a copy in `folder` for the while.

    Their names are below the archive's; where an archive has one lead out of it, opening that raises
    DecodeError.

    Args:
        most_bytes: of a photo; the copy of a larger one is a little larger than that
    """
    with tarfile.open(fileobj=archive, mode="r|") as tar:
        for member in tar:
            name = os.fsencode(member.name)
            hidden = not is_visible_name(os.path.basename(name))  # noqa: PTH119  (bytes)
            if hidden or not member.isreg() or not is_photo_name(name):
                continue
            content = tar.extractfile(member)
            assert content is not None, "it is a regular file"
            mtime_ns = min(int(member.mtime), _LATEST) * 10**9
            inside = posixpath.normpath(b"/" + name).lstrip(b"/")
            file = Stamp(shard.path + b"/" + inside, member.size, mtime_ns)
            leads_out = b".." in name.split(b"/")
            yield file, _removed_after(None if leads_out else _copy(content, most_bytes, folder))


@contextlib.contextmanager
def stream(path: bytes, bucket: str) -> Iterator[IO[bytes]]:
    """The bytes of a file or an object.

    Raises:
        DecodeError: it cannot be read.
    """
    try:
        if bucket:
            system, _ = _file_system(bucket)
            with system.open_input_stream(_inside(path, bucket)) as found:
                yield found
        else:
            with open(path, "rb") as found:  # noqa: PTH123  (bytes)
                yield found
    except FileNotFoundError:
        raise DecodeError("the file is gone", passing=True) from None
    except OSError as error:
        raise DecodeError(
            "the file cannot be read ({reason})", passing=True, reason=system_reason(error)
        ) from error


@contextlib.contextmanager
def local(file: Stamp, bucket: str, most_bytes: int, folder: Path) -> Iterator[bytes]:
    """The path of a file of this computer: its own, or that of a copy in `folder` for the while.

    Args:
        most_bytes: of a photo; the copy of a larger one is a little larger than that

    Raises:
        DecodeError: it cannot be read.
    """
    if not bucket:
        yield file.path
        return
    with stream(file.path, bucket) as content:
        copy = _copy(content, most_bytes, folder)
    with _removed_after(copy) as path:
        yield path


def _copy(content: IO[bytes], most_bytes: int, folder: Path) -> bytes:
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as copy:
        left = most_bytes + 1
        while left > 0 and (piece := content.read(min(_READ_AT_ONCE, left))):
            copy.write(piece)
            left -= len(piece)
    return os.fsencode(copy.name)


@contextlib.contextmanager
def _removed_after(copy: bytes | None) -> Iterator[bytes]:
    """None: there is no copy of what would not be where its archive is."""
    if copy is None:
        raise DecodeError("its name leads out of the archive")
    try:
        yield copy
    finally:
        os.unlink(copy)  # noqa: PTH108  (bytes)


def _below(folder: bytes) -> Iterator[Stamp]:
    """The photos and archives in a folder, by path; no link to a folder is followed."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except PermissionError:
        return  # as an unreadable folder inside a tree is no reason to do nothing
    for entry in entries:
        if not is_visible_name(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        elif is_photo_name(entry.name) or is_shard(entry.name):
            try:
                yield _stamp(entry.path, entry.stat())
            except FileNotFoundError:
                continue  # it went meanwhile, or is a link to nothing
            except OSError:
                yield Stamp(entry.path, 0, 0)  # so that it is told among those that failed


def _listed(lines: IO[bytes]) -> Iterator[Stamp]:
    """What a list names: a path a line, or each ended by NUL as `find -print0` does it."""
    ending = None
    rest = b""
    while piece := lines.read(_READ_AT_ONCE):
        ending = ending or (b"\0" if b"\0" in piece else b"\n")
        *whole, rest = (rest + piece).split(ending)
        if len(rest) > _LONGEST_LINE:
            raise KnownError("The list of paths has a line of more than {most} bytes.", most=_LONGEST_LINE)
        for line in whole:
            yield from _line(line)
    yield from _line(rest)


def _line(line: bytes) -> Iterator[Stamp]:
    """A file that is not there is named too, so that it is told among those that failed."""
    line = line.removesuffix(b"\r")
    if not line.strip():
        return
    text = os.fsdecode(line)
    if is_bucket(text):
        raise KnownError("A list names files of this computer; name {url} by itself.", url=text)
    path = os.path.abspath(os.fsencode(path_of(text) or line))  # noqa: PTH100  (bytes)
    try:
        yield _stamp(path, os.stat(path))  # noqa: PTH116
    except OSError:
        yield Stamp(path, 0, 0)


def _stamp(path: bytes, status: os.stat_result) -> Stamp:
    return Stamp(path, status.st_size, mtime_ns_of(status))


def _in_bucket(url: str) -> Iterator[Stamp]:
    """The photos and archives below a URL, or the one that it names."""
    import pyarrow.fs

    with _told(url):
        system, root = _file_system(url)
        first = system.get_file_info(root)
        if first.type == pyarrow.fs.FileType.NotFound:
            raise KnownError("There is nothing at {url}.", url=url)
        waiting = [first]
        while waiting:
            info = waiting.pop()
            if info.type == pyarrow.fs.FileType.Directory:
                below = system.get_file_info(pyarrow.fs.FileSelector(info.path))
                waiting += sorted(
                    (one for one in below if is_visible_name(one.base_name.encode())),
                    key=lambda one: one.path,
                    reverse=True,
                )
            elif is_photo_name(info.path.encode()) or is_shard(info.path.encode()):
                scheme = url.partition("://")[0]
                path = f"{scheme}://{info.path.lstrip('/')}".encode()
                yield Stamp(path, info.size or 0, info.mtime_ns or 0)


def _inside(path: bytes, bucket: str) -> str:
    """The path of an object as its file system has it."""
    _, root = _file_system(bucket)
    inside = path.decode().partition("://")[2]
    return f"/{inside}" if root.startswith("/") else inside


def _file_system(url: str) -> tuple[Any, str]:
    """-> (a pyarrow.fs.FileSystem, the path in it).

    What Arrow does not know by itself, such as http, fsspec may.

    Raises:
        KnownError: neither knows what the URL begins with.
    """
    import pyarrow
    import pyarrow.fs

    if url not in _systems:
        try:
            _systems[url] = pyarrow.fs.FileSystem.from_uri(url)
        except pyarrow.ArrowInvalid:
            import fsspec.core

            try:
                system, path = fsspec.core.url_to_fs(url)
            except (ImportError, ValueError) as error:
                raise KnownError("{path} cannot be read: {reason}.", path=url, reason=error) from error
            _systems[url] = pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(system)), path
    return _systems[url]


_systems: dict[str, tuple[Any, str]] = {}  # by URL: to open one takes a call to the service


@contextlib.contextmanager
def _told(source: str) -> Iterator[None]:
    """
    Raises:
        KnownError: the system refused.
    """
    try:
        yield
    except FileNotFoundError:
        raise KnownError("There is no file or folder {source}.", source=source) from None
    except OSError as error:
        raise KnownError(
            "{path} cannot be read: {reason}.", path=source, reason=system_reason(error)
        ) from error
