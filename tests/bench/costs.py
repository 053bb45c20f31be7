"""What a photo and a query cost a core, a disk and a memory here, and what that says of 10^7 to 10^9 photos.

python -m tests.bench.costs                      measure, fit, predict; some minutes, at most 4 GB of memory
python -m tests.bench.costs --json > costs.json  the same to keep
python -m tests.bench.costs --measured costs.json --set node_hour=2.2 --set cores=64   other assumptions

All of cores' time, which neighbours disturb less than a clock's.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
import psutil

from photosearch.core.encoder import Encoder
from photosearch.decode.pool import DecoderPool, Wanted
from photosearch.models import catalog
from photosearch.models.config import read_config
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.runtime.int8 import Int8Encoder
from photosearch.paths import Library
from tests.bench import large, library
from tests.bench.cost_model import Assumed, Measured, Point, Prediction, fitted, most_resident, predict
from tests.bench.photos import twelve_megapixels
from tests.bench.rank import DIM, TOP, alone, coded, read_vectors, write_unit_vectors
from tests.bench.table import median_seconds, median_seconds_of

STORED = 10_000  # photos, to time the store
FILLED = (10_000, 100_000)
RANKED = (10_000, 100_000, 1_000_000)
PREDICTED = (10**6, 10**7, 10**8, 10**9)
PHOTOS, READS, DECODES = 4, 40, 6  # files, and how often each is read and decoded
BATCH = 16


class Result(msgspec.Struct):
    """What `--json` prints."""

    measured: Measured
    assumed: Assumed
    most_resident: int
    predicted: dict[str, list[Prediction]]  # by encoder


def measure() -> Measured:
    info = catalog.default()
    exported = OnnxEncoder(info.path, read_config(info.path), device="cpu")
    rounded = Int8Encoder(info.path, read_config(info.path))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        photos = twelve_megapixels(folder / "photos", PHOTOS)
        read, decode, thumbnail = _decoding(photos, exported)
        encode, in_8_bits = _encoding(exported, rounded)
        ranked = {count: alone(_ranked, _vectors(folder, count)) for count in RANKED}
        return Measured(
            dim=exported.dim,
            megabytes=sum(photo.stat().st_size for photo in photos) / PHOTOS / 1e6,
            stages={
                "read": read,
                "decode": decode,
                "encode": encode,
                "encode in 8 bits": in_8_bits,
                "store": _storing(folder / "stored", exported),
            },
            text=_of_a_text(exported),
            thumbnail=thumbnail,
            database=[Point(count, _database(folder, count)) for count in FILLED],
            memory=[Point(count, found[1]) for count, found in ranked.items()],
            ranking=[Point(count, found[0]) for count, found in ranked.items()],
            load=round(os.getloadavg()[0], 1),
            machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        )


def _decoding(photos: list[Path], encoder: Encoder) -> tuple[float, float, float]:
    """Seconds of a decoder to read and hash a photo, and beyond that to decode it; its thumbnail's bytes."""

    def of_decoders() -> float:
        return sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children())

    def seconds(wanted: Wanted, times: int) -> float:
        before = of_decoders()
        for _ in range(times):
            for photo in photos:
                pool.decode(os.fsencode(photo), lambda _: wanted)
        return (of_decoders() - before) / times / len(photos)

    with DecoderPool(encoder.preprocessing, 1) as pool:
        pictures = [pool.decode(os.fsencode(photo), lambda _: Wanted.PICTURE).picture for photo in photos]
        read = seconds(Wanted.NOTHING, READS)
        decode = seconds(Wanted.PICTURE, DECODES) - read
    return read, decode, sum(len(picture.thumbnail) for picture in pictures if picture) / len(photos)


def _encoding(*encoders: Encoder) -> list[float]:
    size = encoders[0].preprocessing.size
    images = np.random.default_rng(0).integers(0, 256, (BATCH, size, size, 3), dtype=np.uint8)
    works = [
        lambda encoder=encoder: encoder.image_bias(encoder.encode_images(images)) for encoder in encoders
    ]
    return [seconds / BATCH for seconds in median_seconds_of(works, 5)]


def _of_a_text(encoder: Encoder) -> float:
    numbers = iter(range(100))  # a text that was asked before costs nothing
    return median_seconds(lambda: encoder.encode_texts([f"{next(numbers)} dogs"]), 20, time.process_time)


