"""What faces and the engine say to each other of the models of a library, of those that can be had beside
them, and of one that is taken in.

A model of the hub is got by AddModel with its id, and gone on with in the same way: PauseAdding keeps what
was downloaded, and so does an engine that ends or is killed; StopAdding deletes it.
"""

from typing import Literal, TypeAlias

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.message import Done, Event, Reply, Request

# "reading": it takes over once it knows every photo that can be read now; "paused": that waits, as the person
# wants it; "beside": it answers for photos that the one in use cannot read now.
State: TypeAlias = Literal["answers", "reading", "paused", "beside", "here"]
# "coming": it is being downloaded or made; "paused": a part of it was downloaded.
OfferState: TypeAlias = Literal["offered", "coming", "paused", "here"]


class Model(msgspec.Struct, frozen=True):
    """A model that this library can use; it and itself in 8 bits are one."""

    model_id: str
    name: str
    licence: str  # of its weights; empty: unknown
    bytes: int  # of its folder
    added: bool  # to this library, so that it can be deleted; False: it came with the program
    state: State
    photos: int  # that it knows
    beside: int = 0  # photos that it answers for, as the one in use cannot read them now
    before: bool = False  # it answered before the one in use, and would at once again


class Adding(msgspec.Struct, frozen=True):
    """How taking a model in stands.

    "asking": the hub is asked how much is to be downloaded. "asked": it said so, and nothing is done until
    the face comes back with AddModel. "paused": a part was downloaded, and AddModel goes on with it.
    """

    phase: Literal["idle", "asking", "asked", "adding", "paused"] = "idle"
    source: str = ""  # a folder's path, or an id of the hub
    stage: str = ""  # what is done now, as the trainer calls it
    done: int = 0  # bytes that were downloaded
    total: int = 0  # bytes to download
    bytes_a_second: float = 0.0  # that came in the last seconds; 0.0: none
    added: str = ""  # name of the model that was taken in, the last time
    notes: tuple[Sentence, ...] = ()  # what is to be known of it
    sentence: Sentence | None = None  # why it could not be taken in, the last time
    takes_torch: bool = False  # of one that was asked for: it is not ready to run


class Recall(msgspec.Struct, frozen=True):
    """What was published of how well a model finds photos by sentences."""

    percent: float
    measure: str  # what is counted, on which photos: "COCO R@1"
    language: str  # of the sentences: "en", "zh"
    source: str  # who published it


class Offer(msgspec.Struct, frozen=True):
    """A model that this library can have, or has: one that the program knows of, or one that was begun with.

    What nobody said for certain is empty, 0 or None.
    """

    source: str  # what AddModel takes: an id of the hub, with @revision where it is pinned
    name: str
    about: Sentence | None = None  # what it is good at
    languages: tuple[str, ...] = ()  # codes of those that it reads; "*": about a hundred
    licence: str = ""  # of its weights
    research_only: bool = False  # what its licence allows it for
    download_bytes: int = 0
    disk_bytes: int = 0  # once it is here
    recall: tuple[Recall, ...] = ()
    recommended: bool = False  # one at most: for this computer and language
    state: OfferState = "offered"
    done: int = 0  # bytes that were downloaded of one that is paused
    model_id: str = ""  # of one that is here
    ms: float | None = None  # for a photo, as measured on this computer on photos of the library
    seconds: float | None = None  # that all photos of the library take at that speed


class Measuring(msgspec.Struct, frozen=True):
    """How measuring the speed of what is offered stands."""

    source: str = ""  # the offer that is measured now; empty: none
    done: int = 0  # offers that were measured, of those that were asked for
    total: int = 0
    sentence: Sentence | None = None  # why it could not be done, the last time


class GetModels(Request["ModelList"], frozen=True, tag="get_models"):
    """Ask which models there are."""


class AskModel(Request[Done], frozen=True, tag="ask_model"):
    """Find out in the background how much a model of the hub would download. Failed while one is added."""

    source: str  # its id


class AddModel(Request[Done], frozen=True, tag="add_model"):
    """Take a model in, in the background. Failed while one is added."""

    source_bytes: bytes  # a folder's path as os.fsencode gives it, or an id of the hub, which downloads it
    name: str = ""  # what the person calls it; empty: as the catalogue or itself does
    # Of the face's environment what the hub's client reads: whom to ask, through what, with which token.
    environment: dict[str, str] = msgspec.field(default_factory=dict)


