import pytest

from trainer.evaluate.evaluate import Recall
from trainer.run.loop import _score


def recall(r1: float, mrr: float) -> Recall:
    way = {"R@1": r1, "R@5": 50.0, "R@10": 60.0, "median_rank": 5.0, "mrr": mrr}
    return Recall(20, 60, way, way)


@pytest.mark.parametrize(("select", "better"), [("recall", 0), ("mrr", 1)])
def test_the_best_model_is_that_of_the_measure_asked_for(select: str, better: int) -> None:
    found = [_score(recall(30, 0.3), select), _score(recall(20, 0.4), select)]
    assert found.index(max(found)) == better
