"""Everything that can be asked over HTTP, in one table: the service and its description are made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import msgspec

from photosearch.serve import changing, finding, pictures, shapes, telling

API = "/api/v1"

Lane = Literal["search", "picture", "decode", "read", "change"]


class Endpoint(NamedTuple):
    """What one address answers.

    Attributes:
        answer: (Call, asked) -> what is said, or a Response; with `body` it takes that, too
        asked: what stands in the address
        gives: the shape of the answer, or its media type
        lane: beside what it waits where much is asked
        writes: whether it changes something, and is refused unless that is allowed
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    answer: Callable[..., Any]
    asked: type[shapes.Asked]
    gives: type[msgspec.Struct] | str
    lane: Lane
    body: type[msgspec.Struct] | None = None
    writes: bool = False

    @property
    def name(self) -> str:
        """What it is called in the description."""
        return self.answer.__name__

    @property
    def told(self) -> str:
        """What it does, in a sentence or some."""
        return " ".join((self.answer.__doc__ or "").split())


ENDPOINTS = (
    Endpoint("GET", "/search", finding.search, shapes.SearchAsked, shapes.Found, "search"),
    Endpoint("GET", "/photos/{photo_id}", telling.photo, shapes.OfPhoto, shapes.Facts, "read"),
    Endpoint(
        "GET", "/photos/{photo_id}/thumbnail", pictures.thumbnail, shapes.OfPhoto, "image/jpeg", "picture"
    ),
    Endpoint(
        "GET", "/photos/{photo_id}/preview", pictures.preview, shapes.PreviewAsked, "image/jpeg", "decode"
    ),
    Endpoint("GET", "/photos/{photo_id}/original", pictures.original, shapes.OfPhoto, "*/*", "picture"),
    Endpoint(
        "GET", "/photos/{photo_id}/similar", finding.similar, shapes.SimilarAsked, shapes.Found, "search"
    ),
    Endpoint("GET", "/suggest", finding.suggest, shapes.SuggestAsked, shapes.Suggestions, "read"),
    Endpoint("GET", "/folders", telling.folders, shapes.Asked, shapes.Folders, "read"),
    Endpoint("GET", "/albums", telling.albums, shapes.Asked, shapes.Albums, "read"),
    Endpoint("GET", "/tags", telling.tags, shapes.Asked, shapes.Tags, "read"),
    Endpoint("GET", "/status", telling.status, shapes.Asked, shapes.Status, "read"),
    Endpoint("GET", "/jobs", telling.jobs, shapes.Asked, shapes.Jobs, "read"),
    Endpoint(
        "POST",
        "/jobs/{job_id}/pause",
        changing.pause_job,
        shapes.JobAsked,
        shapes.Done,
        "change",
        writes=True,
    ),
    Endpoint(
        "POST",
        "/jobs/{job_id}/resume",
        changing.resume_job,
        shapes.JobAsked,
        shapes.Done,
        "change",
        writes=True,
    ),
    Endpoint(
        "POST",
        "/jobs/{job_id}/cancel",
        changing.cancel_job,
        shapes.JobAsked,
        shapes.Done,
        "change",
        writes=True,
    ),
    Endpoint(
        "PUT",
        "/photos/{photo_id}/caption",
        changing.set_caption,
        shapes.OfPhoto,
        shapes.Done,
        "change",
        shapes.SetCaption,
        True,
    ),
    Endpoint(
        "PUT",
        "/photos/{photo_id}/rating",
        changing.set_rating,
        shapes.OfPhoto,
        shapes.Done,
        "change",
        shapes.SetRating,
        True,
    ),
    Endpoint(
        "PUT",
        "/photos/{photo_id}/favourite",
        changing.set_favourite,
        shapes.OfPhoto,
        shapes.Done,
        "change",
        shapes.SetFavourite,
        True,
    ),
    Endpoint("POST", "/undo", changing.undo, shapes.Asked, shapes.Done, "change", writes=True),
)
