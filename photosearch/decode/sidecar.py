"""What a file beside a photo says of it: XMP as photo programs write it, or JSON of Google's Takeout."""

import html
from datetime import UTC, datetime, timedelta

import msgspec

from photosearch.core.photo import Told
from photosearch.core.reading import decode_json
from photosearch.decode import dates, xmp
from photosearch.decode.dates import Moment
from photosearch.decode.said import as_caption, as_words

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Time(msgspec.Struct):
    timestamp: str | int = ""  # seconds since the epoch


class _Place(msgspec.Struct):
    latitude: float = 0.0
    longitude: float = 0.0
    altitude: float = 0.0


class _Person(msgspec.Struct):
    name: str = ""


class _Takeout(msgspec.Struct, rename="camel"):
    """What is used of Google's JSON, which is documented nowhere."""

    photo_taken_time: _Time
    description: str = ""
    geo_data: _Place = msgspec.field(default_factory=_Place)  # as the person put it
    geo_data_exif: _Place = msgspec.field(default_factory=_Place)
    people: list[_Person] = []


def read(data: bytes) -> Told:
    """What a sidecar says; nothing where it is damaged or of another kind. It is not to be trusted."""
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        try:
            return _of_takeout(decode_json(data.removeprefix(b"\xef\xbb\xbf"), _Takeout))
        except msgspec.DecodeError:
            return Told()
    said = xmp.parse(data)
    return Told(
        taken_at=said.taken.at if said.taken else None,
        utc_offset=said.taken.utc_offset if said.taken else None,
        latitude=said.position.latitude,
        longitude=said.position.longitude,
        altitude_metres=said.position.altitude_metres,
        rating=said.rating,
        title=said.title,
        caption=said.caption,
        keywords=said.keywords,
        people=said.people,
    )


def _of_takeout(found: _Takeout) -> Told:
    taken = _local(found.photo_taken_time.timestamp)
    place = next((place for place in (found.geo_data, found.geo_data_exif) if _is_somewhere(place)), None)
    return Told(
        taken_at=taken.at if taken else None,
        taken_roughly=True,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        altitude_metres=place.altitude if place and 0 < abs(place.altitude) < 1e5 else None,
        caption=as_caption(html.unescape(found.description)),
        people=as_words([html.unescape(person.name) for person in found.people]),
    )


def _local(timestamp: str | int) -> Moment | None:
    """By this computer's clock: of the camera's, Google keeps nothing."""
    try:
        moment = (_EPOCH + timedelta(seconds=int(timestamp))).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    return dates.moment(moment.replace(tzinfo=None).isoformat())


def _is_somewhere(place: _Place) -> bool:
    """Zeros mean that nothing is known."""
    inside = abs(place.latitude) <= 90 and abs(place.longitude) <= 180
    return inside and (place.latitude, place.longitude) != (0, 0)
