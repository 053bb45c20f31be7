"""Batches of images and captions for the training loop, made ahead by a few threads."""

import os
import re
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photosearch.models.tokenizer import Tokenizer
from trainer.data.augment import Augment, augment_image, augment_text, says_left_or_right
from trainer.data.images import ImageCache
from trainer.data.pairs import Pairs

_PIECE = 64  # images that one thread prepares at a time
_AHEAD_BYTES = 256 << 20  # of images that wait; one batch is always prepared ahead
_MOST_AHEAD = 4
_ORDER, _TEXT, _IMAGE = 0, 1, 2  # what a generator is for


@dataclass(frozen=True)
class PairBatch:
    """One process's rows of a global batch; each image once, with one caption of its own."""

    images: Tensor  # (B, S, S, 3) uint8
    ids: Tensor  # (B, L) int64, L the longest of the global batch
    mask: Tensor  # (B, L) int64, 1 for a token, 0 for padding
    image_ids: Tensor  # (B,) int64; near-duplicates share one
    text_ids: Tensor  # (B,) int64; captions that are the same but for case and punctuation share one
    labels: Tensor  # (B,) int64, -1 where unknown
    image_rows: NDArray[np.int64]  # (B,), into Pairs.images
    caption_rows: NDArray[np.int64]  # (B,), into Pairs.captions
    truncated: int  # captions of the global batch that lost their end to the tokenizer's limit
    views: tuple[Tensor, Tensor] | None = None  # 2 x (B, S, S, 3) uint8, augmented anew

    def __len__(self) -> int:
        return len(self.image_rows)


