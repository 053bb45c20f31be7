import pytest
from PIL import Image, TiffImagePlugin

from photosearch.decode.dates import Moment
from photosearch.decode.exif import Shot, camera, orientation, said, shot
from photosearch.decode.said import Position

MAKE, MODEL, ORIENTATION, DATE_TIME = 0x010F, 0x0110, 0x0112, 0x0132
EXIF_IFD, DATE_TIME_ORIGINAL, DATE_TIME_DIGITIZED = 0x8769, 0x9003, 0x9004


ZERO_OVER_ZERO = TiffImagePlugin.IFDRational(0, 0)


def exif(tags: dict[int, object], details: dict[int, object] | None = None) -> Image.Exif:
    made = Image.Exif()
    made.update(tags)
    made.get_ifd(EXIF_IFD).update(details or {})
    return made


def taken_at(tags: Image.Exif) -> str | None:
    found = said(tags)
    best = found.taken or found.digitized or found.changed
    return best and best.at


def test_taken_at_is_when_the_shutter_opened():
    tags = exif(
        {DATE_TIME: "2025:01:01 10:00:00"},
        {DATE_TIME_ORIGINAL: "2024:07:14 18:03:59", DATE_TIME_DIGITIZED: "2024:08:01 00:00:00"},
    )
    assert taken_at(tags) == "2024-07-14T18:03:59"


@pytest.mark.parametrize(
    ("seconds", "told"), [(1e-310, None), (0.0, None), (-1.0, None), (1e300, None), (1 / 8000, 1 / 8000)]
)
def test_an_exposure_that_no_camera_makes_is_none(seconds: float, told: float | None) -> None:
    """Exposures are fractions, and a file may hold floating point numbers of any size."""
    assert shot(exif({}, {0x829A: seconds})).exposure_seconds == told


def test_a_junk_date_gives_way_to_the_next_best():
    for junk in ("0000:00:00 00:00:00", "2262:01:01 00:00:00", "2002:12:08 12:00:00"):
        tags = exif({DATE_TIME: "2019:02:03 04:05:06"}, {DATE_TIME_ORIGINAL: junk})
        assert taken_at(tags) == "2019-02-03T04:05:06"


@pytest.mark.parametrize("zone", [0x9010, 0x9011])
def test_time_zones_of_the_camera(zone):
    found = said(exif({}, {DATE_TIME_ORIGINAL: "2024:07:14 18:03:59", zone: "+02:00"}))
    assert found.taken == Moment("2024-07-14T18:03:59", "+02:00")


@pytest.mark.parametrize(
    ("local", "day", "time", "offset"),
    [
        ("2016:02:02 24:28:33", "2016:02:01", (23, 28, 16), "+01:00"),
        ("2024:07:14 18:03:59", "2024:07:14", (12, 34, 2), "+05:30"),
        ("2024:07:14 18:03:59", "2024:07:15", (4, 3, 59), "-10:00"),
        ("2024:07:14 18:03:59", "2024:07:14", (14, 10, 0), None),  # an old fix
        ("2024:07:14 18:03:59", "2024:07:16", (14, 3, 59), None),
        ("2024:07:14", "2024:07:14", (14, 3, 59), None),
    ],
)
def test_time_zones_by_satellite(local, day, time, offset):
    tags = exif({}, {DATE_TIME_ORIGINAL: local})
    tags.get_ifd(0x8825).update({7: tuple(map(float, time)), 29: day})
    assert said(tags).taken.utc_offset == offset


def test_a_date_of_satellites_alone_is_in_utc():
    tags = gps(ns="N", latitude=(47, 0, 0), ew="E", longitude=(19, 0, 0))
    tags.get_ifd(0x8825).update({7: (14.0, 3.0, 59.5), 29: "2024:07:14"})
    assert said(tags).by_satellite == Moment("2024-07-14T14:03:59", "+00:00")


@pytest.mark.parametrize(
    ("make", "model", "tidy"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON Z 6_2", "NIKON Z 6_2"),
        ("Apple", "iPhone 15 Pro", "Apple iPhone 15 Pro"),
        ("OLYMPUS IMAGING CORP.  ", "E-M5 \0garbage", "OLYMPUS E-M5"),
        ("SONY\n", None, "SONY"),
        (None, "Scanner", "Scanner"),
        (None, None, None),
        (7, ("x",), None),
    ],
)
def test_camera(make, model, tidy):
    found = said(exif({MAKE: make, MODEL: model}))
    assert camera(found.make, found.model) == tidy


@pytest.mark.parametrize(("written", "meant"), [(6, 6), (0, 1), (9, 1), ("6", 1), ((6,), 1), (None, 1)])
def test_orientation_that_makes_no_sense_is_upright(written, meant):
    assert orientation(exif({ORIENTATION: written})) == meant


