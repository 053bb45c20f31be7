"""Asks a running `photosearch serve` from Python; needs nothing but PhotoSearch itself.

from photosearch.serve.client import Client

with Client("http://127.0.0.1:8765", token) as photos:
    for hit in photos.search("two dogs on a beach", limit=10).hits:
        print(hit.label, photos.photo(hit.photo_id).name)
"""

from __future__ import annotations

import http.client
import secrets
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from photosearch.core.errors import KnownError, QueryError, Sentence, system_reason
from photosearch.serve import API, happenings, shapes

Shape = TypeVar("Shape")

_OF_A_STREAM = 90.0  # seconds of silence after which the service is gone; it gives a sign every 15


class ServiceError(KnownError):
    """The service refused, or cannot be reached, as at what is no address.

    Attributes:
        status: HTTP's number; 0: there was no answer
    """

    def __init__(self, sentence: str | Sentence, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class Client:
    """Asks one service over one connection. Safe from several threads, which take turns. A context manager.

    Args:
        address: such as "http://127.0.0.1:8765" or "https://photos.example.org"
        token: as `photosearch serve --show-token` shows it
        timeout: seconds that one answer may take

    It and every method raise ServiceError where the service refuses or cannot be reached, and QueryError for
    a query that cannot be understood: its `span` is the place, and its `instead` what was probably meant.
    """

    def __init__(self, address: str, token: str, timeout: float = 60.0) -> None:
        try:
            parts = urlsplit(address)
            host, self._port = parts.hostname, parts.port
        except ValueError:  # brackets that do not close, a port that is no number
            host = None
        if not host or parts.scheme not in ("http", "https"):
            said = Sentence("{address} is no address; it begins with http:// or https://", address=address)
            raise ServiceError(said, 0)
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host = host
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout
        self._turn = threading.Lock()
        self._line = self._connection(timeout)

    def close(self) -> None:
        """Leave."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def search(
        self, query: str = "", *, limit: int = 60, offset: int = 0, place_of: int | None = None
    ) -> shapes.Found:
        """The photos that answer a query best; without one all, the newest first.

        Args:
            place_of: a photo whose place among all that are found is told as `stands_at`, from 0; None there:
                it is not one of them
        """
        return self._get("/search", shapes.Found, q=query, limit=limit, offset=offset, place_of=place_of)

    def search_all(self, query: str = "") -> Iterator[shapes.Hit]:
        """All photos that answer a query, to the last one, asked for as they are taken."""
        offset: int | None = 0
        while offset is not None:
            found = self.search(query, limit=shapes.MOST_HITS, offset=offset)
            yield from found.hits
            offset = found.next_offset

    def search_by_picture(self, picture: bytes, query: str = "", *, limit: int = 60) -> shapes.Found:
        """The photos most like a picture, a file's bytes, and nearest to the words beside it."""
        edge = secrets.token_hex(16)
        fields = {"q": query, "limit": str(limit)}
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
            for n, v in fields.items()
        ]
        file = f'--{edge}\r\nContent-Disposition: form-data; name="picture"; filename="picture"\r\n\r\n'
        body = "".join([*parts, file]).encode() + picture + f"\r\n--{edge}--\r\n".encode()
        answer = self._asked("POST", "/search", body, f"multipart/form-data; boundary={edge}")
        return msgspec.json.decode(answer, type=shapes.Found)

    def similar(
        self, photo_id: int, *, limit: int = 60, offset: int = 0, place_of: int | None = None
    ) -> shapes.Found:
        """The photos most like one, itself left out; `place_of` is as for a search."""
        path = f"/photos/{photo_id}/similar"
        return self._get(path, shapes.Found, limit=limit, offset=offset, place_of=place_of)

    def classify(
        self,
        labels: Sequence[str],
        *,
        templates: Sequence[str] = (),
        photo_ids: Sequence[int] | None = None,
        query: str = "",
        folder: str = "",
        top: int = 5,
        limit: int = 1000,
    ) -> shapes.Classified:
        """How likely each label is for each photo, zero-shot; see the service's classify."""
        asked = shapes.Classify(
            labels=list(labels),
            templates=list(templates),
            photo_ids=None if photo_ids is None else list(photo_ids),
            q=query,
            folder=folder,
            top=top,
            limit=limit,
        )
        return self._sent("POST", "/classify", asked, shapes.Classified)

    def photo(self, photo_id: int) -> shapes.Facts:
        """All that is known of a photo."""
        return self._get(f"/photos/{photo_id}", shapes.Facts)

    def thumbnail(self, photo_id: int) -> bytes:
        """A JPEG of at most 512 pixels."""
        return self._asked("GET", f"/photos/{photo_id}/thumbnail")

    def preview(self, photo_id: int, edge: int = 1600) -> bytes:
        """A JPEG, upright, in sRGB, without metadata, its longer side of so many pixels at most."""
        return self._asked("GET", f"/photos/{photo_id}/preview?{urlencode({'edge': edge})}")

    def original(self, photo_id: int, to: Path) -> None:
        """Write the photo's file to a path, as it is."""
        with self._turn, to.open("wb") as file:
            reply = self._reply("GET", f"{API}/photos/{photo_id}/original")
            if reply.status != 200:
                raise _refused(reply.status, reply.read())
            while part := reply.read(1 << 20):
                file.write(part)

    def suggest(self, begun: str = "", *, limit: int = 8) -> list[shapes.Suggested]:
        """How a query that begins so might go on."""
        return self._get("/suggest", shapes.Suggestions, q=begun, limit=limit).suggestions

    def folders(self) -> list[shapes.FolderCount]:
        """Every folder with photos."""
        return self._get("/folders", shapes.Folders).folders

    def albums(self) -> list[shapes.Album]:
        """Every album."""
        return self._get("/albums", shapes.Albums).albums

    def tags(self) -> list[shapes.TagCount]:
        """What photos are tagged with."""
        return self._get("/tags", shapes.Tags).tags

    def status(self) -> shapes.Status:
        """How the library stands."""
        return self._get("/status", shapes.Status)

    def jobs(self) -> shapes.Jobs:
        """What runs or waits."""
        return self._get("/jobs", shapes.Jobs)

    def set_caption(self, photo_id: int, text: str, *, was: str | None = None) -> None:
        """Give a photo one's own caption; "": it has none.

        Args:
            was: the caption up to now, "" for none; where it is another by now, it stays, and ServiceError is
                raised, with status 409. None: whatever it is
        """
        said = shapes.SetCaption(text, msgspec.UNSET if was is None else was)
        self._sent("PUT", f"/photos/{photo_id}/caption", said, shapes.Done)

    def set_rating(self, photo_id: int, stars: int | None) -> None:
        """Give a photo one's own stars, 0 to 5; None: as its file says."""
        self._sent("PUT", f"/photos/{photo_id}/rating", shapes.SetRating(stars), shapes.Done)

    def set_favourite(self, photo_id: int, favourite: bool = True) -> None:
        """Put a photo among the favourites, or take it out."""
        self._sent("PUT", f"/photos/{photo_id}/favourite", shapes.SetFavourite(favourite), shapes.Done)

    def undo(self) -> str:
        """Take back the latest change; -> which that was."""
        return msgspec.json.decode(self._asked("POST", "/undo"), type=shapes.Done).message or ""

    def events(self) -> Iterator[happenings.AnyChanged]:
        """What happens there, as it happens, over a connection of its own; ends with the service."""
        line = self._connection(_OF_A_STREAM)
        try:
            line.request("GET", f"{API}/events", headers=self._headers)
            reply = line.getresponse()
            if reply.status != 200:
                raise _refused(reply.status, reply.read())
            while told := reply.readline():
                if told.startswith(b"data: "):
                    yield msgspec.json.decode(told[6:], type=happenings.AnyChanged)
        except (OSError, http.client.HTTPException):
            return
        finally:
            line.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        return self._kind(self._host, self._port, timeout=timeout)

    def _get(self, path: str, kind: type[Shape], **asked: object) -> Shape:
        given = {name: value for name, value in asked.items() if value is not None}
        query = f"?{urlencode(given)}" if given else ""
        return msgspec.json.decode(self._asked("GET", path + query), type=kind)

    def _sent(self, method: str, path: str, said: msgspec.Struct, kind: type[Shape]) -> Shape:
        answer = self._asked(method, path, msgspec.json.encode(said), "application/json")
        return msgspec.json.decode(answer, type=kind)

    def _asked(self, method: str, path: str, body: bytes | None = None, media_type: str = "") -> bytes:
        with self._turn:
            reply = self._reply(method, API + path, body, {"Content-Type": media_type} if media_type else {})
            try:
                said = reply.read()
            except (OSError, http.client.HTTPException) as error:
                self._line.close()
                raise self._unreachable(error) from error
        if not 200 <= reply.status < 300:
            raise _refused(reply.status, said)
        return said

    def _reply(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """The answer, not yet read; asked again where the service had closed a connection that was idle."""
        if method == "POST":  # twice would be too often
            self._line.close()
        idle = self._line.sock is not None
        try:
            self._line.request(method, path, body, {**self._headers, **(headers or {})})
            return self._line.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self._line.close()
            if idle and isinstance(
                error, http.client.RemoteDisconnected | BrokenPipeError | ConnectionResetError
            ):
                return self._reply(method, path, body, headers)
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> ServiceError:
        reason = system_reason(error) if isinstance(error, OSError) else error
        said = Sentence("The service at {host} cannot be reached: {reason}.", host=self._host, reason=reason)
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLCertVerificationError):
            said = Sentence(
                "The service at {host} cannot be reached: {reason}. photosearch serve by itself is asked by "
                "http://, and by https:// behind a proxy.",
                host=self._host,
                reason=reason,
            )
        return ServiceError(said, 0)


def _refused(status: int, said: bytes) -> KnownError:
    try:
        refusal = msgspec.json.decode(said, type=shapes.Refusal)
    except msgspec.DecodeError:
        return ServiceError(Sentence("The service answered with {status}.", status=status), status)
    if refusal.place:
        start, end = refusal.place
        return QueryError(refusal.sentence, (start, end), instead=refusal.did_you_mean)
    return ServiceError(refusal.sentence, status)
