"""What faces and the engine say to each other: msgspec structs, framed as msgpack, never pickle.

A connection carries requests one at a time, each answered by one reply. After `Subscribe` it carries
`Event`s from the engine until either side closes it. Those of captions, albums and other notes are in
`note_messages`, those of undoing in `history_messages`, those of photos that belong together in
`stack_messages`, those of stages in `stage_messages`, those of tags in `tag_messages`, those of teaching in
`teaching_messages`, those of models in `model_messages`, those of labels for photos in `classify_messages`,
those of photos embedded elsewhere in `vector_messages`.
"""

from typing import Any, Literal

import msgspec

from photosearch.core import (
    classify_messages,
    extra_messages,
    history_messages,
    model_messages,
    note_messages,
    stack_messages,
    stage_messages,
    tag_messages,
    teaching_messages,
    vector_messages,
)
from photosearch.core.errors import Sentence
from photosearch.core.message import Done as Done
from photosearch.core.message import Event, Reply, Request
from photosearch.core.photo import Confidence, Hit, Place
from photosearch.core.progress import IndexReport, Progress
from photosearch.core.query import AnyFilter
from photosearch.core.teaching import LearntUse

Sort = Literal["relevance", "date", "name"]
Group = Literal["none", "day", "folder", "place"]


class Search(Request["SearchResult"], frozen=True, tag="search"):
    """A query, as docs/search.md describes them; its text may be empty where pictures or marks say enough.

    Other orders than by relevance leave the weak hits last.
    """

    text: str
    k: int = 50
    sort: Sort = "relevance"
    group: Group = "none"
    liked: tuple[int, ...] = ()  # ids of photos marked as right: more like these
    disliked: tuple[int, ...] = ()
    images: tuple[bytes, ...] = ()  # files of pictures, each as an example: pasted, dropped
    most: int = 0  # hits that come where more than k are strong or likely
    within: tuple[AnyFilter, ...] = ()  # where to search: only photos that pass these, too

    @property
    def has_examples(self) -> bool:
        """Whether pictures or marks say, too, what is meant."""
        return bool(self.images or self.liked or self.disliked)


class Explain(Request["Explanation"], frozen=True, tag="explain"):
    """Why a photo is among the hits of a search, or is not."""

    search: Search
    photo_id: int


class Suggest(Request["Suggestions"], frozen=True, tag="suggest"):
    """How a query that begins so might go on; names that are translated are suggested in this language."""

    text: str
    most: int = 8
    language: str = "en"
    within: tuple[AnyFilter, ...] = ()  # where it will be searched: what no photo there has is not suggested


class Similar(Request["SearchResult"], frozen=True, tag="similar"):
    """Photos like one, itself left out; in orders and groups as those of Search."""

    photo_id: int
    k: int = 50
    sort: Sort = "relevance"
    group: Group = "none"
    most: int = 0  # as of Search


class RankAll(Request["Ranked"], frozen=True, tag="rank_all"):
    """All photos that answer a question, to the last one."""

    question: Search | Similar  # its k, group and most do not count


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


class Piece(msgspec.Struct, frozen=True):
    """A part of a query that means something by itself: a chip."""

    kind: Literal["words", "towards", "away", "like", "filter"]
    text: str  # as it would be typed
    span: tuple[int, int]  # where it stands in what was typed, in code points


class Labels(msgspec.Struct, frozen=True):
    """How many of the photos that were searched are hits of each confidence.

    Those whose names or captions hold the words are counted apart from the others; so are those of which only
    a folder's or an album's name does, and the picture does not answer (`behind`).
    """

    strong: int = 0
    likely: int = 0
    weak: int = 0
    named: int = 0
    behind: int = 0

    @property
    def sure(self) -> int:
        """Those that stand before the weak ones."""
        return self.named + self.strong + self.likely + self.behind


class HitGroup(msgspec.Struct, frozen=True):
    """Hits that stand together: from `start` to where the next group starts."""

    key: bytes  # a day ("2024-07-14"), a folder's path as os.fsencode gives it, or a town's number
    start: int
    # How a town is called in English and in Chinese, both empty where it is not known; of no town, None.
    town: tuple[str, str] | None = None


