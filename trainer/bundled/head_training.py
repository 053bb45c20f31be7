"""Stage one: heads on frozen towers."""

import math
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from photosearch.core.errors import KnownError
from photosearch.models.config import MAX_SCALE
from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.bundled.prototypes import PseudoPairs, pseudo_loss
from trainer.data.pairs import batches
from trainer.evaluate.features import PairFeatures
from trainer.losses import Batch, total
from trainer.losses.hybrid import hybrid
from trainer.progress_bar import track
from trainer.recipes.bundled import BundledRecipe


def train_heads(
    model: DualEncoder,
    train: PairFeatures,
    recipe: BundledRecipe,
    pseudo: PseudoPairs | None,
    class_texts: Tensor,
    seed: int,
    steps: int | None = None,
) -> None:
    """Train both heads and the logit scale of `model` in place, from fresh weights; the towers stay.

    AdamW on a one-cycle schedule; a batch holds each image once with one random caption of it. The loss is
    the recipe's hybrid loss of the real pairs, plus `pseudo.weight` times a separate InfoNCE of the
    pseudo-pairs: in one batch with the real ones they make worse negatives. The same seed gives the same
    weights on one machine.

    Args:
        class_texts: features of the texts that `pseudo` names by their row  # (K, T)
        steps: take so many at most, for a trial
    Raises:
        KnownError: the loss stopped being a number.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _reset(model, train)
        _run(model.train(), train, recipe, pseudo, class_texts, np.random.default_rng(seed), steps)
    model.eval()


def _run(
    model: DualEncoder,
    train: PairFeatures,
    recipe: BundledRecipe,
    pseudo: PseudoPairs | None,
    class_texts: Tensor,
    generator: np.random.Generator,
    most: int | None,
) -> None:
    trained = nn.ModuleList([model.image_head, model.text_head])
    settings = recipe.training
    steps = settings.epochs * math.ceil(len(train.pairs.images) / settings.batch_size)
    optimizer = torch.optim.AdamW(
        [*trained.parameters(), model.log_scale],
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=steps)
    losses = hybrid(recipe.loss.alpha, recipe.loss.margin, recipe.loss.ramp_steps)
    epochs = (batches(train.pairs, settings.batch_size, generator) for _ in range(settings.epochs))
    drawn = islice((batch for epoch in epochs for batch in epoch), most)
    for step, (image_rows, text_rows) in enumerate(track(drawn, steps, "Training heads, steps")):
        images = model.joint_image(train.images[image_rows])  # (B, joint), L2-normed
        texts = model.joint_text(train.texts[text_rows])  # (B, joint), L2-normed
        ids = torch.from_numpy(image_rows)
        batch = Batch(images, texts, model.scale, image_ids=ids, text_ids=torch.arange(len(ids)))
        loss = total(losses, batch, slice(0, len(batch)), step)
        if pseudo is not None:
            features, rows = pseudo.draw(generator)
            loss = loss + pseudo.weight * pseudo_loss(model, features, class_texts[rows])
        if not torch.isfinite(loss):
            raise KnownError(
                f"The loss is no longer a number at step {step + 1} of {steps}; "
                "lower learning_rate in the recipe."
            )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            model.log_scale.clamp_(max=math.log(MAX_SCALE))


def _reset(model: DualEncoder, train: PairFeatures) -> None:
    """Fresh heads, standardising by the mean and deviation of the training photos' features."""
    for layer in (*model.image_head.modules(), *model.text_head.modules()):
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    model.image_head.mean.copy_(train.images.mean(dim=0))
    model.image_head.std.copy_(train.images.std(dim=0).clamp(min=1e-6))
    with torch.no_grad():
        model.log_scale.fill_(math.log(1 / 0.07))
