"""The program of Ray's: it starts Ray, or joins a cluster, and has workers embed what its parent names.

A program by itself, so that Ray's words, signals and threads are not the person's: it is ended by killing it.
On one computer all is bound to the loopback device, nothing is told to anybody, and who has not the token
that the parent made, as other people on this computer, can give Ray nothing to do.
"""

import contextlib
import itertools
import math
import os
import queue
import secrets
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import psutil

from photosearch.core.errors import KnownError, first_line
from photosearch.scale import frames
from photosearch.scale.embedding import Embedder
from photosearch.scale.frames import Answer, Begin, Chunk, Over, Refused, Shares, Task

if TYPE_CHECKING:
    import pyarrow

_STARTS = 3  # tries; Ray waits half a minute for itself, and a busy computer longer
_STORE_BYTES = 256 << 20  # of shared memory; what workers are told and say is small
_CHUNKS_AT_ONCE = 4096  # that Ray is told of
_DEATHS = 3  # of its worker after which a chunk is left
_CORES_A_WORKER = 4
_SECONDS_TO_ANSWER = 10.0
_LOOPBACK = "127.0.0.1"


def environment() -> dict[str, str]:
    """For Ray on this computer alone: variables that it reads when it is imported."""
    return {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # by this it takes the address of the loopback device
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_worker_register_timeout_seconds": "300",
    }


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Do what the parent wants; end when it closes its end."""
    begin = frames.expect(asked, Begin)
    coming = _Coming(asked, begin.folder)
    try:
        _connect(begin)
        shares = _shares(begin.workers)
        frames.send(answers, shares)
        for answer in _answers(coming.task(), coming.chunks()):
            frames.send(answers, answer)
        frames.send(answers, Over())
    except KnownError as error:
        frames.send(answers, Refused(error.sentence))
    coming.wait_for_end()


class _Coming:
    """What the parent says, read in a thread that ends all once the parent is gone."""

    def __init__(self, asked: IO[bytes], folder: str) -> None:
        self._asked, self._folder = asked, folder
        self._frames: queue.SimpleQueue[frames.AnyFrame] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, name="parent", daemon=True)
        self._thread.start()

    def task(self) -> Task:
        task = self._frames.get()
        assert isinstance(task, Task)
        return task

    def chunks(self) -> Iterator[Chunk]:
        while isinstance(chunk := self._frames.get(), Chunk):
            yield chunk

    def wait_for_end(self) -> None:
        self._thread.join()

    def _read(self) -> None:
        try:
            while True:
                self._frames.put(frames.receive(self._asked))
        except EOFError:
            end_with_children(psutil.Process(), self._folder)


def end_with_children(program: psutil.Process, folder: str) -> None:
    """Kill a program of Ray's with all that it started, and remove what Ray kept in files.

    It itself is the last, as it may be the present one.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in program.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # some end as others do
                child.kill()
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        program.kill()


def look_for(address: str) -> None:
    """See whether anybody listens at HOST:PORT, as Ray itself tries for minutes; what names neither is Ray's.

    Raises:
        KnownError: nobody does.
    """
    there = urlsplit(address if "://" in address else f"//{address}")
    try:
        if there.hostname and there.port:
            socket.create_connection((there.hostname, there.port), _SECONDS_TO_ANSWER).close()
    except (OSError, ValueError) as error:
        raise KnownError(
            "There is no Ray cluster at {address} ({reason}).", address=address, reason=first_line(error)
        ) from error


def _connect(begin: Begin) -> None:
    """
    Raises:
        KnownError: Ray does not start, or there is no such cluster.
    """
    if begin.address is not None:
        look_for(begin.address)
    import ray

    if begin.address is not None:
        try:
            ray.init(begin.address, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise KnownError(
                "There is no Ray cluster at {address} ({reason}).",
                address=begin.address,
                reason=first_line(error),
            ) from error
        return
    for left in reversed(range(_STARTS)):
        try:
            ray.init(
                num_cpus=_cores(),
                include_dashboard=False,
                object_store_memory=_STORE_BYTES,
                log_to_driver=False,
                _node_ip_address=_LOOPBACK,
                _temp_dir=begin.folder,
            )
            return
        except Exception as error:  # what it raises when it has waited for itself too long
            if not left:
                raise KnownError(
                    "Ray does not start ({reason}); close other programs, and try again.",
                    reason=first_line(error),
                ) from error
            ray.shutdown()


def _shares(workers: int | None) -> Shares:
    """What there is, divided; without a wish one worker for each GPU, else for every four cores."""
    import ray

    there = ray.nodes()  # type: ignore[no-untyped-call]
    nodes = [node["Resources"] for node in there if node["Alive"]]
    cores = [int(node.get("CPU", 0)) for node in nodes]
    gpus = sum(int(node.get("GPU", 0)) for node in nodes)
    count = workers or gpus or sum(max(1, number // _CORES_A_WORKER) for number in cores if number)
    count = min(count, sum(cores))  # more would wait for ever for a core of their own
    of_a_gpu = 1 / math.ceil(count / gpus) if gpus else 0.0
    return Shares(count, max(1, min(sum(cores) // count, max(cores))), of_a_gpu)


def _answers(task: Task, chunks: Iterator[Chunk]) -> Iterator[Answer]:
    """What becomes of the chunks, as they are done.

    Raises:
        KnownError: a worker met what no other would do better.
    """
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # a photo that kills each worker costs its chunk, and not the run
    told = msgspec.msgpack.encode(task)
    while some := list(itertools.islice(chunks, _CHUNKS_AT_ONCE)):
        items = [{"frame": msgspec.msgpack.encode(chunk)} for chunk in some]
        answers = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
            Worker,
            fn_constructor_args=(told,),
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(
                size=min(task.shares.workers, len(items)), max_tasks_in_flight_per_actor=1
            ),
            num_cpus=task.shares.cores,
            num_gpus=task.shares.gpus,
            ray_remote_args_fn=lambda: {"max_task_retries": _DEATHS},
        )
        for row in answers.iter_rows():
            answer = msgspec.msgpack.decode(row["frame"], type=Answer | Refused)
            if isinstance(answer, Refused):
                raise KnownError(answer.sentence)
            yield answer


class Worker:
    """Stands on a computer of the cluster; loads the model with its first chunk."""

    def __init__(self, task: bytes) -> None:
        self._task = msgspec.msgpack.decode(task, type=Task)
        self._embedder: Embedder | None = None

    def __call__(self, table: "pyarrow.Table") -> "pyarrow.Table":
        import pyarrow

        chunks = [msgspec.msgpack.decode(one, type=Chunk) for one in table["frame"].to_pylist()]
        answers = [msgspec.msgpack.encode(self._answer(chunk)) for chunk in chunks]
        return pyarrow.table({"frame": pyarrow.array(answers, pyarrow.binary())})

    def _answer(self, chunk: Chunk) -> Answer | Refused:
        try:
            if self._embedder is None:
                self._embedder = Embedder(self._task)
            return Answer(len(chunk.files), self._embedder.embed(chunk))
        except KnownError as error:
            return Refused(error.sentence)


def _cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
