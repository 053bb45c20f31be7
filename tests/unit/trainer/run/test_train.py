"""What a run does with its settings, on tiny towers and photos that can be learnt."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from photosearch.core.errors import KnownError
from photosearch.models.torch import checkpoint
from tests.helpers.captioned import make_captioned
from tests.helpers.stops import signalling
from tests.helpers.training import tiny_recipe
from trainer.models.build import build
from trainer.run.publish import Publisher
from trainer.run.run_folder import RunFolder
from trainer.run.stopping import STOP_SIGNALS, Stopped, stop_signals
from trainer.run.train import train


class Place:
    """Photos, tiny towers and a cache, shared by the tests of this module."""

    def __init__(self, folder: Path, hub: Path) -> None:
        self.folder, self.hub = folder, hub
        self.data = make_captioned(folder / "photos", images=30)

    def train(
        self, run: Path, *changes: str, name: str = "hybrid-flickr8k", **options: Any
    ) -> list[dict[str, Any]]:
        """Train and return the events of the run."""
        recipe = tiny_recipe(name, self.hub, "training.heads_first_steps=0", *changes)
        try:
            train(recipe, self.data, run, cache=self.folder / "cache", **options)
        finally:
            metrics = run / "metrics.jsonl"
            lines = metrics.read_text(encoding="utf-8").splitlines() if metrics.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, hub: Path) -> Place:
    return Place(tmp_path_factory.mktemp("place"), hub)


@pytest.fixture(scope="module")
def plain(place: Place, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Three steps of the recipe as it is."""
    return place.train(tmp_path_factory.mktemp("runs") / "plain", steps=3)


def steps(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == "step"]


def losses(events: list[dict[str, Any]]) -> list[float]:
    return [event["loss"] for event in steps(events)]


def test_learns_and_selects_by_recall(place: Place, tmp_path: Path) -> None:
    rates = "training.lr={heads=3e-3, image=3e-3, text=1e-3}"
    events = place.train(tmp_path / "run", "training.epochs=6", rates)
    assert sum(losses(events)[-3:]) < 0.9 * sum(losses(events)[:3])
    scores = {
        e["step"]: sum(e[way][k] for way in ("t2i", "i2t") for k in ("R@1", "R@5", "R@10"))
        for e in events
        if e["event"] == "validation"
    }
    assert len(scores) == 6  # one each epoch
    best = json.loads((tmp_path / "run" / "run.json").read_text())["best"]
    assert scores[best["step"]] == max(scores.values())


def test_photos_left_out_are_named_in_the_run(tmp_path: Path, hub: Path) -> None:
    spoilt = Place(tmp_path, hub)
    damaged = sorted((spoilt.data / "images").iterdir())[0]
    damaged.write_bytes(b"no photo")
    spoilt.train(tmp_path / "run", steps=1, skip_unreadable=True)
    [named] = json.loads((tmp_path / "run" / "run.json").read_text())["data"]["unreadable"]
    assert named.startswith(f"{damaged} (")


def test_a_run_keeps_its_last_state_and_another_begins_with_it(place: Place, tmp_path: Path) -> None:
    changes = ("training.epochs=2", "training.schedule=constant", "training.warmup_steps=0")
    place.train(tmp_path / "first", *changes)
    first = RunFolder(tmp_path / "first").load_state()
    assert first is not None
    last, values = first
    assert values["position"]["step"] == 6
    place.train(tmp_path / "second", *changes, begin_from=tmp_path / "first", steps=0)
    second = RunFolder(tmp_path / "second").load_state()
    assert second is not None
    now, values = second
    assert values["position"]["step"] == 0
    assert last.keys() == now.keys() and any(name.startswith("optimizer.") for name in now)
    assert all(torch.equal(last[name], now[name]) for name in now)
    info = RunFolder(tmp_path / "second").read()
    assert info is not None and info.begun_from == str(tmp_path / "first")


def test_a_run_begins_with_no_state_of_another_model(place: Place, tmp_path: Path) -> None:
    place.train(tmp_path / "first", "training.epochs=1")
    for changes in (["model.dim=16"], ["unlock.text=none"]):
        with pytest.raises(KnownError, match="begin with the recipe that made it"):
            place.train(tmp_path / "second", *changes, begin_from=tmp_path / "first")
    with pytest.raises(KnownError, match="holds no state to begin from"):
        place.train(tmp_path / "second", begin_from=tmp_path / "nothing")


