"""Videos: which of their pictures are kept, what they say, and what a decoder makes of them."""

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.core.errors import Cancelled, Sentence
from photosearch.decode import reading, video, video_serving
from photosearch.decode.frames import Asked, VideoFrame
from photosearch.decode.image import DecodeError, Limits
from photosearch.decode.pool import DecoderPool, Wanted, Watch
from photosearch.decode.video import VideoFile
from photosearch.decode.video_kind import BEGINNING, kind_of
from tests.helpers.decoding import PREPROCESSING, always
from tests.helpers.photos import make_photo
from tests.helpers.videos import CODECS, SIZE, make_video, scene

KINDS = {".mp4": "MP4", ".mov": "MOV", ".avi": "AVI", ".mkv": "MKV", ".webm": "WEBM"}


class Seen(Watch):
    """Keeps the pictures that come."""

    def __init__(self) -> None:
        self.frames: list[VideoFrame] = []

    def frame(self, content_hash: bytes, frame: VideoFrame) -> None:
        self.frames.append(frame)


@pytest.fixture(scope="module")
def pool():
    with DecoderPool(PREPROCESSING, workers=1) as pool:
        yield pool


@contextlib.contextmanager
def opened(path: Path) -> Iterator[VideoFile]:
    with path.open("rb") as file:
        kind = kind_of(file.read(BEGINNING))
        file.seek(0)
        with VideoFile(file, kind) as found:
            yield found


def shots(path: Path) -> list[video.Shot]:
    with opened(path) as found:
        return [shot for shot in found.shots(128) if shot]


def unlike(one: Image.Image, other: Image.Image) -> float:
    """By how many levels two pictures differ on average."""
    pixels = (np.asarray(image.resize((32, 18))).astype(int) for image in (one, other))
    return float(np.abs(np.subtract(*pixels)).mean())


@pytest.mark.parametrize("ending", CODECS)
def test_a_picture_of_each_scene(tmp_path, ending):
    path = make_video(tmp_path / f"x{ending}", [scene(1), scene(2), scene(3)])

    with opened(path) as found:
        assert found.facts().format == KINDS[ending]
        assert found.seconds == pytest.approx(12, abs=0.3)
        assert (found.width, found.height) == SIZE
    pictures = shots(path)

    assert [round(shot.at_ms, -3) for shot in pictures] == [0, 4000, 8000]
    for seed, shot in enumerate(pictures, 1):
        assert unlike(shot.image, scene(seed)) < 8


def test_one_scene_has_one_picture_however_long_it_is(tmp_path):
    assert len(shots(make_video(tmp_path / "x.mp4", [scene(1)], seconds_each=30))) == 1


def test_at_most_twenty_pictures_a_minute(tmp_path):
    changing = [scene(seed) for seed in range(30)]
    pictures = shots(make_video(tmp_path / "x.mp4", changing, seconds_each=1))
    assert len(pictures) == 10
    assert all(np.diff([shot.at_ms for shot in pictures]) >= 3000)


def test_at_most_so_many_pictures_of_any_video(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "MOST", 4)
    changing = [scene(seed) for seed in range(12)]
    pictures = shots(make_video(tmp_path / "x.mp4", changing, seconds_each=5))
    assert [round(shot.at_ms, -3) for shot in pictures] == [0, 15000, 30000, 45000]


def test_what_is_dark_is_passed_over(tmp_path):
    black = Image.new("RGB", SIZE, "black")
    pictures = shots(make_video(tmp_path / "x.mp4", [black, scene(1)]))
    assert [round(shot.at_ms, -3) for shot in pictures] == [4000]
    assert len(shots(make_video(tmp_path / "y.mp4", [black]))) == 1


def test_a_video_that_was_filmed_upright(tmp_path):
    path = make_video(tmp_path / "x.mp4", [scene(1)], turned=90)
    with opened(path) as found:
        assert (found.width, found.height) == SIZE[::-1]
    (shot,) = shots(path)
    assert unlike(shot.image, scene(1).transpose(Image.Transpose.ROTATE_90)) < 8


@pytest.mark.parametrize("ending", [".mp4", ".avi", ".mkv"])
def test_the_picture_at_a_time(tmp_path, ending):
    path = make_video(tmp_path / f"x{ending}", [scene(seed) for seed in range(8)])
    with opened(path) as found:
        for number in (6, 1, 0, 7):
            assert unlike(found.picture_at(number * 4000, 128), scene(number)) < 8


def test_a_long_video_is_leapt_through(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "MOST_LOOKED_AT", 3)
    path = make_video(tmp_path / "x.mp4", [scene(seed) for seed in range(12)], seconds_each=5)
    assert [round(shot.at_ms, -3) for shot in shots(path)] == [0, 20000, 40000]


