import pytest
from PIL import Image

from photosearch.decode.exif import camera, orientation, taken_at

MAKE, MODEL, ORIENTATION, DATE_TIME = 0x010F, 0x0110, 0x0112, 0x0132
EXIF_IFD, DATE_TIME_ORIGINAL, DATE_TIME_DIGITIZED = 0x8769, 0x9003, 0x9004


def exif(tags: dict[int, object], details: dict[int, object] | None = None) -> Image.Exif:
    made = Image.Exif()
    made.update(tags)
    made.get_ifd(EXIF_IFD).update(details or {})
    return made


def test_taken_at_is_when_the_shutter_opened():
    tags = exif(
        {DATE_TIME: "2025:01:01 10:00:00"},
        {DATE_TIME_ORIGINAL: "2024:07:14 18:03:59", DATE_TIME_DIGITIZED: "2024:08:01 00:00:00"},
    )
    assert taken_at(tags) == "2024-07-14T18:03:59"


def test_a_junk_date_gives_way_to_the_next_best():
    tags = exif({DATE_TIME: "2019:02:03 04:05:06"}, {DATE_TIME_ORIGINAL: "0000:00:00 00:00:00"})
    assert taken_at(tags) == "2019-02-03T04:05:06"


@pytest.mark.parametrize(
    "junk",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024:13:01 00:00:00", "2023:02:29 00:00:00", "soon", "",
     "0001:01:01 00:00:00", b"\xff\xfe", 20240714, (2024, 7), None],
)  # fmt: skip
def test_junk_is_no_date(junk):
    assert taken_at(exif({}, {DATE_TIME_ORIGINAL: junk})) is None


@pytest.mark.parametrize(
    "written", ["2024-07-14T18:03:59+02:00", "2024/07/14 18:03:59", b"2024:07:14 18:03:59\0"]
)
def test_dates_as_other_programs_write_them(written):
    assert taken_at(exif({}, {DATE_TIME_ORIGINAL: written})) == "2024-07-14T18:03:59"


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
    assert camera(exif({MAKE: make, MODEL: model})) == tidy


@pytest.mark.parametrize(("written", "meant"), [(6, 6), (0, 1), (9, 1), ("6", 1), ((6,), 1), (None, 1)])
def test_orientation_that_makes_no_sense_is_upright(written, meant):
    assert orientation(exif({ORIENTATION: written})) == meant
