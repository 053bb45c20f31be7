import pytest
import torch
from torch import Tensor

from tests.helpers.batches import assert_same, random_batch, whole
from trainer.losses.batch import Batch
from trainer.losses.infonce import InfoNCE
from trainer.losses.windowed import WindowedInfoNCE


def part(batch: Batch, start: int, stop: int) -> Batch:
    rows = slice(start, stop)
    return Batch(
        batch.images[rows], batch.texts[rows], batch.scale, batch.image_ids[rows], batch.text_ids[rows]
    )


def plain_windowed(batch: Batch, window: int, stride: int) -> Tensor:
    """Every window by itself, every pair's share of it, one at a time."""
    count = len(batch)
    starts = sorted({min(start, count - window) for start in range(0, count, stride)})
    costs: list[list[Tensor]] = [[] for _ in range(count)]
    for start in starts:
        inside = part(batch, start, start + window)
        for i in range(window):
            costs[start + i].append(window * InfoNCE().rows(inside, slice(i, i + 1), 0))
    return torch.stack([torch.stack(of_pair).mean() for of_pair in costs]).mean()


@pytest.mark.parametrize(("window", "stride"), [(3, 3), (4, 4), (4, 2), (3, 1), (5, 3), (9, 9)])
@pytest.mark.parametrize("ids", [range(9), [0, 1, 0, 2, 2, 3, 4, 3, 5]])
def test_equals_its_windows_one_by_one(window: int, stride: int, ids: list[int]) -> None:
    batch = random_batch(ids)
    loss = WindowedInfoNCE(window=window, stride=stride)
    assert_same(whole(loss, batch), plain_windowed(batch, window, stride), batch)


def test_window_and_stride_of_k_are_batches_of_k() -> None:
    batch = random_batch(range(8))
    halves = [whole(InfoNCE(), part(batch, start, start + 4)) for start in (0, 4)]
    assert_same(whole(WindowedInfoNCE(window=4, stride=4), batch), sum(halves) / 2, batch)


def test_a_window_as_large_as_the_batch_sees_it_all() -> None:
    batch = random_batch([0, 1, 0, 2, 3])
    assert_same(whole(WindowedInfoNCE(window=50, stride=10), batch), whole(InfoNCE(), batch), batch)


@pytest.mark.parametrize(
    ("window", "stride", "says"), [(1, 1, "two pairs"), (4, 5, "stride must not exceed window")]
)
def test_refuses_windows_that_leave_pairs_out(window: int, stride: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        WindowedInfoNCE(window=window, stride=stride)