def test_no_steps_publish_the_model_as_it_is(place: Place, tmp_path: Path) -> None:
    events = place.train(tmp_path / "run", steps=0)
    assert [event["event"] for event in events] == ["validation"]
    begun = build(tiny_recipe("hybrid-flickr8k", place.hub).model, seed=0).model
    model, config, _ = checkpoint.load(tmp_path / "run" / "model")
    assert config.metrics["step"] == 0
    torch.testing.assert_close(
        model.text_head.state_dict(), begun.text_head.state_dict(), rtol=1e-3, atol=1e-3
    )  # half precision


def test_neither_workers_nor_kept_graphs_change_what_is_learnt(
    place: Place, plain: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert losses(place.train(tmp_path / "run", "training.graphs=3", steps=3, workers=1)) == losses(plain)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lion", "muon"])
def test_any_optimizer_learns_and_goes_on_where_it_was(place: Place, tmp_path: Path, optimizer: str) -> None:
    rates = {"sgd": "{heads=1e-1, image=1e-1, text=1e-1}", "lion": "{heads=3e-4, image=3e-4, text=3e-4}"}
    changes = [
        f"training.optimizer={optimizer}",
        f"training.lr={rates.get(optimizer, '{heads=3e-3, image=1e-3, text=1e-3}')}",
        "training.epochs=4",
    ]
    whole = losses(place.train(tmp_path / "whole", *changes))
    assert sum(whole[-3:]) < sum(whole[:3])
    place.train(tmp_path / "run", *changes, "training.checkpoint_every=1", steps=5)
    resumed = place.train(tmp_path / "run", *changes, "training.checkpoint_every=1", steps=7, resume=True)
    assert losses(resumed) == pytest.approx(whole[:7], abs=1e-6)
    with pytest.raises(KnownError, match=f"of the optimizer {optimizer}"):
        place.train(tmp_path / "other", begin_from=tmp_path / "run")


def test_heads_go_first(place: Place, tmp_path: Path) -> None:
    first = "training.heads_first_steps=2"
    recipe = tiny_recipe("hybrid-flickr8k", place.hub, first)
    begun = build(recipe.model, seed=0).model.state_dict()
    moved: list[tuple[bool, bool]] = []
    for last in (2, 3):
        place.train(tmp_path / "run", first, "training.checkpoint_every=1", steps=last, resume=last > 2)
        state = RunFolder(tmp_path / "run").load_state()
        assert state is not None
        now, _ = state
        names = {name for name in begun if not torch.equal(begun[name], now[f"model.{name}"])}
        moved.append((any("_tower." in name for name in names), any("_head." in name for name in names)))
    assert moved == [(False, True), (True, True)]


def test_accumulated_batches_make_one_step(place: Place, tmp_path: Path) -> None:
    events = place.train(tmp_path / "run", "training.accumulate=3", "training.epochs=2")
    assert len(steps(events)) == 2  # three batches of eight an epoch
    assert events[0]["floor"] == pytest.approx(2.0794, abs=1e-3)


def test_an_epoch_of_fewer_batches_than_are_accumulated_is_one_step(place: Place, tmp_path: Path) -> None:
    events = place.train(tmp_path / "run", "training.accumulate=4", "training.epochs=3")
    assert [event["epoch"] for event in steps(events)] == [1, 2, 3]  # all three batches of eight in each


def test_the_batch_can_grow(place: Place, tmp_path: Path) -> None:
    ramp = "training.batch_ramp={start = 4, epochs = 1}"
    events = place.train(tmp_path / "run", ramp, "training.epochs=2")
    floors = [round(event["floor"], 2) for event in steps(events)]
    assert floors == [1.39] * 6 + [2.08] * 3


def test_a_falling_temperature_and_a_growing_batch_learn_together(place: Place, tmp_path: Path) -> None:
    changes = (
        "temperature={initial = 0.2, learn = false, decay_to = 0.05, decay_steps = 9}",
        "training.batch_ramp={start = 4, epochs = 2}",
        "training.lr={heads=3e-3, image=3e-3, text=1e-3}",
        "training.schedule=constant",
        "training.epochs=10",
    )
    whole = steps(place.train(tmp_path / "whole", *changes))
    above = [event["terms"]["infonce"] - event["floor"] for event in whole]  # 0 is chance
    assert sum(above[-6:]) < sum(above[:6]) - 1
    assert whole[0]["scale"] < whole[5]["scale"] < whole[-1]["scale"] == pytest.approx(20)
    assert whole[0]["floor"] < whole[8]["floor"] < whole[-1]["floor"]
    place.train(tmp_path / "run", *changes, steps=8)
    resumed = place.train(tmp_path / "run", *changes, steps=11, resume=True)
    assert losses(resumed) == pytest.approx([event["loss"] for event in whole[:11]], abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "scales"),
    [
        (["temperature.initial=0.05", "temperature.learn=false"], [20, 20, 20]),
        (
            [
                "temperature.initial=0.1",
                "temperature.learn=false",
                "temperature.decay_to=0.025",
                "temperature.decay_steps=2",
            ],
            [10, 20, 40],
        ),
        (["temperature.initial=0.1", "temperature.max_scale=5"], [5, 5, 5]),
    ],
)
def test_the_temperature_is_as_the_recipe_says(
    place: Place, tmp_path: Path, changes: list[str], scales: list[float]
) -> None:
    events = place.train(tmp_path / "run", *changes, steps=3)
    assert [event["scale"] for event in steps(events)] == pytest.approx(scales, rel=1e-3)


