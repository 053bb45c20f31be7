"""Where a model in the hub's own format comes from: a folder, or the hub, which is asked only for an id."""

import contextlib
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from huggingface_hub.utils import httpx  # type: ignore[attr-defined]

from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.models.config import GRAPHS
from trainer.models.folders import CARD

# No pickles, and of weights only those in transformers' or open_clip's format; the tokenizer's files are of
# several kinds.
OPEN_CLIP_WEIGHTS = "open_clip_model.safetensors"
WANTED = (
    "*.json",
    "model.safetensors",
    "model-*-of-*.safetensors",
    OPEN_CLIP_WEIGHTS,
    "*.txt",
    "*.model",
    "README.md",
    "LICENSE*",
    *GRAPHS,  # of a model of ours, ready to run
    CARD,
)


def folder_of(source: str) -> Path:
    """The folder of a model: itself where `source` is one, else the hub's, which its client keeps.

    Args:
        source: a path, or an id of the hub such as `openai/clip-vit-base-patch32`, with `@revision` if wanted

    Raises:
        KnownError: there is no such folder, no such model, or no way to the hub.
    """
    if Path(source).is_dir():
        return Path(source)
    name, _, revision = source.partition("@")
    with explained(source):
        return Path(snapshot_download(name, revision=revision or None, allow_patterns=list(WANTED)))


def no_safetensors(source: str) -> KnownError:
    """What is said of a model that has no weights that may be opened."""
    if Path(source).is_dir():
        return KnownError(
            "{folder} holds no weights as safetensors, and pickles are never loaded; bring the model's "
            "model.safetensors, too, or convert the model with transformers' save_pretrained.",
            folder=source,
        )
    return KnownError(
        "{source} has no weights as safetensors, and pickles are never loaded; name a revision that has "
        "them (ID@REVISION), or convert the model with transformers' save_pretrained.",
        source=source,
    )


@contextlib.contextmanager
def explained(source: str) -> Iterator[None]:
    """Put into a sentence what keeps the hub's client, or the disk, from it.

    Raises:
        KnownError: something did.
    """
    try:
        yield
    except HFValidationError:
        raise KnownError(
            "{source} is neither a folder nor the id of a model of the hub; write it as owner/name.",
            source=source,
        ) from None
    except (httpx.ReadTimeout, httpx.WriteTimeout):
        raise KnownError(
            "{host} says nothing any more; what came of {source} is kept, and getting it again goes on "
            "there.",
            host=hub_host(),
            source=source,
        ) from None
    except (httpx.ReadError, httpx.RemoteProtocolError):
        raise KnownError(
            "The connection to {host} is cut again and again; what came of {source} is kept, and getting it "
            "again goes on there.",
            host=hub_host(),
            source=source,
        ) from None
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, httpx.TransportError) as error:
        if refusal := _of_tls(error):
            raise KnownError(
                "{host} cannot be asked for {source}: {reason}.",
                host=hub_host(),
                source=source,
                reason=system_reason(refusal),
            ) from None
        if (proxy := _proxy()) and isinstance(error, httpx.ProxyError | httpx.ConnectError):
            raise KnownError(
                "{host} cannot be reached through the proxy {proxy}, which the system's settings or "
                "HTTPS_PROXY name; check whether it runs, or take it away there.",
                host=hub_host(),
                proxy=proxy,
            ) from None
        raise KnownError(
            "{host} cannot be reached to download {source}; check the connection, name a mirror in the "
            "settings or in HF_ENDPOINT, or add a folder that holds the model, brought from another "
            "computer.",
            host=hub_host(),
            source=source,
        ) from None
    except HfHubHTTPError as error:
        raise _refused(source, error) from None
    except OSError as error:
        raise KnownError(
            "{source} cannot be kept on this disk: {reason}. What came of it stays for the next time.",
            source=source,
            reason=system_reason(error),
        ) from error


def _of_tls(error: BaseException | None) -> ssl.SSLError | None:
    while error:
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _refused(source: str, error: HfHubHTTPError) -> KnownError:
    status = error.response.status_code
    missing = isinstance(error, RepositoryNotFoundError) and not isinstance(error, GatedRepoError)
    if status == 404 and "/api/" not in str(error.response.request.url):
        return KnownError(
            "{host} lacks a file of {source} that it lists; try later, or name another mirror in the "
            "settings.",
            host=hub_host(),
            source=source,
        )
    if status == 404 or missing:
        return KnownError("{host} has no model {source}; check the id.", host=hub_host(), source=source)
    if status in (401, 403) and os.environ.get("HF_TOKEN"):
        return KnownError(
            "{host} does not give out {source} for the token in HF_TOKEN: agree to the terms on its page on "
            "the hub, and make a token there that may read it.",
            host=hub_host(),
            source=source,
        )
    if status in (401, 403):
        return KnownError(
            "{source} is given out only to people who have agreed to its terms: do so on its page on the "
            "hub, make a token there, and start PhotoSearch with it in HF_TOKEN.",
            source=source,
        )
    if status == 429:
        return KnownError(
            "{host} was asked too much from here and wants to be left alone for some minutes; get {source} "
            "again after that.",
            host=hub_host(),
            source=source,
        )
    return KnownError(
        "{host} does not give out {source} (status {status}); try later, or {otherwise}.",
        host=hub_host(),
        source=source,
        status=status,
        otherwise=instead(),
    )


def instead() -> Sentence:
    """Whom else a person can have asked."""
    if constants.ENDPOINT == constants._HF_DEFAULT_ENDPOINT:
        return Sentence("name a mirror in the settings")
    return Sentence("name another mirror in the settings, or none, for the hub itself")


def _proxy() -> str:
    """Through what the hub is asked, without a password; empty: directly."""
    address = urlsplit(constants.ENDPOINT)
    if proxy_bypass(address.hostname or ""):
        return ""
    proxies = getproxies()
    proxy = urlsplit(proxies.get(address.scheme) or proxies.get("all") or "")
    return proxy.netloc.rpartition("@")[2]


def hub_host() -> str:
    """Who is asked for models, as it is named to a person."""
    return urlsplit(constants.ENDPOINT).netloc or constants.ENDPOINT
