"""What faces and the engine say to each other of the models of a library, and of one that is taken in."""

from typing import Literal, TypeAlias

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.message import Done, Event, Reply, Request

# "reading": it takes over once it knows every photo that can be read now; "paused": that waits, as the person
# wants it; "beside": it answers for photos that the one in use cannot read now.
State: TypeAlias = Literal["answers", "reading", "paused", "beside", "chosen", "here"]


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
    the face comes back with AddModel.
    """

    phase: Literal["idle", "asking", "asked", "adding"] = "idle"
    source: str = ""  # a folder's path, or an id of the hub
    stage: str = ""  # what is done now, as the trainer calls it
    done: int = 0  # bytes that were downloaded
    total: int = 0  # bytes to download
    added: str = ""  # name of the model that was taken in, the last time
    notes: tuple[Sentence, ...] = ()  # what is to be known of it
    sentence: Sentence | None = None  # why it could not be taken in, the last time


class GetModels(Request["ModelList"], frozen=True, tag="get_models"):
    """Ask which models there are."""


class AskModel(Request[Done], frozen=True, tag="ask_model"):
    """Find out in the background how much a model of the hub would download. Failed while one is added."""

    source: str  # its id


class AddModel(Request[Done], frozen=True, tag="add_model"):
    """Take a model in, in the background. Failed while one is added."""

    source_bytes: bytes  # a folder's path as os.fsencode gives it, or an id of the hub, which downloads it


class StopAdding(Request[Done], frozen=True, tag="stop_adding"):
    """End taking a model in, without a trace. Done also where none is."""


class ModelList(Reply, frozen=True, tag="model_list"):
    """The models of a library, the one that came with the program first."""

    models: tuple[Model, ...]
    photos: int  # of the library, with at least one file
    adding: Adding = Adding()


class AddingChanged(Event, frozen=True, tag="adding_changed"):
    """Taking a model in has come further, or has ended."""

    adding: Adding


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
    GetModels | AskModel | AddModel | StopAdding | ChangeModel | PauseChange | CancelChange | CompareModels
)
AnyReply = ModelList | Compared
AnyEvent = AddingChanged | ModelsChanged | ModelChanged
