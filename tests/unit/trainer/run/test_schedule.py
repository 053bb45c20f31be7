import pytest

from trainer.models.optimise import LearningRates
from trainer.recipe import Ramp, Training
from trainer.run.schedule import Plateau, batch_size, learning_rate_factor, temperature


def training(**settings: object) -> Training:
    return Training(lr=LearningRates(), **settings)  # type: ignore[arg-type]


def test_cosine_warms_up_and_comes_down() -> None:
    settings = training(warmup_steps=4)
    factors = [learning_rate_factor(settings, step, 24) for step in range(25)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[4:] == sorted(factors[4:], reverse=True)
    assert factors[14] == pytest.approx(0.5)
    assert factors[24] == pytest.approx(0)


@pytest.mark.parametrize("schedule", ["constant", "plateau"])
def test_others_stay_after_the_warm_up(schedule: str) -> None:
    settings = training(schedule=schedule, warmup_steps=1)
    assert [learning_rate_factor(settings, step, 10) for step in (0, 1, 9)] == [0.5, 1, 1]


def test_a_plateau_cuts_the_rate_after_its_patience() -> None:
    plateau = Plateau(patience=1, cut=0.5)
    factors = []
    for better in (True, False, False, False, True, False, False):
        plateau.update(better)
        factors.append(plateau.factor)
    assert factors == [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]


def test_the_temperature_moves_by_equal_factors() -> None:
    found = [temperature(0.16, 0.01, 4, step) for step in range(6)]
    assert found == pytest.approx([0.16, 0.08, 0.04, 0.02, 0.01, 0.01])


def test_the_batch_grows_by_equal_factors() -> None:
    ramp = Ramp(start=32, epochs=3)
    assert [batch_size(256, ramp, epoch) for epoch in range(5)] == [32, 64, 128, 256, 256]
    assert batch_size(256, None, 0) == 256
