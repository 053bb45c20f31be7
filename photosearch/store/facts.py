"""What is known of a photo by its file, and by the files beside it: both kept, and joined in its row."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from photosearch.core.photo import FACTS_VERSION, Facts, Told
from photosearch.store.dating import taken_day, write_date
from photosearch.store.notes import write_embedded_caption, write_words
from photosearch.store.rows import Sidecar, Written
from photosearch.store.towns import write_towns

# In the order of Facts, without `caption`, which stands in a table of its own.
COLUMNS = """format, width, height, taken_at, iif(taken_at IS NULL, NULL, dated_from), utc_offset,
    camera, lens, iso, exposure_seconds, f_number, focal_length_mm, latitude, longitude, altitude_metres,
    photos.rating, title, keywords, people"""
_ROUGHLY = 86_400.0  # seconds by which two clocks of one moment can differ


def facts_of(row: Sequence[Any], caption: str | None) -> Facts:
    """Facts of a photo's COLUMNS and the caption of its file."""
    *told, keywords, people = row
    words = [tuple(lines.split("\n")) if lines else () for lines in (keywords, people)]
    return Facts(**dict(zip(Facts.__struct_fields__, [*told, caption, *words], strict=True)))


def write_facts(database: sqlite3.Connection, photo_id: int, facts: Facts, colour: bytes | None) -> None:
    """Take what a photo's own file says, as it is read now; `colour` is 3 bytes of sRGB."""
    database.execute(
        "UPDATE photos SET facts_version = ?, colour = ?, own_facts = NULL WHERE photo_id = ?",
        (FACTS_VERSION, int.from_bytes(colour, "big") if colour else None, photo_id),
    )
    _show(database, photo_id, facts)
    join_sidecars(database, [photo_id])


def write_sidecars(database: sqlite3.Connection, sidecars: Iterable[Sidecar]) -> None:
    """Keep what files beside photos say, in the place of what they said before."""
    for sidecar in sidecars:
        concerned = photos_beside(database, [sidecar.path])
        told = without_ours(sidecar.told, written_notes(database, sidecar.path))
        database.execute("DELETE FROM sidecars WHERE path = ?", (sidecar.path,))
        database.executemany(
            """INSERT INTO sidecars SELECT ?, ?, folder_id, ?, ?, ?, ? FROM folders WHERE folder_id = ?""",
            [
                (
                    file,
                    sidecar.path,
                    sidecar.size,
                    sidecar.mtime_ns,
                    sidecar.ctime_ns,
                    msgspec.json.encode(told).decode(),
                    sidecar.folder_id,
                )
                for file in sidecar.files
            ],
        )
        join_sidecars(database, concerned | photos_beside(database, [sidecar.path]))


def forget_sidecars(database: sqlite3.Connection, paths: Collection[bytes]) -> None:
    """Take away what files beside photos said that are gone."""
    concerned = photos_beside(database, paths)
    database.executemany("DELETE FROM sidecars WHERE path = ?", [(path,) for path in paths])
    join_sidecars(database, concerned)


def without_ours(told: Told, ours: Written) -> Told:
    """What a file beside a photo says by itself; what this program wrote there, the library knows better."""
    if ours.caption is not None and told.caption == ours.caption:
        told = msgspec.structs.replace(told, caption=ours.caption_before)
    if ours.rating is not None and told.rating == ours.rating:
        told = msgspec.structs.replace(told, rating=ours.rating_before)
    return told


def written_notes(database: sqlite3.Connection, path: bytes) -> Written:
    """What this program wrote into a file beside a photo."""
    row = database.execute(
        "SELECT caption, rating, caption_before, rating_before FROM written_notes WHERE path = ?", (path,)
    ).fetchone()
    return Written(*row) if row else Written()


def photos_of_sidecars_in(database: sqlite3.Connection, folder: bytes) -> set[int]:
    """Ids of the photos of which sidecars in this added folder say something."""
    sql = """SELECT photo_id FROM folders JOIN sidecars USING (folder_id) JOIN files ON files.path = file
        WHERE folders.path = ?"""
    return {photo_id for (photo_id,) in database.execute(sql, (folder,))}


def photos_beside(database: sqlite3.Connection, paths: Iterable[bytes]) -> set[int]:
    """Ids of the photos of which these sidecars say something."""
    sql = "SELECT photo_id FROM sidecars JOIN files ON files.path = file WHERE sidecars.path = ?"
    return {photo_id for path in paths for (photo_id,) in database.execute(sql, (path,))}


