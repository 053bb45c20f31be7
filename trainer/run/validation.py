"""Measuring the model in training on the validation pairs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photosearch.models.tokenizer import Tokenizer
from trainer.data.images import ImageCache
from trainer.data.pairs import Pairs
from trainer.evaluate.embed import embed_texts, evaluating
from trainer.evaluate.recall import Protocol, Recall, rank_embeddings, recall_of
from trainer.run.processes import Processes


@dataclass(frozen=True)
class Validation:
    """Pairs to measure on; each process embeds its share of them."""

    pairs: Pairs
    cache: ImageCache  # of `pairs.images`
    tokenizer: Tokenizer
    protocol: Protocol
    processes: Processes
    chunk: int  # images at a time

    def embed(self, model: Any) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """Images (N, D), the protocol's captions (T, D), both L2-normed, and each caption's image (T,)."""
        rows = self.protocol.rows(self.pairs.image_of)
        captions = [self.pairs.captions[rows[i]] for i in self._share(len(rows))]
        texts, _ = embed_texts(model, self.tokenizer, captions)
        share = self._share(len(self.pairs.images))
        images = [
            self._embed_images(model, share[start : start + self.chunk])
            for start in range(0, len(share), self.chunk)
        ]
        return (
            self._gathered(torch.cat(images), len(self.pairs.images)),
            self._gathered(torch.from_numpy(texts), len(rows)),
            self.pairs.image_of[rows],
        )

    def recall(
        self, images: NDArray[np.float32], texts: NDArray[np.float32], image_of: NDArray[np.int64]
    ) -> Recall:
        """The figures of what `embed` gave."""
        return recall_of(rank_embeddings(texts, images, image_of), len(images))

    def _embed_images(self, model: Any, rows: NDArray[np.int64]) -> Tensor:
        pixels = torch.from_numpy(self.cache.rows(rows)).to(self.processes.device)
        with evaluating(model):
            found: Tensor = model.encode_image(pixels).float().cpu()
        return found

    def _share(self, count: int) -> NDArray[np.int64]:
        """This process's rows; as many as every other's, so that some come twice at the end."""
        each = -(-count // self.processes.world)
        return np.arange(self.processes.rank * each, (self.processes.rank + 1) * each) % count

    def _gathered(self, own: Tensor, count: int) -> NDArray[np.float32]:
        own = own.to(self.processes.device)
        found = self.processes.gather(own, len(own) * self.processes.world)[:count]
        return np.asarray(found.cpu().numpy(), np.float32)
