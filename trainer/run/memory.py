"""How much memory a run took at most."""

import sys

import torch


def peak_memory_mib(device: torch.device) -> float | None:
    """The most that tensors took on an accelerator, or this process on the CPU; None where nobody counts."""
    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / 2**20, 1)
    if sys.platform == "win32":
        return None
    import resource  # POSIX only

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 2**20 if sys.platform == "darwin" else peak / 2**10, 1)
