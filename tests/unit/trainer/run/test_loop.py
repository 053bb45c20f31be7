import pytest
import torch
from torch import nn

from trainer.evaluate.recall import Recall
from trainer.run.learner import averaged
from trainer.run.loop import selection_score


def recall(r1: float, mrr: float) -> Recall:
    way = {"R@1": r1, "R@5": 50.0, "R@10": 60.0, "median_rank": 5.0, "mrr": mrr}
    return Recall(20, 60, way, way)


@pytest.mark.parametrize(("select", "better"), [("recall", 0), ("mrr", 1)])
def test_the_best_model_is_that_of_the_measure_asked_for(select: str, better: int) -> None:
    found = [selection_score(recall(30, 0.3), select), selection_score(recall(20, 0.4), select)]
    assert found.index(max(found)) == better


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
