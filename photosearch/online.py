"""The one way onto the network, and only where a person asked: by the system's proxy and certificates.

Nothing is told but what is wanted: no cookie, no version, no name.
"""

import os
import ssl
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast

from photosearch.core.errors import Sentence, system_reason

AGENT = "PhotoSearch"
# Where systems keep the certificates that they trust; a frozen program looks where its builder's had them.
CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def opened(url: str, timeout: float, *, start: int = 0, method: str = "GET") -> HTTPResponse:
    """The answer to a request, whose body is yet to be read.

    Args:
        timeout: seconds that the other side may be silent for
        start: the byte that the body is to begin with; where the status is not 206, it begins with the first

    Raises:
        OSError: there is no answer, or one that refuses.
    """
    request = urllib.request.Request(url, headers={"User-Agent": AGENT}, method=method)
    if start:
        request.add_header("Range", f"bytes={start}-")
    return cast(HTTPResponse, urllib.request.urlopen(request, timeout=timeout, context=_trust()))


def reason(error: OSError | HTTPException) -> Sentence:
    """Why there is no answer, or not the whole of it, as a reason inside another sentence."""
    cause = getattr(error, "reason", None)  # urllib wraps what kept it from asking
    if isinstance(cause, OSError):
        error = cause
    return system_reason(error) if isinstance(error, OSError) else Sentence(repr(error))


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    here = ssl.get_default_verify_paths()
    if os.name == "posix" and not (here.cafile or here.capath):
        for file in CERTIFICATES:
            if Path(file).is_file():
                context.load_verify_locations(file)
                break
    return context
