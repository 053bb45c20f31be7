"""`python -m trainer train` as it is typed, on tiny towers in folders of their own."""

import shutil
from pathlib import Path

import pytest

from photosearch.models.torch import checkpoint
from tests.helpers.captioned import make_captioned
from tests.helpers.stops import assert_heeded
from tests.helpers.training import tiny_changes
from trainer.cli import main


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_captioned(tmp_path_factory.mktemp("photos") / "photos", images=30)


def settings(name: str, hub: Path, *more: str) -> list[str]:
    return [argument for change in tiny_changes(name, hub, *more) for argument in ("--set", change)]


def test_the_teddy_cup_projects_own_layout_is_trained_on(
    here: Path, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seconds less; tests/e2e/test_training.py publishes a run with its graphs.
    monkeypatch.setattr("photosearch.models.torch.export.export", lambda folder: None)
    whole = make_captioned(here / "whole", images=24)
    names = sorted(path.name for path in (whole / "images").iterdir())
    rows = (whole / "captions.csv").read_text(encoding="utf-8").splitlines()
    for part, some in (("train", names[:16]), ("valid", names[16:])):
        (here / "datasets" / part / "images").mkdir(parents=True)
        for name in some:
            shutil.copy(whole / "images" / name, here / "datasets" / part / "images")
        said = [rows[0], *(row for row in rows if row.partition(",")[0] in some)]
        (here / "datasets" / part / "captions.csv").write_text("\n".join(said), encoding="utf-8")
    recipe = "contrastive-resnet50-roberta"
    changes = settings(recipe, hub, "training.epochs=1")
    assert main(["train", recipe, "--data", "datasets", *changes]) == 0
    _, config, _ = checkpoint.load(here / "runs" / recipe / "model")
    assert config.metrics["val_images"] == 8  # those of valid, and no fifth set apart


def test_nothing_that_is_there_is_taken_for_a_place_to_publish_at(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_captioned(here / "photos", images=2)
    (here / "mine").mkdir()
    (here / "mine" / "novel.txt").write_text("Once upon a time")
    assert main(["train", "hybrid-flickr8k", "--data", "photos", "--out", "mine"]) == 1
    assert capsys.readouterr().err == "mine is there already; name a new folder with --out.\n"
    assert not (here / "runs").exists()
    assert [path.name for path in (here / "mine").iterdir()] == ["novel.txt"]


@pytest.mark.parametrize(
    ("stage", "unwanted"),
    [
        ("trainer.models.build.text_base", "trainer.run.train.read_dataset"),
        ("trainer.data.scan.open_image", "trainer.data.dataset.group_by_hash"),
        ("trainer.data.images.pixels", "trainer.run.train.Loader"),
        ("trainer.run.batching.terms", "trainer.run.learner.Learner.move"),
        ("trainer.evaluate.recall.rank_texts", "trainer.run.validation.recall_of"),
        ("trainer.run.publish.embed_texts", "trainer.run.publish.embed"),
        ("trainer.run.publish.embed", "trainer.run.publish.calibrate_model"),
        ("trainer.run.publish.calibrate_model", "trainer.run.publish._write_validation"),
        ("photosearch.models.torch.export._graph", "photosearch.models.torch.export.write_files"),
    ],
)
def test_a_stop_is_heeded_at_every_stage(
    here: Path, hub: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, stage: str, unwanted: str
) -> None:
    recipe = "hybrid-flickr8k"
    changes = settings(recipe, hub, "training.heads_first_steps=0", "unlock.batch_norm=train")
    command = ["train", recipe, "--data", str(photos), "--steps", "1", *changes]
    assert_heeded(monkeypatch, command, stage, unwanted)
