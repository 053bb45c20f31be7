"""One process or several of them: `torchrun` starts many, and each sees the whole batch's embeddings."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed

from photosearch.core.errors import KnownError


@dataclass(frozen=True)
class Processes:
    """What the processes of one run do together; a single one does the same without talking to anybody."""

    rank: int = 0
    world: int = 1
    device: torch.device = torch.device("cpu")  # noqa: RUF009  (immutable)

    @property
    def first(self) -> bool:
        """Whether this process writes the run folder and talks to the person."""
        return self.rank == 0

    def gather(self, rows: Tensor) -> Tensor:
        """Each process's rows (B, ...), in the order of ranks; (world * B, ...), without gradient."""
        if self.world == 1:
            return rows
        parts = [torch.empty_like(rows) for _ in range(self.world)]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    def sum(self, tensor: Tensor) -> Tensor:
        """The sum over processes, in place."""
        if self.world > 1:
            distributed.all_reduce(tensor)
        return tensor

    def largest(self, number: int) -> int:
        """The largest of the processes' numbers."""
        if self.world == 1:
            return number
        tensor = torch.tensor([number], device=self.device)
        distributed.all_reduce(tensor, distributed.ReduceOp.MAX)
        return int(tensor)

    def sum_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Make every process's gradients the sum over processes."""
        for parameter in parameters:
            if parameter.grad is not None:
                self.sum(parameter.grad)

    def wait(self) -> None:
        """Return once every process is here."""
        if self.world > 1:
            self.largest(0)

    def peak_memory_mib(self) -> float | None:
        """The most that tensors took on this process's accelerator, or else the process itself, in MiB.

        None where the system does not count it.
        """
        if self.device.type == "cuda":
            return round(torch.cuda.max_memory_allocated(self.device) / 2**20, 1)
        if sys.platform == "win32":
            return None
        import resource  # POSIX only

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, else KiB
        return round(peak / 2**20 if sys.platform == "darwin" else peak / 2**10, 1)


@contextmanager
def processes() -> Iterator[Processes]:
    """This process's place among those that `torchrun` started; a single one where it did not.

    Each process of a machine takes the accelerator of its local rank, or else the CPU.

    Raises:
        KnownError: the accelerators are fewer than the processes.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    device = _device(int(os.environ.get("LOCAL_RANK", "0")))
    if world == 1:
        yield Processes(device=device)
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Processes(distributed.get_rank(), world, device)
    finally:
        distributed.destroy_process_group()


def _device(local_rank: int) -> torch.device:
    if not torch.accelerator.is_available():
        return torch.device("cpu")
    count = torch.accelerator.device_count()
    if local_rank >= count:
        raise KnownError(
            f"There are {count} accelerator(s) for more processes; start torchrun with "
            f"--nproc-per-node {count}."
        )
    accelerator = torch.accelerator.current_accelerator()
    assert accelerator is not None
    torch.accelerator.set_device_index(local_rank)
    return torch.device(accelerator.type, local_rank)
