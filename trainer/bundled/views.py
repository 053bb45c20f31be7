"""Augmented views of the training photos, as the frozen beginning of an image tower leaves them."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import msgspec
import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor, nn

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.decode.image import DecodeError
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.folding import fold_batch_norms
from trainer.data.augment import ImageAugment, augment_image
from trainer.data.cache import default_cache
from trainer.data.images import pixels, pixels_key
from trainer.data.pairs import Pairs
from trainer.evaluate import features
from trainer.evaluate.features import digest, state_digest
from trainer.progress_bar import track

BATCH = 16
MARGIN = 1.5  # how much larger than the model's square a photo is where crops are taken of it


@dataclass(frozen=True)
class View:
    """One view of each photo; view 0 is the whole photo, just as the program sees it."""

    early: NDArray[np.float16]  # (N, H, W, C), what the frozen blocks gave; on disk
    features: Tensor  # (N, F), what the whole pretrained tower gave
    flipped: NDArray[np.bool_]  # (N,), left and right exchanged


class ViewMaker:
    """The frozen beginning of an EfficientNet, and a cache of what it made of each view.

    A view of a photo depends on the settings, the seed, the view's number and the photo's bytes alone. A
    cached view is keyed by these, the tower's weights and the preprocessing: what changes is never taken
    for the old.
    """

    def __init__(
        self,
        model: DualEncoder,
        preprocessing: Preprocessing,
        augment: ImageAugment,
        seed: int,
        cache: Path | None = None,
    ) -> None:
        """The weights of `model` that require no gradient are the frozen ones."""
        self._preprocessing = preprocessing
        self._augment = augment
        self._seed = seed
        self._cache = cache or default_cache() / features.FOLDER
        frozen = frozen_blocks(model.image_tower.network)
        self._key = digest(state_digest(model.image_tower), pixels_key(preprocessing), b"%d" % frozen)
        self._tower = copy.deepcopy(model.image_tower).eval().to(memory_format=torch.channels_last)
        example = torch.zeros(1, 3, preprocessing.size, preprocessing.size)
        self._tower.network = fold_batch_norms(self._tower.network, example)
        self._early, self._late = split_network(self._tower.network, frozen)

    def view(self, pairs: Pairs, number: int) -> View:
        """View `number` of each image of `pairs`.

        Raises:
            KnownError: a photo cannot be decoded.
        """
        generators = [np.random.default_rng([self._seed, number, *content]) for content in pairs.hashes]
        flips = np.array([number > 0 and generator.random() < self._augment.flip for generator in generators])
        kind = repr((self._augment, self._seed, number)) if number else "whole"
        key = digest(self._key, kind.encode(), *pairs.hashes).hex()
        early, pooled = self._cache / f"{key}-early.npy", self._cache / f"{key}-features.npy"
        self._cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(early.with_suffix(".lock")):  # of several processes the first computes
            if not early.exists():  # written last
                self._make(pairs, number, list(zip(generators, flips, strict=True)), early, pooled)
        return View(np.load(early, mmap_mode="r"), torch.from_numpy(np.load(pooled)), flips)

    @torch.inference_mode()
    def _make(
        self,
        pairs: Pairs,
        number: int,
        choices: Sequence[tuple[np.random.Generator, bool]],
        early: Path,
        pooled: Path,
    ) -> None:
        partial = early.with_suffix(".partial.npy")
        kept, found = None, []
        starts = range(0, len(choices), BATCH)
        for start in track(starts, len(starts), f"Making view {number}, batches of {BATCH}"):
            rows = range(start, min(start + BATCH, len(choices)))
            views = [self._pixels(pairs, row, number, *choices[row]) for row in rows]
            hidden = self._early(self._tower.normed(torch.from_numpy(np.stack(views))))  # (B, C, H, W)
            found.append(self._late(hidden).numpy())
            maps = hidden.permute(0, 2, 3, 1).half().numpy()
            if kept is None:
                kept = open_memmap(partial, "w+", np.float16, (len(choices), *maps.shape[1:]))
            kept[start : start + len(maps)] = maps
        if kept is not None:
            kept.flush()
        np.save(pooled, np.concatenate(found))
        partial.replace(early)

    def _pixels(
        self, pairs: Pairs, row: int, number: int, generator: np.random.Generator, flip: bool
    ) -> NDArray[np.uint8]:
        size = self._preprocessing.size
        kept = round(MARGIN * size) if number else size
        try:
            photo = pixels(pairs.images[row], msgspec.structs.replace(self._preprocessing, size=kept))
        except (DecodeError, OSError) as error:
            raise KnownError(
                f"{pairs.images[row]} cannot be read: {error}; remove it from the captions table."
            ) from error
        if not number:
            return photo
        augment = msgspec.structs.replace(self._augment, flip=float(flip))
        return augment_image(photo, size, augment, generator, may_flip=True)


def frozen_blocks(network: Any) -> int:
    """How many of an EfficientNet's blocks come before the first that has a weight to learn."""
    blocks = list(network.blocks.children())
    learning = [any(weight.requires_grad for weight in block.parameters()) for block in blocks]
    return learning.index(True) if any(learning) else len(blocks)


def split_network(network: Any, frozen: int) -> tuple[nn.Sequential, nn.Sequential]:
    """An EfficientNet's beginning, from pixels (B, 3, H, W), and the rest, to pooled features (B, F).

    Both share the network's own layers.
    """
    blocks = list(network.blocks.children())
    early = nn.Sequential(network.conv_stem, network.bn1, *blocks[:frozen])
    late = nn.Sequential(*blocks[frozen:], network.conv_head, network.bn2, network.global_pool)
    return early, late
