"""What the person says of single photos: captions, favourites and ratings. No photo's file is touched."""

from __future__ import annotations

import sqlite3
import time
import unicodedata
from collections.abc import Iterable, Sequence

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import LONGEST_CAPTION
from photosearch.store.history import HistoryWriter, Kind, State, photos_in_words
from photosearch.store.read_connection import json_of
from photosearch.store.rows import CaptionSource
from photosearch.store.words import words

MOST_STARS = 5

# The captions of a photo that are shown and searched: those of the first source that has any.
_SHOWN = """SELECT text FROM captions AS shown
    WHERE photo_id = {photo} AND replaced_at IS NULL AND text <> '' AND source = (
        SELECT source FROM captions WHERE photo_id = shown.photo_id AND replaced_at IS NULL
        ORDER BY source = 'person' DESC, source = 'imported' DESC LIMIT 1
    )
    ORDER BY caption_id"""
SHOWN = _SHOWN.format(photo="?")
SHOWN_OF_VALUE = _SHOWN.format(photo="value")  # of each id of a json_each()
# Photos of which the person said something, some more than once: that one has no caption, or not a tag, too.
NOTED = """SELECT photo_id FROM captions WHERE source <> 'embedded' AND replaced_at IS NULL
    UNION ALL SELECT photo_id FROM favourites UNION ALL SELECT photo_id FROM ratings
    UNION ALL SELECT photo_id FROM album_photos UNION ALL SELECT photo_id FROM denied_tags"""
_OTHERS = "SELECT 1 FROM captions WHERE photo_id = ? AND source <> 'person' AND replaced_at IS NULL"
_IMPORTED = "SELECT text FROM captions WHERE photo_id = ? AND source = 'imported' AND replaced_at IS NULL"


_TOLD = 40  # characters of a caption that say which one it is


class NoteWriter(HistoryWriter):
    """Notes belong to a photo, by its content: they outlive its files, and are there when those come back."""

    def set_caption(self, photo_id: int, text: str) -> None:
        """As `set_captions`, of one photo."""
        self.set_captions([photo_id], text)

    def set_captions(self, photo_ids: Sequence[int], text: str, was: str | None = None) -> None:
        """Let this be the person's caption of each; "" says that they have none, whatever their files say.

        Args:
            was: the caption that is shown of each up to now; None: whatever that is
        Raises:
            KnownError: there is no such photo, the text is too long, or another caption is shown by now.
        """
        text = _tidy(text)
        with self._change("caption", photo_ids) as change:
            database = change.database
            check_photos(database, photo_ids)
            change.says = _captioned(text, len(photo_ids))
            for photo_id in photo_ids:
                (shown,) = database.execute(SHOWN, (photo_id,)).fetchone() or ("",)
                if was is not None and shown not in (was, text):
                    raise KnownError("The caption was changed elsewhere meanwhile; it stays as it is.")
                # That there is none need only be said where there is another one.
                others = database.execute(_OTHERS, (photo_id,)).fetchone()
                _write_caption(database, photo_id, text if text or others else None, "person")
                write_words(database, photo_id)

    def import_captions(self, captions: Iterable[tuple[int, str]], *, dry_run: bool = False) -> list[int]:
        """Add captions from a file that the person chose, of photos by id, all or none.

        A photo may have several. They are shown where the person has written none, and where the person had
        said before that there is none. A photo that shows all of its captions already is left as it is.

        Args:
            dry_run: write nothing
        Returns:
            the photo of each caption that is new
        Raises:
            KnownError: one is of no known photo, or too long.
        """
        texts: dict[int, dict[str, None]] = {}
        for photo_id, text in captions:
            if tidied := _tidy(text):
                texts.setdefault(photo_id, {})[tidied] = None
        new: list[int] = []
        with self._change("caption", list(texts)) as change:
            database = change.database
            check_photos(database, texts)
            for photo_id, wanted in texts.items():
                if wanted.keys() <= {text for (text,) in database.execute(SHOWN, (photo_id,))}:
                    continue
                held = {text for (text,) in database.execute(_IMPORTED, (photo_id,))}
                added = [text for text in wanted if text not in held]
                new += [photo_id] * len(added)
                if not dry_run:
                    _write_imported(database, photo_id, added)
            change.says = Sentence("Captions of {photos} imported", photos=photos_in_words(len(set(new))))
        return new

    def set_favourite(self, photo_ids: Sequence[int], favourite: bool) -> None:
        """Make photos favourites, or no longer.

        Raises:
            KnownError: there is no such photo.
        """
        with self._change("favourite", photo_ids) as change:
            database = change.database
            check_photos(database, photo_ids)
            photos = photos_in_words(len(photo_ids))
            change.says = Sentence(
                "{photos} added to Favourites" if favourite else "{photos} taken out of Favourites",
                photos=photos,
            )
            if favourite:
                database.executemany(
                    "INSERT INTO favourites VALUES (?, ?) ON CONFLICT DO NOTHING",
                    [(photo_id, time.time()) for photo_id in photo_ids],
                )
            else:
                database.executemany(
                    "DELETE FROM favourites WHERE photo_id = ?", [(photo_id,) for photo_id in photo_ids]
                )

    def set_rating(self, photo_ids: Sequence[int], stars: int | None) -> None:
        """Rate photos with 0 to 5 stars; None: as their files say.

        Raises:
            KnownError: there is no such photo, or there are no such stars.
        """
        if stars is not None and not 0 <= stars <= MOST_STARS:
            raise KnownError("A photo has 0 to {most} stars, not {stars}.", most=MOST_STARS, stars=stars)
        with self._change("rating", photo_ids) as change:
            database = change.database
            check_photos(database, photo_ids)
            change.says = Sentence(
                "{stars} for {photos}", stars=_stars_in_words(stars), photos=photos_in_words(len(photo_ids))
            )
            if stars is None:
                database.executemany(
                    "DELETE FROM ratings WHERE photo_id = ?", [(photo_id,) for photo_id in photo_ids]
                )
            else:
                database.executemany(
                    "INSERT OR REPLACE INTO ratings VALUES (?, ?, ?)",
                    [(photo_id, stars, time.time()) for photo_id in photo_ids],
                )


