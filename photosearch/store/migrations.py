"""The library's schema, as named steps. A step that was released is never edited: add another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from photosearch.core.chinese import simplified
from photosearch.store.folders import place_of
from photosearch.store.words import TOKENIZER, words_of_file

if TYPE_CHECKING:
    from sqlite_utils import Database

_AT_ONCE = 10_000  # rows that are in memory

_NOTED = """WHEN EXISTS (SELECT 1 FROM ratings WHERE photo_id = new.photo_id) OR EXISTS (
    SELECT 1 FROM captions WHERE photo_id = new.photo_id AND source <> 'embedded' AND replaced_at IS NULL)"""

SET = "library"  # the name of our steps in the table `_sqlite_migrations`


def first_schema(db: Database) -> None:
    """Photos by content, the files that hold them, their vectors by model, and what went wrong."""
    for statement in (
        """CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE models (
            model INTEGER PRIMARY KEY,
            model_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            dim INTEGER NOT NULL
        )""",
        """CREATE TABLE folders (
            folder_id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            volume TEXT NOT NULL,
            away INTEGER NOT NULL DEFAULT 0
        )""",
        # AUTOINCREMENT: an id that was seen is never given to another photo.
        """CREATE TABLE photos (
            photo_id INTEGER PRIMARY KEY AUTOINCREMENT,
            content_hash BLOB NOT NULL UNIQUE,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            format TEXT NOT NULL,
            taken_at TEXT,
            camera TEXT,
            dated_at TEXT NOT NULL, -- taken_at, else when the file was last written
            added_at REAL NOT NULL
        )""",
        "CREATE INDEX photos_by_date ON photos (dated_at, photo_id, width, height)",
        """CREATE TABLE files (
            file_id INTEGER PRIMARY KEY,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            path BLOB NOT NULL UNIQUE,
            photo_id INTEGER NOT NULL REFERENCES photos,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL
        )""",
        "CREATE INDEX files_by_folder ON files (folder_id)",
        "CREATE INDEX files_by_photo ON files (photo_id)",
        """CREATE TABLE vectors (
            model INTEGER NOT NULL REFERENCES models,
            photo_id INTEGER NOT NULL REFERENCES photos,
            bias REAL NOT NULL,
            vector BLOB NOT NULL, -- (D,) float16, little-endian
            UNIQUE (model, photo_id)
        )""",
        """CREATE TABLE failures (
            path BLOB PRIMARY KEY,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            stage TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            first_at REAL NOT NULL,
            last_at REAL NOT NULL,
            retry_at REAL, -- NULL: wait until the file changes
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL
        )""",
        "CREATE INDEX failures_by_folder ON failures (folder_id)",
    ):
        db.execute(statement)


def facts_captions_albums(db: Database) -> None:
    """All that a file says, and all that the person says, of a photo; and words to find both by."""
    for column in (
        "facts_version INTEGER NOT NULL DEFAULT 0",  # see FACTS_VERSION; 0: only what the first schema had
        "lens TEXT",
        "iso INTEGER",
        "exposure_seconds REAL",
        "f_number REAL",
        "focal_length_mm REAL",
        "latitude REAL",
        "longitude REAL",
        "altitude_metres REAL",
        "rating INTEGER",
        "keywords TEXT NOT NULL DEFAULT ''",  # one a line
        "colour INTEGER",  # 0xRRGGBB
    ):
        db.execute(f"ALTER TABLE photos ADD COLUMN {column}")
    for statement in (
        "CREATE INDEX photos_by_facts_version ON photos (facts_version)",
        "CREATE INDEX photos_by_camera ON photos (camera)",
        "CREATE INDEX photos_by_format ON photos (format)",
        "CREATE INDEX photos_by_place ON photos (latitude, longitude) WHERE latitude IS NOT NULL",
        "CREATE INDEX photos_by_rating ON photos (rating) WHERE rating IS NOT NULL",
        "CREATE INDEX photos_by_arrival ON photos (added_at, photo_id, width, height)",
        "CREATE INDEX photos_with_keywords ON photos (photo_id) WHERE keywords <> ''",
        "DROP INDEX files_by_folder",
        "CREATE INDEX files_by_folder ON files (folder_id, photo_id)",
        # A second index of paths, to read what lies below a folder without the table.
        "CREATE INDEX files_by_path ON files (path, photo_id, folder_id)",
        # Nothing that the person wrote is ever lost: what is written anew, or taken away, is marked.
        """CREATE TABLE captions (
            caption_id INTEGER PRIMARY KEY,
            photo_id INTEGER NOT NULL REFERENCES photos,
            source TEXT NOT NULL, -- 'person', 'imported' or 'embedded'
            text TEXT NOT NULL, -- of a person, '': the photo has none, whatever the others say
            written_at REAL NOT NULL,
            replaced_at REAL -- NULL: it holds
        )""",
        "CREATE INDEX captions_by_photo ON captions (photo_id)",
        "CREATE INDEX captions_of_words ON captions (photo_id) WHERE replaced_at IS NULL AND text <> ''",
        "CREATE INDEX captions_of_none ON captions (photo_id) WHERE replaced_at IS NULL AND text = ''",
        """CREATE UNIQUE INDEX captions_that_hold ON captions (photo_id, source)
            WHERE replaced_at IS NULL AND source <> 'imported'""",
        "CREATE TABLE favourites (photo_id INTEGER PRIMARY KEY REFERENCES photos, since REAL NOT NULL)",
        # The person's own; it goes before photos.rating, which is the file's.
        """CREATE TABLE ratings (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            stars INTEGER NOT NULL,
            rated_at REAL NOT NULL
        )""",
        """CREATE TABLE albums (
            album_id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            created_at REAL NOT NULL
        )""",
        """CREATE TABLE album_photos (
            album_id INTEGER NOT NULL REFERENCES albums ON DELETE CASCADE,
            position INTEGER NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos,
            PRIMARY KEY (album_id, position)
        ) WITHOUT ROWID""",
        "CREATE UNIQUE INDEX albums_by_photo ON album_photos (photo_id, album_id)",
        """CREATE TABLE saved_searches (
            search_id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL,
            created_at REAL NOT NULL
        )""",
        "CREATE TABLE recent_searches (text TEXT PRIMARY KEY, searched_at REAL NOT NULL) WITHOUT ROWID",
        f"CREATE VIRTUAL TABLE photo_words USING fts5 (caption, keywords, tokenize = {TOKENIZER})",
        f"CREATE VIRTUAL TABLE file_words USING fts5 (name, tokenize = {TOKENIZER})",
        """CREATE TRIGGER file_words_go AFTER DELETE ON files
            BEGIN DELETE FROM file_words WHERE rowid = old.file_id; END""",
    ):
        db.execute(statement)
    files = db.execute("SELECT file_id, path FROM files").fetchall()
    db.conn.executemany(
        "INSERT INTO file_words (rowid, name) VALUES (?, ?)",
        ((file_id, words_of_file(path)) for file_id, path in files),
    )


def reasons_with_values(db: Database) -> None:
    """Why a file failed, as a template and its values, which a face can translate; what was text stays it."""
    reasons = db.execute("SELECT path, reason FROM failures").fetchall()
    db.conn.executemany(
        "UPDATE failures SET reason = ? WHERE path = ?",
        ((json.dumps({"template": reason, "values": {}}), path) for path, reason in reasons),
    )


def traditional_as_simplified(db: Database) -> None:
    """Words to find photos by, with traditional Chinese characters as the simplified ones."""
    for read, write in (
        (
            "SELECT caption, keywords, rowid FROM photo_words",
            "UPDATE photo_words SET caption = ?, keywords = ? WHERE rowid = ?",
        ),
        ("SELECT name, rowid FROM file_words", "UPDATE file_words SET name = ? WHERE rowid = ?"),
    ):
        for *texts, rowid in db.execute(read).fetchall():
            if (alike := [simplified(text) for text in texts]) != texts:
                db.execute(write, (*alike, rowid))


def history_of_changes(db: Database) -> None:
    """What the person changed, so that it can be taken back and made again."""
    db.execute(
        """CREATE TABLE changes (
            change_id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL, -- of the things that were changed
            says TEXT NOT NULL, -- JSON: a sentence and its values
            states BLOB NOT NULL, -- JSON: of each thing its id, how it stood before and after; or the files
            made_at REAL NOT NULL,
            undone INTEGER NOT NULL DEFAULT 0
        )"""
    )


def indexes_of_many(db: Database) -> None:
    """What a million photos are browsed by: indexes of those that a file holds, and folders by number.

    What is read of each photo stands in a text of fixed length, which one aggregate joins: that takes a third
    of what numbers take.
    """
    for column in (
        "held INTEGER NOT NULL DEFAULT 1",  # whether a file holds it
        """shown TEXT GENERATED ALWAYS AS (printf('%08x%08x%08x%08x',
            CAST(replace(substr(dated_at, 1, 10), '-', '') AS INTEGER) & 0xffffffff, photo_id, width, height
            )) VIRTUAL""",
        # Degrees from the south pole and the date line, to the seventh decimal.
        """placed TEXT GENERATED ALWAYS AS (printf('%08x%08x%08x', photo_id,
            CAST(round((latitude + 90) * 1e7) AS INTEGER) & 0xffffffff,
            CAST(round((longitude + 180) * 1e7) AS INTEGER) & 0xffffffff)) VIRTUAL""",
        "turned INTEGER GENERATED ALWAYS AS ((height > width) - (height < width)) VIRTUAL",  # 1: portrait
        "year INTEGER GENERATED ALWAYS AS (CAST(dated_at AS INTEGER)) VIRTUAL",  # the digits before the dash
    ):
        db.execute(f"ALTER TABLE photos ADD COLUMN {column}")
    for statement in (
        """UPDATE photos SET held = 0
            WHERE photo_id IN (SELECT photo_id FROM photos EXCEPT SELECT photo_id FROM files)""",
        "CREATE INDEX photos_not_held ON photos (photo_id) WHERE NOT held",
        "DROP INDEX photos_by_date",
        "CREATE INDEX photos_by_date ON photos (dated_at, shown) WHERE held",
        "DROP INDEX photos_by_arrival",
        "CREATE INDEX photos_by_arrival ON photos (added_at, shown) WHERE held",
        "DROP INDEX photos_by_place",
        "CREATE INDEX photos_by_place ON photos (latitude, longitude, placed) WHERE latitude IS NOT NULL",
        "DROP INDEX photos_by_camera",
        "CREATE INDEX photos_by_camera ON photos (camera, year) WHERE held",
        "CREATE INDEX photos_by_turn ON photos (turned)",
        """CREATE TRIGGER file_comes AFTER INSERT ON files
            BEGIN UPDATE photos SET held = 1 WHERE photo_id = new.photo_id AND NOT held; END""",
        """CREATE TRIGGER file_goes AFTER DELETE ON files
            WHEN NOT EXISTS (SELECT 1 FROM files WHERE photo_id = old.photo_id)
            BEGIN UPDATE photos SET held = 0 WHERE photo_id = old.photo_id; END""",
        """CREATE TRIGGER file_changes AFTER UPDATE OF photo_id ON files WHEN new.photo_id <> old.photo_id
            BEGIN
                UPDATE photos SET held = 1 WHERE photo_id = new.photo_id;
                UPDATE photos SET held = 0 WHERE photo_id = old.photo_id
                AND NOT EXISTS (SELECT 1 FROM files WHERE photo_id = old.photo_id);
            END""",
        # Where files lie: the folder of each, as place_of() names it.
        "CREATE TABLE places (place_id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE)",
        "ALTER TABLE files ADD COLUMN place_id INTEGER REFERENCES places",
        "DROP INDEX files_by_path",
    ):
        db.execute(statement)
    (last,) = db.execute("SELECT coalesce(max(file_id), 0) FROM files").fetchone()
    places: dict[bytes, int] = {}
    for first in range(1, last + 1, _AT_ONCE):
        files = db.execute(
            "SELECT path, file_id FROM files WHERE file_id BETWEEN ? AND ?", (first, first + _AT_ONCE - 1)
        ).fetchall()
        known = len(places)
        placed = [(places.setdefault(place_of(path), len(places) + 1), file_id) for path, file_id in files]
        new = list(places.items())[known:]
        db.conn.executemany("INSERT INTO places (path, place_id) VALUES (?, ?)", new)
        db.conn.executemany("UPDATE files SET place_id = ? WHERE file_id = ?", placed)
    db.execute("CREATE INDEX files_by_place ON files (place_id, folder_id, photo_id)")


def change_times(db: Database) -> None:
    """When a file's bytes, names or rights last changed, by which an edit is seen that set its time back.

    Of files that are known it is not, until each is read again; what failed is tried again, once.
    """
    db.execute("ALTER TABLE files ADD COLUMN ctime_ns INTEGER")
    db.execute("ALTER TABLE failures ADD COLUMN ctime_ns INTEGER")
    db.execute("UPDATE failures SET retry_at = 0")


def looks_of_pixels(db: Database) -> None:
    """What the pixels of a photo are known by; in a table apart, as a photo's own row is far shorter."""
    db.execute(
        """CREATE TABLE looks (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            fingerprint INTEGER NOT NULL,
            miniature BLOB NOT NULL
        )"""
    )