def test_half_precision_learns_alike(place: Place, tmp_path: Path, plain: list[dict[str, Any]]) -> None:
    found = losses(place.train(tmp_path / "half", "training.precision=fp16", steps=3))
    assert found == pytest.approx(losses(plain), rel=0.1)


def test_stops_early_and_says_so(place: Place, tmp_path: Path) -> None:
    changes = [
        "training.early_stop_patience=1",
        "training.evaluate_every=1",
        "training.epochs=20",
        "training.lr={heads=0, image=0, text=0}",
    ]
    events = place.train(tmp_path / "run", *changes)
    assert len(steps(events)) == 2
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (info["status"], info["reason"]) == ("finished", "no better for 1 validations")


def test_an_error_that_nobody_foresaw_is_the_outcome_of_the_run(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:

        def publish(*_: object) -> None:
            raise RuntimeError("no such kernel")

        broken.setattr(Publisher, "publish", publish)
        with pytest.raises(RuntimeError, match="no such kernel"):
            place.train(tmp_path / "run", "training.checkpoint_every=1", "training.epochs=1")
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (info["status"], info["reason"]) == ("failed", "RuntimeError: no such kernel")
    assert info["finished_at"] is not None
    place.train(tmp_path / "run", "training.checkpoint_every=1", "training.epochs=1", resume=True)
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (info["status"], info["reason"]) == ("finished", "")


def test_a_plateau_lowers_the_rate(place: Place, tmp_path: Path) -> None:
    changes = [
        "training.schedule=plateau",
        "training.plateau_patience=0",
        "training.evaluate_every=1",
        "training.steps=4",
        "training.warmup_steps=0",
    ]
    zero = "training.lr={heads=1e-12, image=0, text=0}"
    rates = [event["lr"]["heads"] for event in steps(place.train(tmp_path / "run", *changes, zero))]
    assert rates == pytest.approx([1e-12, 1e-12, 5e-13, 2.5e-13])


def test_a_loss_that_is_no_number_stops_with_a_sentence(place: Place, tmp_path: Path) -> None:
    rates = "training.lr={heads=1e30, image=1e30, text=1e30}"
    with pytest.raises(Stopped, match="no longer a number at step"):
        place.train(tmp_path / "run", rates, "training.warmup_steps=0", "training.clip=0")
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    assert info["status"] == "stopped" and "no longer a number" in info["reason"]
    last = json.loads((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()[-1])
    assert (last["event"], last["reason"]) == ("stopped", info["reason"])


def test_labels_are_asked_for(place: Place, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="a third column, label"):
        place.train(tmp_path / "run", name="supcon")


def test_only_the_same_run_is_resumed(place: Place, tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(KnownError, match="no run to resume"):
        place.train(run, resume=True)
    place.train(run, steps=2)
    with pytest.raises(KnownError, match="go on with --resume"):
        place.train(run)
    with pytest.raises(KnownError, match="recipe is not that of the run"):
        place.train(run, "training.clip=3", resume=True)
    with pytest.raises(KnownError, match="seed is not that of the run"):
        place.train(run, resume=True, seed=1)
    changed = place.data / "captions.csv"
    plain = changed.read_text()
    changed.write_text(plain.replace("a red", "one red"))
    with pytest.raises(KnownError, match="data is not that of the run"):
        place.train(run, resume=True)
    changed.write_text(plain)
    assert [event["step"] for event in steps(place.train(run, resume=True, steps=4))] == [1, 2, 3, 4]


def test_what_torchrun_starts_again_goes_on(
    place: Place, tmp_path: Path, plain: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "mine")
    place.train(run, steps=2)
    assert losses(place.train(run, steps=3)) == pytest.approx(losses(plain), abs=1e-6)
    for job in ("another", "none"):  # none: it was given no name, so that anybody's run could be meant
        monkeypatch.setenv("TORCHELASTIC_RUN_ID", job)
        with pytest.raises(KnownError, match="go on with --resume"):
            place.train(run)


def test_a_run_from_before_a_setting_was_there_is_resumed(place: Place, tmp_path: Path) -> None:
    run = tmp_path / "run"
    place.train(run, steps=2)
    kept = json.loads((run / "run.json").read_text())
    del kept["recipe"]["training"]["graphs"]
    (run / "run.json").write_text(json.dumps(kept))
    assert [event["step"] for event in steps(place.train(run, resume=True, steps=3))] == [1, 2, 3]


def test_the_seed_decides_everything(place: Place, tmp_path: Path, plain: list[dict[str, Any]]) -> None:
    torch.rand(3)
    assert losses(place.train(tmp_path / "again", steps=3)) == pytest.approx(losses(plain), abs=1e-6)
    assert losses(place.train(tmp_path / "other", steps=1, seed=1))[0] != pytest.approx(losses(plain)[0])


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_the_first_signal_asks_and_gives_way_to_what_was_before(number: signal.Signals) -> None:
    before = {n: signal.getsignal(n) for n in STOP_SIGNALS}
    with pytest.raises(KeyboardInterrupt), stop_signals() as stop:
        with pytest.raises(KeyboardInterrupt), stop.later():
            signal.raise_signal(number)
            assert stop.asked
            assert signal.getsignal(number) == before[number]
        with stop.later():
            pass
    assert {n: signal.getsignal(n) for n in STOP_SIGNALS} == before


@pytest.mark.parametrize(
    ("stage", "call", "setting"),
    [
        ("encode_image", 1, "training.chunk=4"),
        ("encode_image", 8, "training.chunk=4"),
        ("encode_text", 12, "training.chunk=4"),
        ("encode_text", 2, "unlock.batch_norm=train"),
    ],
)
def test_a_stop_within_a_step_or_a_validation_changes_nothing_that_is_learnt(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, call: int, setting: str
) -> None:
    changes = ("training.evaluate_every=2", setting)
    whole = place.train(tmp_path / "whole", *changes, steps=3)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        signalling(patch, f"photosearch.models.torch.dual_encoder.DualEncoder.{stage}", call)
        place.train(tmp_path / "run", *changes, steps=3)
    info = RunFolder(tmp_path / "run").read()
    assert info is not None and (info.status, info.reason) == ("cancelled", "asked to stop")
    resumed = place.train(tmp_path / "run", *changes, steps=3, resume=True)
    assert [(e["event"], e["step"]) for e in resumed] == [(e["event"], e["step"]) for e in whole]
    assert losses(resumed) == pytest.approx(losses(whole), abs=1e-6)
    ends = [RunFolder(tmp_path / name).load_state() for name in ("whole", "run")]
    torch.testing.assert_close(*(end[0] for end in ends if end), rtol=0, atol=1e-6)  # statistics, too
