"""A file on its way into the library."""

import time

import msgspec

from photosearch.core.errors import Sentence
from photosearch.store.rows import LIVE_PART, TOO_SMALL, Failure, FileStamp

FIRST_WAIT = 60.0  # seconds
LONGEST_WAIT = 24 * 3600.0


class Candidate(msgspec.Struct, frozen=True):
    """A file to be read: new, changed, due another try, or of a photo that lacks a vector or facts."""

    folder_id: int
    path: bytes
    size: int = 0
    mtime_ns: int = 0
    known: FileStamp | None = None  # what the store last knew at this path
    ctime_ns: int | None = None
    beside_photo: bool = False  # it is named as a video, and a photo of that name lies beside it

    def failed(self, stage: str, reason: Sentence, *, passing: bool) -> Failure:
        """The row of the failure ledger.

        A broken file waits until it changes; a passing fault is tried again after 1 minute, then 4, 16, …
        up to a day.
        """
        known = self.known
        again = known is not None and known.is_of(self.size, self.mtime_ns, self.ctime_ns)
        attempts = known.attempts if known and again else 0
        wait = min(FIRST_WAIT * 4 ** min(attempts, 10), LONGEST_WAIT)
        return Failure(
            folder_id=self.folder_id,
            path=self.path,
            stage=stage,
            reason=reason,
            size=self.size,
            mtime_ns=self.mtime_ns,
            retry_at=time.time() + wait if passing else None,
            ctime_ns=self.ctime_ns,
        )

    def too_small(self) -> Failure:
        """The row of a picture that is left out, until its file changes or the person wants smaller ones."""
        return self.failed(TOO_SMALL, Sentence("the picture is smaller than the person wants"), passing=False)

    def part_of_live_photo(self) -> Failure:
        """The row of a video that the photo beside it shows, for as long as that is there."""
        return self.failed(LIVE_PART, Sentence("it is part of the photo beside it"), passing=False)
