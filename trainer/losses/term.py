"""What all losses are: settings with a weight, and a value that adds up over the rows of a batch."""

from typing import TypeVar

import msgspec
from torch import Tensor

from trainer.bounds import NotNegative, Steps
from trainer.losses.batch import Batch

Field = TypeVar("Field")


class Term(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """One summand of what training lowers; its fields are its settings in a recipe.

    The law of every term: over any partition of a batch's rows, the parts that `rows` returns add up to
    `rows(batch, slice(0, N), step)`, in value and in gradient. So a large batch needs one block of rows at a
    time, and of several processes each computes its own.
    """

    weight: NotNegative = 1.0  # its factor in the sum
    ramp_steps: Steps = 0  # the factor rises linearly from 0 over the first steps

    @property
    def needs(self) -> frozenset[str]:
        """The optional fields of `Batch` that it reads."""
        return frozenset()

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        """What the images and the texts in `rows`, as anchors, add to the loss of the batch.

        The loss of a batch is the mean over its N pairs and both directions; weight and ramp stay out. It is
        computed in float32 at least, whatever the embeddings are.

        Args:
            batch: the whole batch, N pairs
            rows: the anchors, `slice(start, stop)` within 0..N
            step: counted from 0

        Returns:
            A scalar  # ()
        """
        raise NotImplementedError


def weight_at(term: Term, step: int) -> float:
    """The factor of a term at a step, counted from 0: weight * min(1, step / ramp_steps)."""
    return term.weight if step >= term.ramp_steps else term.weight * step / term.ramp_steps


def given(field: Field | None, name: str) -> Field:
    """An optional field of the batch that a term cannot do without.

    Raises:
        ValueError: the batch was made without it.
    """
    if field is None:
        raise ValueError(f"this loss needs Batch.{name}, which is None")
    return field
