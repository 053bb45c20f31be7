import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.decode.pool import DecoderPool, Wanted
from tests.helpers.photos import make_photo, sample_photos
from trainer.data import images as images_module
from trainer.data.images import ImageCache
from trainer.data.pairs import content_hash

SQUASH = Preprocessing(48, "squash", "bicubic", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
CROP = Preprocessing(40, "crop", "bilinear", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))


def cache_of(photos: list[Path], preprocessing: Preprocessing = SQUASH, margin: float = 1.0) -> ImageCache:
    return ImageCache(photos, [content_hash(photo) for photo in photos], preprocessing, margin=margin)


@pytest.fixture
def turned(tmp_path: Path) -> list[Path]:
    """One picture in each of the eight EXIF orientations."""
    return [make_photo(tmp_path / f"{n}.jpg", 5, exif_orientation=n, size=(200, 120)) for n in range(1, 9)]


@pytest.mark.parametrize("preprocessing", [SQUASH, CROP], ids=["squash", "crop"])
def test_training_sees_the_pixels_that_the_program_indexes(
    preprocessing: Preprocessing, turned: list[Path]
) -> None:
    photos = [*sample_photos(), *turned]
    kept = cache_of(photos, preprocessing).rows(range(len(photos)))
    with DecoderPool(preprocessing, workers=1) as pool:
        for photo, pixels in zip(photos, kept, strict=True):
            indexed = pool.decode(os.fsencode(photo), lambda _: Wanted.PICTURE)
            assert indexed.picture is not None
            assert indexed.picture.pixels == pixels.tobytes(), photo


def test_a_margin_keeps_larger_squares(turned: list[Path]) -> None:
    cache = cache_of(turned, margin=1.25)
    assert cache.edge == 60
    assert cache.rows([3, 0]).shape == (2, 60, 60, 3)
    assert len(cache) == 8


def test_rows_come_in_the_order_asked_for(turned: list[Path]) -> None:
    cache = cache_of(turned)
    rows = cache.rows(np.array([6, 2, 6]))
    assert (rows[0] == rows[2]).all()
    assert (rows[1] == cache.rows([2])[0]).all()
    assert not (rows[0] == rows[1]).all()


def test_images_are_decoded_once(turned: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    first = cache_of(turned).rows(range(8))
    monkeypatch.setattr(images_module, "pixels", None)  # nothing left to call
    assert (cache_of(turned).rows(range(8)) == first).all()


def test_what_was_done_before_a_kill_is_kept(turned: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []

    def dies_at_the_sixth(photo, preprocessing):
        decoded.append(photo)
        if len(decoded) == 6:
            raise KeyboardInterrupt
        return real(photo, preprocessing)

    real = images_module.pixels
    monkeypatch.setattr(images_module, "_BLOCK", 2)
    monkeypatch.setattr(images_module, "_threads", lambda: 1)
    monkeypatch.setattr(images_module, "pixels", dies_at_the_sixth)
    with pytest.raises(KeyboardInterrupt):
        cache_of(turned)
    del decoded[:]
    monkeypatch.setattr(images_module, "pixels", lambda *a: decoded.append(a[0]) or real(*a))
    cache = cache_of(turned)
    assert decoded == turned[4:]
    monkeypatch.setenv("XDG_CACHE_HOME", "elsewhere")
    assert (cache.rows([0])[0] == real(turned[0], SQUASH)).all()
    assert (cache.rows([7])[0] == real(turned[7], SQUASH)).all()


def fill(photos: list[Path], cache: Path) -> None:
    ImageCache(photos, [content_hash(photo) for photo in photos], SQUASH, cache=cache)


def test_processes_share_one_cache(turned: list[Path], tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=fill, args=(turned, tmp_path / "shared")) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    assert len(list((tmp_path / "shared" / "images").glob("*.u8"))) == 1


def test_damaged_images_are_reported_together(turned: list[Path]) -> None:
    hashes = [content_hash(photo) for photo in turned]
    turned[1].write_bytes(b"no image")
    turned[5].unlink()
    with pytest.raises(KnownError, match=r"2 image\(s\) cannot be decoded, such as .*2\.jpg .*6\.jpg"):
        ImageCache(turned, hashes, SQUASH)


def test_a_full_disk_is_a_sentence(turned: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(images_module, "_sync", full)
    with pytest.raises(KnownError, match=r"No space left on device.*make room"):
        cache_of(turned)


def test_no_images_are_no_rows() -> None:
    assert cache_of([]).rows([]).shape == (0, 48, 48, 3)
