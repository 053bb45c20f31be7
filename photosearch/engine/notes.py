"""What the person says of photos, keeps of searches and sets: written, and told to every face."""

from photosearch import settings
from photosearch.core import messages, note_messages
from photosearch.core.errors import KnownError
from photosearch.engine.captions import CaptionFiles
from photosearch.engine.events import Events
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.reader import setting
from photosearch.store.writer import Writer

Request = (
    note_messages.SetCaption
    | note_messages.ImportCaptions
    | note_messages.ExportCaptions
    | note_messages.SetFavourite
    | note_messages.SetRating
    | note_messages.CreateAlbum
    | note_messages.RenameAlbum
    | note_messages.DeleteAlbum
    | note_messages.ChangeAlbum
    | note_messages.SaveSearch
    | note_messages.DeleteSearch
    | note_messages.RememberSearch
    | messages.ChangeSetting
    | note_messages.ClearSearches
)
Reply = (
    messages.Done | note_messages.Created | note_messages.CaptionsImported | note_messages.CaptionsExported
)


class Notes:
    def __init__(self, library: Library, writer: Writer, events: Events) -> None:
        self._library = library
        self._writer = writer
        self._events = events
        self._caption_files = CaptionFiles(library, writer, events.tell)

    def answer(self, request: Request) -> Reply:
        """
        Raises:
            KnownError: there is no such photo, album, file or setting, or a text or value cannot be kept.
        """
        match request:
            case note_messages.SetCaption():
                self._writer.set_caption(request.photo_id, request.text)
                self._events.tell(note_messages.NotesChanged((request.photo_id,)))
            case note_messages.ImportCaptions() | note_messages.ExportCaptions():
                return self._caption_files.answer(request)
            case note_messages.SetFavourite():
                self._writer.set_favourite(request.photo_ids, request.favourite)
                self._events.tell(note_messages.NotesChanged(request.photo_ids))
            case note_messages.SetRating():
                self._writer.set_rating(request.photo_ids, request.stars)
                self._events.tell(note_messages.NotesChanged(request.photo_ids))
            case note_messages.RememberSearch():
                if setting(self._library, settings.REMEMBER_SEARCHES) == settings.YES:
                    self._writer.remember_search(request.text)
            case messages.ChangeSetting():
                self._change_setting(request.key, request.value)
            case note_messages.ClearSearches():
                self._writer.clear_searches()
            case _:
                created = self._change_albums(request)
                self._events.tell(note_messages.AlbumsChanged())
                return messages.Done() if created is None else note_messages.Created(created)
        return messages.Done()

    def _change_albums(self, request: Request) -> int | None:
        """-> the id of what was made, if anything was."""
        match request:
            case note_messages.CreateAlbum():
                album_id = self._writer.create_album(request.name)
                if request.photo_ids:
                    self._writer.add_to_album(album_id, request.photo_ids)
                return album_id
            case note_messages.RenameAlbum():
                self._writer.rename_album(request.album_id, request.name)
            case note_messages.DeleteAlbum():
                self._writer.delete_album(request.album_id)
            case note_messages.ChangeAlbum():
                change = {
                    "add": self._writer.add_to_album,
                    "remove": self._writer.remove_from_album,
                    "order": self._writer.order_album,
                }[request.change]
                change(request.album_id, request.photo_ids)
            case note_messages.SaveSearch():
                return self._writer.save_search(request.name, request.text)
            case note_messages.DeleteSearch():
                self._writer.delete_search(request.search_id)
        return None

    def _change_setting(self, key: str, value: str) -> None:
        if settings.checked(key, value).kept != "library":
            raise KnownError(f"The setting {key} is not one of a library.")
        if key == settings.MODEL:  # it takes over once it knows every photo
            key, value = settings.NEXT_MODEL, catalog.find(value, self._library).model_id
        self._writer.set_setting(key, value)
        if (key, value) == (settings.REMEMBER_SEARCHES, settings.NO):
            self._writer.clear_searches()