class PauseAdding(Request[Done], frozen=True, tag="pause_adding"):
    """End taking a model in and keep what was downloaded of it. Done also where none is."""


class StopAdding(Request[Done], frozen=True, tag="stop_adding"):
    """End taking a model in, or give one up that is paused, without a trace. Done also where none is."""

    source: str = ""  # of one that is paused, as its offer names it; empty: what is being taken in


class GetOffers(Request["OfferList"], frozen=True, tag="get_offers"):
    """Ask which models can be had. Nothing is asked of the network for that."""

    language: str = "en"  # the person's, for which one is recommended


class MeasureOffers(Request[Done], frozen=True, tag="measure_offers"):
    """Measure in the background how fast models would read photos here, from their architectures alone.

    Nothing is downloaded for it. Failed while it is done, and where there is no torch, which it takes.
    """

    sources: tuple[str, ...] = ()  # of offers; none: each that was not measured on this computer yet


class StopMeasuring(Request[Done], frozen=True, tag="stop_measuring"):
    """End measuring; what was measured is remembered. Done also where nothing is."""


class ModelList(Reply, frozen=True, tag="model_list"):
    """The models of a library, the one that came with the program first."""

    models: tuple[Model, ...]
    photos: int  # of the library, with at least one file
    adding: Adding = Adding()


class OfferList(Reply, frozen=True, tag="offer_list"):
    """The models that can be had in the catalogue's order, then those of the person's own that are paused."""

    offers: tuple[Offer, ...]
    photos: int  # of the library, which `Offer.seconds` counts
    measuring: Measuring = Measuring()


class AddingChanged(Event, frozen=True, tag="adding_changed"):
    """Taking a model in has come further, or has ended."""

    adding: Adding


class MeasuringChanged(Event, frozen=True, tag="measuring_changed"):
    """Measuring has come further, or has ended; GetOffers tells what was found."""

    measuring: Measuring


class ChangeModel(Request[Done], frozen=True, tag="change_model"):
    """Let another model answer.

    At once where it answered before the one in use, or knows as many photos; else it reads them, those first
    that are looked at, and answers once it knows every one that can be read now. Failed where there is no
    such model. With the one in use a change is ended, and what was read is kept.
    """

    model: str  # its name or id


class PauseChange(Request[Done], frozen=True, tag="pause_change"):
    """Let the next model's reading wait, or go on; photos that come are read for the one in use meanwhile."""

    paused: bool


class CancelChange(Request[Done], frozen=True, tag="cancel_change"):
    """End a change: the model in use goes on answering. Done also where there is none."""

    keep: bool  # what the next one knows of photos, so that a later change goes on there


class CompareModels(Request["Compared"], frozen=True, tag="compare_models"):
    """Ask for the first photos of a search by another model and by the one in use, by their pictures alone.

    Only among photos that both know. The other one is loaded where it is not, which takes seconds. Failed
    where there is no such model, or it cannot be loaded.
    """

    text: str  # as typed
    model: str = ""  # the other one's name or id; empty: the next one, else the one in use before
    most: int = 8  # photos of each


class Compared(Reply, frozen=True, tag="compared"):
    """The first photos of a search by two models, best first."""

    other: str  # name of the other model
    answering: str  # name of the one in use
    by_other: tuple[int, ...]  # photo ids
    by_answering: tuple[int, ...]
    photos: int  # that both know and the search's filters let through


class ModelsChanged(Event, frozen=True, tag="models_changed"):
    """A change began, waits, goes on or was ended: GetModels tells."""


class ModelChanged(Event, frozen=True, tag="model_changed"):
    """Another model answers from now on, as the person wanted it: time to compare."""

    model: str  # id
    name: str
    before: str  # id of the one that answered until now; its vectors stay until it is deleted
    before_name: str
    beside: int = 0  # photos that only that one knows, and goes on answering for


AnyRequest = (
    GetModels
    | AskModel
    | AddModel
    | PauseAdding
    | StopAdding
    | GetOffers
    | MeasureOffers
    | StopMeasuring
    | ChangeModel
    | PauseChange
    | CancelChange
    | CompareModels
)
AnyReply = ModelList | OfferList | Compared
AnyEvent = AddingChanged | MeasuringChanged | ModelsChanged | ModelChanged