class SearchResult(Reply, frozen=True, tag="search_result"):
    """The photos that answer a query, and how it was understood."""

    query: str  # as it was understood
    model: str
    encode_ms: float
    rank_ms: float
    searched: int  # photos that were ranked
    hits: list[Hit]
    pieces: tuple[Piece, ...] = ()
    labels: Labels = Labels()
    groups: tuple[HitGroup, ...] = ()  # empty where none were asked for
    # Where the filters let nothing through: how many photos would pass without each of the pieces.
    without_piece: tuple[int, ...] = ()
    everywhere: int = 0  # and how many would pass were they not searched `within` anything
    learnt: tuple[LearntUse, ...] = ()  # names of the person's own in the query, in its order
    # Why the model cannot have understood the words, or what the filters look for and is not read here.
    caveat: Sentence | None = None

    @property
    def ranks(self) -> bool:
        """Whether some of its photos answer better than others: not where filters alone chose them."""
        return not self.pieces or any(piece.kind != "filter" for piece in self.pieces)

    def nothing_found(self, photos: int) -> Sentence:
        """Why none was ranked of a library of so many photos."""
        if not photos:
            return Sentence(
                "There are no photos in this library yet; index a folder: photosearch index FOLDER"
            )
        filters = [piece.text for piece in self.pieces if piece.kind == "filter"]
        if len(filters) == 1:
            return Sentence("No photo passes the filter {filter}.", filter=filters[0])
        if filters:
            return Sentence("No photo passes these filters; take one of them away.")
        return Sentence("The present model has not read these photos yet; index their folder again.")


class Ranked(Reply, frozen=True, tag="ranked"):
    """Photos in the order asked for, packed; named ones, sure ones, those behind these, and the others."""

    ids: bytes  # (N,) int64, little-endian
    aspects: bytes  # (N,) float32, width over height, upright
    labels: Labels


class Pull(msgspec.Struct, frozen=True):
    """What a part of a query adds to a photo's score; negative where it takes away."""

    text: str
    score: float
    away: bool = False  # whether the query asks for photos without it


class Naming(msgspec.Struct, frozen=True):
    """Where the words of a query stand that a photo is found by, whatever it shows."""

    place: Place
    text: str  # the name of the folder or album; of other places the words as they were typed


class Explanation(Reply, frozen=True, tag="explanation"):
    """Why a photo stands where it does. The pulls add up to `score` + `bias`."""

    score: float
    bias: float  # what the photo has in common with every query; taken off
    confidence: Confidence
    rank: int | None  # 1 is best; None: the filters leave this photo out
    searched: int
    pulls: tuple[Pull, ...]  # of the sentence, of each weighted word, picture and mark
    words: tuple[Pull, ...]  # of each telling word of the sentence: what the score loses without it
    histogram: tuple[int, ...]  # photos by score, in bins of equal width
    lowest: float  # where the first bin begins
    highest: float  # where the last one ends
    named: Naming | None = None  # before its score this is why it stands where it does


class Suggestion(msgspec.Struct, frozen=True):
    """One way in which a query might go on."""

    kind: Literal[
        "recent", "saved", "example", "filter", "folder", "camera", "date", "album", "tag", "place", "value"
    ]
    text: str  # the whole query, if this is taken
    shown: str  # what is new in it
    photos: int | None = None  # that it would leave, where that is known


class Suggestions(Reply, frozen=True, tag="suggestions"):
    """How a query might go on, the likeliest first."""

    suggestions: tuple[Suggestion, ...]


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
    Search
    | Similar
    | RankAll
    | Explain
    | Suggest
    | LookAt
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
    | stack_messages.AnyRequest
    | stage_messages.AnyRequest
    | tag_messages.AnyRequest
    | teaching_messages.AnyRequest
    | vector_messages.AnyRequest
)
AnyReply = (
    Done
    | Failed
    | SearchResult
    | Ranked
    | Explanation
    | Suggestions
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
