"""Where the bytes of an image lie: a file of its own, or a part of a tar shard."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TarMember:
    """One file in an uncompressed tar, read in place."""

    shard: Path
    member: str  # its name in the shard
    offset: int  # where its bytes begin, from the start of the shard
    length: int  # bytes

    @property
    def name(self) -> str:
        """The last part of its path in the shard."""
        return self.member.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.shard}/{self.member}"

    def read_bytes(self) -> bytes:
        """Raises OSError, also where the shard ends too early."""
        with self.shard.open("rb") as file:
            file.seek(self.offset)
            data = file.read(self.length)
        if len(data) != self.length:
            raise OSError(f"the shard ends before {self.member} does")
        return data


ImageFile = Path | TarMember


def stamp(image: ImageFile) -> tuple[int, int, int]:
    """What changes when the bytes may have changed: size and time of the file, and the place in it.

    Raises:
        OSError: the file is gone.
    """
    file, offset = (image.shard, image.offset) if isinstance(image, TarMember) else (image, 0)
    found = os.stat(file)  # noqa: PTH116 - Path.stat is far slower, and there may be millions
    return found.st_size, found.st_mtime_ns, offset
