"""What the person says of photos, keeps of searches and sets: written, told to every face, and undone."""

import os
from collections.abc import Callable
from typing import Protocol

from photosearch import settings
from photosearch.core import history_messages, messages, note_messages, stack_messages, tag_messages
from photosearch.core.errors import KnownError
from photosearch.decode import video_kind
from photosearch.engine.handlers import Handlers
from photosearch.index.excluding import can_be_left_out, pattern_of
from photosearch.paths import Library
from photosearch.store.albums import ALBUMS
from photosearch.store.exclusions import EXCLUSIONS
from photosearch.store.history import EDITED, Turn
from photosearch.store.notes import NOTES, check_name
from photosearch.store.reader import Reader, setting
from photosearch.store.tags import TAGS
from photosearch.store.writer import Writer


class Publish(Protocol):
    """Tells every face that the person changed something."""

    def __call__(
        self,
        event: note_messages.AnyEvent | stack_messages.StacksChanged | tag_messages.TagsChanged | None = None,
    ) -> None:
        """None: only what can be undone is other than before."""


class NoteRequests:
    """Answers requests that change captions, favourites, stars, albums, searches and settings.

    Args:
        publish: told of every change
        on_change: called when searches were remembered or forgotten, of which no event is told
        look_again: called when what is to be indexed has changed
        fill: called when an album may fill itself that did not, or with other photos
        search_memory: called when no vector store is to answer any more
        check_album: raises KnownError where an album of this name could never fill itself with that text
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        publish: Publish,
        on_change: Callable[[], None],
        look_again: Callable[[], None],
        fill: Callable[[], None],
        search_memory: Callable[[], None],
        check_album: Callable[[str, str], None],
    ) -> None:
        self._library = library
        self._writer = writer
        self._publish = publish
        self._on_change = on_change
        self._look_again = look_again
        self._fill = fill
        self._search_memory = search_memory
        self._check_album = check_album

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here.

        They are refused where there is no such photo, album or setting, or a text or value cannot be kept.
        """
        handlers.do(note_messages.SetCaption, self._set_caption)
        handlers.do(note_messages.SetFavourite, self._set_favourite)
        handlers.do(note_messages.SetRating, self._set_rating)
        handlers.answer(note_messages.CreateAlbum, self._create_album)
        handlers.do(note_messages.RenameAlbum, self._rename_album)
        handlers.do(note_messages.DeleteAlbum, self._delete_album)
        handlers.do(note_messages.ChangeAlbum, self._change_album)
        handlers.answer(note_messages.SaveSearch, self._save_search)
        handlers.do(note_messages.SetLive, self._set_live)
        handlers.answer(note_messages.FreezeAlbum, self._freeze_album)
        handlers.do(note_messages.RenameSearch, self._rename_search)
        handlers.do(note_messages.DeleteSearch, self._delete_search)
        handlers.do(note_messages.RememberSearch, self._remember_search)
        handlers.do(note_messages.ClearSearches, lambda _: self._clear_searches())
        handlers.answer(
            history_messages.Undo, lambda request: self._turned(self._writer.undo(request.change_id))
        )
        handlers.answer(
            history_messages.Redo, lambda request: self._turned(self._writer.redo(request.change_id))
        )
        handlers.do(history_messages.RecordTrash, self._record_trash)
        handlers.do(messages.LeaveOut, self._leave_out)
        handlers.do(messages.ChangeSetting, lambda request: self._change_setting(request.key, request.value))

    def _set_caption(self, request: note_messages.SetCaption) -> None:
        self._writer.set_captions(request.photo_ids, request.text, request.was)
        self._publish(note_messages.NotesChanged(request.photo_ids))

    def _set_favourite(self, request: note_messages.SetFavourite) -> None:
        self._writer.set_favourite(request.photo_ids, request.favourite)
        self._publish(note_messages.NotesChanged(request.photo_ids))

    def _set_rating(self, request: note_messages.SetRating) -> None:
        self._writer.set_rating(request.photo_ids, request.stars)
        self._publish(note_messages.NotesChanged(request.photo_ids))

    def _create_album(self, request: note_messages.CreateAlbum) -> note_messages.Created:
        album_id = self._writer.create_album(request.name, request.photo_ids)
        self._publish(note_messages.AlbumsChanged())
        return note_messages.Created(album_id)

    def _rename_album(self, request: note_messages.RenameAlbum) -> None:
        self._writer.rename_album(request.album_id, request.name)
        self._publish(note_messages.AlbumsChanged())

    def _delete_album(self, request: note_messages.DeleteAlbum) -> None:
        self._writer.delete_album(request.album_id)
        self._publish(note_messages.AlbumsChanged())

    def _change_album(self, request: note_messages.ChangeAlbum) -> None:
        change = {
            "add": self._writer.add_to_album,
            "remove": self._writer.remove_from_album,
            "order": self._writer.order_album,
        }[request.change]
        change(request.album_id, request.photo_ids)
        self._publish(note_messages.AlbumsChanged())

    def _save_search(self, request: note_messages.SaveSearch) -> note_messages.Created:
        name = check_name(request.name)
        with Reader.open(self._library) as reader:
            is_album = name in {album for _, album in reader.live_album_names()}
        if request.live or is_album:
            self._check_album(name, request.text)
        search_id = self._writer.save_search(request.name, request.text, live=request.live)
        self._publish(note_messages.AlbumsChanged())
        self._fill()
        return note_messages.Created(search_id)

    def _set_live(self, request: note_messages.SetLive) -> None:
        if request.live:
            with Reader.open(self._library) as reader:
                saved = reader.saved_searches()
            for search in saved:
                if search.search_id == request.search_id and not search.live:
                    self._check_album(search.name, search.text)
        self._writer.set_live(request.search_id, live=request.live, notifies=request.notifies)
        self._publish(note_messages.AlbumsChanged())
        self._fill()

    def _freeze_album(self, request: note_messages.FreezeAlbum) -> note_messages.Created:
        album_id = self._writer.freeze_album(request.search_id, request.name)
        self._publish(note_messages.AlbumsChanged())
        return note_messages.Created(album_id)

    def _rename_search(self, request: note_messages.RenameSearch) -> None:
        self._writer.rename_search(request.search_id, request.name)
        self._publish(note_messages.AlbumsChanged())

    def _delete_search(self, request: note_messages.DeleteSearch) -> None:
        self._writer.delete_search(request.search_id)
        self._publish(note_messages.AlbumsChanged())

    def _turned(self, turn: Turn) -> history_messages.Turned:
        if turn.files:
            self._publish()
        if turn.kind in NOTES or turn.kind == EDITED:
            self._publish(note_messages.NotesChanged(tuple(turn.ids)))
        if turn.kind in ALBUMS or turn.kind == EDITED:
            self._publish(note_messages.AlbumsChanged())
            self._fill()
        if turn.kind in TAGS or turn.kind == EDITED:
            self._publish(tag_messages.TagsChanged())
        if turn.kind in EXCLUSIONS:
            self._publish()
            self._look_again()
        return history_messages.Turned(turn.change, turn.kept, turn.files)

    def _record_trash(self, request: history_messages.RecordTrash) -> None:
        self._writer.record_trash(request.files, request.photos, request.change_id)
        self._publish()

    def _remember_search(self, request: note_messages.RememberSearch) -> None:
        if setting(self._library, settings.REMEMBER_SEARCHES) == settings.YES:
            self._writer.remember_search(request.text)
            self._on_change()

    def _clear_searches(self) -> None:
        self._writer.clear_searches()
        self._on_change()

    def _leave_out(self, request: messages.LeaveOut) -> None:
        if not can_be_left_out(request.path_bytes):
            raise KnownError(
                "The name of {folder} cannot be written as a pattern; rename the folder first.",
                folder=os.fsdecode(request.path_bytes),
            )
        name = os.path.basename(os.fsdecode(request.path_bytes))  # noqa: PTH119
        self._writer.leave_out(pattern_of(request.path_bytes), name)
        self._publish()
        self._look_again()

    def _change_setting(self, key: str, value: str) -> None:
        # The model has requests of its own.
        if settings.checked(key, value).kept != "library" or key == settings.MODEL:
            raise KnownError("The setting {key} is not one of a library.", key=key)
        if (key, value) == (settings.VIDEOS, settings.YES) and not video_kind.can_be_read():
            raise KnownError("Videos stay off: {reason}.", reason=video_kind.cannot_be_read().reason)
        self._writer.set_setting(key, value)
        if (key, value) == (settings.REMEMBER_SEARCHES, settings.NO):
            self._clear_searches()
        if key == settings.TAGS:
            self._publish(tag_messages.TagsChanged())
        if key == settings.STACK:
            self._publish(stack_messages.StacksChanged())
        if (key, value) == (settings.VECTOR_STORE, settings.MEMORY):
            self._search_memory()
        if key in (settings.EXCLUDE, settings.SMALLEST_EDGE, settings.VIDEOS):
            self._look_again()