def _read_captions(database: sqlite3.Connection, photo_ids: Sequence[int]) -> dict[int, State]:
    """Of each photo (source, text) of all that hold, but what its file says: the person's, imported ones."""
    found: dict[int, State] = {}
    for photo_id, source, text in database.execute(
        """SELECT photo_id, source, text FROM captions
        WHERE replaced_at IS NULL AND source <> 'embedded' AND photo_id IN (SELECT value FROM json_each(?))
        ORDER BY caption_id""",
        (json_of(photo_ids),),
    ):
        found.setdefault(photo_id, []).append([source, text])
    return found


def _write_captions(database: sqlite3.Connection, photo_id: int, wanted: State) -> None:
    now = time.time()
    database.execute(
        """UPDATE captions SET replaced_at = ?
        WHERE photo_id = ? AND replaced_at IS NULL AND source <> 'embedded'""",
        (now, photo_id),
    )
    database.executemany(
        "INSERT INTO captions (photo_id, source, text, written_at) VALUES (?, ?, ?, ?)",
        [(photo_id, source, text, now) for source, text in wanted or ()],
    )
    write_words(database, photo_id)


def _read_favourites(database: sqlite3.Connection, photo_ids: Sequence[int]) -> dict[int, State]:
    sql = "SELECT photo_id, since FROM favourites WHERE photo_id IN (SELECT value FROM json_each(?))"
    return dict(database.execute(sql, (json_of(photo_ids),)))


def _write_favourite(database: sqlite3.Connection, photo_id: int, since: State) -> None:
    if since is None:
        database.execute("DELETE FROM favourites WHERE photo_id = ?", (photo_id,))
    else:
        database.execute("INSERT OR REPLACE INTO favourites VALUES (?, ?)", (photo_id, since))


def _read_ratings(database: sqlite3.Connection, photo_ids: Sequence[int]) -> dict[int, State]:
    sql = "SELECT photo_id, stars FROM ratings WHERE photo_id IN (SELECT value FROM json_each(?))"
    return dict(database.execute(sql, (json_of(photo_ids),)))


def _write_rating(database: sqlite3.Connection, photo_id: int, stars: State) -> None:
    if stars is None:
        database.execute("DELETE FROM ratings WHERE photo_id = ?", (photo_id,))
    else:
        database.execute("INSERT OR REPLACE INTO ratings VALUES (?, ?, ?)", (photo_id, stars, time.time()))


NOTES = {
    "caption": Kind(_read_captions, _write_captions, of_photos=True),
    "favourite": Kind(_read_favourites, _write_favourite, of_photos=True),
    "rating": Kind(_read_ratings, _write_rating, of_photos=True),
}


