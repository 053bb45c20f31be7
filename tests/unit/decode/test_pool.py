"""What becomes of a pool whose real children hang, die or lose their parent."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from photosearch.core.errors import Cancelled, KnownError
from photosearch.decode import child as decoder_child
from photosearch.decode import frames
from photosearch.decode import pool as decoder_pool
from photosearch.decode.fit import fit
from photosearch.decode.image import open_image
from photosearch.decode.pool import DecodeError, DecoderPool, Limits, Wanted
from tests.helpers.decoding import PREPROCESSING, always
from tests.helpers.photos import make_photo, sample_photos

ROOT = Path(__file__).parents[3]


others: set[psutil.Process] = set()


@pytest.fixture(autouse=True)
def apart_from_others() -> Iterator[None]:
    """Engines that other tests share have decoders, too, which are neither counted nor touched here."""
    others.update(psutil.Process().children())
    yield
    others.clear()


def decoders(parent: int | None = None) -> list[psutil.Process]:
    """The children of the program, or of this process since the test began, that decode."""
    children = [child for child in psutil.Process(parent).children() if child not in others]
    return [child for child in children if "--multiprocessing-fork" in child.cmdline()]


def await_end(process: psutil.Process) -> None:
    """Not wait(): to take the exit status is its parent's right, or of who inherits it, who may be slow."""
    give_up = time.monotonic() + 60
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < give_up


def to_decoder(action: str):
    """A `wanted` that does something to the child in the middle of its photo."""

    def wanted(content_hash: bytes) -> Wanted:
        for child in decoders():
            getattr(child, action)()
        return Wanted.PICTURE

    return wanted


@pytest.fixture
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(PREPROCESSING, workers=1) as pool:
        yield pool


def test_a_killed_child_costs_its_photo_only(pool, photo):
    with pytest.raises(DecodeError, match="the decoder was killed") as caught:
        pool.decode(photo, to_decoder("kill"))
    assert caught.value.passing
    assert pool.decode(photo, always).picture


def test_a_crashed_child_is_the_photos_fault(pool, photo):
    with pytest.raises(DecodeError, match="the decoder crashed on it") as caught:
        pool.decode(photo, lambda _: [child.send_signal(signal.SIGABRT) for child in decoders()])
    assert not caught.value.passing
    assert pool.decode(photo, always).picture


def test_a_child_killed_between_photos_costs_nothing(pool, photo):
    pool.decode(photo, always)
    for child in decoders():
        child.kill()
        await_end(child)
    assert pool.decode(photo, always).picture


@pytest.mark.parametrize("kills", [1, 2, 3])
def test_a_child_killed_while_it_starts_is_started_again(pool, photo, monkeypatch, kills):
    receive, left = decoder_child._receive, [kills]

    def kill_first(connection, kind, seconds):
        if kind is frames.ChildReady and left[0]:
            left[0] -= 1
            while not (starting := decoders()):  # until it has become the decoder, it is a copy of us
                time.sleep(0.001)
            for child in starting:
                child.kill()
                await_end(child)
        return receive(connection, kind, seconds)

    monkeypatch.setattr(decoder_child, "_receive", kill_first)
    if kills < 3:
        assert pool.decode(photo, always).picture
    else:
        with pytest.raises(KnownError, match="does not start"):
            pool.decode(photo, always)


def test_what_codecs_say_goes_to_the_log_and_not_to_the_terminal(pool, tmp_path, capfd, caplog):
    path = make_photo(tmp_path / "noisy.tif", size=(300, 200))
    with Image.open(path) as image:
        image.save(path, "TIFF", compression="tiff_lzw")
    data = bytearray(path.read_bytes())
    data[500:3000] = b"\xff" * 2500
    path.write_bytes(data)
    with contextlib.suppress(DecodeError):
        pool.decode(os.fsencode(path), always)
    assert pool.decode(os.fsencode(make_photo(tmp_path / "a.png")), always).picture
    assert "A codec said: " in caplog.text
    assert capfd.readouterr().err == ""


def test_a_hanging_child_is_given_up(photo):
    with DecoderPool(PREPROCESSING, workers=1, limits=Limits(seconds=1)) as pool:
        pool.decode(photo, always)
        with pytest.raises(DecodeError, match="took longer than 1 s") as caught:
            pool.decode(photo, to_decoder("suspend"))
        assert caught.value.passing
        assert pool.decode(photo, always).picture


if sys.platform == "linux":  # elsewhere the limit of address space is not enforced

    def test_a_picture_that_needs_too_much_memory(tmp_path, photo):
        path = make_photo(tmp_path / "x.png", color="gray", size=(8000, 5000))
        with DecoderPool(PREPROCESSING, workers=1, limits=Limits(memory_bytes=100 << 20)) as pool:
            with pytest.raises(DecodeError, match=r"it needs more than 0.0977 GB of memory") as caught:
                pool.decode(os.fsencode(path), always)
            assert not caught.value.passing
            assert pool.decode(photo, always).picture

    @pytest.fixture
    def limits(monkeypatch):
        """Two children, and for each half of this."""
        monkeypatch.setattr(decoder_pool, "_SMALLEST_SHARE", 64 << 20)
        return Limits(together_bytes=128 << 20)

    def test_photos_that_need_more_than_their_share_are_decoded_one_by_one(tmp_path, photo, limits):
        large = os.fsencode(make_photo(tmp_path / "x.png", color="teal", size=(5000, 4000)))  # 80 MB
        asked: list[bytes] = []

        def wanted(content_hash: bytes) -> Wanted:
            asked.append(content_hash)
            return Wanted.PICTURE

        with DecoderPool(PREPROCESSING, workers=8, limits=limits) as pool, ThreadPoolExecutor(6) as threads:
            paths = [large, photo, photo, large, photo, photo]
            assert all(threads.map(lambda path: pool.decode(path, wanted).picture, paths))
            assert len(asked) == len(paths)
            assert len(decoders()) <= 2
            assert pool.preview(large, 64).width == 5000

    def test_a_photo_that_needs_more_than_all_together_is_told_so(tmp_path, photo, limits):
        large = os.fsencode(make_photo(tmp_path / "x.png", color="teal", size=(8000, 5000)))  # 160 MB
        with DecoderPool(PREPROCESSING, workers=2, limits=limits) as pool:
            with pytest.raises(DecodeError, match=r"it needs more than 0.125 GB of memory"):
                pool.decode(large, always)
            assert pool.decode(photo, always).picture


