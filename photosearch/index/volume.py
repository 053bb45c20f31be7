"""Which volume (drive, partition, share) a path lies on."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH116, PTH120

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

BY_UUID = Path("/dev/disk/by-uuid")
MOUNTS = Path("/proc/self/mountinfo")
REMOTE = frozenset(b"nfs nfs4 cifs smb3 smbfs 9p ceph afs fuse.sshfs fuse.rclone fuse.davfs2 davfs".split())
# Their change times are made up, and may be others after the next mount; so are those of any by FUSE.
MAKES_UP_TIMES = frozenset(b"vfat msdos exfat 9p cifs smb3 smbfs davfs".split())


def volume_of(path: bytes) -> str:
    """An identity of the volume that holds `path`, as lasting as the platform gives it.

    Linux: the file system's UUID. Windows: the volume's serial number. Elsewhere the device number, which may
    change from one mount to the next.

    Raises:
        OSError: nothing can be learnt about `path`.
    """
    device = os.stat(path).st_dev
    if sys.platform == "linux" and BY_UUID.is_dir():
        for link in BY_UUID.iterdir():
            if link.exists() and link.stat().st_rdev == device:
                return link.name
    return f"device-{device:x}"


def is_remote(path: bytes) -> bool:
    """Does `path` lie on a network drive, as far as Linux tells? Others change such without our being told.

    Raises:
        OSError: nothing can be learnt about `path`.
    """
    return _kind_of(os.stat(path).st_dev) in REMOTE


def keeps_change_times(device: int) -> bool:
    """Does the file system of this number (`st_dev`) keep when a file changed, as far as Linux tells?"""
    kind = _kind_of(device)
    return kind not in MAKES_UP_TIMES and not kind.startswith(b"fuse")


def _kind_of(device: int) -> bytes:
    """The type of a file system, empty where it is not told."""
    number = b"%d:%d" % (os.major(device), os.minor(device)) if sys.platform == "linux" else b""
    return next((mount.kind for mount in _mounts() if mount.device == number), b"")


class _Mount(NamedTuple):
    """A file system, or a part of one, at its place among all folders."""

    device: bytes  # "major:minor"
    root: bytes  # which of its folders is seen there: /, but for bind mounts and subvolumes
    place: bytes
    kind: bytes


def _mounts() -> list[_Mount]:
    """What is mounted, the latest last; empty where the system does not tell in Linux's way."""
    if sys.platform != "linux":
        return []
    try:
        lines = [line.split(b" ") for line in MOUNTS.read_bytes().splitlines()]
    except OSError:  # a sandbox may keep it from us
        return []
    return [
        _Mount(device, _plain(root), _plain(place), rest[rest.index(b"-") + 1])
        for _, _, device, root, place, *rest in lines
    ]


def _plain(name: bytes) -> bytes:
    """A name as it is, of one whose blanks are written as \\040."""
    return re.sub(rb"\\([0-7]{3})", lambda digits: bytes([int(digits[1], 8)]), name)


class Whereabouts:
    """Which folder a path leads to, whatever it is called: by file system and place in it.

    Not by inode: exFAT and many file systems in user space give two folders the same one. A folder has
    another name only behind a link, which the path that is given must not have in it, or in a mount.
    """

    def __init__(self) -> None:
        self._mounts = {mount.place: mount for mount in _mounts()}

    def __call__(self, real: bytes) -> tuple[bytes, bytes]:
        """(the file system, the path in it) of a path as `os.path.realpath` gives it."""
        place = real
        while place not in self._mounts and place != os.path.dirname(place):
            place = os.path.dirname(place)
        if place not in self._mounts:
            return b"", real
        mount = self._mounts[place]
        return mount.device, mount.root.rstrip(b"/") + real[len(place.rstrip(b"/")) :]
