import csv
import json
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.progress import Control
from photosearch.core.teaching import CurvePoint, TeachProgress, TeachReport
from photosearch.models.lesson import LESSON
from photosearch.models.torch import checkpoint
from tests.helpers.captioned import make_captioned
from tests.helpers.tiny_model import make_tiny_checkpoint
from trainer.adapt import full, full_tuning, gallery
from trainer.adapt.adapt import Steering
from trainer.adapt.full import fine_tune
from trainer.adapt.full_tuning import interpolated
from trainer.cli import main
from trainer.evaluate import embed
from trainer.evaluate.embed import embed_texts, open_model
from trainer.recipe import read_recipe

PHOTOS = 120
CHANGES = (
    "training.epochs=6",
    "training.batch_size=16",
    "training.chunk=16",
    "training.warmup_steps=1",
    "training.lr={heads=0.01, image=0.001, text=0.003}",
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_captioned(tmp_path_factory.mktemp("data") / "photos", images=PHOTOS, captions=1)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few steps on the CPU, from as many photos as there are; a random model has little to forget."""
    monkeypatch.setattr(full, "FEWEST", PHOTOS)
    monkeypatch.setattr(full_tuning, "MOST_LOST", 100.0)
    monkeypatch.setattr(full_tuning, "PHRASES_STEP", 200)
    monkeypatch.setattr(full_tuning, "best_device", lambda: "cpu")
    monkeypatch.setattr(gallery, "burst_groups", lambda photos, captioned: np.arange(len(photos)))
    monkeypatch.setattr(embed, "best_device", lambda: "cpu")
    monkeypatch.setattr(full, "read_recipe", lambda name: read_recipe(name, CHANGES))


@pytest.fixture
def two_steps(monkeypatch: pytest.MonkeyPatch, small: None) -> None:
    """For tests that do not ask what is learnt."""
    monkeypatch.setattr(full, "read_recipe", lambda name: read_recipe(name, [*CHANGES, "training.steps=2"]))


def tune(model: Path, data: Path, out: Path, steering: Steering | None = None) -> TeachReport:
    return fine_tune(
        str(model), out, captions=data / "captions.csv", images=data / "images", steering=steering
    )


def test_makes_a_new_model_and_says_what_it_brought(model: Path, data: Path, tmp_path: Path) -> None:
    told: list[TeachProgress] = []
    curve: list[CurvePoint] = []
    out = tmp_path / "tuned"
    report = tune(model, data, out, Steering(tell=told.append, point=curve.append))
    assert json.loads((out / "report.json").read_bytes())["verdict"] == report.verdict
    assert (report.captions, report.photos, report.gallery) == (PHOTOS, PHOTOS, PHOTOS)
    assert report.before.queries == report.after.queries == PHOTOS // 5
    assert report.improved + report.worsened + report.unchanged == PHOTOS // 5
    assert [progress.stage for progress in told if progress.stage != "adapter"] == [
        "reading", "checking", "writing",
    ]  # fmt: skip
    steps = [progress for progress in told if progress.stage == "adapter"]
    assert [progress.done for progress in steps] == list(range(1, len(steps) + 1))
    assert 0 < len(curve) <= 6
    base, tuned = open_model(str(model)), open_model(str(out))
    assert report.base == base.config.model_id
    assert report.share > 0  # a random model learns from anything
    assert tuned.config.model_id != base.config.model_id
    assert tuned.config.metrics["test"]["captions"] == PHOTOS // 5
    assert not (out / LESSON).exists() and not list(tmp_path.glob(".*"))


@pytest.mark.usefixtures("two_steps")
def test_the_base_itself_where_nothing_helps(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_tuning, "MOST_LOST", -101.0)
    report = tune(model, data, tmp_path / "tuned")
    assert (report.share, report.gain, report.verdict) == (0.0, 0.0, "unclear")
    assert report.unchanged == report.before.queries
    assert report.general_after == report.general_before
    assert open_model(str(tmp_path / "tuned")).config.model_id == report.base


def test_stopped_it_keeps_the_best_so_far(model: Path, data: Path, tmp_path: Path) -> None:
    steering = Steering()
    steering.point = lambda point: steering.stop.set()
    report = tune(model, data, tmp_path / "tuned", steering)
    assert report.before.queries and open_model(str(tmp_path / "tuned"))


def test_stopped_at_once_it_is_the_base(model: Path, data: Path, tmp_path: Path) -> None:
    steering = Steering()
    steering.stop.set()
    assert tune(model, data, tmp_path / "tuned", steering).share == 0


@pytest.mark.parametrize("signalled", [False, True])
def test_cancelled_it_leaves_nothing(model: Path, data: Path, tmp_path: Path, *, signalled: bool) -> None:
    control = Control()

    def tell(progress: TeachProgress) -> None:
        if progress.stage == "adapter":
            control.cancel()
            if signalled:  # as the command does
                raise KeyboardInterrupt

    with pytest.raises(Cancelled):
        tune(model, data, tmp_path / "tuned", Steering(control=control, tell=tell))
    assert not list(tmp_path.iterdir())


def test_refuses_too_few_photos(model: Path, data: Path, tmp_path: Path) -> None:
    with (data / "captions.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[:8]
    table = tmp_path / "captions.csv"
    table.write_text("\n".join(",".join(row) for row in rows))
    with pytest.raises(KnownError, match=f"7 photos have captions and --full wants {PHOTOS}.* forget more"):
        fine_tune(str(model), tmp_path / "out", captions=table, images=data / "images")
    assert [path.name for path in tmp_path.iterdir()] == ["captions.csv"]


def test_refuses_what_is_no_model(data: Path, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="no model of PhotoSearch's"):
        tune(Path("someone/else"), data, tmp_path / "out")


def test_interpolation_ends_at_both_models(model: Path, tmp_path: Path) -> None:
    one, _, tokenizer = checkpoint.load(model)
    other, _, _ = checkpoint.load(make_tiny_checkpoint(tmp_path / "other", seed=1))
    for share, same in ((0.0, one), (1.0, other)):
        found, _ = embed_texts(interpolated(one, other, share), tokenizer, ["two dogs"])
        np.testing.assert_allclose(found, embed_texts(same, tokenizer, ["two dogs"])[0], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--gallery", "x"], "trains on the pictures themselves"),
        (["--images", "x", "--lesson-only"], "leave out --lesson-only and --words"),
        (["--images", "x", "--words", "y"], "leave out --lesson-only and --words"),
        (["--images", "x", "--sides", "both"], "leave out --sides"),
        (["--images", "x"], "x is not a folder"),
    ],
)
def test_the_command_says_what_does_not_fit(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = ["--model", "bundled", "--captions", "none.csv", "--out", str(tmp_path / "out")]
    assert main(["adapt", "--full", *arguments, *rest]) == 1
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("two_steps")
def test_the_command_tells_events(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--images", str(data / "images"), "--captions", str(data / "captions.csv")]
    out = tmp_path / "tuned"
    assert main(["adapt", "--full", "--model", str(model), *where, "--out", str(out), "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {event["event"] for event in events} == {"progress", "point", "done"}
    assert events[-1]["report"] == str(out / "report.json")
