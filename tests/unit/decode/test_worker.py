"""What a decoder child makes of one file, seen through a pool of one."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.core.errors import Sentence
from photosearch.decode import reading
from photosearch.decode.fit import fit
from photosearch.decode.image import open_image
from photosearch.decode.look import look_of
from photosearch.decode.pool import DecodeError, DecoderPool, Limits, Wanted
from photosearch.decode.thumbnail import average_colour, glimpse
from tests.helpers.decoding import PREPROCESSING, always
from tests.helpers.photos import make_photo


def never(content_hash: bytes) -> Wanted:
    return Wanted.NOTHING


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    """Small limits, so that small files are over them."""
    limits = Limits(megapixels=1, file_bytes=1 << 20)
    with DecoderPool(PREPROCESSING, workers=1, limits=limits) as pool:
        yield pool


def test_decodes(pool, photo):
    asked = []
    decoded = pool.decode(photo, lambda content_hash: asked.append(content_hash) or Wanted.PICTURE)

    data = Path(os.fsdecode(photo)).read_bytes()
    status = Path(os.fsdecode(photo)).stat()
    assert asked == [decoded.content_hash] == [hashlib.blake2b(data, digest_size=20).digest()]
    assert (decoded.size, decoded.mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert (decoded.facts.width, decoded.facts.height) == (240, 320)
    image, _ = open_image(data, at_least=512)
    assert decoded.picture.pixels == fit(image, PREPROCESSING).tobytes()
    assert decoded.picture.thumbnail.startswith(b"\xff\xd8")
    assert decoded.picture.look == look_of(glimpse(decoded.picture.thumbnail))


def test_a_known_photo_is_only_hashed(pool, photo):
    decoded = pool.decode(photo, never)
    assert decoded.content_hash == pool.decode(photo, always).content_hash
    assert (decoded.facts, decoded.picture) == (None, None)


ODD_NAMES = ["two\nlines.jpg", "🐕 à la plage.jpg", "%s {x} 'q' \"d\".jpg", "-rf.jpg", " .jpg"]
if sys.platform == "linux":
    ODD_NAMES.append(os.fsdecode(b"caf\xe9\xff.jpg"))  # other systems refuse such a name
if sys.platform == "win32":
    ODD_NAMES = ["🐕 à la plage.jpg", "%s {x} 'q'.jpg", "-rf.jpg"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_odd_names(pool, tmp_path, name):
    path = make_photo(tmp_path / name)
    assert pool.decode(os.fsencode(path), always).facts.width == 64


def reason(pool: DecoderPool, path: Path) -> tuple[str, bool]:
    with pytest.raises(DecodeError) as caught:
        pool.decode(os.fsencode(path), always)
    return str(caught.value.reason), caught.value.passing


def test_not_there(pool, tmp_path):
    assert reason(pool, tmp_path / "gone.jpg") == ("the file is gone", True)


def test_folder(pool, tmp_path):
    (tmp_path / "x.jpg").mkdir()
    assert reason(pool, tmp_path / "x.jpg")[0] == "it is a folder"


@pytest.mark.parametrize("kind", ["fifo", "device"] if hasattr(os, "mkfifo") else [])
def test_neither_file_nor_folder(pool, tmp_path, kind):
    path = tmp_path / "x.jpg"
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    assert reason(pool, path) == ("it is not a regular file", False)


def test_link_to_a_photo_is_followed(pool, tmp_path, photo):
    path = tmp_path / "link.jpg"
    path.symlink_to(os.fsdecode(photo))
    assert pool.decode(os.fsencode(path), always).content_hash == pool.decode(photo, never).content_hash


def test_empty_file(pool, tmp_path):
    (tmp_path / "x.jpg").touch()
    assert reason(pool, tmp_path / "x.jpg") == ("the file is empty", False)


def test_file_over_the_limit(pool, tmp_path):
    path = tmp_path / "x.jpg"
    with path.open("wb") as file:
        file.truncate(3 << 20)
    assert reason(pool, path) == ("the file has 3 MB, the limit is 1", False)


def test_picture_over_the_limit(pool, tmp_path):
    path = make_photo(tmp_path / "x.png", color="gray", size=(1500, 1000))
    assert reason(pool, path) == ("2 megapixels, the limit is 1", False)


def test_damaged_file(pool, tmp_path):
    path = make_photo(tmp_path / "x.jpg", size=(256, 256))
    path.write_bytes(path.read_bytes()[:-500])
    decoded = pool.decode(os.fsencode(path), always)
    assert decoded.picture.damage == Sentence("the file is truncated")
    assert pool.preview(os.fsencode(path), 100).width == 256
    path.write_bytes(path.read_bytes()[:200])
    assert reason(pool, path) == ("the file is truncated", False)


def test_file_that_changes_while_it_is_read(monkeypatch, photo):
    real = os.fstat
    statuses = []

    def growing(descriptor: int) -> os.stat_result:
        statuses.append(real(descriptor))
        if len(statuses) == 1:
            with Path(os.fsdecode(photo)).open("ab") as file:
                file.write(b"more")
        return statuses[-1]

    monkeypatch.setattr(os, "fstat", growing)
    with (
        pytest.raises(DecodeError, match="the file changed while it was read") as caught,
        reading.opened(photo) as file,
    ):
        before, _ = reading.looked_at(file, Limits())
        reading.whole(file, before, hashed=True)
    assert caught.value.passing


def test_unreadable_file(pool, photo):
    path = Path(os.fsdecode(photo))
    path.chmod(0)
    if os.access(
        photo, os.R_OK
    ):  # an administrator, or a system without such permissions, reads it all the same
        assert pool.decode(photo, always).facts
    else:
        assert reason(pool, path) == ("no permission to read the file", True)


def test_facts_alone(pool, photo):
    described = pool.decode(photo, lambda _: Wanted.FACTS)
    assert described.picture is None
    decoded = pool.decode(photo, always)
    assert described.content_hash == decoded.content_hash
    assert described.facts.format == "JPEG"
    assert decoded.picture.colour == average_colour(glimpse(decoded.picture.thumbnail))


def test_facts_of_what_is_no_photo(pool, tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"no photo")
    with pytest.raises(DecodeError, match="damaged"):
        pool.decode(os.fsencode(tmp_path / "x.jpg"), lambda _: Wanted.FACTS)
    make_photo(tmp_path / "y.jpg")
    assert pool.decode(os.fsencode(tmp_path / "y.jpg"), lambda _: Wanted.FACTS).facts.width == 64
