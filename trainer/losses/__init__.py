"""What training lowers: a sum of terms, each in a file of its own with its formula and its source.

Import the functions below and `Batch` from here; a recipe names terms by `Loss`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from trainer.losses.batch import Batch
from trainer.losses.fine_grained import FineGrained
from trainer.losses.infonce import InfoNCE
from trainer.losses.nt_xent import NTXent
from trainer.losses.sigmoid import Sigmoid
from trainer.losses.soft_targets import SoftTargets
from trainer.losses.supcon import SupCon
from trainer.losses.term import Term, weight_at
from trainer.losses.triplet import Triplet
from trainer.losses.windowed import WindowedInfoNCE

# What [[losses]] of a recipe holds; `kind` says which.
Loss = InfoNCE | WindowedInfoNCE | Triplet | SoftTargets | Sigmoid | SupCon | NTXent | FineGrained

__all__ = ["Batch", "Loss", "names", "needs", "terms", "total", "weight_at"]


def total(losses: Sequence[Term], batch: Batch, rows: slice, step: int) -> Tensor:
    """The weighted sum of the terms' parts for `rows`; see `Term.rows` for the law it keeps; ()."""
    parts = terms(losses, batch, rows, step).values()
    return torch.stack([weight_at(loss, step) * part for loss, part in zip(losses, parts, strict=True)]).sum()


def terms(losses: Sequence[Term], batch: Batch, rows: slice, step: int) -> dict[str, Tensor]:
    """Each term's part for `rows` by its name, without its weight, in the order of `losses`.

    The name is the kind; a second one of a kind is `kind_2`.
    """
    return {name: loss.rows(batch, rows, step) for name, loss in zip(names(losses), losses, strict=True)}


def names(losses: Iterable[Term]) -> list[str]:
    """What the terms are called in reports: their kinds, numbered from the second of a kind."""
    seen: Counter[str] = Counter()
    result = []
    for loss in losses:
        kind = str(loss.__struct_config__.tag)
        seen[kind] += 1
        result.append(kind if seen[kind] == 1 else f"{kind}_{seen[kind]}")
    return result


def needs(losses: Iterable[Term]) -> frozenset[str]:
    """The optional fields of `Batch` that any of the terms reads."""
    return frozenset().union(*(loss.needs for loss in losses))
