import pytest

from photosearch import i18n
from photosearch.core.exposure import shutter
from photosearch.core.photo import Facts
from photosearch.gui.viewer import information_text as told


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(1 / 250, "1/250"), (0.0166, "1/60"), (0.5, "0.5"), (30.0, "30"), (1e-9, "1/1000000000")],
)
def test_shutter_speeds_read_as_on_a_dial(seconds: float, shown: str) -> None:
    assert shutter(seconds) == shown


def test_what_a_file_does_not_say_is_left_out() -> None:
    facts = Facts("JPEG", 6000, 4000)
    assert told.dimensions(facts) == "6,000 × 4,000  ·  24.0 MP"
    assert [
        told.exposure(facts),
        told.focal_length(facts),
        told.coordinates(facts),
        told.altitude(facts),
    ] == [""] * 4
    full = Facts("JPEG", 1, 1, iso=400, exposure_seconds=0.004, f_number=2.8, latitude=-38.5, longitude=9.25)
    assert told.exposure(full) == "1/250 s  ·  f/2.8  ·  ISO 400"
    assert told.coordinates(full) == "-38.500000, 9.250000"


def test_dates_are_written_in_the_windows_language() -> None:
    assert told.date("2023-07-14T09:05:00").startswith("Friday, July 14, 2023")
    i18n.use("zh_CN")
    assert told.date("2023-07-14T09:05:00").startswith("2023年7月14日")
    assert told.date("yesterday") == "yesterday"


@pytest.mark.parametrize(
    ("path", "parts"),
    [(b"/a/b/c.jpg", ("c.jpg", "/a/b")), (b"/c.jpg", ("c.jpg", "/")), (b"/a/\xff.jpg", ("\ufffd.jpg", "/a"))],
)
def test_any_path_has_a_name_and_a_folder(path: bytes, parts: tuple[str, str]) -> None:
    assert told.name_and_folder(path) == parts
