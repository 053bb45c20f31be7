"""What faces and the engine say to each other of what the person keeps: captions, stars, albums, searches."""

from typing import Literal

from photosearch.core.errors import Sentence
from photosearch.core.message import Done, Event, Reply, Request


class SetCaption(Request[Done], frozen=True, tag="set_caption"):
    """Give photos the person's own caption, the same to each. Refused where what is shown is not `was`."""

    photo_ids: tuple[int, ...]
    text: str  # "": they have none
    was: str | None = None  # None: whatever it is


class ImportCaptions(Request["CaptionsImported"], frozen=True, tag="import_captions"):
    """Take in the captions of a file, or of a folder of photos with theirs.

    All of them or none. What the person wrote in the program stays, and is what is shown.
    """

    path_bytes: bytes
    dry_run: bool = False  # only tell what would be taken in


class ExportCaptions(Request["CaptionsExported"], frozen=True, tag="export_captions"):
    """Write every caption that is shown: as JSON lines where the name ends in .jsonl, else as CSV."""

    path_bytes: bytes


class SetFavourite(Request[Done], frozen=True, tag="set_favourite"):
    """Put photos among the favourites, or take them out."""

    photo_ids: tuple[int, ...]
    favourite: bool


class SetRating(Request[Done], frozen=True, tag="set_rating"):
    """Give photos the person's own stars."""

    photo_ids: tuple[int, ...]
    stars: int | None  # 0 to 5; None: as the photos' files say


class CreateAlbum(Request["Created"], frozen=True, tag="create_album"):
    """Answered with Created."""

    name: str
    photo_ids: tuple[int, ...] = ()


class RenameAlbum(Request[Done], frozen=True, tag="rename_album"):
    """Give an album another name."""

    album_id: int
    name: str


class DeleteAlbum(Request[Done], frozen=True, tag="delete_album"):
    """Delete an album; its photos stay."""

    album_id: int


class ChangeAlbum(Request[Done], frozen=True, tag="change_album"):
    """Put photos into an album, take them out, or move them to its front in this order."""

    album_id: int
    photo_ids: tuple[int, ...]
    change: Literal["add", "remove", "order"] = "add"


class SaveSearch(Request["Created"], frozen=True, tag="save_search"):
    """Keep a query under a name."""

    name: str
    text: str
    live: bool = False  # as an album that fills itself


class SetLive(Request[Done], frozen=True, tag="set_live"):
    """Let a saved search be an album that fills itself, or a saved search again."""

    search_id: int
    live: bool
    notifies: bool = False  # the person is told of photos that are new in it


class FillLiveAlbums(Request[Done], frozen=True, tag="fill_live_albums"):
    """Look now for the photos of all albums that fill themselves, if they may be others."""


class LookAtLiveAlbum(Request[Done], frozen=True, tag="look_at_live_album"):
    """The person looks at an album: what is in it is not new any more."""

    search_id: int


class FreezeAlbum(Request["Created"], frozen=True, tag="freeze_album"):
    """Keep the photos that an album that fills itself has now as a plain one."""

    search_id: int
    name: str


class RenameSearch(Request[Done], frozen=True, tag="rename_search"):
    """Give a saved search another name."""

    search_id: int
    name: str


class DeleteSearch(Request[Done], frozen=True, tag="delete_search"):
    """Delete a saved search."""

    search_id: int


class RememberSearch(Request[Done], frozen=True, tag="remember_search"):
    """Put a query among the recent ones, unless that is switched off."""

    text: str


class ClearSearches(Request[Done], frozen=True, tag="clear_searches"):
    """Forget the recent searches."""


class Created(Reply, frozen=True, tag="created"):
    """The id of what was made."""

    id: int


class CaptionsImported(Reply, frozen=True, tag="captions_imported"):
    """What became of each caption of a file. Counts are of captions, empty and broken ones not counted."""

    new: int
    repeated: int  # known before, or twice in the file
    skipped_no_photo: int  # their photo is not in the library
    ambiguous: int  # they may belong to several photos, and were left out
    problems: tuple[Sentence, ...] = ()  # for the person
    photos: int = 0  # that have the new ones
    format: str = ""  # that they were found in


class CaptionsExported(Reply, frozen=True, tag="captions_exported"):
    """How many captions were written, of how many photos."""

    captions: int
    photos: int


class NotesChanged(Event, frozen=True, tag="notes_changed"):
    """Captions, favourites or ratings of these photos are others now."""

    photo_ids: tuple[int, ...]


class AlbumsChanged(Event, frozen=True, tag="albums_changed"):
    """An album or a saved search came, went or changed."""


class NewInAlbums(Event, frozen=True, tag="new_in_albums"):
    """Photos came to albums that fill themselves, of which the person wants to be told."""

    photos: dict[str, int]  # how many, by the album's name


AnyRequest = (
    SetCaption
    | ImportCaptions
    | ExportCaptions
    | SetFavourite
    | SetRating
    | CreateAlbum
    | RenameAlbum
    | DeleteAlbum
    | ChangeAlbum
    | SaveSearch
    | SetLive
    | FillLiveAlbums
    | LookAtLiveAlbum
    | FreezeAlbum
    | RenameSearch
    | DeleteSearch
    | RememberSearch
    | ClearSearches
)
AnyReply = Created | CaptionsImported | CaptionsExported
AnyEvent = NotesChanged | AlbumsChanged | NewInAlbums
