"""What faces and the engine say to each other: msgspec structs, framed as msgpack, never pickle.

A connection carries requests one at a time, each answered by one reply. After `Subscribe` it carries
`Event`s from the engine until either side closes it. Those of searches are in `search_messages`, those of
captions, albums and other notes in `note_messages`, those of undoing in `history_messages`, those of photos
that belong together in `stack_messages`, those of stages in `stage_messages`, those of tags in
`tag_messages`, those of teaching in `teaching_messages`, those of models in `model_messages`, those of labels
for photos in `classify_messages`, those of photos embedded elsewhere in `vector_messages`.
"""

from typing import Any, Literal

import msgspec

from photosearch.core import (
    classify_messages,
    extra_messages,
    history_messages,
    model_messages,
    note_messages,
    search_messages,
    stack_messages,
    stage_messages,
    tag_messages,
    teaching_messages,
    vector_messages,
)
from photosearch.core.errors import Sentence
from photosearch.core.message import Done as Done
from photosearch.core.message import Event, Reply, Request
from photosearch.core.progress import IndexReport, Progress
from photosearch.core.query import AnyFilter


class LookAt(Request[Done], frozen=True, tag="look_at"):
    """Somebody looks at the photos that pass all of these: what reads photos takes them before others."""

    within: tuple[AnyFilter, ...]


class Preview(Request["Previewed"], frozen=True, tag="preview"):
    """A photo to look at, decoded apart."""

    photo_id: int
    longest_edge: int  # pixels; at most LONGEST_PREVIEW are given
    at_ms: int | None = None  # of a video, from its beginning; None: where its poster is


LONGEST_PREVIEW = 8192


class AddFolder(Request[Done], frozen=True, tag="add_folder"):
    """Remember a folder, watch it, and index it in the background."""

    path_bytes: bytes


class RemoveFolder(Request[Done], frozen=True, tag="remove_folder"):
    """Forget a folder, and end what is read of it; its photos leave the library, and never the disk."""

    path_bytes: bytes


class RelocateFolder(Request[Done], frozen=True, tag="relocate_folder"):
    """Take a folder that was moved or renamed to be elsewhere now; what is known of its photos goes along."""

    path_bytes: bytes
    new_bytes: bytes


class LeaveOut(Request[Done], frozen=True, tag="leave_out"):
    """Take no photos from a folder inside an added one any more; that can be undone."""

    path_bytes: bytes


class Index(Request["Indexed"], frozen=True, tag="index"):
    """Add these folders, bring them up to date, and answer with Indexed when that is done.

    What failed in them is read again.
    """

    paths_bytes: list[bytes]


class Rescan(Request[Done], frozen=True, tag="rescan"):
    """Look at every folder again in the background, and read what failed in them again."""


class SetPaused(Request[Done], frozen=True, tag="set_paused"):
    """Let indexing wait, or lift every pause, one for the battery too."""

    paused: bool


class ChangeSetting(Request[Done], frozen=True, tag="change_setting"):
    """Give a setting of the library another value; photosearch/settings.py declares them.

    To remember no more searches forgets those that were kept.
    """

    key: str
    value: str


class ForgetModel(Request[Done], frozen=True, tag="forget_model"):
    """Remove a model that was added, if it is still there, and what it knew of the photos."""

    model_id: str


class GetJobs(Request["JobList"], frozen=True, tag="get_jobs"):
    """Answered with JobList."""


class CancelJob(Request[Done], frozen=True, tag="cancel_job"):
    """End a job, or take it out of the queue; what it has done stays done."""

    job_id: int


class RetryFailures(Request[Done], frozen=True, tag="retry_failures"):
    """Read files again that failed, in the background."""

    paths_bytes: tuple[bytes, ...] | None = None  # None: all of them


class GetStatus(Request["Status"], frozen=True, tag="get_status"):
    """Ask how the engine and its library stand."""


class GetFasterReading(Request["FasterReading"], frozen=True, tag="get_faster_reading"):
    """Ask what reading photos in 8 bits would bring; the first answer is measured, which takes seconds."""


class Subscribe(Request[Done], frozen=True, tag="subscribe"):
    """Ask to be told of events from now on; the connection carries nothing else any more."""


class Shutdown(Request[Done], frozen=True, tag="shutdown"):
    """Ask the engine to end."""

    if_alone: bool = False  # once no face is left, as where a command left the engine behind


class Failed(Reply, frozen=True, tag="failed"):
    """A known error: one sentence for the person."""

    sentence: Sentence
    span: tuple[int, int] | None = None  # of a query: where it is wrong, in code points
    instead: str | None = None  # what was probably meant there


class Previewed(Reply, frozen=True, tag="previewed"):
    """A photo to look at."""

    jpeg: bytes  # upright, sRGB, without metadata
    width: int  # of the photo in full, upright, pixels
    height: int


class Indexed(Reply, frozen=True, tag="indexed"):
    """What an indexing job brought."""

    report: IndexReport


class Job(msgspec.Struct, frozen=True):
    """Bringing folders up to date."""

    job_id: int
    folders: tuple[bytes, ...]  # paths
    running: bool  # its Progress is the engine's; False: it waits for its turn
    asked: bool = False  # somebody waits for it, so that it is not interrupted


class JobList(Reply, frozen=True, tag="job_list"):
    """The jobs that run or wait."""

    jobs: tuple[Job, ...]  # in the order in which they run


