"""Measuring how fast models that can be had would read photos of this library on this computer.

The trainer does it as a child, with a few photos that were decoded as that model would have them; nothing is
downloaded. What was found is remembered for this computer.
"""

import contextlib
import logging
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core import messages, model_messages
from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import Cancelled, KnownError, Sentence
from photosearch.core.model_messages import Measuring
from photosearch.decode.pool import DecodeError, DecoderPool, Wanted
from photosearch.engine import children
from photosearch.engine.handlers import Handlers
from photosearch.engine.speeds import Speeds
from photosearch.engine.trainer_child import TRAINER, TrainerLine, failed, read_line
from photosearch.extras import GPU
from photosearch.models import offers
from photosearch.models.loading import torch_is_here
from photosearch.paths import Library
from photosearch.store.connect import explained
from photosearch.store.reader import Reader, setting

PHOTOS = 8  # that a model is tried on

_GREY = (127.5, 127.5, 127.5)
_log = logging.getLogger(__name__)


class MeasuringJob:
    """At most one measuring at a time, on a thread of its own. Thread-safe.

    Args:
        publish: hands an event to the faces
        let_others_first: returns once nobody waits for an answer
        trainer: the command of the trainer
    """

    def __init__(
        self,
        library: Library,
        publish: Callable[[messages.AnyEvent], None],
        let_others_first: Callable[[], object],
        trainer: Sequence[str] = TRAINER,
    ) -> None:
        self._library, self._publish, self._trainer = library, publish, trainer
        self._let_others_first = let_others_first
        self._changing = threading.RLock()
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._closing = False
        self.state = Measuring()

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.do(model_messages.MeasureOffers, lambda request: self.measure(request.sources))
        handlers.do(model_messages.StopMeasuring, lambda _: self.stop())

    def measure(self, sources: Sequence[str] = ()) -> None:
        """Begin to measure in the background, the smallest first, of which the figures come soonest.

        Args:
            sources: of models of the catalogue; none: those that were not measured on this computer yet

        Raises:
            KnownError: it is being done; there is no torch, or no such model.
            Cancelled: the engine is closing.
        """
        wanted = [_known(source) for source in sources] or [
            model for model in offers.known_models() if Speeds(self._library).of(model) is None
        ]
        wanted.sort(key=lambda model: model.gigaflops)
        if not torch_is_here():
            raise KnownError(
                "To measure how fast a model is takes torch, which is not here: fetch it in the settings or "
                "by {command}.",
                command=GPU.add,
            )
        with self._changing:
            if self._closing:
                raise Cancelled
            if self.state.source:
                raise KnownError("It is being measured already; wait until that is done, or stop it.")
            if not wanted:
                return
            self._ended = False
            self._show(Measuring(wanted[0].source, 0, len(wanted)))
            self._thread = threading.Thread(
                target=self._run, args=(wanted,), name="engine-measuring", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End it, and wait for that; nothing where none runs."""
        with self._changing:
            self._ended = True
            thread, child = self._thread, self._child
        children.end(child)
        if thread:
            thread.join()

    def close(self) -> None:
        """End it, and begin none any more."""
        with self._changing:
            self._closing = True
        self.stop()

    def _run(self, wanted: Sequence[offers.KnownModel]) -> None:
        state = Measuring()
        try:
            for done, model in enumerate(wanted):
                self._show(Measuring(model.source, done, len(wanted)))
                self._measure(model)
        except Cancelled:
            pass
        except KnownError as error:
            state = Measuring(sentence=None if self._ended else error.sentence)
        except Exception:  # noqa: BLE001  (it must not look as if it ran for ever)
            _log.exception("Measuring failed")
            log = self._library.logs / "engine.log"
            state = Measuring(sentence=Sentence("It could not be measured; {log} says more.", log=log))
        with self._changing:
            self._child = None
            self._show(state)

    def _measure(self, model: offers.KnownModel) -> None:
        """
        Raises:
            KnownError: there are no photos, or the trainer could not do it.
            Cancelled: it was ended.
        """
        photos, decoding = self._decoded(model.pixels)
        with explained(self._library), tempfile.TemporaryDirectory(dir=self._scratch()) as scratch:
            file = Path(scratch) / "photos.npy"
            np.save(file, photos)
            encoding = self._encoded(model, file)
        cores = int(setting(self._library, settings.THREADS)) or os.cpu_count() or 1
        Speeds(self._library).remember(model, encoding + decoding / cores)

    def _decoded(self, size: int) -> tuple[NDArray[np.uint8], float]:
        """A few photos as a model of that size takes them, and what decoding one takes, in milliseconds."""
        with Reader.open(self._library) as reader:
            living = reader.living()
            tried = living[:: max(1, len(living) // PHOTOS)][:PHOTOS]
            paths = [os.fsencode(photo.path) for photo in reader.photos(tried) if not photo.away]
        pixels, ms = [], []
        preprocessing = Preprocessing(size, "squash", "bicubic", _GREY, _GREY)
        with DecoderPool(preprocessing, 1) as pool:
            for path in (*paths[:1], *paths):  # twice the first, as the decoder is started for it
                self._let_others_first()
                if self._ended:
                    raise Cancelled
                start = time.perf_counter()
                with contextlib.suppress(DecodeError):
                    picture = pool.decode(path, lambda _: Wanted.PICTURE).picture
                    assert picture
                    pixels.append(np.frombuffer(picture.pixels, np.uint8).reshape(size, size, 3))
                    ms.append(1000 * (time.perf_counter() - start))
        if len(pixels) < 2:
            raise KnownError(
                "How fast a model is here is measured on photos of the library, and none can be read now; "
                "add a folder first."
            )
        return np.stack(pixels[1:]), statistics.median(ms[1:])

    def _encoded(self, model: offers.KnownModel, photos: Path) -> float:
        """Milliseconds that encoding a photo takes."""
        command = [*self._trainer, "speed", "--json", "--photos", str(photos), *self._as_set(), "--"]
        command.append(msgspec.json.encode(model.architecture).decode())
        self._library.logs.mkdir(mode=0o700, exist_ok=True)
        log = self._library.logs / "measuring.txt"
        last = TrainerLine("")
        with (
            log.open("wb") as errors,
            children.start(
                command, stdout=subprocess.PIPE, stderr=errors, cwd=photos.parent, env=os.environ
            ) as child,
        ):
            assert child.stdout is not None
            with self._changing:
                self._child = child
            if self._ended:
                children.end(child)
            for line in child.stdout:
                last = read_line(line, TrainerLine) or last
        if self._ended:
            raise Cancelled
        if child.returncode or last.event != "done":
            said = Sentence("It could not be measured; {log} says more.", log=log)
            raise failed(child.returncode, last, said)
        return last.ms

    def _as_set(self) -> list[str]:
        """The options that the library's settings ask for."""
        chosen = {
            "--device": setting(self._library, settings.DEVICE),
            "--precision": setting(self._library, settings.PRECISION),
        }
        options = [part for pair in chosen.items() if pair[1] != settings.AUTO for part in pair]
        threads = setting(self._library, settings.THREADS)
        return [*options, "--threads", threads] if int(threads) else options

    def _scratch(self) -> Path:
        folder = self._library.root / "cache"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _show(self, state: Measuring) -> None:
        self.state = state
        self._publish(model_messages.MeasuringChanged(state))


def _known(source: str) -> offers.KnownModel:
    if model := offers.named(source):
        return model
    raise KnownError("The catalogue has no model {name}; photosearch models offers lists them.", name=source)
