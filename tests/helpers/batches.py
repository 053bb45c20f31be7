"""Random batches for losses, and what a loss makes of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.losses.batch import Batch
from trainer.losses.term import Term

TOKENS, WORDS = 3, 4


def random_batch(
    image_ids: Sequence[int],
    text_ids: Sequence[int] | None = None,
    *,
    seed: int = 0,
    dim: int = 5,
    scale: float = 7.0,
    normed: bool = True,
    dtype: torch.dtype = torch.float64,
) -> Batch:
    """A batch in which every field is there; leaves that want gradients."""
    count = len(image_ids)
    generator = torch.Generator().manual_seed(seed)

    def leaf(*shape: int) -> Tensor:
        values = torch.randn(*shape, generator=generator, dtype=torch.float64)
        return (F.normalize(values, dim=-1) if normed else values).to(dtype).requires_grad_()

    words = 1 + torch.randint(WORDS, (count,), generator=generator)
    return Batch(
        images=leaf(count, dim),
        texts=leaf(count, dim),
        scale=torch.tensor(scale, dtype=dtype, requires_grad=True),
        image_ids=torch.tensor(image_ids),
        text_ids=torch.arange(count) if text_ids is None else torch.tensor(text_ids),
        bias=torch.tensor(-3.0, dtype=dtype, requires_grad=True),
        views=(leaf(count, dim), leaf(count, dim)),
        labels=torch.randint(-1, 3, (count,), generator=generator),
        image_tokens=leaf(count, TOKENS, dim),
        text_tokens=leaf(count, WORDS, dim),
        text_mask=(torch.arange(WORDS) < words[:, None]).long(),
        guide=(leaf(count, dim).detach(), leaf(count, dim).detach()),
    )


def batch_of(cosines: Tensor, image_ids: Sequence[int], scale: float = 1.0) -> Batch:
    """A batch whose similarities of images (rows) and texts (columns) are `cosines`."""
    count = len(image_ids)
    return Batch(
        images=cosines,
        texts=torch.eye(count, dtype=cosines.dtype),
        scale=torch.tensor(scale, dtype=cosines.dtype),
        image_ids=torch.tensor(image_ids),
        text_ids=torch.arange(count),
    )


def leaves(batch: Batch) -> dict[str, Tensor]:
    """What a loss may have gradients for."""
    views = batch.views or ()
    fields = {
        name: getattr(batch, name)
        for name in ("images", "texts", "scale", "bias", "image_tokens", "text_tokens")
    }
    return {**fields, **{f"view {n}": view for n, view in enumerate(views)}}


def value_and_gradients(loss: Tensor, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss, and its gradient for each leaf of the batch, zero where it does not depend on it."""
    of = leaves(batch)
    gradients = torch.autograd.grad(loss, list(of.values()), allow_unused=True, materialize_grads=True)
    return loss.detach(), dict(zip(of, gradients, strict=True))


def whole(term: Term, batch: Batch, step: int = 0) -> Tensor:
    """The loss of the batch at once."""
    return term.rows(batch, slice(0, len(batch)), step)


def assert_same(ours: Tensor, theirs: Tensor, batch: Batch, tolerance: float = 1e-9) -> None:
    """Two losses of one batch agree, in value and in every gradient."""
    value, gradients = value_and_gradients(ours, batch)
    expected, expected_gradients = value_and_gradients(theirs, batch)
    torch.testing.assert_close(value, expected, rtol=tolerance, atol=tolerance)
    for name, gradient in gradients.items():
        torch.testing.assert_close(
            gradient,
            expected_gradients[name],
            rtol=tolerance,
            atol=tolerance,
            msg=lambda text, name=name: f"{name}: {text}",
        )


def average_both_ways(batch: Batch, cost_of: Callable[[Tensor, Tensor, int], Tensor]) -> Tensor:
    """A plain loop: the mean of `cost_of(similarities of an anchor, its positives, its index)`."""
    positives = batch.positives(slice(0, len(batch)))
    costs: Iterable[Tensor] = (
        cost_of(anchors[i] @ others.T, positives[i], i)
        for anchors, others in ((batch.images, batch.texts), (batch.texts, batch.images))
        for i in range(len(batch))
    )
    return torch.stack(list(costs)).sum() / (2 * len(batch))


def retyped(batch: Batch, dtype: torch.dtype) -> Batch:
    """The same numbers in another type, as leaves of their own."""
    changed = {
        name: getattr(batch, name).detach().to(dtype).requires_grad_()
        for name in ("images", "texts", "image_tokens", "text_tokens")
    }
    views = tuple(view.detach().to(dtype).requires_grad_() for view in batch.views or ())
    return replace(batch, **changed, views=views)
