"""One process or several of them: `torchrun` starts many, and each sees the whole batch's embeddings."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed

from photosearch.core.errors import KnownError, first_line
from trainer.data.loader import share

WAITING = timedelta(days=7)  # at most for another process that reads photos, or measures, alone


@dataclass(frozen=True)
class Processes:
    """What the processes of one run do together; a single one does the same without talking to anybody."""

    rank: int = 0
    world: int = 1
    device: torch.device = torch.device("cpu")  # noqa: RUF009  (immutable)
    job: str = ""  # torchrun's name for what it starts again after a failure; empty where it has none
    patient: distributed.ProcessGroup | None = None  # for wait()

    @property
    def first(self) -> bool:
        """Whether this process writes the run folder and talks to the person."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """Which of `count` rows are this process's."""
        return share(count, self.rank, self.world)

    def gather(self, rows: Tensor, count: int) -> Tensor:
        """All of `count` rows (count, ...), of which each process has its `share`; without gradient."""
        if self.world == 1:
            return rows
        most = -(-count // self.world)
        padded = rows.new_zeros(most, *rows.shape[1:])  # gloo takes no parts of several lengths
        padded[: len(rows)] = rows
        parts = [torch.empty_like(padded) for _ in range(self.world)]
        with _together():
            distributed.all_gather(parts, padded)
        shares = [share(count, rank, self.world) for rank in range(self.world)]
        return torch.cat([part[: own.stop - own.start] for part, own in zip(parts, shares, strict=True)])

    def sum(self, tensor: Tensor) -> Tensor:
        """The sum over processes, in place."""
        if self.world > 1:
            with _together():
                distributed.all_reduce(tensor)
        return tensor

    def largest(self, number: int) -> int:
        """The largest of the processes' numbers."""
        if self.world == 1:
            return number
        tensor = torch.tensor([number], device=self.device)
        with _together():
            distributed.all_reduce(tensor, distributed.ReduceOp.MAX)
        return int(tensor)

    def copy_first(self, tensors: Iterable[Tensor]) -> None:
        """Make every process's tensors those of the first one, in place."""
        if self.world > 1:
            with _together(), torch.no_grad():
                for tensor in tensors:
                    distributed.broadcast(tensor, 0)

    def require_same(self, **values: bytes) -> None:
        """Go on where each of these values is the same in all processes.

        Raises:
            KnownError: one is not; the message has its name.
        """
        digests = [hashlib.blake2b(value, digest_size=16).digest() for value in values.values()]
        own = torch.tensor([list(digest) for digest in digests], dtype=torch.uint8, device=self.device)
        found = self.gather(own[None], self.world)  # (world, values, 16)
        for name, same in zip(values, (found == found[0]).all(dim=2).all(dim=0).tolist(), strict=True):
            if not same:
                raise KnownError(
                    f"The {name} is not the same for all processes; give each machine the same command, the "
                    "same data and the same folder for the run."
                )

    def sum_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Make every process's gradients the sum over processes."""
        for parameter in parameters:
            if parameter.grad is not None:
                self.sum(parameter.grad)

    def wait(self) -> None:
        """Return once every process is here, however long one of them works alone."""
        if self.world > 1:
            with _together():
                distributed.barrier(self.patient)

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
        KnownError: the accelerators are fewer than the processes, the other processes cannot be reached, or
            could not be after a restart.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    device = _device(int(os.environ.get("LOCAL_RANK", "0")))
    job = os.environ.get("TORCHELASTIC_RUN_ID", "").removeprefix("none")  # none: no --rdzv-id was given
    if world == 1:
        yield Processes(device=device, job=job)
        return
    if _would_hang_after_a_restart():
        raise KnownError(
            "What torchrun starts again would wait for ever, as it is given the addresses of what was there "
            "before; set TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 where you start it, or no --max-restarts."
        )
    with _together():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        patient = distributed.new_group(backend="gloo", timeout=WAITING)
        assert isinstance(patient, distributed.ProcessGroup)
    try:
        yield Processes(distributed.get_rank(), world, device, job, patient)
    finally:
        distributed.destroy_process_group()


def _would_hang_after_a_restart() -> bool:
    """Whether torchrun's own store, which outlives the processes, is where these look for each other."""
    shared = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    return shared and os.environ.get("TORCHELASTIC_MAX_RESTARTS", "0") != "0"


@contextmanager
def _together() -> Iterator[None]:
    """What is done with other processes fails as soon as one of them is gone."""
    try:
        yield
    except RuntimeError as error:  # what torch raises for every backend
        raise KnownError(
            "Another process of this run has ended or cannot be reached; what it said is in its own output. "
            f"Start the same command again to go on. ({first_line(error)})"
        ) from error


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
