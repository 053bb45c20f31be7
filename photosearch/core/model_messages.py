"""What faces and the engine say to each other of the models of a library, and of one that is taken in."""

from typing import Literal, TypeAlias

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.message import Done, Event, Reply, Request

# "reading": it takes over once it knows every photo; "chosen": it will read when the engine starts again.
State: TypeAlias = Literal["answers", "reading", "chosen", "here"]


class Model(msgspec.Struct, frozen=True):
    """A model that this library can use; it and itself in 8 bits are one."""

    model_id: str
    name: str
    licence: str  # of its weights; empty: unknown
    bytes: int  # of its folder
    added: bool  # to this library, so that it can be deleted; False: it came with the program
    state: State
    photos: int  # that it knows


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


AnyRequest = GetModels | AskModel | AddModel | StopAdding
AnyReply = ModelList
AnyEvent = AddingChanged