def damaged_photos(db: Database) -> None:
    """What is wrong with a photo's file, whose picture is shown as far as it goes."""
    db.execute("ALTER TABLE photos ADD COLUMN damage TEXT")  # JSON: a sentence
    db.execute("CREATE INDEX photos_damaged ON photos (photo_id) WHERE damage IS NOT NULL")


def sources_of_dates(db: Database) -> None:
    """What a photo's date was taken from, its time zone, its title, and who is in it."""
    for column in (
        "utc_offset TEXT",  # of the camera's clock, "+02:00"
        "dated_from TEXT NOT NULL DEFAULT 'file'",  # see DateSource
        "title TEXT",
        "people TEXT NOT NULL DEFAULT ''",  # one a line
    ):
        db.execute(f"ALTER TABLE photos ADD COLUMN {column}")
    db.execute("UPDATE photos SET dated_from = 'exif' WHERE taken_at IS NOT NULL")


def versions_of_photos(db: Database) -> None:
    """Which photos are one picture, edited by other programs; and where photos lay that no file holds."""
    for statement in (
        # Of the photos that have one origin, what the person says goes from the one to the other.
        """CREATE TABLE versions (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            origin INTEGER NOT NULL, -- a photo's id, the same for all versions
            notes_went INTEGER NOT NULL DEFAULT 0 -- to another version, as no file holds this one
        )""",
        "CREATE INDEX versions_by_origin ON versions (origin)",
        """CREATE TABLE gone (
            gone_id INTEGER PRIMARY KEY, -- the latest has the highest
            photo_id INTEGER NOT NULL UNIQUE REFERENCES photos,
            path BLOB NOT NULL
        )""",
        "CREATE INDEX gone_by_path ON gone (path)",
        """CREATE TRIGGER photo_goes AFTER DELETE ON files
            WHEN NOT EXISTS (SELECT 1 FROM files WHERE photo_id = old.photo_id)
            BEGIN INSERT OR REPLACE INTO gone (photo_id, path) VALUES (old.photo_id, old.path); END""",
        """CREATE TRIGGER photo_is_replaced AFTER UPDATE OF photo_id ON files
            WHEN new.photo_id <> old.photo_id
            AND NOT EXISTS (SELECT 1 FROM files WHERE photo_id = old.photo_id)
            BEGIN INSERT OR REPLACE INTO gone (photo_id, path) VALUES (old.photo_id, old.path); END""",
        """CREATE TRIGGER photo_comes AFTER INSERT ON files
            BEGIN DELETE FROM gone WHERE photo_id = new.photo_id; END""",
        """CREATE TRIGGER photo_comes_in_place AFTER UPDATE OF photo_id ON files
            BEGIN DELETE FROM gone WHERE photo_id = new.photo_id; END""",
        # The highest id of a photo when all files that were gone from the folder had been forgotten.
        "ALTER TABLE folders ADD COLUMN settled INTEGER NOT NULL DEFAULT 0",
        "UPDATE folders SET settled = (SELECT coalesce(max(photo_id), 0) FROM photos)",
    ):
        db.execute(statement)


