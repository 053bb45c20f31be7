import functools
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from tests.helpers.photos import picture
from tests.helpers.tiny_config import make_tiny_tokenizer
from trainer.data import loader as loader_module
from trainer.data.augment import Augment, ImageAugment, TextAugment
from trainer.data.images import ImageCache
from trainer.data.loader import LazyImages, Loader, PairBatch, text_ids
from trainer.data.pairs import Pairs, content_hash

SQUARE = Preprocessing(16, "squash", "bilinear", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
COUNT = 23
STRONG = Augment(
    image=ImageAugment(crop_area=(0.4, 1.0), flip=0.5, jitter=1.0), text=TextAugment(drop_words=0.3)
)


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def pairs(folder: Path) -> Pairs:
    paths = []
    for seed in range(COUNT):
        paths.append(folder / f"{seed}.png")
        picture(seed, (40, 30)).save(paths[-1])
    captions = [f"{'a' * (1 + number % 5)} dog {number}" for number in range(3 * COUNT)]
    captions[4] = "a dog to the left of a cat"  # of image 1
    groups = np.arange(COUNT)
    groups[7] = 2
    labels = np.arange(COUNT) % 3
    hashes = [content_hash(path) for path in paths]
    return Pairs(paths, hashes, captions, np.repeat(np.arange(COUNT), 3), groups, labels)


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer(make_tiny_tokenizer(folder / "tokenizer.json").read_bytes(), 12)


@pytest.fixture(scope="module")
def make(folder: Path, pairs: Pairs, tokenizer: Tokenizer):
    @functools.cache
    def loader(augmented: bool = False, views: bool = False, seed: int = 0, threads: int = 2) -> Loader:
        augment = STRONG if augmented else Augment()
        margin = augment.margin(views)
        cache = ImageCache(pairs.images, pairs.hashes, SQUARE, margin=margin, cache=folder / "cache")
        return Loader(pairs, cache, tokenizer, augment, seed, views=views, threads=threads)

    return loader


def joined(parts: list[PairBatch]) -> list[torch.Tensor]:
    fields = [[p.images, p.ids, p.mask, p.image_ids, p.text_ids, p.labels, *(p.views or ())] for p in parts]
    rows = [[torch.from_numpy(p.image_rows), torch.from_numpy(p.caption_rows)] for p in parts]
    return [torch.cat(f) for f in zip(*(a + b for a, b in zip(fields, rows, strict=True)), strict=True)]


def same(left: list[torch.Tensor], right: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


@settings(max_examples=25)
@given(st.integers(0, 3), st.integers(0, 5), st.sampled_from([1, 2, 4]), st.booleans(), st.booleans())
def test_start_processes_and_threads_change_nothing(
    make, epoch: int, start: int, world: int, augmented: bool, views: bool
) -> None:
    """Batches of 6 from any start are those of one process, whether or not all have as many rows of them."""
    whole = list(make(augmented, views).batches(epoch, 6))
    parts = [
        list(make(augmented, views, 0, threads).batches(epoch, 6, start, rank, world))
        for rank, threads in zip(range(world), (1, 2, 5, 1), strict=False)
    ]
    assert [len(part) for part in parts] == [max(0, 3 - start)] * world
    for number, pieces in enumerate(zip(*parts, strict=True), start):
        assert same(joined(list(pieces)), joined([whole[number]]))


def test_no_process_goes_without_pairs(make) -> None:
    with pytest.raises(KnownError, match="A batch of 3 pairs cannot be shared by 4 processes"):
        next(make().batches(0, 3, rank=1, world=4))


@settings(max_examples=25)
@given(st.integers(1, 40), st.integers(0, 3))
def test_a_batch_has_unique_images_each_with_a_caption_of_its_own(
    make, pairs: Pairs, size: int, epoch: int
) -> None:
    batches = list(make().batches(epoch, size))
    assert len(batches) == make().steps(size) == max(1, COUNT // size)
    seen = np.concatenate([batch.image_rows for batch in batches])
    assert len(set(seen.tolist())) == len(seen) > COUNT - size
    for batch in batches:
        assert len(batch) == min(size, COUNT)
        assert (pairs.image_of[batch.caption_rows] == batch.image_rows).all()
        assert batch.image_ids.tolist() == pairs.groups[batch.image_rows].tolist()
        assert batch.labels.tolist() == (batch.image_rows % 3).tolist()


def test_images_and_tokens_belong_to_their_rows(
    make, folder: Path, pairs: Pairs, tokenizer: Tokenizer
) -> None:
    cache = ImageCache(pairs.images, pairs.hashes, SQUARE, cache=folder / "cache")
    for batch in make().batches(0, 10):
        assert (batch.images.numpy() == cache.rows(batch.image_rows)).all()
        tokens = tokenizer([pairs.captions[row] for row in batch.caption_rows])
        assert (batch.ids.numpy() == tokens.ids).all() and (batch.mask.numpy() == tokens.mask).all()


def test_epochs_and_seeds_differ(make) -> None:
    first = next(make().batches(0, 8))
    assert not np.array_equal(first.image_rows, next(make().batches(1, 8)).image_rows)
    assert not np.array_equal(first.image_rows, next(make(seed=1).batches(0, 8)).image_rows)


def test_every_caption_gets_its_turn(make, pairs: Pairs) -> None:
    seen = {
        row for epoch in range(40) for batch in make().batches(epoch, COUNT) for row in batch.caption_rows
    }
    assert seen == set(range(len(pairs.captions)))


def test_an_image_with_a_left_in_any_caption_is_never_mirrored(
    folder: Path, pairs: Pairs, tokenizer: Tokenizer
) -> None:
    cache = ImageCache(pairs.images, pairs.hashes, SQUARE, cache=folder / "cache")
    loader = Loader(pairs, cache, tokenizer, Augment(image=ImageAugment(flip=1.0)))
    (batch,) = loader.batches(0, COUNT)
    for image, row in zip(batch.images.numpy(), batch.image_rows, strict=True):
        expected = cache.rows([row])[0]
        assert (image == (expected if row == 1 else expected[:, ::-1])).all()


def test_views_differ_from_each_other_and_leave_the_image_alone(make) -> None:
    plain = next(make().batches(0, 8))
    batch = next(make(views=True).batches(0, 8))
    assert plain.views is None and batch.views is not None
    assert batch.images.shape == batch.views[0].shape == batch.views[1].shape == (8, 16, 16, 3)
    assert not torch.equal(*batch.views)


def test_cut_captions_are_counted_over_the_global_batch(folder: Path, pairs: Pairs) -> None:
    cache = ImageCache(pairs.images, pairs.hashes, SQUARE, cache=folder / "cache")
    short = Tokenizer(make_tiny_tokenizer(folder / "tokenizer.json").read_bytes(), 4)
    loader = Loader(pairs, cache, short)
    (batch,) = loader.batches(0, COUNT)
    expected = short([pairs.captions[row] for row in batch.caption_rows]).truncated
    assert batch.truncated == expected > 0
    assert [b.truncated for b in loader.batches(0, 22, rank=1, world=2)] == [
        b.truncated for b in loader.batches(0, 22)
    ]


@pytest.mark.parametrize("part", [1, 3, 7, 20])
def test_images_of_a_batch_too_large_to_hold_are_the_same(
    make, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made part by part, forwards and then backwards as the exact gradient takes them."""
    (whole,) = make(True, True).batches(1, 20)
    monkeypatch.setattr(loader_module, "_HELD_BYTES", 0)
    (batch,) = make(True, True).batches(1, 20)
    parts = [slice(start, start + part) for start in range(0, 20, part)]
    for lazy, tensor in zip((batch.images, *batch.views), (whole.images, *whole.views), strict=True):
        assert isinstance(lazy, LazyImages) and len(lazy) == 20
        for rows in (*parts, *reversed(parts), slice(5, 9)):
            assert torch.equal(lazy[rows], tensor[rows])


def test_an_epoch_may_be_left_early(make) -> None:
    batches = make().batches(0, 2)
    next(batches)
    batches.close()  # hangs if a thread is not let go


def test_captions_that_say_the_same_share_an_id() -> None:
    found = text_ids(["A dog .", "a  dog", "A cat.", "...", "!", "a dog!", "一只狗。", "一只狗"])
    assert found.tolist() == [0, 0, 1, 2, 3, 0, 4, 4]
