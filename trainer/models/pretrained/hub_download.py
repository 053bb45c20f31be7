"""Where a model in the hub's own format comes from: a folder, or the hub, which is asked only for an id."""

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    DryRunError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
)
from huggingface_hub.utils import httpx  # type: ignore[attr-defined]
from tqdm import tqdm  # type: ignore[import-untyped]

from photosearch.core.errors import KnownError, system_reason

# No pickles; the tokenizer's files are of several kinds.
WANTED = ["*.json", "*.safetensors", "*.txt", "*.model", "README.md", "LICENSE*"]

OnBytes = Callable[[int, int], object]  # how many bytes are here, and of how many


def folder_of(source: str, on_bytes: OnBytes | None = None) -> Path:
    """The folder of a model: itself where `source` is one, else the hub's, downloaded once.

    Args:
        source: a path, or an id of the hub such as `openai/clip-vit-base-patch32`, with `@revision` if wanted
        on_bytes: called while it is downloaded, a few times a second
    Raises:
        KnownError: there is no such folder, no such model, or no way to the hub.
    """
    if Path(source).is_dir():
        return Path(source)
    with _explained(source):
        return Path(
            snapshot_download(**_wanted(source), tqdm_class=_counting(on_bytes) if on_bytes else None)
        )


def missing_bytes(source: str) -> int:
    """How much `folder_of` would download.

    Raises:
        KnownError: as `folder_of` does.
    """
    if Path(source).is_dir():
        return 0
    with _explained(source):
        try:
            files = snapshot_download(**_wanted(source), dry_run=True)
        except DryRunError as error:  # the hub does not answer; what was downloaded before needs it no more
            with contextlib.suppress(LocalEntryNotFoundError):
                snapshot_download(**_wanted(source), local_files_only=True)
                return 0
            raise error.__cause__ or error from None
    return sum(file.file_size or 0 for file in files if file.will_download)


def _wanted(source: str) -> dict[str, Any]:
    name, _, revision = source.partition("@")
    return {"repo_id": name, "revision": revision or None, "allow_patterns": WANTED}


@contextlib.contextmanager
def _explained(source: str) -> Iterator[None]:
    """
    Raises:
        KnownError: the hub's client could not do it.
    """
    try:
        yield
    except HFValidationError:
        raise KnownError(
            "{source} is neither a folder nor the id of a model of the hub.", source=source
        ) from None
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, httpx.TransportError):
        raise KnownError(
            "{source} is not a folder, and the hub cannot be reached to download it; check the connection, "
            "set HF_ENDPOINT to a mirror's address, or name a folder that holds the model.",
            source=source,
        ) from None
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "no status")
        raise KnownError(
            "The hub does not give out {source} ({status}); check the id, log in where the model asks for "
            "it, set HF_ENDPOINT to a mirror's address, or name a folder that holds the model.",
            source=source,
            status=status,
        ) from None
    except OSError as error:
        raise KnownError(
            "{source} was downloaded but cannot be kept: {reason}.",
            source=source,
            reason=system_reason(error),
        ) from error


def _counting(on_bytes: OnBytes) -> type:
    """A progress bar for the client, which tells what it would draw."""
    furthest = total = 0  # of several bars that count the same bytes on their way

    class Bar(tqdm):  # type: ignore[misc]
        monitor_interval = 0  # it would start a thread

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "file": io.StringIO()})

        def display(self, *_: object, **__: object) -> None:
            nonlocal furthest, total
            if self.unit == "B" and self.total:
                furthest, total = max(furthest, int(self.n)), max(total, int(self.total))
                on_bytes(furthest, total)

    Bar.set_lock(threading.RLock())  # its own is shared with other processes
    return Bar
