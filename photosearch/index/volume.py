"""Which volume (drive, partition, share) a path lies on."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH116

import os
import sys
from pathlib import Path

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
    if sys.platform != "linux" or not MOUNTS.exists():
        return b""
    number = b"%d:%d" % (os.major(device), os.minor(device))
    for line in MOUNTS.read_bytes().splitlines():
        fields = line.split(b" ")  # id, parent, device, root, place, options, ..., "-", type, ...
        if fields[2] == number:
            return fields[fields.index(b"-") + 1]
    return b""
