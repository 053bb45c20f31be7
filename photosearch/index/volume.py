"""Which volume (drive, partition, share) a path lies on."""

import os
import sys
from pathlib import Path

BY_UUID = Path("/dev/disk/by-uuid")


def volume_of(path: bytes) -> str:
    """An identity of the volume that holds `path`, as lasting as the platform gives it.

    Linux: the file system's UUID. Windows: the volume's serial number. Elsewhere the device number, which may
    change from one mount to the next.

    Raises:
        OSError: nothing can be learnt about `path`.
    """
    device = os.stat(path).st_dev  # noqa: PTH116  (pathlib takes no bytes)
    if sys.platform == "linux" and BY_UUID.is_dir():
        for link in BY_UUID.iterdir():
            if link.exists() and link.stat().st_rdev == device:
                return link.name
    return f"device-{device:x}"
