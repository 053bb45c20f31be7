"""What a video's container says: when and where it was taken, and by what. What it does not say is None."""

import re
from collections.abc import Mapping
from datetime import datetime

from photosearch.core.photo import Facts
from photosearch.decode import dates
from photosearch.decode.dates import Moment
from photosearch.decode.exif import camera
from photosearch.decode.said import Position, as_caption, one_line

# In the order in which they are trusted; the names are FFmpeg's, in lower case.
_BY_THE_CLOCK = ("com.apple.quicktime.creationdate", "date_recorded", "date")
_IN_UTC = ("creation_time",)
_PLACES = ("com.apple.quicktime.location.iso6709", "location", "location-eng")
_MAKES = ("com.apple.quicktime.make", "make", "com.android.manufacturer", "manufacturer")
_MODELS = ("com.apple.quicktime.model", "model", "com.android.model")
_TITLES = ("com.apple.quicktime.title", "title")
_CAPTIONS = ("com.apple.quicktime.description", "description", "comment")
_LIVE_PHOTO = "com.apple.quicktime.content.identifier"
_ISO_6709 = re.compile(r"([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?(?:CRS.*)?/?$")


def facts_of(said: Mapping[str, str], kind: str, width: int, height: int) -> Facts:
    """The facts of a video of this format, whose pictures are so large upright."""
    tags = {name.lower(): value for name, value in said.items()}

    def first(names: tuple[str, ...]) -> str:
        return next((tags[name] for name in names if tags.get(name, "").strip()), "")

    taken = _taken(tags)
    place = _position(first(_PLACES))
    title = one_line(first(_TITLES))
    caption = as_caption(first(_CAPTIONS)) or title
    return Facts(
        format=kind,
        width=width,
        height=height,
        taken_at=taken.at if taken else None,
        taken_from="video" if taken else None,
        utc_offset=taken.utc_offset if taken else None,
        camera=camera(one_line(first(_MAKES)) or "", one_line(first(_MODELS)) or ""),
        latitude=place.latitude,
        longitude=place.longitude,
        altitude_metres=place.altitude_metres,
        title=title if title != caption else None,
        caption=caption,
    )


def is_of_live_photo(said: Mapping[str, str]) -> bool:
    """Whether it says that it belongs to a photo."""
    return any(name.lower() == _LIVE_PHOTO for name in said)


def _taken(tags: Mapping[str, str]) -> Moment | None:
    for name in _BY_THE_CLOCK:
        if (moment := dates.moment(tags.get(name))) and len(moment.at) > len("2020"):
            return moment
    return next(filter(None, (_here(dates.moment(tags.get(name))) for name in _IN_UTC)), None)


def _here(moment: Moment | None) -> Moment | None:
    """A moment in UTC by this computer's clock, as nothing tells which the camera's was."""
    if moment is None or len(moment.at) < len("2020-08-15T12:30"):
        return moment
    local = datetime.fromisoformat(f"{moment.at}+00:00").astimezone()
    return Moment(local.replace(tzinfo=None).isoformat())


def _position(written: str) -> Position:
    """Of a place as ISO 6709 writes it in degrees: +48.8577+002.295+035/."""
    found = _ISO_6709.match(written.strip())
    if found is None:
        return Position()
    latitude, longitude = float(found[1]), float(found[2])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or latitude == longitude == 0:
        return Position()
    return Position(latitude, longitude, float(found[3]) if found[3] else None)
