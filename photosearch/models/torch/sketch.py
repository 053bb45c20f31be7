"""Networks without their numbers: a config is held to its file of weights before it takes memory."""

import math
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from photosearch.core.errors import KnownError

# A network may have so many times what its file has: parts that are made and thrown away, or made anew.
MOST_TIMES = 2
MOST_TENSORS = 100_000  # ten times what 512 layers on each side take

Network = TypeVar("Network", bound=nn.Module)


def sketched(build: Callable[[], Network], weights: Collection[Sequence[int]], source: str | Path) -> Network:
    """What `build` makes, with shapes alone; a network of too many layers is given up in the midst.

    Args:
        weights: the shapes of all tensors of its file
        source: the model, as it is named to a person

    Raises:
        KnownError: it has more than twice the tensors or the numbers of its file.
    """
    larger = KnownError(
        "The config of {model} asks for a far larger network than its weights are of; get it anew, or name "
        "another model.",
        model=source,
    )
    most = min(MOST_TIMES * len(weights), MOST_TENSORS)
    made = 0

    def count(module: nn.Module, name: str, parameter: nn.Parameter) -> None:
        nonlocal made
        made += 1
        if made > most:
            raise larger

    counting = nn.modules.module.register_module_parameter_registration_hook(count)
    try:
        with torch.device("meta"):
            network = build()
    finally:
        counting.remove()
    numbers = sum(parameter.numel() for parameter in network.parameters())
    if numbers > MOST_TIMES * sum(math.prod(shape) for shape in weights):
        raise larger
    return network