class FolderStatus(msgspec.Struct, frozen=True):
    """A folder of the library, and how it stands."""

    path_bytes: bytes
    photos: int
    state: Literal["here", "away", "gone"]  # away: its drive is; gone: it was renamed, moved or deleted
    unwatched: Sentence | None = None  # why it is looked at every ten minutes, where the engine watches
    unread: bool = False  # it was never read to its end


class Status(Reply, frozen=True, tag="status"):
    """How the engine and its library stand."""

    model: str  # id of the one that answers
    model_ready: bool  # False while the model warms; searches wait for it
    device: str
    precision: str
    photos: int  # photos with at least one file
    searchable: int  # of these, with a vector of the present model
    failures: int
    folders: list[FolderStatus]
    progress: Progress
    watching: bool
    next_model: str = ""  # id of the model that takes over once it knows every photo; empty: none
    runtime: str = ""  # what computes, such as ONNX Runtime
    why: str = ""  # that is used: a key of settings.RUNTIME_REASONS
    languages: tuple[str, ...] = ()  # codes of those that the model reads; none: unknown
    next_waits: bool = False  # the next model reads no photos for now, as the person wants it
    beside: int = 0  # photos that the model does not know and earlier ones answer for
    next_photos: int = 0  # that the next model knows


class FasterReading(Reply, frozen=True, tag="faster_reading"):
    """What reading photos in 8 bits takes here, beside what it takes as the model is."""

    model: str = ""  # name of the one in 8 bits; empty: there is none, or a graphics processor is faster
    base: str = ""  # name of the model that it was made from
    exact: bool = False  # whether this processor computes it as it should
    worthwhile: bool = False  # whether it is to be offered
    photos: int = 0  # that would be read again
    now_ms: float = 0.0  # for a photo, decoded and encoded, on all the cores that are used
    then_ms: float = 0.0


class ProgressChanged(Event, frozen=True, tag="progress_changed"):
    """The running job has come further. At most ten a second; the last is never lost."""

    progress: Progress


class PhotosChanged(Event, frozen=True, tag="photos_changed"):
    """Photos came, went or moved; readers should look again. At most a few a second."""

    photos: int


class ModelReady(Event, frozen=True, tag="model_ready"):
    """This model is loaded, and answers from now on."""

    model: str
    languages: tuple[str, ...] = ()  # as of Status


class JobsChanged(Event, frozen=True, tag="jobs_changed"):
    """A job came, began or ended."""

    jobs: tuple[Job, ...]


class FoldersChanged(Event, frozen=True, tag="folders_changed"):
    """Folders came, went or changed."""

    folders: list[FolderStatus]


class Problem(Event, frozen=True, tag="problem"):
    """A background job met a known error; one sentence for the person."""

    sentence: Sentence


AnyRequest = (
    LookAt
    | Preview
    | ChangeSetting
    | ForgetModel
    | GetJobs
    | CancelJob
    | RetryFailures
    | AddFolder
    | RemoveFolder
    | RelocateFolder
    | LeaveOut
    | Index
    | Rescan
    | SetPaused
    | GetStatus
    | GetFasterReading
    | Subscribe
    | Shutdown
    | classify_messages.AnyRequest
    | extra_messages.AnyRequest
    | history_messages.AnyRequest
    | model_messages.AnyRequest
    | note_messages.AnyRequest
    | search_messages.AnyRequest
    | stack_messages.AnyRequest
    | stage_messages.AnyRequest
    | tag_messages.AnyRequest
    | teaching_messages.AnyRequest
    | vector_messages.AnyRequest
)
AnyReply = (
    Done
    | Failed
    | Previewed
    | Indexed
    | JobList
    | Status
    | FasterReading
    | classify_messages.AnyReply
    | extra_messages.AnyReply
    | history_messages.AnyReply
    | model_messages.AnyReply
    | note_messages.AnyReply
    | search_messages.AnyReply
    | stack_messages.AnyReply
    | stage_messages.AnyReply
    | teaching_messages.AnyReply
    | vector_messages.AnyReply
)
AnyEvent = (
    ProgressChanged
    | PhotosChanged
    | ModelReady
    | JobsChanged
    | FoldersChanged
    | Problem
    | extra_messages.AnyEvent
    | history_messages.AnyEvent
    | model_messages.AnyEvent
    | note_messages.AnyEvent
    | stack_messages.AnyEvent
    | stage_messages.AnyEvent
    | tag_messages.AnyEvent
    | teaching_messages.AnyEvent
)

_encoder = msgspec.msgpack.Encoder()
_request: msgspec.msgpack.Decoder[AnyRequest] = msgspec.msgpack.Decoder(AnyRequest)
_reply: msgspec.msgpack.Decoder[AnyReply] = msgspec.msgpack.Decoder(AnyReply)
_event: msgspec.msgpack.Decoder[AnyEvent] = msgspec.msgpack.Decoder(AnyEvent)


def encode(message: Any) -> bytes:
    """The frame of a message, in msgpack."""
    return _encoder.encode(message)


def decode_request(frame: bytes) -> AnyRequest:
    """Raises msgspec.MsgspecError on anything that is not a request."""
    return _request.decode(frame)


def decode_reply(frame: bytes) -> AnyReply:
    """The reply in a frame.

    Raises:
        msgspec.DecodeError: the frame holds none.
    """
    return _reply.decode(frame)


def decode_event(frame: bytes) -> AnyEvent:
    """The event in a frame.

    Raises:
        msgspec.DecodeError: the frame holds none.
    """
    return _event.decode(frame)
