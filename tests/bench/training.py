"""Training: our loop against the notebooks' plain one, memory as the batch grows, a large batch's loss."""

import io
import itertools
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.bench.table import Row, median_seconds

TOWERS = {"kind": "towers", "image": "timm:tf_efficientnet_lite0", "text": "package:all-MiniLM-L6-v2"}
BATCH = 32  # of the plain loop, as the notebooks have it
STEPS = 8
WARM = 2  # steps that are not counted
SIZE, SMALL = 224, 96  # pixels: for speed, and for memory over thousands of pairs
BATCHES = (256, 1024, 4096)
CHUNK = 32
DIM = 512
WORDS = tuple("a dog runs over the green grass while two children watch from behind a fence".split())  # noqa: SIM905


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        _write_pairs(data / "speed", BATCH * (STEPS + WARM), (500, 375))
        _write_pairs(data / "memory", max(BATCHES), (128, 96))
        ours, plain = (_alone(loop, data / "speed") for loop in (_our_speed, _plain_speed))
        what = f"train Lite0 + MiniLM, batch {BATCH}, float32"
        rows = [Row(what, f"{ours:.1f} pairs/s", f"plain loop {plain:.1f} pairs/s", ours / plain)]
        peaks = [_alone(_our_memory, data / "memory", batch) for batch in BATCHES]
        for batch, peak in zip(BATCHES, peaks, strict=True):
            reference = f"batch {BATCHES[0]}: {peaks[0]:,.0f} MiB"
            what = f"peak memory of training, batch {batch:,} in chunks of {CHUNK}"
            rows.append(Row(what, f"{peak:,.0f} MiB", reference, peaks[0] / peak))
    tiled, naive = (_alone(_loss, tiled) for tiled in (True, False))
    what = f"InfoNCE and its gradient, {BATCHES[-1]:,} x {DIM}"
    rows.append(Row(what, f"{tiled[0]:.2f} s", f"whole matrix {naive[0]:.2f} s", naive[0] / tiled[0]))
    rows.append(
        Row(f"{what}: memory", f"{tiled[1]:,.0f} MiB", f"{naive[1]:,.0f} MiB", naive[1] / max(tiled[1], 1))
    )
    return rows


def _alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """In a process of its own: its peak of memory is its own too."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _our_speed(data: Path) -> float:
    """The median over steps, of what the run itself recorded."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        _train(data, run, size=SIZE, batch=BATCH, steps=STEPS + WARM)
        events = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    rates = [event["pairs_per_second"] for event in events if event["event"] == "step"]
    return statistics.median(rates[WARM:])


def _our_memory(data: Path, batch: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        metrics = _train(data, Path(folder) / "run", size=SMALL, batch=batch, steps=1)
    return float(metrics["peak_memory_mib"])


def _train(data: Path, run: Path, *, size: int, batch: int, steps: int) -> dict[str, Any]:
    import msgspec

    from trainer.recipe import Recipe
    from trainer.run.train import train

    recipe = {
        "system": "dual-encoder",
        "name": "bench",
        "model": {**TOWERS, "pretrained": False, "size": size},
        "losses": [{"kind": "infonce"}],
        "training": {
            "lr": {"heads": 1e-4, "image": 1e-4, "text": 1e-4},
            "batch_size": batch,
            "chunk": CHUNK,
            "steps": steps,
            "guard": False,
        },
    }
    return train(msgspec.convert(recipe, Recipe), data, run, cache=run.parent / "cache")


def _plain_speed(data: Path) -> float:
    """What the OpenAI-CLIP notebooks do: decode at each step, pad to the longest caption, one graph."""
    import torch
    from torch.nn import functional as F

    from trainer.data.dataset import read_dataset
    from trainer.models.build import Towers, build

    settings = {key: value for key, value in TOWERS.items() if key != "kind"}
    built = build(Towers(**settings, pretrained=False, size=SIZE), seed=0)
    pairs = read_dataset(data, cache=data / "cache").train
    model, tokens = built.model.train(), built.tokenizer(pairs.captions)
    preprocessing = built.config.preprocessing
    mean, std = np.float32(preprocessing.mean), np.float32(preprocessing.std)
    batches = torch.utils.data.DataLoader(
        _Decoded(pairs, mean, std), batch_size=BATCH, shuffle=True, num_workers=2, drop_last=True
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    seconds = []
    start = time.perf_counter()
    for pixels, rows in itertools.islice(itertools.cycle(batches), STEPS + WARM):
        ids, mask = torch.from_numpy(tokens.ids[rows]), torch.from_numpy(tokens.mask[rows])
        images = F.normalize(model.image_head(_features(model, pixels)), dim=-1)
        texts = model.encode_text(ids, mask)
        logits = model.scale * images @ texts.T
        target = torch.arange(len(rows))
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
    return BATCH / statistics.median(seconds[WARM:])


def _features(model: Any, pixels: Any) -> Any:
    network = model.image_tower.network
    return network.forward_head(network.forward_features(pixels), pre_logits=True)


class _Decoded:
    """A map-style dataset that opens, resizes and normalises one photo at each access."""

    def __init__(self, pairs: Any, mean: np.ndarray, std: np.ndarray) -> None:
        self._pairs, self._mean, self._std = pairs, mean, std

    def __len__(self) -> int:
        return len(self._pairs.captions)

    def __getitem__(self, row: int) -> tuple[np.ndarray, int]:
        data = self._pairs.images[self._pairs.image_of[row]].read_bytes()
        photo = Image.open(io.BytesIO(data)).convert("RGB")
        pixels = np.asarray(photo.resize((SIZE, SIZE), Image.Resampling.BICUBIC), np.float32)
        return ((pixels - self._mean) / self._std).transpose(2, 0, 1).copy(), row


def _loss(tiled: bool) -> tuple[float, float]:
    """Seconds, and MiB above what the process had before, for InfoNCE and its gradient."""
    import torch
    from torch.nn import functional as F

    from trainer.losses import Batch, InfoNCE
    from trainer.run.processes import Processes

    count = BATCHES[-1]
    images, texts = (F.normalize(torch.randn(count, DIM), dim=1).requires_grad_() for _ in range(2))
    numbers = torch.arange(count)
    batch = Batch(images, texts, torch.tensor(14.3), numbers, numbers)
    blocks = range(0, count, CHUNK * 8) if tiled else [0]
    width = CHUNK * 8 if tiled else count
    loss, process = InfoNCE(), Processes()

    def once() -> None:
        for start in blocks:
            loss.rows(batch, slice(start, start + width), 0).backward()

    before = process.peak_memory_mib() or 0.0
    seconds = median_seconds(once, 3)
    return seconds, (process.peak_memory_mib() or 0.0) - before


def _write_pairs(folder: Path, count: int, size: tuple[int, int]) -> None:
    """`count` photos of coloured noise, no two alike, with captions of five to twenty words."""
    random = np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    lines = {"train": ["filename,caption"], "val": ["filename,caption"]}
    for number in range(count + count // 16):
        coarse = Image.fromarray(random.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        coarse.resize(size, Image.Resampling.BICUBIC).save(folder / "images" / f"{number}.jpg", quality=90)
        said = random.choice(WORDS, random.integers(5, 21))
        lines["train" if number < count else "val"].append(f"{number}.jpg,{' '.join(said)} {number}")
    for name, rows in lines.items():
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
