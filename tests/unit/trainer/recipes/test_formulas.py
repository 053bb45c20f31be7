"""What each recipe lowers, against its formula as it is written: plain loops over random pairs."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.helpers.batches import assert_same, random_batch
from trainer.losses import Batch, total
from trainer.models.optimise import WeightDecay
from trainer.recipe import RECIPES, Recipe, read_recipe

AFTER_ALL_RAMPS = 100_000  # steps
PAIRS = 6


def mean(costs: list[Tensor]) -> Tensor:
    return torch.stack(costs).mean()


def similarity(batch: Batch) -> list[list[Tensor]]:
    """Of every image (first) and every text."""
    return [[image @ text for text in batch.texts] for image in batch.images]


def transposed(rows: list[list[Tensor]]) -> list[list[Tensor]]:
    return [list(column) for column in zip(*rows, strict=True)]


def softmax(values: list[Tensor]) -> list[Tensor]:
    exps = [value.exp() for value in values]
    return [value / torch.stack(exps).sum() for value in exps]


def cross_entropy(logits: list[Tensor], targets: list[Tensor]) -> Tensor:
    return -torch.stack([t * q.log() for t, q in zip(targets, softmax(logits), strict=True)]).sum()


def one_way(rows: list[list[Tensor]], scale: Tensor) -> Tensor:
    return mean([-softmax([scale * s for s in row])[i].log() for i, row in enumerate(rows)])


def clip(batch: Batch) -> Tensor:
    """Radford et al. 2021: the mean of both cross-entropies."""
    rows = similarity(batch)
    return (one_way(rows, batch.scale) + one_way(transposed(rows), batch.scale)) / 2


def teddy_cup(batch: Batch) -> Tensor:
    """Its train.py adds them."""
    return 2 * clip(batch)


def hardest_triplet(batch: Batch, measure: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Both ways, margin 0.2; the negative is the one with the largest dot product."""
    costs = []
    for anchors, others in ((batch.images, batch.texts), (batch.texts, batch.images)):
        for i, anchor in enumerate(anchors):
            negatives = [other for j, other in enumerate(others) if j != i]
            worst = max(negatives, key=lambda other: (anchor @ other).item())
            costs.append((0.2 + measure(anchor, worst) - measure(anchor, others[i])).clamp(min=0))
    return mean(costs)


def hybrid(batch: Batch) -> Tensor:
    return clip(batch) + 0.1 * hardest_triplet(batch, torch.dot)


def averaged_soft_targets(batch: Batch) -> Tensor:
    """Temperature 1. The targets of images are those of texts, transposed."""
    alike = [
        [(a @ b + x @ y) / 2 for b, y in zip(batch.images, batch.texts, strict=True)]
        for a, x in zip(batch.images, batch.texts, strict=True)
    ]
    of_texts = [softmax(row) for row in alike]
    by_image = similarity(batch)
    by_text = transposed(by_image)
    texts = mean([cross_entropy(*both) for both in zip(by_text, of_texts, strict=True)])
    images = mean([cross_entropy(*both) for both in zip(by_image, transposed(of_texts), strict=True)])
    return (texts + images) / 2


def separated_soft_targets(batch: Batch) -> Tensor:
    """Texts choose among images, and aim at how alike those are; images the other way round."""
    of_texts = [softmax([a @ b for b in batch.images]) for a in batch.images]
    of_images = [softmax([a @ b for b in batch.texts]) for a in batch.texts]
    by_image = similarity(batch)
    texts = mean([cross_entropy(*both) for both in zip(transposed(by_image), of_texts, strict=True)])
    images = mean([cross_entropy(*both) for both in zip(by_image, of_images, strict=True)])
    return (texts + images) / 2


def hybrid_original(batch: Batch) -> Tensor:
    """The notebook's loss, which is not that of its README: soft targets, and Euclid for the margin."""
    triplet = hardest_triplet(batch, lambda a, b: -torch.linalg.vector_norm(a - b))
    return averaged_soft_targets(batch) + 0.1 * triplet