def _storing(folder: Path, encoder: Encoder) -> float:
    before = time.process_time()
    library.fill(Library(folder), encoder, STORED, library.small_jpeg())
    return (time.process_time() - before) / STORED


def _database(folder: Path, count: int) -> int:
    filled = Library(folder / f"filled-{count}")
    model = catalog.default()
    large.fill(filled, model, model.dim, count, folder / f"files-{count}")
    return filled.database.stat().st_size


def _vectors(folder: Path, count: int) -> Path:
    path = folder / f"{count}.npy"
    write_unit_vectors(path, count)
    return path


def _ranked(path: Path) -> tuple[float, float]:
    """Seconds of a core for the best of all, and the bytes that the vectors take: in a process of its own."""
    from photosearch.search.matrix import Matrix

    vectors, query = read_vectors(path)
    before = psutil.Process().memory_info().rss - vectors.nbytes
    matrix = coded(Matrix(), vectors, query)
    seconds = median_seconds(lambda: matrix.top(query, TOP), 7, time.process_time)
    return seconds, psutil.Process().memory_info().rss - before


def _told(result: Result) -> str:
    measured = result.measured
    lines = [f"{measured.machine}, load average {measured.load}; photos of {measured.megabytes:.1f} MB", ""]
    lines += ["| stage | ms of a core a photo | photos a second of a core |", "|---|---|---|"]
    lines += [f"| {name} | {1e3 * took:.2f} | {1 / took:,.0f} |" for name, took in measured.stages.items()]
    lines += ["", "| | 10^4 | 10^5 | 10^6 | fixed | for each photo |", "|---|---|---|---|---|---|"]
    for name, points, unit, each in (
        ("database, MB", measured.database, 1e6, 1),
        ("resident vectors, MB", measured.memory, 1e6, 1),
        ("ranking, ms of a core", measured.ranking, 1e-3, 1e-9),
    ):
        line = fitted(points)
        shown = [f"{point.value / unit:,.1f}" for point in points] + [""] * (3 - len(points))
        lines.append(
            f"| {name} | {' | '.join(shown)} | {line.fixed / unit:,.2f} | {line.each / each:,.1f} "
            f"{'ns' if unit < 1 else 'bytes'} |"
        )
    lines += [
        "",
        f"A query's text takes {1e3 * measured.text:.1f} ms of a core; a thumbnail has "
        f"{measured.thumbnail / 1e3:.1f} kB.",
        f"One node ranks {result.most_resident:,} photos exactly, with "
        f"{msgspec.json.encode(result.assumed).decode()}",
    ]
    for encoder, found in result.predicted.items():
        names = [field for field in Prediction.__struct_fields__ if field != "photos"]
        head = " | ".join(f"{prediction.photos:,}" for prediction in found)
        lines += ["", f"| extrapolated, {encoder} | {head} |", "|---|" + "---|" * len(found)]
        for name in names:
            cells = " | ".join(f"{getattr(prediction, name):,.6g}" for prediction in found)
            lines.append(f"| {name.replace('_', ' ')} | {cells} |")
    return "\n".join(lines)


def _kept(path: Path) -> Measured:
    """
    Raises:
        SystemExit: the file is not there, or holds something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Result).measured
    except (OSError, msgspec.DecodeError) as error:
        raise SystemExit(f"{path} is not what --json printed: {error}") from None


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.costs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="all of it, to keep")
    parser.add_argument("--measured", type=Path, metavar="FILE", help="what --json printed; measure nothing")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=NUMBER", help="another assumption"
    )
    options = parser.parse_args()
    changes = dict(change.split("=", 1) for change in options.set)
    assumed = msgspec.convert({**msgspec.to_builtins(Assumed()), **changes}, Assumed, strict=False)
    if options.measured:
        measured = _kept(options.measured)
    else:
        measured = measure()
        assert measured.dim == DIM, measured.dim
    predicted = {
        encoder: [predict(photos, measured, assumed, encoder) for photos in PREDICTED]
        for encoder in ("encode", "encode in 8 bits")
    }
    result = Result(measured, assumed, most_resident(measured, assumed), predicted)
    print(msgspec.json.encode(result).decode() if options.json else _told(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