def files_beside_photos(db: Database) -> None:
    """What sidecars say, by the photo's file that each belongs to, and what that file says by itself."""
    for statement in (
        """CREATE TABLE sidecars (
            file BLOB NOT NULL, -- path of the photo's
            path BLOB NOT NULL,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            ctime_ns INTEGER,
            told TEXT NOT NULL, -- JSON, see Told
            PRIMARY KEY (file, path)
        ) WITHOUT ROWID""",
        "CREATE INDEX sidecars_by_path ON sidecars (path)",
        "CREATE INDEX sidecars_by_folder ON sidecars (folder_id)",
        # JSON, see Facts: what the photo's own file says, where others have a say too; NULL: the columns do.
        "ALTER TABLE photos ADD COLUMN own_facts TEXT",
    ):
        db.execute(statement)


def towns_of_photos(db: Database) -> None:
    """The towns that photos were taken at; those that are known are looked up in the background."""
    for statement in (
        """CREATE TABLE towns (
            town_id INTEGER PRIMARY KEY, -- GeoNames'
            name TEXT NOT NULL, -- '' of a country, far from any town
            name_zh TEXT NOT NULL,
            country TEXT NOT NULL,
            country_zh TEXT NOT NULL,
            words TEXT NOT NULL -- all of these as folded() has them
        )""",
        "ALTER TABLE photos ADD COLUMN town_id INTEGER",  # NULL: not looked up yet; 0: none is near
        "CREATE INDEX photos_by_town ON photos (town_id, held) WHERE latitude IS NOT NULL",
    ):
        db.execute(statement)


