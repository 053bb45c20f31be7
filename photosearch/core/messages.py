"""What faces and the engine say to each other: msgspec structs, framed as msgpack, never pickle.

A connection carries requests one at a time, each answered by one reply. After `Subscribe` it carries
`Event`s from the engine until either side closes it.
"""

from typing import Any

import msgspec

from photosearch.core.photo import Hit
from photosearch.core.progress import IndexReport, Progress


class Request(msgspec.Struct, frozen=True, tag_field="type"):
    """Anything a face may ask."""


class Search(Request, frozen=True, tag="search"):
    text: str
    k: int = 50


class Similar(Request, frozen=True, tag="similar"):
    photo_id: int
    k: int = 50


class AddFolder(Request, frozen=True, tag="add_folder"):
    """Remember a folder, watch it, and index it in the background; answered at once with Done."""

    path_bytes: bytes


class RemoveFolder(Request, frozen=True, tag="remove_folder"):
    path_bytes: bytes


class Index(Request, frozen=True, tag="index"):
    """Add these folders, bring them up to date, and answer with Indexed when that is done."""

    paths_bytes: list[bytes]


class Rescan(Request, frozen=True, tag="rescan"):
    """Look at every folder again in the background; answered at once with Done."""


class SetPaused(Request, frozen=True, tag="set_paused"):
    paused: bool


class GetStatus(Request, frozen=True, tag="get_status"):
    pass


class Subscribe(Request, frozen=True, tag="subscribe"):
    pass


class Shutdown(Request, frozen=True, tag="shutdown"):
    pass


class Reply(msgspec.Struct, frozen=True, tag_field="type"):
    """Anything the engine may answer."""


class Done(Reply, frozen=True, tag="done"):
    pass


class Failed(Reply, frozen=True, tag="failed"):
    """A known error: one sentence for the person."""

    sentence: str


class SearchResult(Reply, frozen=True, tag="search_result"):
    query: str
    model: str
    encode_ms: float
    rank_ms: float
    searched: int  # photos that were ranked
    hits: list[Hit]


class Indexed(Reply, frozen=True, tag="indexed"):
    report: IndexReport


class FolderStatus(msgspec.Struct, frozen=True):
    path_bytes: bytes
    photos: int
    state: str  # "here" or "away"


class Status(Reply, frozen=True, tag="status"):
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


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """Anything the engine tells its subscribers unasked."""


class ProgressChanged(Event, frozen=True, tag="progress_changed"):
    progress: Progress


class PhotosChanged(Event, frozen=True, tag="photos_changed"):
    """Photos came, went or moved; readers should look again. At most a few a second."""

    photos: int


class ModelReady(Event, frozen=True, tag="model_ready"):
    model: str


class FoldersChanged(Event, frozen=True, tag="folders_changed"):
    folders: list[FolderStatus]


class Problem(Event, frozen=True, tag="problem"):
    """A background job met a known error; one sentence for the person."""

    sentence: str


AnyRequest = (
    Search
    | Similar
    | AddFolder
    | RemoveFolder
    | Index
    | Rescan
    | SetPaused
    | GetStatus
    | Subscribe
    | Shutdown
)
AnyReply = Done | Failed | SearchResult | Indexed | Status
AnyEvent = ProgressChanged | PhotosChanged | ModelReady | FoldersChanged | Problem

_encoder = msgspec.msgpack.Encoder()
_request: msgspec.msgpack.Decoder[AnyRequest] = msgspec.msgpack.Decoder(AnyRequest)
_reply: msgspec.msgpack.Decoder[AnyReply] = msgspec.msgpack.Decoder(AnyReply)
_event: msgspec.msgpack.Decoder[AnyEvent] = msgspec.msgpack.Decoder(AnyEvent)


def encode(message: Any) -> bytes:
    return _encoder.encode(message)


def decode_request(frame: bytes) -> AnyRequest:
    """Raises msgspec.MsgspecError on anything that is not a request."""
    return _request.decode(frame)


def decode_reply(frame: bytes) -> AnyReply:
    return _reply.decode(frame)


def decode_event(frame: bytes) -> AnyEvent:
    return _event.decode(frame)
