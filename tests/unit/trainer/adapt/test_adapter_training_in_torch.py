import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.helpers.own_words import GENERAL, anchors, bag_of_words, caption_vectors
from trainer.adapt.adapter_training import (
    ALPHA,
    ANCHOR,
    LEARNING_RATE,
    AdapterTraining,
    Anchors,
    CaptionVectors,
)
from trainer.losses import Batch, total
from trainer.losses.hybrid import hybrid


class InTorch:
    """The same training by `trainer.losses` and torch's AdamW, of captions that fit in one batch."""

    def __init__(self, captions: CaptionVectors, anchors: Anchors, down: np.ndarray, scale: float) -> None:
        self._captions = captions
        self._general, self._photos = torch.from_numpy(anchors.texts), torch.from_numpy(anchors.photos)
        self.down = torch.from_numpy(down.copy()).requires_grad_()
        self.up = torch.zeros(down.T.shape, requires_grad=True)
        self._scale = torch.tensor(1.2 * scale)
        self._optimizer = torch.optim.AdamW([self.down, self.up], lr=LEARNING_RATE)

    def step(self) -> float:
        batch = Batch(
            images=torch.from_numpy(self._captions.photos),
            texts=self._adapted(torch.from_numpy(self._captions.texts)),
            scale=self._scale,
            image_ids=torch.from_numpy(self._captions.groups),
            text_ids=torch.from_numpy(self._captions.text_ids),
        )
        before, after = (
            F.log_softmax(self._scale * texts @ self._photos.T, dim=1)
            for texts in (self._general, self._adapted(self._general))
        )
        forgotten = F.kl_div(after, before, reduction="batchmean", log_target=True)
        loss = total(hybrid(ALPHA), batch, slice(0, len(batch)), 0) + ANCHOR * forgotten
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        return loss.item()

    def _adapted(self, texts: torch.Tensor) -> torch.Tensor:
        return F.normalize(texts + F.gelu(texts @ self.down.T) @ self.up.T, dim=1)


@pytest.mark.parametrize("scale", [20.0, 80.0])
def test_trains_as_torch_does(scale: float) -> None:
    given = caption_vectors()
    groups, text_ids = given.groups.copy(), given.text_ids.copy()
    groups[1:4], text_ids[10:12] = groups[0], text_ids[40]  # no negatives of each other
    given = CaptionVectors(given.texts, given.photos, groups, text_ids)
    one = Anchors(bag_of_words(GENERAL[:1]), anchors().photos)  # so that what is drawn is the same
    training = AdapterTraining(given, one, scale, seed=0)
    reference = InTorch(given, one, training.adapter(1.0).down, scale)
    for _ in range(24):
        assert math.isclose(training.epoch(), reference.step(), abs_tol=1e-5)
    trained = training.adapter(1.0)
    # AdamW divides by the gradient's own size: where that is tiny, another order of a sum moves the step.
    np.testing.assert_allclose(trained.down, reference.down.detach().numpy(), atol=1e-4)
    np.testing.assert_allclose(trained.up, reference.up.detach().numpy(), atol=1e-4)