def notes_beside_photos(db: Database) -> None:
    """Photos whose captions or stars are not written beside them as they are, and what was written where."""
    for statement in (
        """CREATE TABLE unwritten_notes (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            changes INTEGER NOT NULL
        )""",
        """CREATE TABLE written_notes (
            path BLOB PRIMARY KEY,
            caption TEXT,
            rating INTEGER,
            caption_before TEXT,
            rating_before INTEGER
        ) WITHOUT ROWID""",
        """INSERT INTO unwritten_notes SELECT photo_id, 1 FROM captions
            WHERE source <> 'embedded' AND replaced_at IS NULL UNION SELECT photo_id, 1 FROM ratings""",
        *(
            f"""CREATE TRIGGER {name} AFTER {event} ON {table} {condition}
            BEGIN
                INSERT INTO unwritten_notes VALUES ({row}.photo_id, 1)
                ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1;
            END"""  # noqa: S608
            for name, event, table, condition, row in (
                ("caption_comes", "INSERT", "captions", "WHEN new.source <> 'embedded'", "new"),
                ("caption_goes", "UPDATE OF replaced_at", "captions", "WHEN new.source <> 'embedded'", "new"),
                ("rating_comes", "INSERT", "ratings", "", "new"),
                ("rating_changes", "UPDATE", "ratings", "", "new"),
                ("rating_goes", "DELETE", "ratings", "", "old"),
                ("noted_file_comes", "INSERT", "files", _NOTED, "new"),
                ("noted_file_changes", "UPDATE OF photo_id, path", "files", _NOTED, "new"),
            )
        ),
    ):
        db.execute(statement)