def gps(**tags: object) -> Image.Exif:
    made = Image.Exif()
    names = {"ns": 1, "latitude": 2, "ew": 3, "longitude": 4, "below": 5, "altitude": 6}
    made.get_ifd(0x8825).update({names[name]: value for name, value in tags.items()})
    return made


def test_place():
    found = position(
        gps(ns="N", latitude=(47.0, 29.0, 52.44), ew="W", longitude=(19.0, 2.0, 24.72), altitude=105.5)
    )
    assert (found.latitude, found.longitude, found.altitude_metres) == (47.4979, -19.0402, 105.5)
    found = position(
        gps(ns="S", latitude=(33, 51, 24), ew="E", longitude=(151, 12, 30), below=b"\x01", altitude=3)
    )
    assert (found.latitude, found.longitude, found.altitude_metres) == (-33.8566667, 151.2083333, -3.0)


@pytest.mark.parametrize(
    ("ns", "latitude", "ew", "longitude", "place"),
    [
        ("South", (33, 51, 24), "East", (151, 12, 30), (-33.8566667, 151.2083333)),
        (b"s\0", (33, 51, 24), "WEST LONGITUDE", (70, 0, 0), (-33.8566667, -70.0)),
        ("N", (47.5,), "E", 19.25, (47.5, 19.25)),
        ("N", (47, 30.6), "E", (19, 15.0), (47.51, 19.25)),
        ("N", (47, 30.6, ZERO_OVER_ZERO), "E", (19, 15, ZERO_OVER_ZERO), (47.51, 19.25)),
        (None, (-33.5, 0, 0), None, (-70.25, 0, 0), (-33.5, -70.25)),  # the sign tells
    ],
)
def test_places_as_other_programs_write_them(ns, latitude, ew, longitude, place):
    found = position(gps(ns=ns, latitude=latitude, ew=ew, longitude=longitude))
    assert (found.latitude, found.longitude) == place


@pytest.mark.parametrize(
    ("below", "metres"), [(0, 12.0), (1, -12.0), (2, 12.0), (3, -12.0), (b"\x01", -12.0), (None, 12.0)]
)
def test_heights_have_a_reference(below, metres):
    found = position(gps(ns="N", latitude=(1, 0, 0), ew="E", longitude=(2, 0, 0), below=below, altitude=12.0))
    assert found.altitude_metres == metres


def position(tags: Image.Exif) -> Position:
    return said(tags).position


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"latitude": (47, 0, 0)},
        {"latitude": (0, 0, 0), "longitude": (0, 0, 0)},  # no fix
        {"latitude": (91, 0, 0), "longitude": (0, 0, 0)},
        {"latitude": (1, 0, 0), "longitude": (181, 0, 0)},
        {"latitude": (ZERO_OVER_ZERO,) * 3, "longitude": (1, 2, 3)},
        {"latitude": (float("nan"), 0, 0), "longitude": (1, 2, 3)},
        {"latitude": (1, 2, 3), "longitude": (1, 2, 3)},  # in which half of the world?
        {"ns": "N", "latitude": (1, 2, 3), "ew": "Ost", "longitude": (1, 2, 3)},  # east, or oeste?
        {"ns": "N", "latitude": (1, ZERO_OVER_ZERO, 3), "ew": "E", "longitude": (1, 2, 3)},
        {"latitude": "47", "longitude": b"19"},
        {"latitude": ("a", "b", "c"), "longitude": ((1,), (2,), (3,))},
        {"latitude": 47.0, "longitude": 19.0},
    ],
)
def test_junk_is_no_place(tags):
    assert position(gps(**tags)) == Position()


def test_a_place_without_a_sensible_height():
    for altitude in (ZERO_OVER_ZERO, 1e9, "high", None):
        assert position(
            gps(ns="N", latitude=(1, 0, 0), ew="E", longitude=(2, 0, 0), altitude=altitude)
        ) == Position(1.0, 2.0, None)


def test_how_a_picture_was_taken():
    tags = exif({}, {0x829A: 0.004, 0x829D: 1.8, 0x920A: 35.0, 0x8827: 200, 0xA434: "RF35mm F1.8\0"})
    assert shot(tags) == Shot(200, 0.004, 1.8, 35.0)
    assert said(tags).lens == "RF35mm F1.8"
    assert shot(exif({}, {0x8827: (400, 0)})).iso == 400
    assert shot(exif({}, {0x8827: 65535, 0x8832: 102400})).iso == 102400


@pytest.mark.parametrize(
    "junk", [0, -1, ZERO_OVER_ZERO, float("inf"), "x", b"\xff", (), (None,), None, 10**12]
)
def test_junk_is_no_shot(junk):
    assert shot(exif({}, dict.fromkeys((0x829A, 0x829D, 0x920A, 0x8827), junk))) == Shot(
        None, None, None, None
    )
