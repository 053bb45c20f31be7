"""Training on two machines: two of torchrun's agents, each with an address, a folder and a cache of its own.

python -m tests.e2e.two_nodes       some minutes; the run's folder is what both machines share

A node stands for a machine; both are on this one, as 127.0.0.1 and 127.0.0.2, which Linux has. It prints what
was compared and how far apart it was; the exit status is 1 where a promise of docs/training.md is broken.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from torch import Tensor

from tests.helpers.captioned import make_captioned
from tests.helpers.curves import assert_same_curve, curve, steps_of, weights
from tests.helpers.processes import ENVIRONMENT
from tests.helpers.training import tiny_changes
from trainer.run.run_folder import RunFolder

STEPS = 12
RECIPE = "hybrid-flickr8k"
PATIENCE = 1200.0  # seconds; each of a run's processes imports torch, on a machine that may be busy


class Node:
    """One machine's agent of torchrun, and the processes that it starts."""

    def __init__(
        self, place: Path, number: int, port: int, command: Sequence[str], processes: int, nodes: str
    ) -> None:
        home = place / f"node-{number}"
        home.mkdir(exist_ok=True)
        self._log = (home / "log.txt").open("ab")
        self.said = home / "log.txt"
        torchrun = (
            *("--nnodes", nodes, "--nproc-per-node", str(processes), "--max-restarts", "3"),
            *("--rdzv-backend", "c10d", "--rdzv-endpoint", f"127.0.0.1:{port}", "--rdzv-id", f"job-{port}"),
            *("--rdzv-conf", f"last_call_timeout=5,is_host={int(number == 0)}"),
            *("--local-addr", f"127.0.0.{number + 1}"),
        )
        self.agent = subprocess.Popen(
            [sys.executable, "-m", "torch.distributed.run", *torchrun, "-m", "--", *command],
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            env={
                **ENVIRONMENT,
                "XDG_CACHE_HOME": str(home / "cache"),
                "HF_HUB_OFFLINE": "1",
                "GLOO_SOCKET_IFNAME": "lo",
                "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
            },
        )

    def workers(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.agent.pid).children()
        return found

    def lose(self) -> None:
        """As a machine whose power fails, all at once."""
        for process in (psutil.Process(self.agent.pid), *self.workers()):
            process.kill()
        self.agent.wait()

    def ended(self, code: int) -> None:
        self.agent.wait(PATIENCE)
        self._log.close()
        text = self.said.read_text()
        assert (self.agent.returncode != 0) == bool(code), text[-6000:]


class Place:
    """Photos, tiny networks, and the folder for runs that all machines see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_captioned(folder / "photos", images=30)
        changes = (
            *("training.batch_size=7", "training.chunk=1", f"training.steps={STEPS}"),
            *("training.evaluate_every=4", "training.checkpoint_every=2", "training.ema=0.9"),
        )
        self._changes = tiny_changes(RECIPE, folder / "hub", *changes)

    def command(self, run: str, *more: str) -> list[str]:
        return [
            *("trainer", "train", RECIPE, "--data", str(self.folder / "photos")),
            *("--run", str(self.folder / run)),
            *(part for change in self._changes for part in ("--set", change)),
            *more,
        ]

    def nodes(
        self, run: str, *more: Sequence[str], processes: Sequence[int] = (2, 1), nodes: str = "2"
    ) -> list[Node]:
        port = _free_port()
        extra = more or ((), ())
        return [
            Node(self.folder, number, port, self.command(run, *extra[number]), count, nodes)
            for number, count in enumerate(processes)
        ]

    def alone(self, run: str, *more: str) -> None:
        environment = {**ENVIRONMENT, "XDG_CACHE_HOME": str(self.folder / "cache"), "HF_HUB_OFFLINE": "1"}
        subprocess.run(
            [sys.executable, "-m", *self.command(run, *more)],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def compare(self, what: str, run: str, other: str, tolerance: float, prefix: str = "model.") -> None:
        """The steps, the recalls and the weights of two runs."""
        assert_same_curve(curve(self.folder / run), curve(self.folder / other), max(tolerance, 1e-6))
        found, wanted = weights(self.folder / run, prefix), weights(self.folder / other, prefix)
        assert found.keys() == wanted.keys() and found
        apart = max(_largest(found[name] - wanted[name]) for name in wanted)
        largest = max(map(_largest, wanted.values()))
        print(f"{what}: at most {apart:.1e} apart, of {largest:.1e}", flush=True)
        assert apart <= tolerance * max(1.0, largest), what


def main() -> int:
    began = time.monotonic()
    place = Place(Path(tempfile.mkdtemp(prefix="photosearch-nodes-")))
    try:
        for promise in (equals_one_process, goes_on_after_a_kill, goes_on_without_a_machine, refuses_unlike):
            promise(place)
    except AssertionError as error:
        print(f"Broken: {error}\nWhat there was is left in {place.folder}", file=sys.stderr)
        return 1
    shutil.rmtree(place.folder)
    print(f"All as it should be, in {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}")
    return 0


def equals_one_process(place: Place) -> None:
    place.alone("alone")
    for node in place.nodes("whole"):
        node.ended(0)
    place.compare("weights of three processes and of one", "whole", "alone", 1e-5)
    place.compare("means of their gradients", "whole", "alone", 1e-5, "optimizer.")


def goes_on_after_a_kill(place: Place) -> None:
    run = place.folder / "killed"
    nodes = place.nodes("killed")
    wait_until(lambda: steps_of(run) >= 5)
    nodes[1].workers()[0].send_signal(signal.SIGKILL)
    for node in nodes:
        node.ended(0)
    assert "Another process of this run has ended" in nodes[0].said.read_text(), "nothing was started again"
    place.compare("weights with a process killed and without", "killed", "whole", 0.0)


def goes_on_without_a_machine(place: Place) -> None:
    run = place.folder / "lost"
    nodes = place.nodes("lost", nodes="1:2")
    wait_until(lambda: steps_of(run) >= 5)
    nodes[1].lose()
    nodes[0].ended(0)
    info = RunFolder(run).read()
    assert info is not None and info.environment["processes"] == 2, info
    place.compare("weights of three processes, then of two, and of one", "lost", "alone", 1e-5)


def refuses_unlike(place: Place) -> None:
    nodes = place.nodes("unlike", (), ("--seed", "1"))
    wait_until(lambda: "The command is not the same" in nodes[0].said.read_text())
    for node in nodes:
        node.lose()
    print("a machine with another command: refused")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def _largest(tensor: Tensor) -> float:
    return float(tensor.abs().max()) if tensor.numel() else 0.0


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
