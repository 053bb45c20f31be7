from dataclasses import replace

import torch
from pytorch_metric_learning.losses import NTXentLoss

from tests.helpers.batches import assert_same, random_batch, value_and_gradients, whole
from trainer.losses.nt_xent import NTXent


def test_is_that_of_pytorch_metric_learning() -> None:
    batch = random_batch(range(6), normed=False)
    assert batch.views is not None
    expected = NTXentLoss(temperature=0.2)(torch.cat(batch.views), torch.arange(6).repeat(2))
    assert_same(whole(NTXent(temperature=0.2), batch), expected, batch)


def test_views_of_one_image_are_not_pushed_apart() -> None:
    """Where all pairs hold one image there is nothing to be told from."""
    batch = random_batch([0, 0, 0])
    value, gradients = value_and_gradients(whole(NTXent(), batch), batch)
    assert value == 0
    assert all((gradient == 0).all() for gradient in gradients.values())


def test_a_repeated_image_leaves_only_its_own_row_and_columns_out() -> None:
    """With pair 3 a repetition of pair 0, anchors 0 and 3 lose each other's views; 1 and 2 lose nothing."""
    unique = random_batch(range(4))
    repeated = replace(unique, image_ids=torch.tensor([0, 1, 2, 0]))
    for row in range(4):
        rows = slice(row, row + 1)
        with_it, without = (NTXent().rows(batch, rows, 0).item() for batch in (unique, repeated))
        assert without < with_it if row in (0, 3) else without == with_it
