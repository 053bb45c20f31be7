"""The exponential moving average of a model's weights."""

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def averaged(model: nn.Module, decay: float) -> AveragedModel:
    """A copy of `model` that follows it: theta' <- decay theta' + (1 - decay) theta, at each update.

    Buffers are taken over as they are. Source: Polyak & Juditsky 1992; Izmailov et al. 2018.
    """
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))  # type: ignore[no-untyped-call]