def write_embedded_caption(database: sqlite3.Connection, photo_id: int, text: str | None) -> None:
    """Keep in step with what the photo's file says."""
    _write_caption(database, photo_id, text or None, "embedded")


def write_words(database: sqlite3.Connection, photo_id: int) -> None:
    """Bring the full-text index in line with a photo's captions, and its title, keywords and people."""
    captions = [text for (text,) in database.execute(SHOWN, (photo_id,))]
    told = database.execute("SELECT title, keywords, people FROM photos WHERE photo_id = ?", (photo_id,))
    keywords = [line for text in told.fetchone() if text for line in text.split("\n")]
    database.execute("DELETE FROM photo_words WHERE rowid = ?", (photo_id,))
    if captions or keywords:
        database.execute(
            "INSERT INTO photo_words (rowid, caption, keywords) VALUES (?, ?, ?)",
            (photo_id, words(captions), words(keywords)),
        )


def check_name(name: str, longest: int = 200) -> str:
    """A name as it is stored: one tidy line.

    Raises:
        KnownError: it is empty or too long.
    """
    tidy = " ".join(storable(name).split())
    if not tidy:
        raise KnownError("Write a name first.")
    if len(tidy) > longest:
        raise KnownError(
            "The name has {characters:,} characters, at most {longest} are kept.",
            characters=len(tidy),
            longest=longest,
        )
    return tidy


def _write_caption(
    database: sqlite3.Connection, photo_id: int, text: str | None, source: CaptionSource
) -> None:
    """The one caption of this source; the former stays as history."""
    held = database.execute(
        "SELECT text FROM captions WHERE photo_id = ? AND source = ? AND replaced_at IS NULL",
        (photo_id, source),
    ).fetchone()
    if (held[0] if held else None) == text:
        return
    now = time.time()
    database.execute(
        "UPDATE captions SET replaced_at = ? WHERE photo_id = ? AND source = ? AND replaced_at IS NULL",
        (now, photo_id, source),
    )
    if text is not None:
        database.execute(
            "INSERT INTO captions (photo_id, source, text, written_at) VALUES (?, ?, ?, ?)",
            (photo_id, source, text, now),
        )


def _write_imported(database: sqlite3.Connection, photo_id: int, texts: Iterable[str]) -> None:
    now = time.time()
    database.executemany(
        "INSERT INTO captions (photo_id, source, text, written_at) VALUES (?, 'imported', ?, ?)",
        [(photo_id, text, now) for text in texts],
    )
    database.execute(
        """UPDATE captions SET replaced_at = ?
        WHERE photo_id = ? AND source = 'person' AND text = '' AND replaced_at IS NULL""",
        (now, photo_id),
    )
    write_words(database, photo_id)


def check_photos(database: sqlite3.Connection, photo_ids: Iterable[int]) -> None:
    """Refuse ids that are of no photo.

    Raises:
        KnownError: one of them is no photo of the library.
    """
    for photo_id in photo_ids:
        if not database.execute("SELECT 1 FROM photos WHERE photo_id = ?", (photo_id,)).fetchone():
            raise KnownError("This photo is not in the library.")


def _stars_in_words(stars: int | None) -> Sentence:
    if stars is None:
        return Sentence("The files' own stars")
    return Sentence("{n} star" if stars == 1 else "{n} stars", n=stars) if stars else Sentence("No stars")


def _captioned(text: str, photos: int) -> Sentence:
    """What a change says that gave photos a caption, or took theirs away."""
    if photos == 1:
        return Sentence("Caption “{text}”", text=_told(text)) if text else Sentence("Caption removed")
    counted = photos_in_words(photos)
    if text:
        return Sentence("Caption “{text}” for {photos}", text=_told(text), photos=counted)
    return Sentence("Captions of {photos} removed", photos=counted)


def _told(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TOLD else line[: _TOLD - 1].rstrip() + "…"


def _tidy(text: str) -> str:
    text = unicodedata.normalize("NFC", storable(text)).strip()
    if len(text) > LONGEST_CAPTION:
        raise KnownError(
            "The caption has {characters:,} characters, at most {most:,} are kept; shorten it.",
            characters=len(text),
            most=LONGEST_CAPTION,
        )
    return text


def storable(text: str) -> str:
    """SQLite takes no lone surrogates, and C strings end at a NUL."""
    return text.encode(errors="replace").decode().replace("\0", " ")
