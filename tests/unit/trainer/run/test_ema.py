import torch
from torch import nn

from trainer.run.ema import averaged


def test_follows_the_weights_and_takes_over_the_buffers() -> None:
    model = nn.BatchNorm1d(1)
    average = averaged(model, decay=0.75)
    followed = []
    for value in (1.0, 5.0, 9.0):
        with torch.no_grad():
            model.weight.fill_(value)
            model.running_mean.fill_(value)  # type: ignore[union-attr]
        average.update_parameters(model)
        followed.append(average.module.weight.item())
    assert followed == [1.0, 2.0, 3.75]
    assert average.module.running_mean.item() == 9.0