def test_an_error_in_wanted_is_the_callers_own(pool, photo):
    def wanted(content_hash: bytes) -> Wanted:
        raise ConnectionResetError("the store is gone")

    with pytest.raises(ConnectionResetError, match="the store is gone"):
        pool.decode(photo, wanted)
    assert pool.decode(photo, always).picture


def test_many_threads_get_each_their_own(tmp_path):
    paths = [*sample_photos(), *(make_photo(tmp_path / f"{seed}.png", seed) for seed in range(12))]
    with DecoderPool(PREPROCESSING, workers=2) as pool, ThreadPoolExecutor(4) as threads:
        decoded = list(threads.map(lambda path: pool.decode(os.fsencode(path), always), paths))
        assert len(decoders()) == 2
    for path, result in zip(paths, decoded, strict=True):
        image, _ = open_image(path.read_bytes(), at_least=512)
        assert np.array_equal(
            np.frombuffer(result.picture.pixels, np.uint8), fit(image, PREPROCESSING).ravel()
        )


def test_close_leaves_nothing_behind(photo):
    pool = DecoderPool(PREPROCESSING, workers=1)
    pool.decode(photo, always)
    assert decoders()
    pool.close()
    assert not decoders()
    with pytest.raises(Cancelled):
        pool.decode(photo, always)
    pool.close()


def test_close_ends_what_is_under_way(photo):
    pool = DecoderPool(PREPROCESSING, workers=1)
    under_way = threading.Event()

    def wanted(content_hash: bytes) -> Wanted:
        to_decoder("suspend")(content_hash)
        under_way.set()
        return Wanted.PICTURE

    with ThreadPoolExecutor(2) as threads:
        working = threads.submit(pool.decode, photo, wanted)
        assert under_way.wait(60)
        waiting = threads.submit(pool.decode, photo, always)
        pool.close()
        assert isinstance(working.exception(60), Cancelled)
        assert isinstance(waiting.exception(60), Cancelled)
    assert not decoders()


# No guard against being run as a child: the pool must not import its parent's main module again.
PROGRAM = """
import os, sys, threading
from photosearch.core.encoder import Preprocessing
from photosearch.decode.pool import DecoderPool, Wanted

print("started", flush=True)
with DecoderPool(Preprocessing(64, "squash", "bicubic", (127.0,) * 3, (128.0,) * 3), workers=1) as pool:
    def wanted(content_hash):
        print("asked", flush=True)
        if sys.argv[2] != "finish":
            threading.Event().wait()
        return Wanted.PICTURE
    pool.decode(os.fsencode(sys.argv[1]), wanted)
print("done", flush=True)
"""


def run_program(tmp_path: Path, photo: bytes, how: str) -> subprocess.Popen:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), os.fsdecode(photo), how]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def test_children_do_not_run_the_main_module_again(tmp_path, photo):
    with run_program(tmp_path, photo, "finish") as program:
        output, errors = program.communicate(timeout=60)
    assert (output.split(), errors) == (["started", "asked", "done"], "")


@pytest.mark.parametrize(
    "sent", [signal.SIGTERM, signal.SIGINT] if sys.platform != "win32" else [signal.SIGTERM]
)
def test_children_end_with_their_parent(tmp_path, photo, sent):
    with run_program(tmp_path, photo, "wait") as program:
        assert program.stdout.readline() == "started\n" and program.stdout.readline() == "asked\n"
        children = decoders(program.pid)
        assert children
        program.send_signal(sent)
        program.communicate(timeout=60)
        assert program.returncode != 0
    for child in children:
        await_end(child)


def test_ctrl_c_reaches_no_child(pool, photo):
    pool.decode(photo, always)

    def wanted(content_hash: bytes) -> Wanted:
        for child in decoders():
            child.send_signal(signal.SIGINT)
        return Wanted.PICTURE

    assert pool.decode(photo, wanted).picture


if sys.platform != "win32":

    def test_ctrl_c_is_blocked_while_the_first_child_starts():
        code = """if True:
            import signal
            from multiprocessing import resource_tracker
            from photosearch.decode import child

            with child._plain_start():
                resource_tracker.ensure_running()  # as the start of a process does it
                print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        """
        told = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert told.stdout == "True\n"


def test_children_load_no_more_than_they_need():
    code = (
        "import sys, photosearch.decode.worker;"
        "print(sorted({'torch', 'PySide6', 'pi_heif', 'rawpy', 'pylibjxl', 'sqlite3'} & {*sys.modules}))"
    )
    listed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert listed.stdout.strip() == "[]"
