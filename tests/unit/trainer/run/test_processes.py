"""One process alone; tests/e2e/test_training.py has two of them."""

import sys

import pytest
import torch

from photosearch.core.errors import KnownError
from trainer.run.processes import Processes, processes


def test_a_single_process_talks_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with processes() as group:
        assert (group.rank, group.world, group.first) == (0, 1, True)
        rows = torch.arange(6.0).view(3, 2)
        assert group.gather(rows, 3) is rows
        assert torch.equal(group.sum(rows.clone()), rows)
        assert group.largest(3) == 3
        group.wait()
        assert not torch.distributed.is_initialized()


def test_gradients_stay_their_own_sum() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.full((2,), 3.0)
    Processes().sum_gradients([parameter, torch.nn.Parameter(torch.ones(1))])
    assert parameter.grad.tolist() == [3.0, 3.0]


def test_the_peak_of_this_process_is_counted_where_the_system_counts() -> None:
    peak = Processes().peak_memory_mib()
    assert peak is None if sys.platform == "win32" else peak is not None and peak > 10


def test_a_restart_that_would_hang_is_refused_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("WORLD_SIZE", "2"), ("USE_AGENT_STORE", "True"), ("MAX_RESTARTS", "3")):
        monkeypatch.setenv(name if name == "WORLD_SIZE" else f"TORCHELASTIC_{name}", value)
    with pytest.raises(KnownError, match="TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1"), processes():
        pass
