"""What faces and the engine say to each other of tags; that photos are tagged is a stage's work."""

from photosearch.core.message import Done, Event, Request


class DenyTag(Request[Done], frozen=True, tag="deny_tag"):
    """Take a tag away from photos, whatever a model says of them."""

    photo_ids: tuple[int, ...]
    name: str  # as the library has it


class AddTag(Request[Done], frozen=True, tag="add_tag"):
    """Put a tag of the person's own onto the list, or say what else a model is to be asked for it."""

    name: str
    asked: tuple[str, ...] = ()  # in place of the name


class RenameTag(Request[Done], frozen=True, tag="rename_tag"):
    """Call a tag of the person's own otherwise."""

    name: str
    new_name: str


class RemoveTag(Request[Done], frozen=True, tag="remove_tag"):
    """Take a tag off the list."""

    name: str


class RestoreTag(Request[Done], frozen=True, tag="restore_tag"):
    """Put a tag back on the list that was taken off it."""

    name: str


class TagsChanged(Event, frozen=True, tag="tags_changed"):
    """Photos have other tags, or the list has."""


AnyRequest = DenyTag | AddTag | RenameTag | RemoveTag | RestoreTag
AnyEvent = TagsChanged