def stacks_of_photos(db: Database) -> None:
    """Which photos belong together, as they were found last; the setting STACKED says among which photos."""
    db.execute(
        """CREATE TABLE stacks (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            stack INTEGER NOT NULL,
            place INTEGER NOT NULL -- 0 is the best
        )"""
    )


def text_in_photos(db: Database) -> None:
    """What is written in photos, line by line, and which photos were looked at for it."""
    for statement in (
        """CREATE TABLE text_read (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            version INTEGER NOT NULL, -- of what read it
            lines INTEGER NOT NULL
        )""",
        "CREATE INDEX photos_with_text ON text_read (photo_id) WHERE lines > 0",
        """CREATE TABLE text_lines (
            photo_id INTEGER NOT NULL REFERENCES photos,
            place INTEGER NOT NULL, -- 0 is read first
            text TEXT NOT NULL,
            box BLOB NOT NULL, -- of four corners x and y, of 65535 parts of the upright photo; 16 bits each
            confidence REAL NOT NULL,
            PRIMARY KEY (photo_id, place)
        ) WITHOUT ROWID""",
        f"CREATE VIRTUAL TABLE line_words USING fts5 (lines, tokenize = {TOKENIZER})",
    ):
        db.execute(statement)


def live_albums(db: Database) -> None:
    """Saved searches that are albums, and the photos that they had when they were looked for last."""
    for statement in (
        """CREATE TABLE live_albums (
            search_id INTEGER PRIMARY KEY REFERENCES saved_searches ON DELETE CASCADE,
            notifies INTEGER NOT NULL, -- whether the person is told of new photos
            -- The highest ids of photos: when it was filled last, of those seen in it, of those told of.
            filled INTEGER NOT NULL DEFAULT 0,
            seen INTEGER NOT NULL,
            told INTEGER NOT NULL,
            problem TEXT -- JSON: a sentence, why it cannot be filled
        )""",
        """CREATE TABLE live_photos (
            search_id INTEGER NOT NULL REFERENCES live_albums ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photos,
            PRIMARY KEY (search_id, photo_id)
        ) WITHOUT ROWID""",
    ):
        db.execute(statement)