class Loader:
    """Batches that depend on (seed, epoch, number of the batch) alone.

    Neither the number of threads, nor that of processes, nor where an epoch is taken up again changes which
    images and captions come, or how they are augmented.
    """

    def __init__(
        self,
        pairs: Pairs,
        cache: ImageCache,
        tokenizer: Tokenizer,
        augment: Augment | None = None,
        seed: int = 0,
        *,
        views: bool = False,
        threads: int | None = None,
    ) -> None:
        """
        Args:
            cache: of `pairs.images`, in their order
            views: whether each image comes with two augmented views too
            threads: that prepare batches; as many as there are cores when missing, at most 16
        """
        self._pairs, self._cache, self._tokenizer = pairs, cache, tokenizer
        self._augment = augment or Augment()
        self._seed, self._views = seed, views
        self._threads = threads or min(16, os.cpu_count() or 1)
        self._captions_of = pairs.captions_of()
        self._text_ids = text_ids(pairs.captions)
        self._may_flip = np.ones(len(pairs.images), dtype=bool)
        self._may_flip[pairs.image_of[[says_left_or_right(caption) for caption in pairs.captions]]] = False

    def steps(self, batch_size: int, world: int = 1) -> int:
        """How many batches an epoch has: whole ones only, but at least one, of all images if need be."""
        return max(1, len(self._pairs.images) // self._size(batch_size, world))

    def batches(
        self, epoch: int, batch_size: int, start: int = 0, rank: int = 0, world: int = 1
    ) -> Generator[PairBatch]:
        """The batches of an epoch from number `start` on.

        An epoch is the images in random order. Those at its end that fill no batch are left out; another
        epoch has them.

        Args:
            batch_size: of the global batch, over all processes
            rank: of this process, which gets its contiguous part of each batch
            world: how many processes there are
        """
        size = self._size(batch_size, world)
        own = slice(rank * size // world, (rank + 1) * size // world)
        order = np.random.default_rng([self._seed, epoch, _ORDER]).permutation(len(self._pairs.images))
        ahead = self._ahead(size // world)
        with ThreadPoolExecutor(self._threads, "loader") as pool:
            waiting: deque[_Coming] = deque()
            try:
                for number in range(start, self.steps(batch_size, world)):
                    waiting.append(self._begin(pool, epoch, order[number * size : (number + 1) * size], own))
                    if len(waiting) > ahead:
                        yield self._finish(waiting.popleft())
                while waiting:
                    yield self._finish(waiting.popleft())
            finally:
                for coming in waiting:
                    coming.cancel()

    def _size(self, batch_size: int, world: int) -> int:
        """Of a global batch, such that every process has as many rows as the others."""
        return max(1, min(batch_size, len(self._pairs.images)) // world) * world

    def _ahead(self, rows: int) -> int:
        each = rows * self._cache.preprocessing.size**2 * 3 * (3 if self._views else 1)  # bytes
        return max(1, min(_MOST_AHEAD, _AHEAD_BYTES // each))

    def _begin(self, pool: ThreadPoolExecutor, epoch: int, rows: NDArray[np.int64], own: slice) -> "_Coming":
        """Hand a batch to the threads: its texts are one job, its images one for each piece."""
        edge, count = self._cache.preprocessing.size, 3 if self._views else 1
        images = [np.empty((own.stop - own.start, edge, edge, 3), np.uint8) for _ in range(count)]
        texts = pool.submit(self._texts, epoch, rows, own)
        pieces = [slice(start, start + _PIECE) for start in range(0, len(images[0]), _PIECE)]
        filled = [
            pool.submit(self._fill, epoch, rows[own][piece], [array[piece] for array in images])
            for piece in pieces
        ]
        return _Coming(rows[own], images, texts, filled)

    def _finish(self, coming: "_Coming") -> PairBatch:
        """Wait until all of a batch is there."""
        texts = coming.texts.result()
        for job in coming.filled:
            job.result()
        images, *views = (torch.from_numpy(array) for array in coming.images)
        return PairBatch(
            images=images,
            ids=torch.from_numpy(texts.ids),
            mask=torch.from_numpy(texts.mask),
            image_ids=torch.from_numpy(self._pairs.groups[coming.rows]),
            text_ids=torch.from_numpy(self._text_ids[texts.captions]),
            labels=torch.from_numpy(self._pairs.labels[coming.rows]),
            image_rows=coming.rows,
            caption_rows=texts.captions,
            truncated=texts.truncated,
            views=(views[0], views[1]) if views else None,
        )

    def _texts(self, epoch: int, rows: NDArray[np.int64], own: slice) -> "_Texts":
        """Tokenize the whole global batch, so that every process pads to the same length."""
        captions = np.empty(len(rows), dtype=np.int64)
        texts = []
        for place, image in enumerate(rows.tolist()):
            generator = np.random.default_rng([self._seed, epoch, _TEXT, image])
            captions[place] = generator.choice(self._captions_of[image])
            texts.append(augment_text(self._pairs.captions[captions[place]], self._augment.text, generator))
        tokens = self._tokenizer(texts)
        return _Texts(captions[own], tokens.ids[own], tokens.mask[own], tokens.truncated)

    def _fill(self, epoch: int, rows: NDArray[np.int64], into: list[NDArray[np.uint8]]) -> None:
        """Write images, and two views of each where asked for, into arrays of (piece, S, S, 3)."""
        kept = self._cache.rows(rows)
        size, settings = self._cache.preprocessing.size, self._augment
        plain = self._cache.edge == size and not settings.image.active
        if plain:
            into[0][:] = kept
        if plain and not self._views:
            return
        for place, image in enumerate(rows.tolist()):
            generator = np.random.default_rng([self._seed, epoch, _IMAGE, image])
            wanted = ([] if plain else [(into[0], settings.image)]) + [
                (view, settings.views) for view in into[1:]
            ]
            for array, how in wanted:
                array[place] = augment_image(
                    kept[place], size, how, generator, may_flip=bool(self._may_flip[image])
                )


@dataclass(frozen=True)
class _Texts:
    captions: NDArray[np.int64]  # (B,), into Pairs.captions
    ids: NDArray[np.int64]  # (B, L)
    mask: NDArray[np.int64]  # (B, L)
    truncated: int


@dataclass(frozen=True)
class _Coming:
    """A batch that the threads are at."""

    rows: NDArray[np.int64]  # (B,), into Pairs.images
    images: list[NDArray[np.uint8]]  # 1 or 3 x (B, S, S, 3)
    texts: "Future[_Texts]"
    filled: "list[Future[None]]"

    def cancel(self) -> None:
        self.texts.cancel()
        for job in self.filled:
            job.cancel()


def text_ids(captions: Sequence[str]) -> NDArray[np.int64]:
    """(T,), a number for each caption; the same where only case, punctuation and spaces differ."""
    numbers: dict[str, int] = {}
    plain = (" ".join(re.findall(r"\w+", caption.casefold())) or caption for caption in captions)
    return np.fromiter((numbers.setdefault(text, len(numbers)) for text in plain), np.int64, len(captions))
