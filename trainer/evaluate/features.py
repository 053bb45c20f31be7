"""Features of frozen towers, computed once and kept in the user's cache folder."""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from photosearch.core.encoder import Preprocessing
from photosearch.models.tokenizer import Tokenizer, Tokens
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.folding import fold_batch_norms
from trainer.data.cache import default_cache
from trainer.data.image_file import ImageFile
from trainer.data.images import pixels_key
from trainer.data.pairs import Pairs
from trainer.evaluate.embed import TEXT_BATCH
from trainer.evaluate.photos import encode_photos, refuse_unreadable
from trainer.progress_bar import track

FOLDER = "features"  # of the cache


@dataclass(frozen=True)
class PairFeatures:
    """Pairs, and what the frozen towers make of them."""

    pairs: Pairs
    images: Tensor  # (N, F)
    texts: Tensor  # (T, D), L2-normed


class FeatureExtractor:
    """The towers of a model without its heads, and a cache of what they gave.

    An entry is keyed by the tower's weights, the preprocessing, and the images' bytes or the texts' tokens:
    whatever changes, old entries are never taken for new ones.
    """

    def __init__(
        self,
        model: DualEncoder,
        preprocessing: Preprocessing,
        tokenizer: Tokenizer,
        cache: Path | None = None,
    ) -> None:
        """
        Args:
            cache: the folder of the entries; the user's cache when missing
        """
        self._preprocessing = preprocessing
        self._tokenizer = tokenizer
        self._cache = cache or default_cache() / FOLDER
        self._image_key = digest(state_digest(model.image_tower), pixels_key(preprocessing))
        self._text_key = digest(state_digest(model.text_tower))
        self._text_tower = model.text_tower.eval()
        self._image_tower = copy.deepcopy(model.image_tower).eval().to(memory_format=torch.channels_last)
        example = torch.zeros(1, 3, preprocessing.size, preprocessing.size)
        self._image_tower.network = fold_batch_norms(self._image_tower.network, example)  # twice as fast

    def pairs(self, pairs: Pairs) -> PairFeatures:
        """Features of both sides, as `images` and `texts`."""
        return PairFeatures(pairs, self.images(pairs.images, pairs.hashes), self.texts(pairs.captions))

    def images(self, paths: Sequence[ImageFile], hashes: Sequence[bytes]) -> Tensor:
        """Pooled features of photos; `hashes` are of their bytes; (N, F) float32.

        Raises:
            KnownError: a photo cannot be decoded.
        """
        return self._cached(digest(self._image_key, *hashes), lambda: self._encode_images(paths))

    def texts(self, texts: Sequence[str]) -> Tensor:
        """Pooled, L2-normed features of texts; (T, D) float32."""
        tokens = self._tokenizer(texts)
        key = digest(self._text_key, tokens.ids.tobytes())
        return self._cached(key, lambda: self._encode_tokens(tokens))

    def _cached(self, key: bytes, compute: Callable[[], NDArray[np.float32]]) -> Tensor:
        path = self._cache / f"{key.hex()}.npy"
        self._cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.with_suffix(".lock")):  # of several processes the first computes
            if not path.exists():
                partial = path.with_suffix(".partial.npy")
                np.save(partial, compute())
                partial.replace(path)
        return torch.from_numpy(np.load(path, allow_pickle=False))

    @torch.inference_mode()
    def _encode_images(self, paths: Sequence[ImageFile]) -> NDArray[np.float32]:
        features, unreadable = encode_photos(
            lambda pixels: self._image_tower(torch.from_numpy(pixels)).numpy(), self._preprocessing, paths
        )
        refuse_unreadable(unreadable, paths)
        return features

    @torch.inference_mode()
    def _encode_tokens(self, tokens: Tokens) -> NDArray[np.float32]:
        lengths = tokens.mask.sum(axis=1)  # (T,)
        order = np.argsort(lengths, kind="stable")  # little padding in a batch
        found: list[NDArray[np.float32]] = []
        starts = range(0, len(order), TEXT_BATCH)
        for start in track(starts, len(starts), f"Encoding texts, batches of {TEXT_BATCH}"):
            rows = order[start : start + TEXT_BATCH]
            width = lengths[rows].max()
            ids, mask = tokens.ids[rows, :width], tokens.mask[rows, :width]
            features = self._text_tower(torch.from_numpy(ids), torch.from_numpy(mask))
            found.append(features.numpy())
        in_order = np.concatenate(found)
        ordered = np.empty_like(in_order)
        ordered[order] = in_order
        return ordered


def state_digest(module: nn.Module) -> bytes:
    """What tells one module's weights from another's."""
    return digest(*(t.detach().cpu().contiguous().numpy().tobytes() for t in module.state_dict().values()))


def digest(*parts: bytes) -> bytes:
    """BLAKE2b-160 over parts, each with its length."""
    found = hashlib.blake2b(digest_size=20)
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.digest()
