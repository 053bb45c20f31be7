import torch

from tests.helpers.batches import assert_same, random_batch, whole
from tests.helpers.open_clip_losses import open_clip_losses
from trainer.losses.sigmoid import Sigmoid


def test_is_open_clips_loss_where_pairs_are_unique() -> None:
    batch = random_batch(range(7))
    expected = open_clip_losses().SigLipLoss()(batch.images, batch.texts, batch.scale, batch.bias)
    assert_same(whole(Sigmoid(), batch), expected, batch)


def test_asks_of_every_pair_whether_it_belongs_together() -> None:
    batch = random_batch([0, 1, 0, 2, 1, 0], [0, 1, 2, 3, 4, 3])
    positives = batch.positives(slice(0, 6))
    costs = []
    for i in range(6):
        for j in range(6):
            probability = torch.sigmoid(batch.scale * (batch.images[i] @ batch.texts[j]) + batch.bias)
            costs.append(-torch.log(probability if positives[i, j] else 1 - probability))
    assert_same(whole(Sigmoid(), batch), torch.stack(costs).sum() / 6, batch)


def test_captions_of_one_image_are_drawn_together() -> None:
    batch = random_batch([0, 0], dim=2)
    whole(Sigmoid(), batch).backward()
    assert batch.images.grad is not None
    assert batch.texts.grad is not None
    before = (batch.images @ batch.texts.T).detach()
    moved = (batch.images - 0.01 * batch.images.grad) @ (batch.texts - 0.01 * batch.texts.grad).T
    assert (moved > before)[~torch.eye(2, dtype=torch.bool)].any()
