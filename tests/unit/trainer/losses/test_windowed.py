import pytest
import torch
from torch import Tensor

from tests.helpers.batches import assert_same, average_both_ways, random_batch, whole
from trainer.losses.batch import Batch
from trainer.losses.infonce import InfoNCE
from trainer.losses.windowed import WindowedInfoNCE


def plain_windowed(batch: Batch, window: int, stride: int) -> Tensor:
    """Every anchor before every window, one at a time, with each of its partners put in."""
    count = len(batch)
    starts = sorted({min(start, count - window) for start in range(0, count, stride)})

    def cost_of(near: Tensor, positive: Tensor, anchor: int) -> Tensor:
        logits, costs = batch.scale * near, []
        for start in starts:
            rivals = [logits[j] for j in range(start, start + window) if not positive[j]]
            for partner in positive.nonzero()[:, 0]:
                candidates = torch.stack([logits[partner], *rivals])
                costs.append(-candidates.log_softmax(dim=0)[0])
        return torch.stack(costs).mean()

    return average_both_ways(batch, cost_of)


@pytest.mark.parametrize(("window", "stride"), [(3, 3), (4, 4), (4, 2), (3, 1), (5, 3), (9, 9)])
@pytest.mark.parametrize("ids", [range(9), [0, 1, 0, 2, 2, 3, 4, 3, 5]])
def test_equals_its_tiles_one_by_one(window: int, stride: int, ids: list[int]) -> None:
    batch = random_batch(ids)
    loss = WindowedInfoNCE(window=window, stride=stride)
    assert_same(whole(loss, batch), plain_windowed(batch, window, stride), batch)


def test_a_pair_meets_those_that_lie_far_from_it() -> None:
    batch = random_batch(range(8))
    first = WindowedInfoNCE(window=2, stride=2).rows(batch, slice(0, 1), 0)
    (gradient,) = torch.autograd.grad(first, batch.texts)
    assert gradient.any(dim=1).all()


def test_a_window_as_large_as_the_batch_sees_it_all() -> None:
    batch = random_batch([0, 1, 0, 2, 3])
    assert_same(whole(WindowedInfoNCE(window=50, stride=10), batch), whole(InfoNCE(), batch), batch)


@pytest.mark.parametrize(
    ("window", "stride", "says"), [(1, 1, "two pairs"), (4, 5, "stride must not exceed window")]
)
def test_refuses_windows_that_leave_pairs_out(window: int, stride: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        WindowedInfoNCE(window=window, stride=stride)