def test_a_long_way_between_two_pictures_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "PATIENCE", 0.0)
    with opened(make_video(tmp_path / "x.mp4", [scene(1), scene(2)])) as found:
        told = list(found.shots(128))
    assert len([shot for shot in told if shot]) == 2
    assert told.count(None) > 10


def test_what_it_says(tmp_path):
    path = make_video(
        tmp_path / "x.mov",
        metadata={
            "com.apple.quicktime.creationdate": "2023-06-01T14:00:00+0200",
            "com.apple.quicktime.location.ISO6709": "+48.8577+002.2950+035.000/",
            "com.apple.quicktime.make": "Apple",
            "com.apple.quicktime.model": "iPhone 15",
            "com.apple.quicktime.content.identifier": "0B1C",
            "title": "Rusty runs",
        },
    )
    with opened(path) as found:
        facts, told = found.facts(), found.told()
    assert (facts.taken_at, facts.utc_offset, facts.taken_from) == ("2023-06-01T14:00:00", "+02:00", "video")
    assert (facts.latitude, facts.longitude, facts.altitude_metres) == (48.8577, 2.295, 35.0)
    assert (facts.camera, facts.caption) == ("Apple iPhone 15", "Rusty runs")
    assert told.of_live_photo


def test_a_date_in_utc_is_by_the_clock_here(tmp_path):
    path = make_video(tmp_path / "x.mp4", metadata={"creation_time": "2023-06-01T12:00:00.000000Z"})
    with opened(path) as found:
        facts = found.facts()
    here = datetime(2023, 6, 1, 12, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert (facts.taken_at, facts.utc_offset) == (here.isoformat(), None)


@pytest.mark.parametrize(
    "place", ["+48.8577", "+91+002/", "+00.0000+000.0000/", "nowhere", "+48.8577+002.2950+035.000/ and more"]
)
def test_no_place(tmp_path, place):
    with opened(make_video(tmp_path / "x.mp4", [scene(1)], metadata={"location": place})) as found:
        assert found.facts().latitude is None


def test_the_pool_gives_its_poster_and_the_others(pool, tmp_path):
    flat, rich = Image.linear_gradient("L").resize(SIZE).convert("RGB"), scene(1)
    path = make_video(tmp_path / "x.mp4", [flat, rich, scene(2)])
    seen = Seen()

    decoded = pool.decode(bytes(path), always, seen)

    assert decoded.content_hash == hashlib.blake2b(path.read_bytes(), digest_size=20).digest()
    assert decoded.size == path.stat().st_size
    poster = decoded.picture.poster
    assert poster.video.seconds == pytest.approx(12)
    assert round(poster.at_ms, -3) != 0, "the others have more to be seen"
    times = sorted([poster.at_ms, *(frame.at_ms for frame in seen.frames)])
    assert [round(time, -3) for time in times] == [0, 4000, 8000]
    assert decoded.picture.thumbnail.startswith(b"\xff\xd8")
    assert all(frame.thumbnail.startswith(b"\xff\xd8") for frame in seen.frames)
    assert len(decoded.picture.pixels) == len(seen.frames[0].pixels) == PREPROCESSING.size**2 * 3


def test_a_known_video_is_only_hashed(pool, tmp_path):
    path = make_video(tmp_path / "x.mp4")
    decoded = pool.decode(bytes(path), lambda _: Wanted.NOTHING)
    assert decoded.content_hash == hashlib.blake2b(path.read_bytes(), digest_size=20).digest()
    assert (decoded.facts, decoded.picture) == (None, None)


def test_its_facts_alone(pool, tmp_path):
    decoded = pool.decode(bytes(make_video(tmp_path / "x.mp4")), lambda _: Wanted.FACTS)
    assert (decoded.facts.format, decoded.facts.width, decoded.picture) == ("MP4", SIZE[0], None)


def test_it_is_looked_at_where_one_wants(pool, tmp_path):
    path = make_video(tmp_path / "x.mp4")
    shown = [pool.preview(bytes(path), 200, at_ms).jpeg for at_ms in (0, 4000)]
    assert shown[0] != shown[1]
    assert (pool.preview(bytes(path), 200).width, pool.preview(bytes(path), 200).height) == SIZE


@pytest.mark.parametrize("ending", CODECS)
def test_half_a_video(pool, tmp_path, ending):
    path = make_video(tmp_path / f"x{ending}", [scene(seed) for seed in range(6)])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    seen = Seen()
    if ending in (".mp4", ".mov"):  # where things lie stands at its end
        with pytest.raises(DecodeError, match="the file is damaged"):
            pool.decode(bytes(path), always, seen)
    else:
        assert pool.decode(bytes(path), always, seen).picture.poster
        assert 1 <= len(seen.frames) <= 4


def test_no_video_at_all(pool, tmp_path):
    path = tmp_path / "x.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(range(256)) * 20)
    with pytest.raises(DecodeError, match="the file is damaged"):
        pool.decode(bytes(path), always)


def test_what_is_only_called_a_video_is_said_to_be_none(pool, tmp_path):
    path = tmp_path / "x.MP4"
    path.write_bytes(b"no video of any kind" * 20)
    with pytest.raises(DecodeError, match="not a video of a kind that can be read"):
        pool.decode(bytes(path), always)
    photo = make_photo(tmp_path / "y.mp4", fmt="JPEG")
    assert pool.decode(bytes(photo), always).facts.format == "JPEG"


def test_damage_in_the_middle_costs_no_more_than_its_place(pool, tmp_path):
    path = make_video(tmp_path / "x.avi", [scene(seed) for seed in range(6)])
    data = bytearray(path.read_bytes())
    generator = np.random.default_rng(0)
    for start in range(len(data) // 3, len(data) * 2 // 3, 400):
        data[start : start + 40] = generator.bytes(40)
    path.write_bytes(data)
    assert pool.decode(bytes(path), always).picture.poster


def test_what_watches_may_end_it(pool, tmp_path):
    class Stop(Watch):
        def frame(self, content_hash: bytes, frame: VideoFrame) -> None:
            raise Cancelled

    path = make_video(tmp_path / "x.mp4")
    with pytest.raises(Cancelled):
        pool.decode(bytes(path), always, Stop())
    assert pool.decode(bytes(path), always).picture.poster, "another child goes on"


def test_what_takes_too_long_is_kept_as_far_as_it_went(tmp_path):
    path = make_video(tmp_path / "x.mp4", [scene(seed) for seed in range(5)])
    with DecoderPool(PREPROCESSING, workers=1, limits=Limits(video_seconds=1e-9)) as pool:
        seen = Seen()
        decoded = pool.decode(bytes(path), always, seen)
    assert (decoded.picture.poster.at_ms, seen.frames) == (0, [])


def test_a_large_one_says_that_it_goes_on(tmp_path, monkeypatch):
    class Parent:
        def __init__(self) -> None:
            self.sent: list[object] = []

        def send(self, frame: object) -> None:
            self.sent.append(frame)

        def verdict(self) -> Wanted:
            return Wanted.PICTURE

        def alarm(self) -> contextlib.AbstractContextManager[None]:
            return contextlib.nullcontext()

    monkeypatch.setattr(video_serving, "SECONDS_OF_SILENCE", 0.0)
    path, parent = make_video(tmp_path / "x.mp4", [scene(1)]), Parent()
    with path.open("rb") as file:
        before, kind = reading.looked_at(file, Limits())
        asked = Asked(bytes(path))
        video_serving.serve_video(parent, file, before, kind, asked, PREPROCESSING, Limits())
    told = [type(frame).__name__ for frame in parent.sent]
    assert told[0] == "StillAtIt", "while it is hashed"
    assert "StillAtIt" in told[told.index("Read") :], "while its pictures are looked at"
    assert told[-1] == "DecodedPicture"


def test_over_the_limit(tmp_path):
    path = make_video(tmp_path / "x.mp4")
    with (
        DecoderPool(PREPROCESSING, workers=1, limits=Limits(megapixels=0.01, video_bytes=1 << 20)) as pool,
        pytest.raises(DecodeError, match=r"1 megapixels, the limit is 0\.01"),
    ):
        pool.decode(bytes(path), always)
    with (
        DecoderPool(PREPROCESSING, workers=1, limits=Limits(video_bytes=1000)) as pool,
        pytest.raises(DecodeError, match="the limit is"),
    ):
        pool.decode(bytes(path), always)


def test_its_damage_is_said(pool, tmp_path):
    path = make_video(tmp_path / "x.mkv", [scene(seed) for seed in range(6)])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"\xff" * 2000)
    assert pool.decode(bytes(path), always).picture.damage in (None, Sentence("the file is damaged"))


def test_photos_are_no_videos(photo):
    assert kind_of(Path(photo.decode()).read_bytes()[:BEGINNING]) is None
    for brand in (b"heic", b"avif", b"crx ", b"mif1", b"jxl "):
        assert kind_of(b"\0\0\0\x18ftyp" + brand + bytes(100)) is None
