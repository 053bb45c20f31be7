"""What happens, as whoever listens is told it, in JSON; openapi.json describes these, too."""

import msgspec

from photosearch.serve import shapes


class Changed(msgspec.Struct, frozen=True, tag_field="type"):
    """Something that happened. The latest of each kind comes first to whoever begins to listen."""


class PhotosChanged(Changed, frozen=True, tag="photos_changed"):
    """Photos came, went or moved."""

    photos: int  # that there are


class NotesChanged(Changed, frozen=True, tag="notes_changed"):
    """Captions, favourites or ratings are others now."""

    photo_ids: list[int]


class AlbumsChanged(Changed, frozen=True, tag="albums_changed"):
    """An album came, went or changed."""


class TagsChanged(Changed, frozen=True, tag="tags_changed"):
    """Photos have other tags."""


class JobsChanged(Changed, frozen=True, tag="jobs_changed"):
    """A job came, began or ended."""

    jobs: list[shapes.Job]


class ProgressChanged(Changed, frozen=True, tag="progress_changed"):
    """Indexing has come further."""

    progress: shapes.Progress


class StagesChanged(Changed, frozen=True, tag="stages_changed"):
    """A stage has come further."""

    stages: list[shapes.Stage]


class ModelReady(Changed, frozen=True, tag="model_ready"):
    """Searches are answered without waiting from now on."""

    model: str


class Problem(Changed, frozen=True, tag="problem"):
    """Background work met a problem."""

    sentence: str


AnyChanged = (
    PhotosChanged
    | NotesChanged
    | AlbumsChanged
    | TagsChanged
    | JobsChanged
    | ProgressChanged
    | StagesChanged
    | ModelReady
    | Problem
)
