"""What faces and the engine say to each other of the person's changes: what they were, undone and redone."""

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.message import Done, Event, Reply, Request


class Change(msgspec.Struct, frozen=True):
    """Something that the person changed at once."""

    change_id: int  # a later change has a higher one
    says: Sentence  # "5 stars for 51 photos"
    by_itself: bool = False  # nobody asked for it: notes were kept of photos that another program edited


class TrashedFile(msgspec.Struct, frozen=True):
    """A file that was moved to the system's trash."""

    path_bytes: bytes  # where it was
    trash_bytes: bytes  # where it lies now; empty: the system did not say


class Undo(Request["Turned"], frozen=True, tag="undo"):
    """Take back the latest change that stands; refused where another one is meant."""

    change_id: int = 0  # of the one that is meant; 0: whichever it is


class Redo(Request["Turned"], frozen=True, tag="redo"):
    """Make the latest change again that was taken back; refused where another one is meant."""

    change_id: int = 0  # as in Undo


class RecordTrash(Request[Done], frozen=True, tag="record_trash"):
    """Remember that photos which a face moved lie in the system's trash."""

    files: tuple[TrashedFile, ...]  # none: the change stays undone, as none of its files could be moved again
    photos: int
    change_id: int = 0  # of a change that was made again, or could not be taken back; 0: it is a new one


class Turned(Reply, frozen=True, tag="turned"):
    """What became of a change that was taken back or made again."""

    change: Change
    kept: int = 0  # photos, albums or searches that were changed again since: they stay as they are
    files: tuple[TrashedFile, ...] = ()  # that are now for the face to put back, or to move again


class HistoryChanged(Event, frozen=True, tag="history_changed"):
    """Other changes than before can be taken back or made again; None: there is none."""

    undo: Change | None = None
    redo: Change | None = None


AnyRequest = Undo | Redo | RecordTrash
AnyReply = Turned
AnyEvent = HistoryChanged
