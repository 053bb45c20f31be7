"""Batches of images and captions for the training loop, made ahead by a few threads."""

import os
import re
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from trainer.data.augment import Augment, augment_image, augment_text, says_left_or_right
from trainer.data.images import ImageCache
from trainer.data.pairs import Pairs

_PIECE = 32  # images that one thread prepares at a time
_HELD_BYTES = 64 << 20  # of images that wait; a batch that has more is made part by part, when asked for
_MOST_AHEAD = 4
_ORDER, _TEXT, _IMAGE, _VIEW = 0, 1, 2, 3  # what a generator is for; the second view is _VIEW + 1


class Images(Protocol):
    """Images of a batch: a tensor, or the same made when asked for, so that no batch fills the memory."""

    def __getitem__(self, rows: slice) -> Tensor: ...


@dataclass(frozen=True)
class PairBatch:
    """One process's rows of a global batch; each image once, with one caption of its own."""

    images: Images  # (B, S, S, 3) uint8, to be taken by slices
    ids: Tensor  # (B, L) int64, L the longest of the global batch
    mask: Tensor  # (B, L) int64, 1 for a token, 0 for padding
    image_ids: Tensor  # (B,) int64; near-duplicates share one
    text_ids: Tensor  # (B,) int64; captions that are the same but for case and punctuation share one
    labels: Tensor  # (B,) int64, -1 where unknown
    image_rows: NDArray[np.int64]  # (B,), into Pairs.images
    caption_rows: NDArray[np.int64]  # (B,), into Pairs.captions
    truncated: int  # captions of the global batch that lost their end to the tokenizer's limit
    total: int  # pairs of the global batch
    views: tuple[Images, Images] | None = None  # 2 x (B, S, S, 3) uint8, augmented anew

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
        self._pool = ThreadPoolExecutor(threads or min(16, os.cpu_count() or 1), "loader")
        self._captions_of = pairs.captions_of()
        self._text_ids = text_ids(pairs.captions)
        self._may_flip = np.ones(len(pairs.images), dtype=bool)
        self._may_flip[pairs.image_of[[says_left_or_right(caption) for caption in pairs.captions]]] = False

    def steps(self, batch_size: int) -> int:
        """How many batches an epoch has: whole ones only, but at least one, of all images if need be."""
        return max(1, len(self._pairs.images) // self._size(batch_size))

    def batches(
        self, epoch: int, batch_size: int, start: int = 0, rank: int = 0, world: int = 1
    ) -> Generator[PairBatch]:
        """The batches of an epoch from number `start` on.

        An epoch is the images in random order. Those at its end that fill no batch are left out; another
        epoch has them.

        Args:
            batch_size: of the global batch, over all processes
            rank: of this process, which gets its `share` of each batch
            world: how many processes there are

        Raises:
            KnownError: there are fewer pairs in a batch than processes.
        """
        size = self._size(batch_size)
        if size < world:
            raise KnownError(
                f"A batch of {size} pairs cannot be shared by {world} processes; start fewer, or set "
                "training.batch_size."
            )
        own = share(size, rank, world)
        order = np.random.default_rng([self._seed, epoch, _ORDER]).permutation(len(self._pairs.images))
        ahead = max(1, min(_MOST_AHEAD, _HELD_BYTES // self._bytes(own.stop - own.start)))
        waiting: deque[_Coming] = deque()
        try:
            for number in range(start, self.steps(batch_size)):
                waiting.append(self._begin(epoch, order[number * size : (number + 1) * size], own))
                if len(waiting) > ahead:
                    yield self._finish(waiting.popleft())
            while waiting:
                yield self._finish(waiting.popleft())
        finally:
            for coming in waiting:
                coming.cancel()

    def _size(self, batch_size: int) -> int:
        """Of a global batch."""
        return max(1, min(batch_size, len(self._pairs.images)))

    def _bytes(self, rows: int) -> int:
        return rows * self._cache.preprocessing.size**2 * 3 * (3 if self._views else 1)

    def _begin(self, epoch: int, rows: NDArray[np.int64], own: slice) -> "_Coming":
        """Hand a batch to the threads, its images too unless they are too many."""
        kinds = (_IMAGE, *((_VIEW, _VIEW + 1) if self._views else ()))
        images = [LazyImages(self, epoch, rows[own], kind) for kind in kinds]
        whole = slice(0, len(rows[own]))
        if self._bytes(len(rows[own])) <= _HELD_BYTES:
            for some in images:
                some.begin(whole)
        return _Coming(rows[own], images, self._pool.submit(self._texts, epoch, rows, own))

    def _finish(self, coming: "_Coming") -> PairBatch:
        """Wait until all that was begun is there."""
        texts = coming.texts.result()
        images, *views = (some.finished() for some in coming.images)
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
            total=texts.total,
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
        return _Texts(captions[own], tokens.ids[own], tokens.mask[own], tokens.truncated, len(rows))

    def fill(self, epoch: int, rows: NDArray[np.int64], kind: int, into: NDArray[np.uint8]) -> None:
        """Write the images at `rows`, or views of them, into an array (len(rows), S, S, 3)."""
        kept, size = self._cache.rows(rows), self._cache.preprocessing.size
        settings = self._augment.image if kind == _IMAGE else self._augment.views
        if self._cache.edge == size and not settings.active:
            into[:] = kept
            return
        for place, image in enumerate(rows.tolist()):
            generator = np.random.default_rng([self._seed, epoch, kind, image])
            into[place] = augment_image(
                kept[place], size, settings, generator, may_flip=bool(self._may_flip[image])
            )

    def submit(
        self, epoch: int, rows: NDArray[np.int64], kind: int
    ) -> "tuple[NDArray[np.uint8], list[Future[None]]]":
        """An array for the images at `rows`, and the jobs that fill it."""
        size = self._cache.preprocessing.size
        into = np.empty((len(rows), size, size, 3), np.uint8)
        pieces = [slice(start, start + _PIECE) for start in range(0, len(rows), _PIECE)]
        return into, [self._pool.submit(self.fill, epoch, rows[p], kind, into[p]) for p in pieces]


class LazyImages:
    """The images of a batch, or one view of each, made by the loader's threads when they are asked for.

    The slice that will be asked for next, in the direction of the last two, is begun already.
    """

    def __init__(self, loader: Loader, epoch: int, rows: NDArray[np.int64], kind: int) -> None:
        self._loader, self._epoch, self._rows, self._kind = loader, epoch, rows, kind
        self._begun: dict[tuple[int, int], tuple[NDArray[np.uint8], list[Future[None]]]] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: slice) -> Tensor:
        start, stop, _ = rows.indices(len(self))
        self.begin(slice(start, stop))
        found = self._collect(start, stop)
        step = stop - start if start >= self._last else start - stop
        following = slice(max(0, start + step), min(len(self), stop + step))
        self._last = start
        self.cancel()
        if following.start < following.stop:
            self.begin(following)
        return found

    def begin(self, rows: slice) -> None:
        """Let the threads begin on these rows, once."""
        place = rows.start, rows.stop
        if place not in self._begun:
            self._begun[place] = self._loader.submit(self._epoch, self._rows[rows], self._kind)

    def finished(self) -> Images:
        """A tensor if all images were begun, else itself."""
        whole = (0, len(self))
        return self._collect(*whole) if whole in self._begun else self

    def cancel(self) -> None:
        """Drop what was begun and not taken."""
        for _, jobs in self._begun.values():
            for job in jobs:
                job.cancel()
        self._begun.clear()

    def _collect(self, start: int, stop: int) -> Tensor:
        array, jobs = self._begun.pop((start, stop))
        for job in jobs:
            job.result()
        return torch.from_numpy(array)


@dataclass(frozen=True)
class _Texts:
    captions: NDArray[np.int64]  # (B,), into Pairs.captions
    ids: NDArray[np.int64]  # (B, L)
    mask: NDArray[np.int64]  # (B, L)
    truncated: int
    total: int


@dataclass(frozen=True)
class _Coming:
    """A batch that the threads are at."""

    rows: NDArray[np.int64]  # (B,), into Pairs.images
    images: list[LazyImages]  # and two views of them, where asked for
    texts: "Future[_Texts]"

    def cancel(self) -> None:
        self.texts.cancel()
        for images in self.images:
            images.cancel()


def share(count: int, rank: int, world: int) -> slice:
    """The contiguous part of `count` rows that process `rank` of `world` has; they differ by one at most."""
    return slice(rank * count // world, (rank + 1) * count // world)


def text_ids(captions: Sequence[str]) -> NDArray[np.int64]:
    """(T,), a number for each caption; the same where only case, punctuation and spaces differ."""
    numbers: dict[str, int] = {}
    plain = (" ".join(re.findall(r"\w+", caption.casefold())) or caption for caption in captions)
    return np.fromiter((numbers.setdefault(text, len(numbers)) for text in plain), np.int64, len(captions))
