from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.errors import KnownError
from tests.helpers.photos import make_photo
from trainer.data.pairs import Pairs, batches, content_hash, read_pairs, split


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed in range(5):
        make_photo(folder / f"{seed}.jpg", seed)
    return folder


def table(folder: Path, text: str, encoding: str = "utf-8", name: str = "captions.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def made(captions_per_image: list[int], groups: list[int] | None = None) -> Pairs:
    image_of = np.repeat(np.arange(len(captions_per_image)), captions_per_image)
    return Pairs(
        images=[Path(f"{i}.jpg") for i in range(len(captions_per_image))],
        hashes=[bytes([i]) for i in range(len(captions_per_image))],
        captions=[f"caption {c} of image {i}" for c, i in enumerate(image_of)],
        image_of=image_of,
        **({} if groups is None else {"groups": np.array(groups)}),
    )


def test_reads_captions_with_a_byte_order_mark_commas_and_line_breaks(tmp_path: Path, images: Path) -> None:
    rows = ['1.jpg,"A dog, a cat\r\nand a bird"', "0.jpg,  Caf\u0065\u0301  noir ", "", "1.jpg,Again"]
    text = "\r\n".join(["filename,caption", *rows])
    pairs = read_pairs(table(tmp_path, text, "utf-8-sig"), images)
    assert [p.name for p in pairs.images] == ["1.jpg", "0.jpg"]
    assert pairs.captions == ["A dog, a cat and a bird", "Café noir", "Again"]
    assert pairs.image_of.tolist() == [0, 1, 0]
    assert [rows.tolist() for rows in pairs.captions_of()] == [[0, 2], [1]]


def test_files_with_the_same_bytes_are_one_image(tmp_path: Path, images: Path) -> None:
    (images / "copy.jpg").write_bytes((images / "3.jpg").read_bytes())
    pairs = read_pairs(table(tmp_path, "filename,caption\n3.jpg,One\n2.jpg,Two\ncopy.jpg,Three\n"), images)
    assert [p.name for p in pairs.images] == ["3.jpg", "2.jpg"]
    assert pairs.image_of.tolist() == [0, 1, 0]


def test_names_need_not_be_ascii_nor_flat(tmp_path: Path, images: Path) -> None:
    (images / "пляж").mkdir()
    make_photo(images / "пляж" / "海 1.png", 9)
    pairs = read_pairs(table(tmp_path, "filename,caption\nпляж/海 1.png,The sea\n"), images)
    assert pairs.images == [images / "пляж" / "海 1.png"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,age\n0,A dog\n", "must name the columns"),
        ("", "must name the columns"),
        ("filename,caption\n", "no captions"),
        ("filename,caption,label\n0.jpg,A dog, running,dog\n", "Line 2 .* quotation marks"),
        ("filename,caption\n0.jpg,A dog\n1.jpg, \n", "empty caption of '1.jpg'"),
        ('filename,caption\n0.jpg,"A dog\n', "not valid CSV"),
        ("filename,caption\n0.jpg,A dog\nx.jpg,A cat\ny.jpg,A bird\n", "names 2 image.*'x.jpg'"),
    ],
)
def test_says_what_is_wrong_with_a_table(tmp_path: Path, images: Path, text: str, sentence: str) -> None:
    with pytest.raises(KnownError, match=sentence):
        read_pairs(table(tmp_path, text), images)


def test_says_what_is_wrong_with_the_file(tmp_path: Path, images: Path) -> None:
    with pytest.raises(KnownError, match="There is no file"):
        read_pairs(tmp_path / "none.csv", images)
    with pytest.raises(KnownError, match="is a folder"):
        read_pairs(images, images)
    with pytest.raises(KnownError, match="cannot be read"):
        read_pairs(images / "0.jpg" / "captions.csv", images)
    with pytest.raises(KnownError, match="cannot be read"):
        content_hash(images)
    with pytest.raises(KnownError, match="not text"):
        read_pairs(table(tmp_path, "filename,caption\n0.jpg,A\0dog\n"), images)


def test_too_few_images_to_split() -> None:
    with pytest.raises(KnownError, match="too few"):
        split(made([5]), 0.2)


sizes = st.lists(st.integers(1, 6), min_size=2, max_size=40)


@given(sizes, st.floats(0.3, 0.7), st.integers(0, 9))
def test_a_split_parts_images_and_loses_nothing(counts: list[int], part: float, seed: int) -> None:
    pairs = made(counts)
    rest, apart = split(pairs, part, seed)
    assert set(rest.hashes) | set(apart.hashes) == set(pairs.hashes)
    assert not set(rest.hashes) & set(apart.hashes)
    assert sorted(rest.captions + apart.captions) == sorted(pairs.captions)
    for side in (rest, apart):
        for caption, image in zip(side.captions, side.image_of, strict=True):
            assert caption.endswith(f"of image {side.images[image].stem}")


@given(st.lists(st.integers(0, 12), min_size=3, max_size=40), st.floats(0.2, 0.6), st.integers(0, 9))
def test_a_split_keeps_near_duplicates_together(groups: list[int], part: float, seed: int) -> None:
    pairs = made([1] * len(groups), groups)
    try:
        rest, apart = split(pairs, part, seed)
    except KnownError:  # no whole group is small enough
        assert min(groups.count(group) for group in groups) > round(part * len(groups))
        return
    assert not set(rest.groups.tolist()) & set(apart.groups.tolist())
    assert len(rest.images) + len(apart.images) == len(groups)
    assert len(apart.images) <= round(part * len(groups))


@given(sizes, st.integers(1, 50), st.integers(0, 9))
def test_an_epoch_has_each_image_once_with_a_caption_of_its_own(
    counts: list[int], batch_size: int, seed: int
) -> None:
    pairs = made(counts)
    found = list(batches(pairs, batch_size, np.random.default_rng(seed)))
    assert sorted(np.concatenate([images for images, _ in found]).tolist()) == list(range(len(counts)))
    assert all(len(images) <= batch_size for images, _ in found)
    for images, captions in found:
        assert (pairs.image_of[captions] == images).all()


def test_every_caption_gets_its_turn() -> None:
    pairs, generator = made([5, 5]), np.random.default_rng(0)
    seen = {int(c) for _ in range(60) for _, captions in batches(pairs, 2, generator) for c in captions}
    assert seen == set(range(10))
