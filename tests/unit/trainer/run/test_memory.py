import sys

import torch

from trainer.run.memory import peak_memory_mib


def test_the_peak_of_this_process_is_counted_where_the_system_counts() -> None:
    peak = peak_memory_mib(torch.device("cpu"))
    assert peak is None if sys.platform == "win32" else peak is not None and peak > 10
