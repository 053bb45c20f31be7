"""Exact large batches: the whole batch's gradient at the memory of one chunk."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from trainer.data.loader import Images, PairBatch
from trainer.losses import names, needs, terms, weight_at
from trainer.losses.batch import Batch
from trainer.losses.term import Term
from trainer.models.precision import Precision, autocast
from trainer.models.view_head import encode_view
from trainer.run.processes import Processes


@dataclass(frozen=True)
class StepReport:
    """The losses of one batch, over all processes."""

    loss: float
    terms: dict[str, float]  # each loss's own value by its name, before its weight


@dataclass(frozen=True)
class Encoding:
    """One way from the pairs of a batch to embeddings."""

    encode: Callable[[slice], Tensor]  # of some of the process's rows
    frozen: bool  # its tower is not trained, so that a graph of it is small


def exact_backward(
    model: Any,
    batch: PairBatch,
    losses: Sequence[Term],
    step: int,
    *,
    chunk: int,
    graphs: int = 1,
    seed: Sequence[int],
    processes: Processes,
    precision: Precision = "float32",
    normalise: bool = True,
    mask_positives: bool = True,
    guide: Any = None,
    factor: Tensor | float = 1.0,
) -> StepReport:
    """Add the gradient of `factor` times the batch's loss to the parameters of `model`.

    First each chunk is embedded without a graph; the loss of the embeddings of all processes gives its
    gradient for each embedding, a block of (chunk, N) similarities at a time; then each chunk is embedded
    again, now with a graph, to carry that gradient on; the last `graphs` chunks keep theirs from the first
    time. The sum over chunks is the gradient of the whole batch. Dropout repeats, since a chunk's generator
    starts from `seed` and its first row both times. Batch norms must not learn statistics while there is
    more than one chunk.

    Each process adds the part that went through its own rows: `Processes.sum_gradients` makes it whole.

    Source: Gao et al. 2021 (GradCache).

    Args:
        batch: this process's rows of the global batch
        step: counted from 0, for the losses that change with it
        chunk: how many pairs are embedded at a time
        graphs: how many chunks are embedded once, for the memory of their graphs
        seed: numbers that no other batch of the run has
        normalise: whether losses see L2-normed embeddings
        mask_positives: whether pairs of one image or caption are no negatives of each other
        guide: a frozen model, for losses that ask for one
    """
    wanted = needs(losses)
    size = len(batch)
    chunks = [slice(start, min(start + chunk, size)) for start in range(0, size, chunk)]
    own = processes.share(batch.total)  # this process's rows in the global batch
    sides = _sides(model, batch, wanted, normalise, processes.device)

    def encode(name: str, rows: slice, graph: bool) -> Tensor:
        place = (*seed, list(sides).index(name), own.start + rows.start)
        narrow = autocast(processes.device, precision)
        with torch.set_grad_enabled(graph), seeded(place, processes.device), narrow:
            return sides[name].encode(rows).float()

    # One graph costs nothing: it goes before another one is built.
    embedded = {
        name: [encode(name, rows, graph=side.frozen or rows in chunks[-graphs:]) for rows in chunks]
        for name, side in sides.items()
    }
    leaves = {
        name: processes.gather(torch.cat([part.detach() for part in parts]), batch.total).requires_grad_()
        for name, parts in embedded.items()
    }
    scale = model.scale.detach().requires_grad_()
    bias = model.bias.detach().requires_grad_() if "bias" in wanted else None
    seen = _batch(batch, leaves, scale, bias, processes, _guide(guide, batch, chunks, processes, wanted))
    if not mask_positives:
        alone = torch.arange(len(seen), device=processes.device)
        seen = replace(seen, image_ids=alone, text_ids=alone)
    report = _loss_backward(
        seen, losses, step, [_shifted(rows, own.start) for rows in chunks], factor, processes
    )

    gradients = {
        name: processes.sum(leaf.grad)[own] for name, leaf in leaves.items() if leaf.grad is not None
    }
    for rows in reversed(chunks):  # the kept graphs go first
        for name, gradient in gradients.items():
            part = embedded[name].pop()
            if not part.requires_grad:
                part = encode(name, rows, graph=True)
            if part.requires_grad:
                part.backward(gradient[rows])  # type: ignore[no-untyped-call]
            del part
    for leaf, value in ((scale, model.scale), (bias, model.bias)):
        if leaf is not None and leaf.grad is not None and value.requires_grad:
            value.backward(leaf.grad)
    return report


def _sides(
    model: Any, batch: PairBatch, wanted: frozenset[str], normalise: bool, device: torch.device
) -> dict[str, Encoding]:
    image = model.encode_image if normalise else model.project_image
    text = model.encode_text if normalise else model.project_text
    frozen_image, frozen_text = _frozen(model.image_tower), _frozen(model.text_tower)

    def of_images(encode: Callable[[Tensor], Tensor], images: Images) -> Encoding:
        return Encoding(lambda rows: encode(images[rows].to(device)), frozen_image)

    def of_texts(encode: Callable[[Tensor, Tensor], Tensor]) -> Encoding:
        return Encoding(
            lambda rows: encode(batch.ids[rows].to(device), batch.mask[rows].to(device)), frozen_text
        )

    sides = {"images": of_images(image, batch.images), "texts": of_texts(text)}
    if "views" in wanted:
        assert batch.views is not None
        views = partial(encode_view, model)
        sides |= {f"view {number}": of_images(views, view) for number, view in enumerate(batch.views)}
    if "tokens" in wanted:
        sides |= {
            "image tokens": of_images(model.image_tokens, batch.images),
            "text tokens": of_texts(model.text_tokens),
        }
    return sides


def _batch(
    pairs: PairBatch,
    leaves: dict[str, Tensor],
    scale: Tensor,
    bias: Tensor | None,
    processes: Processes,
    guide: tuple[Tensor, Tensor] | None,
) -> Batch:
    """What the losses see: the pairs of every process."""

    def everywhere(tensor: Tensor) -> Tensor:
        return processes.gather(tensor.to(processes.device), pairs.total)

    tokens = "text tokens" in leaves
    return Batch(
        images=leaves["images"],
        texts=leaves["texts"],
        scale=scale,
        image_ids=everywhere(pairs.image_ids),
        text_ids=everywhere(pairs.text_ids),
        bias=bias,
        views=(leaves["view 0"], leaves["view 1"]) if "view 0" in leaves else None,
        labels=everywhere(pairs.labels),
        image_tokens=leaves.get("image tokens"),
        text_tokens=leaves.get("text tokens"),
        text_mask=everywhere(pairs.mask) if tokens else None,
        guide=guide,
    )


def _loss_backward(
    batch: Batch,
    losses: Sequence[Term],
    step: int,
    blocks: Sequence[slice],
    factor: Tensor | float,
    processes: Processes,
) -> StepReport:
    """Gradients onto the embeddings, one block of rows after the other."""
    weights = [weight_at(loss, step) for loss in losses]
    values = torch.zeros(len(losses), device=processes.device)  # (terms,)
    for rows in blocks:
        parts = torch.stack([part.float() for part in terms(losses, batch, rows, step).values()])  # (terms,)
        (factor * (parts.new_tensor(weights) * parts).sum()).backward()  # type: ignore[no-untyped-call]
        values += parts.detach()
    found = dict(zip(names(losses), processes.sum(values).tolist(), strict=True))
    return StepReport(sum(w * v for w, v in zip(weights, found.values(), strict=True)), found)


@torch.no_grad()
def _guide(
    guide: Any, batch: PairBatch, chunks: Sequence[slice], processes: Processes, wanted: frozenset[str]
) -> tuple[Tensor, Tensor] | None:
    if "guide" not in wanted:
        return None
    sides = _sides(guide, batch, frozenset(), normalise=True, device=processes.device).values()
    images, texts = (torch.cat([side.encode(rows).float() for rows in chunks]) for side in sides)
    return processes.gather(images, batch.total), processes.gather(texts, batch.total)


@contextmanager
def seeded(place: Sequence[int], device: torch.device) -> Iterator[None]:
    """The random generators start from these numbers, and afterwards go on as if nothing had been."""
    state = np.random.SeedSequence(list(place)).generate_state(1, np.uint64)
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(int(state[0]))
        yield


def _frozen(tower: nn.Module) -> bool:
    return not any(parameter.requires_grad for parameter in tower.parameters())


def _shifted(rows: slice, by: int) -> slice:
    return slice(rows.start + by, rows.stop + by)