def siglip(batch: Batch) -> Tensor:
    """Zhai et al. 2023: each pair of the matrix is a decision of its own; a sum over candidates."""
    assert batch.bias is not None
    signed = [
        (1 if i == j else -1) * (batch.scale * s + batch.bias)
        for i, row in enumerate(similarity(batch))
        for j, s in enumerate(row)
    ]
    return -torch.stack(signed).sigmoid().log().sum() / PAIRS


def slip(batch: Batch) -> Tensor:
    """Mu et al. 2022: CLIP's loss and SimCLR's at temperature 0.1, both with weight 1."""
    assert batch.views is not None
    views = torch.cat([torch.nn.functional.normalize(view, dim=1) for view in batch.views])
    costs = []
    for i, view in enumerate(views):
        others = [j for j in range(2 * PAIRS) if j != i]
        logits = [view @ views[j] / 0.1 for j in others]
        costs.append(-softmax(logits)[others.index((i + PAIRS) % (2 * PAIRS))].log())
    return clip(batch) + mean(costs)


def supcon(batch: Batch) -> Tensor:
    """CLIP's, and half of Khosla et al. 2020, L_out, over images and texts together."""
    assert batch.labels is not None
    both, labels = torch.cat([batch.images, batch.texts]), [*batch.labels.tolist()] * 2
    costs = []
    for i, anchor in enumerate(both):
        others = [j for j in range(2 * PAIRS) if j != i]
        shares = softmax([batch.scale * (anchor @ both[j]) for j in others])
        same = [
            share.log()
            for j, share in zip(others, shares, strict=True)
            if j % PAIRS == i % PAIRS or labels[i] == labels[j] >= 0
        ]
        costs.append(-mean(same))
    return clip(batch) + mean(costs) / 2


FORMULAS = {
    "chinese-clip-finetune": clip,
    "clip-finetune": clip,
    "contrastive-resnet50-roberta": teddy_cup,
    "hybrid-flickr30k": hybrid,
    "hybrid-flickr8k": hybrid,
    "hybrid-original": hybrid_original,
    "lit": clip,
    "openai-clip-separated": separated_soft_targets,
    "openai-clip-simple": averaged_soft_targets,
    "siglip": siglip,
    "slip": slip,
    "small": hybrid,
    "supcon": supcon,
}


def test_every_recipe_has_its_formula() -> None:
    assert sorted(FORMULAS) == sorted(path.stem for path in RECIPES.glob("*.toml") if path.stem != "bundled")


@pytest.mark.parametrize("name", FORMULAS)
def test_lowers_what_its_formula_says(name: str) -> None:
    recipe = read_recipe(name)
    assert isinstance(recipe, Recipe)
    fixed = None if recipe.temperature.learn else recipe.temperature.initial
    scale = 1 / fixed if fixed else 7.0
    batch = random_batch(range(PAIRS), normed=recipe.training.normalise, scale=scale)
    ours = total(recipe.losses, batch, slice(0, PAIRS), AFTER_ALL_RAMPS)
    theirs = FORMULAS[name](batch)
    if fixed:  # the formula need not name a temperature that is no part of what learns
        ours, theirs = (_without_scale(loss, batch) for loss in (ours, theirs))
    assert_same(ours, theirs, batch, tolerance=1e-7)


@pytest.mark.parametrize("name", ["hybrid-original", "openai-clip-simple", "openai-clip-separated"])
def test_both_notebooks_decay_the_heads_alone(name: str) -> None:
    recipe = read_recipe(name)
    assert isinstance(recipe, Recipe)
    assert recipe.training.weight_decay == WeightDecay(heads=1e-3, image=0.0, text=0.0)


def _without_scale(loss: Tensor, batch: Batch) -> Tensor:
    """The same loss, with a gradient of 0 for the scale."""
    (gradient,) = torch.autograd.grad(
        loss, batch.scale, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    return loss - gradient * (batch.scale - batch.scale.detach())
