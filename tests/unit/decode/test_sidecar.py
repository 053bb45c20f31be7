import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.photo import Told
from photosearch.decode.sidecar import read

TAKEOUT = {
    "title": "IMG_1234.jpg",
    "description": "Anna &amp; Ben at the\nlake",
    "imageViews": "12",
    "photoTakenTime": {"timestamp": "1565870400", "formatted": "15 Aug 2019, 12:00:00 UTC"},
    "geoData": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
    "geoDataExif": {"latitude": 47.5, "longitude": -8.25, "altitude": 410.5},
    "people": [{"name": "Anna"}, {"name": "Ben"}],
}
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmp:Rating="4" exif:DateTimeOriginal="2019-08-15T12:30:00+02:00"
 exif:GPSLatitude="47,30.0N" exif:GPSLongitude="8,15.0W">
<dc:subject><rdf:Bag><rdf:li>lake</rdf:li><rdf:li>summer</rdf:li></rdf:Bag></dc:subject>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">At the lake</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_takeouts_json_is_read(monkeypatch):
    local = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(1565870400))
    assert read(json.dumps(TAKEOUT).encode()) == Told(
        taken_at=local,
        taken_roughly=True,
        latitude=47.5,
        longitude=-8.25,
        altitude_metres=410.5,
        caption="Anna & Ben at the lake",
        people=("Anna", "Ben"),
    )


def test_a_place_that_the_person_put_goes_before_the_cameras():
    moved = TAKEOUT | {"geoData": {"latitude": 1.5, "longitude": 2.5, "altitude": 0.0}}
    told = read(b"\xef\xbb\xbf" + json.dumps(moved).encode())
    assert (told.latitude, told.longitude, told.altitude_metres) == (1.5, 2.5, None)


def test_xmp_is_read():
    assert read(XMP.encode()) == Told(
        taken_at="2019-08-15T12:30:00",
        utc_offset="+02:00",
        latitude=47.5,
        longitude=-8.25,
        rating=4,
        caption="At the lake",
        keywords=("lake", "summer"),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"{}",
        b'{"a": [1, 2, 3]}',
        b'{"photoTakenTime": 5}',
        b'{"photoTakenTime": {"timestamp": "soon"}}',
        b'{"photoTakenTime": {"timestamp": 99999999999999999999}}',
        b'{"photoTakenTime":' + b'{"x":' * 100_000,
        b"\xff\xfe\x00",
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + XMP.encode(),
        XMP.encode()[:300],
    ],
    ids=range(10),
)
def test_what_is_damaged_or_of_another_kind_says_nothing(data):
    assert read(data) in (Told(), Told(taken_roughly=True))


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(data):
    read(data)
    read(b"{" + data)


@pytest.mark.parametrize("caption", ["👨\u200d👩\u200d👧 at home", "می\u200cخواهم"])
def test_letters_that_are_joined_stay_so(caption):
    assert read(XMP.replace("At the lake", caption).encode()).caption == caption
