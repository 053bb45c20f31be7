"""Which loss helps: the same heads on the same frozen features, trained with each loss.

python -m tests.bench.losses --data DIR [--seeds 3] [--epochs 12]

Prints the table of docs/training.md: mean and standard deviation over seeds. Every loss has the same budget:
data order, batch, epochs, rates, heads. No part of `make bench`: it needs captioned photos.
"""

import argparse
import math
import statistics
import sys
from pathlib import Path

import numpy as np
import torch

from photosearch.models.config import HeadConfig
from photosearch.models.torch.heads import ResidualHead
from trainer.bundled.training import Data, Stages, base_towers
from trainer.data.dataset import read_dataset
from trainer.data.pairs import batches
from trainer.evaluate.features import PairFeatures
from trainer.evaluate.recall import Recall, rank_embeddings, recall_of
from trainer.losses import Batch, InfoNCE, Sigmoid, SoftTargets, Triplet, total
from trainer.losses.hybrid import hybrid
from trainer.losses.term import Term
from trainer.progress_bar import track
from trainer.recipe import read_recipe

DIM, HIDDEN, BATCH, RATE = 512, 384, 500, 1.5e-3
DROPOUT = {"images": 0.3, "texts": 0.1}
RAMP = 36  # steps, a quarter of them at 12 epochs


def systems(steps: int) -> dict[str, tuple[Term, ...]]:
    """The losses of each row of the table."""
    schedule = Triplet(weight=0.1, mining="all", hardest_from_step=steps // 2)
    return {
        "InfoNCE": (InfoNCE(),),
        "InfoNCE, label smoothing .1": (InfoNCE(label_smoothing=0.1),),
        **{f"hybrid, alpha {alpha}": hybrid(alpha, 0.2, RAMP) for alpha in (0.1, 0.3, 1.0)},
        "hybrid, alpha 0.1, all negatives then the hardest": (InfoNCE(), schedule),
        "soft targets, averaged": (SoftTargets(targets="averaged"),),
        "soft targets, separated": (SoftTargets(targets="separated"),),
        "sigmoid": (Sigmoid(),),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.losses", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=12)
    given = parser.parse_args()
    dataset = read_dataset(given.data)
    recipe = read_recipe("bundled")
    run = Stages(recipe, 0, Data(dataset.train, dataset.val, None), base_towers(recipe))
    train, val = run.features.pairs(dataset.train), run.features.pairs(dataset.val)
    steps = given.epochs * math.ceil(len(dataset.train.images) / BATCH)
    print("| loss | text → image R@1/5/10 | image → text R@1/5/10 | MRR, text → image |\n|---|---|---|---|")
    for name, losses in systems(steps).items():
        found = [_train(train, val, losses, given.epochs, seed) for seed in range(given.seeds)]
        ways = (
            " / ".join(_spread([getattr(r, way)[f"R@{k}"] for r in found], 1) for k in (1, 5, 10))
            for way in ("t2i", "i2t")
        )
        print(f"| {name} | {' | '.join(ways)} | {_spread([r.t2i['mrr'] for r in found], 3)} |", flush=True)
    return 0


def _train(
    train: PairFeatures, val: PairFeatures, losses: tuple[Term, ...], epochs: int, seed: int
) -> Recall:
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    image_head, text_head = _head(train.images, DROPOUT["images"]), _head(train.texts, DROPOUT["texts"])
    sigmoid = isinstance(losses[0], Sigmoid)  # begins where SigLIP does
    log_scale = torch.tensor(math.log(10 if sigmoid else 1 / 0.07), requires_grad=True)
    bias = torch.tensor(-10.0, requires_grad=True)
    steps = epochs * math.ceil(len(train.pairs.images) / BATCH)
    learnt = [*image_head.parameters(), *text_head.parameters(), log_scale, bias]
    optimizer = torch.optim.AdamW(learnt, lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    drawn = (batch for _ in range(epochs) for batch in batches(train.pairs, BATCH, generator))
    for step, (image_rows, text_rows) in enumerate(track(drawn, steps, "Steps")):
        batch = Batch(
            torch.nn.functional.normalize(image_head(train.images[image_rows]), dim=-1),
            torch.nn.functional.normalize(text_head(train.texts[text_rows]), dim=-1),
            log_scale.exp(),
            image_ids=torch.from_numpy(image_rows),
            text_ids=torch.arange(len(text_rows)),
            bias=bias,
        )
        optimizer.zero_grad()
        total(losses, batch, slice(0, len(batch)), step).backward()
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            log_scale.clamp_(max=math.log(100))
    return _measure(image_head.eval(), text_head.eval(), val)


def _head(features: torch.Tensor, dropout: float) -> ResidualHead:
    head = ResidualHead(HeadConfig(features.shape[1], HIDDEN, DIM, dropout))
    head.mean.copy_(features.mean(dim=0))
    head.std.copy_(features.std(dim=0).clamp(min=1e-6))
    return head


@torch.inference_mode()
def _measure(image_head: ResidualHead, text_head: ResidualHead, val: PairFeatures) -> Recall:
    images = torch.nn.functional.normalize(image_head(val.images), dim=-1).numpy()
    texts = torch.nn.functional.normalize(text_head(val.texts), dim=-1).numpy()
    return recall_of(rank_embeddings(texts, images, val.pairs.image_of), len(images))


def _spread(values: list[float], digits: int) -> str:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.{digits}f} ± {deviation:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