def tags_of_photos(db: Database) -> None:
    """What photos are tagged with, what the person took away from them, and put onto the list or off it."""
    for statement in (
        """CREATE TABLE photo_tags (
            tag TEXT NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos,
            PRIMARY KEY (tag, photo_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX photo_tags_by_photo ON photo_tags (photo_id)",
        # By what each photo was looked at for tags: a photo of another version, or of none, is to be.
        "CREATE TABLE tagged (photo_id INTEGER PRIMARY KEY REFERENCES photos, version INTEGER NOT NULL)",
        """CREATE TABLE denied_tags (
            photo_id INTEGER NOT NULL REFERENCES photos,
            tag TEXT NOT NULL,
            PRIMARY KEY (photo_id, tag)
        ) WITHOUT ROWID""",
        """CREATE TABLE listed_tags (
            tag TEXT NOT NULL UNIQUE,
            asked TEXT, -- JSON: texts, of the person's own; NULL: it is one that ships with the program
            off INTEGER NOT NULL
        )""",
    ):
        db.execute(statement)


def videos_of_photos(db: Database) -> None:
    """Photos that are the posters of videos, the frames of these that are kept, and vectors of them."""
    for statement in (
        """CREATE TABLE videos (
            photo_id INTEGER PRIMARY KEY REFERENCES photos,
            seconds REAL NOT NULL, -- 0: it does not say how long it is
            of_live_photo INTEGER NOT NULL, -- whether it says that it belongs to a photo
            poster_ms INTEGER NOT NULL,
            version INTEGER NOT NULL -- of how frames are chosen, see VIDEO_VERSION
        )""",
        """CREATE TABLE frames (
            frame_id INTEGER PRIMARY KEY AUTOINCREMENT,
            photo_id INTEGER NOT NULL REFERENCES videos ON DELETE CASCADE,
            at_ms INTEGER NOT NULL, -- from the beginning
            UNIQUE (photo_id, at_ms)
        )""",
        """CREATE TABLE frame_vectors (
            number INTEGER PRIMARY KEY AUTOINCREMENT, -- those that came later have higher ones
            model INTEGER NOT NULL REFERENCES models,
            frame_id INTEGER NOT NULL REFERENCES frames ON DELETE CASCADE,
            bias REAL NOT NULL,
            vector BLOB NOT NULL, -- (D,) float16, little-endian
            UNIQUE (frame_id, model)
        )""",
    ):
        db.execute(statement)


def moments_of_tags(db: Database) -> None:
    """Where in each video the frame is that shows a tag of it best."""
    db.execute(
        """CREATE TABLE tag_moments (
            tag TEXT NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos,
            at_ms INTEGER NOT NULL,
            PRIMARY KEY (tag, photo_id)
        ) WITHOUT ROWID"""
    )


STEPS: tuple[Callable[[Database], None], ...] = (
    first_schema,
    facts_captions_albums,
    reasons_with_values,
    traditional_as_simplified,
    history_of_changes,
    indexes_of_many,
    change_times,
    looks_of_pixels,
    damaged_photos,
    sources_of_dates,
    versions_of_photos,
    files_beside_photos,
    towns_of_photos,
    notes_beside_photos,
    stacks_of_photos,
    text_in_photos,
    live_albums,
    tags_of_photos,
    videos_of_photos,
    moments_of_tags,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the steps that are missing; the connection must be in a transaction, which makes them atomic."""
    if applied(connection) == known():
        return
    from sqlite_utils import Database  # a tenth of a second, for a library that is new or older
    from sqlite_utils.migrations import Migrations

    migrations = Migrations(SET)
    for step in STEPS:
        migrations(name=step.__name__)(step)
    migrations.apply(Database(connection, execute_plugins=False))


def applied(connection: sqlite3.Connection) -> set[str]:
    """The names of the steps that this library has had; empty where there is no library yet."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return set()
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))
    return {name for (name,) in rows}


def known() -> set[str]:
    """The names of all steps that this program knows."""
    return {step.__name__ for step in STEPS}