def join_sidecars(database: sqlite3.Connection, photo_ids: Iterable[int]) -> None:
    """Bring photos in line with what their own files and the ones beside these say.

    What stands beside a photo goes before what its file says, field by field, and of several the newest. A
    photo that no file holds stays as it is.
    """
    for photo_id in photo_ids:
        rows = database.execute(
            """SELECT told FROM files LEFT JOIN sidecars ON file = files.path WHERE photo_id = ?
            ORDER BY sidecars.mtime_ns DESC""",
            (photo_id,),
        ).fetchall()
        told = [msgspec.json.decode(text, type=Told) for (text,) in rows if text]
        (kept,) = database.execute("SELECT own_facts FROM photos WHERE photo_id = ?", (photo_id,)).fetchone()
        if not rows or not (told or kept):
            continue
        own = msgspec.json.decode(kept, type=Facts) if kept else _read(database, photo_id)
        database.execute(
            "UPDATE photos SET own_facts = ? WHERE photo_id = ?",
            (msgspec.json.encode(own).decode() if told else None, photo_id),
        )
        _show(database, photo_id, joined(own, told))


def joined(own: Facts, told: Sequence[Told]) -> Facts:
    """What a photo's file says with what files beside it say, the newest first."""
    taken = next((one for one in told if one.taken_at and _dates_anew(own, one)), None)
    place = next((one for one in told if one.latitude is not None), None)
    title = next((one.title for one in told if one.title), own.title)
    caption = next((one.caption for one in told if one.caption), own.caption or title)
    facts = msgspec.structs.replace(
        own,
        rating=next((one.rating for one in told if one.rating is not None), own.rating),
        title=title if title != caption else None,
        caption=caption,
        keywords=next((one.keywords for one in told if one.keywords), own.keywords),
        people=next((one.people for one in told if one.people), own.people),
    )
    if place:
        facts = msgspec.structs.replace(
            facts,
            latitude=place.latitude,
            longitude=place.longitude,
            altitude_metres=place.altitude_metres,
        )
    if taken:
        facts = msgspec.structs.replace(
            facts, taken_at=taken.taken_at, taken_from="sidecar", utc_offset=taken.utc_offset
        )
    return facts


def _dates_anew(own: Facts, told: Told) -> bool:
    """Whether a sidecar dates the photo: not where its date is the file's own but for a time zone."""
    if not (told.taken_roughly and own.taken_at and told.taken_at) or len(own.taken_at) < len("2020-08-15"):
        return True
    apart = datetime.fromisoformat(own.taken_at) - datetime.fromisoformat(told.taken_at)
    return abs(apart.total_seconds()) > _ROUGHLY


def _read(database: sqlite3.Connection, photo_id: int) -> Facts:
    row = database.execute(f"SELECT {COLUMNS} FROM photos WHERE photo_id = ?", (photo_id,)).fetchone()  # noqa: S608
    caption = database.execute(
        "SELECT text FROM captions WHERE photo_id = ? AND source = 'embedded' AND replaced_at IS NULL",
        (photo_id,),
    ).fetchone()
    return facts_of(row, caption[0] if caption else None)


def _show(database: sqlite3.Connection, photo_id: int, facts: Facts) -> None:
    """Let a photo's row and words say this."""
    database.execute(
        """UPDATE photos SET
            taken_at = :taken_at, utc_offset = :utc_offset,
            dated_at = coalesce(:taken_day, dated_at),
            -- A date that does not hold any more is none that write_date() may keep.
            dated_from = coalesce(:taken_from, iif(taken_at IS NULL, dated_from, 'name')),
            camera = :camera, lens = :lens, iso = :iso,
            exposure_seconds = :exposure_seconds, f_number = :f_number, focal_length_mm = :focal_length_mm,
            latitude = :latitude, longitude = :longitude, altitude_metres = :altitude_metres, town_id = NULL,
            rating = :rating, title = :title, keywords = :keywords, people = :people
        WHERE photo_id = :photo_id""",
        msgspec.structs.asdict(facts)
        | {
            "photo_id": photo_id,
            "taken_day": taken_day(facts),
            "keywords": "\n".join(facts.keywords),
            "people": "\n".join(facts.people),
        },
    )
    write_date(database, photo_id)
    if facts.latitude is not None and facts.longitude is not None:
        write_towns(database, [(photo_id, facts.latitude, facts.longitude)])
    write_embedded_caption(database, photo_id, facts.caption)
    write_words(database, photo_id)
