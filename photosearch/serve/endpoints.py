"""Everything that can be asked over HTTP, in one table: the service and its description are made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import msgspec

from photosearch.serve import API, changing, finding, pictures, shapes, telling

_PHOTO, _JOB = API + "/photos/{photo_id}", API + "/jobs/{job_id}"

PICTURE: Literal["picture"] = "picture"  # the field of a form that holds one

LaneName = Literal["search", "classify", "picture", "decode", "read", "change"]


class Endpoint(NamedTuple):
    """What one address answers.

    Attributes:
        answer: (Call, asked) -> what is said, or a Response; with `body` it takes that, too
        asked: what stands in the address, or of a form beside the picture
        gives: the type of the answer, or its media type
        lane: beside what it waits where much is asked
        body: the shape of the JSON that is sent; PICTURE: a form with a file
        writes: whether it changes something, and is refused unless that is allowed
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    answer: Callable[..., Any]
    asked: type[shapes.Asked]
    gives: Any
    lane: LaneName
    body: type[msgspec.Struct] | Literal["picture"] | None = None
    writes: bool = False

    @property
    def name(self) -> str:
        """What it is called in the description."""
        return self.answer.__name__

    @property
    def told(self) -> str:
        """What it does, in a sentence or some."""
        return " ".join((self.answer.__doc__ or "").split())


def _change(
    method: Literal["POST", "PUT"],
    path: str,
    answer: Callable[..., shapes.Done],
    asked: type[shapes.Asked],
    body: type[msgspec.Struct] | None = None,
) -> Endpoint:
    return Endpoint(method, path, answer, asked, shapes.Done, "change", body, writes=True)


ENDPOINTS = (
    Endpoint("GET", f"{API}/search", finding.search, shapes.SearchAsked, shapes.Found, "search"),
    Endpoint(
        "POST",
        f"{API}/search",
        finding.search_by_picture,
        shapes.SearchAsked,
        shapes.Found,
        "search",
        PICTURE,
    ),
    Endpoint(
        "POST",
        f"{API}/classify",
        finding.classify,
        shapes.Asked,
        shapes.Classified,
        "classify",
        shapes.Classify,
    ),
    Endpoint("GET", f"{API}/suggest", finding.suggest, shapes.SuggestAsked, shapes.Suggestions, "read"),
    Endpoint("GET", _PHOTO, telling.photo, shapes.OfPhoto, shapes.Facts, "read"),
    Endpoint("GET", f"{_PHOTO}/thumbnail", pictures.thumbnail, shapes.OfPhoto, "image/jpeg", "picture"),
    Endpoint("GET", f"{_PHOTO}/preview", pictures.preview, shapes.PreviewAsked, "image/jpeg", "decode"),
    Endpoint("GET", f"{_PHOTO}/original", pictures.original, shapes.OfPhoto, "*/*", "picture"),
    Endpoint("GET", f"{_PHOTO}/similar", finding.similar, shapes.SimilarAsked, shapes.Found, "search"),
    _change("PUT", f"{_PHOTO}/caption", changing.set_caption, shapes.OfPhoto, shapes.SetCaption),
    _change("PUT", f"{_PHOTO}/rating", changing.set_rating, shapes.OfPhoto, shapes.SetRating),
    _change("PUT", f"{_PHOTO}/favourite", changing.set_favourite, shapes.OfPhoto, shapes.SetFavourite),
    _change("POST", f"{API}/undo", changing.undo, shapes.Asked),
    Endpoint("GET", f"{API}/folders", telling.folders, shapes.Asked, shapes.Folders, "read"),
    Endpoint("GET", f"{API}/albums", telling.albums, shapes.Asked, shapes.Albums, "read"),
    Endpoint("GET", f"{API}/tags", telling.tags, shapes.Asked, shapes.Tags, "read"),
    Endpoint("GET", f"{API}/status", telling.status, shapes.Asked, shapes.Status, "read"),
    Endpoint("GET", f"{API}/jobs", telling.jobs, shapes.Asked, shapes.Jobs, "read"),
    _change("POST", f"{_JOB}/pause", changing.pause_job, shapes.JobAsked),
    _change("POST", f"{_JOB}/resume", changing.resume_job, shapes.JobAsked),
    _change("POST", f"{_JOB}/cancel", changing.cancel_job, shapes.JobAsked),
    Endpoint(
        "POST",
        "/knn-service",
        finding.knn_service,
        shapes.Asked,
        list[shapes.Neighbour],
        "search",
        shapes.Knn,
    ),
)
