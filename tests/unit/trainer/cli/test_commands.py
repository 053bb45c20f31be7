import json
import shutil
from pathlib import Path

import msgspec
import pytest
import torch
from huggingface_hub import constants
from torch import Tensor

from photosearch.core.tags import shipped
from photosearch.core.teaching import Word
from photosearch.models.config import read_config
from photosearch.models.lesson import LESSON, Lesson, write_lesson
from photosearch.models.tagging import Levels
from photosearch.models.torch.dual_encoder import DualEncoder
from tests.helpers.photos import make_photo
from tests.helpers.runs import make_run
from tests.helpers.tiny_config import SENTENCES
from tests.helpers.tiny_model import make_tiny_checkpoint
from trainer.cli import main

pytestmark = pytest.mark.usefixtures("on_the_cpu")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten photos of five captions; a fifth of the photos is for measuring."""
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    rows = []
    for seed in range(10):
        make_photo(folder / "images" / f"{seed}.png", seed)
        rows += [f"{seed}.png,{SENTENCES[(seed + i) % 8]}" for i in range(5)]
    (folder / "captions.csv").write_text("\n".join(["filename,caption", *rows]))
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(arguments) == code
    found = capsys.readouterr()
    assert "Traceback" not in found.err
    return found.out if code == 0 else found.err


def test_eval_reads_a_table_or_a_folder(model: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = ["--images", str(data / "images"), "--captions", str(data / "captions.csv")]
    found = json.loads(told(capsys, "eval", "--model", model, *table, "--json"))
    assert (found["images"], found["captions"]) == (10, 50)
    part = ["--data", str(data), "--part", "val", "--protocol", "random", "--seed", "4"]
    found = json.loads(told(capsys, "eval", "--model", model, *part, "--json"))
    assert (found["images"], found["captions"]) == (2, 2)
    assert found["protocol"] == "one caption of each image, drawn with seed 4"


def test_eval_in_other_batches_and_narrower_numbers(
    model: str, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["eval", "--model", model, "--data", str(data), "--part", "train", "--json"]
    plain = json.loads(told(capsys, *command))
    assert json.loads(told(capsys, *command, "--batch", "3", "--workers", "1")) == plain
    narrow: list[bool] = []
    encode = DualEncoder.encode_image

    def watched(self: DualEncoder, pixels: Tensor) -> Tensor:
        narrow.append(torch.is_autocast_enabled("cpu"))
        return encode(self, pixels)

    monkeypatch.setattr(DualEncoder, "encode_image", watched)
    told(capsys, *command, "--batch", "3", "--precision", "bf16")
    assert narrow == [True] * 3  # of 8 photos


@pytest.mark.parametrize(
    "command",
    [
        ["train", "clip-finetune"],
        ["train", "hybrid-flickr8k"],
        ["eval", "--model", "openai/clip-vit-base-patch32"],
        ["compare", "bundled", "openai/clip-vit-base-patch32"],
    ],
    ids=" ".join,
)
def test_a_hub_out_of_reach_is_said_before_photos_are_read(
    command: list[str], data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object, **__: object) -> None:
        raise AssertionError("photos were read")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(data / "no-cache"))
    monkeypatch.setattr("trainer.data.dataset.scan_rows", read)
    assert "cannot be reached" in told(capsys, *command, "--data", str(data), code=1)


def test_eval_takes_a_taught_model(
    model: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taught = Path(shutil.copytree(model, tmp_path / "taught"))
    lesson = Lesson(read_config(taught).model_id, words=(Word("Rusty", "two dogs"),))
    write_lesson(taught / LESSON, lesson)
    table = ["--images", str(data / "images"), "--captions", str(data / "captions.csv")]
    assert json.loads(told(capsys, "eval", "--model", str(taught), *table, "--json"))["captions"] == 50


def test_eval_for_people(model: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "images" / "broken.jpg").write_bytes(b"no photo")
    images = str(data / "images")
    text = told(
        capsys, "eval", "--model", model, "--images", images, "--captions", str(data / "captions.csv"),
        "--gallery", "all", "--bias", "--interval",
    )  # fmt: skip
    assert text.startswith("10 images, 50 captions: every caption of each image\ntext -> image  R@1 ")
    assert "median rank" in text and "MRR 0." in text and "[" in text
    assert "1 photo(s) of the gallery could not be read" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "either --data DIR, or --images DIR with --captions CSV"),
        (["--images", "x"], "either --data DIR"),
        (["--data", "x", "--captions", "y"], "either --data DIR"),
        (["--data", "x", "--gallery", "all"], "name it with --images"),
        (["--data", "x"], "x is not a folder"),
    ],
)
def test_eval_says_what_it_needs(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in told(capsys, "eval", "--model", "bundled", *arguments, code=1)


def test_a_part_that_is_not_there_is_said(model: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "eval", "--model", model, "--data", str(data), "--part", "test", code=1)
    assert "has no test part" in text


def test_compare_models(model: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = str(make_tiny_checkpoint(tmp_path / "other", seed=2))
    arguments = ["compare", model, other, "--data", str(data), "--part", "train"]
    text = told(capsys, *arguments)
    assert "text -> image: " in text and "of 40 queries" in text and "McNemar p" in text
    assert text.strip().splitlines()[-1].startswith(f"{other} against {model}: ")
    found = json.loads(told(capsys, *arguments, "--json"))
    assert found["t2i"]["queries"] == 40
    assert len(found["i2t"]["changes"]["mrr"]["interval"]) == 2


def test_compare_runs_by_what_they_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weak = str(make_run(tmp_path / "weak", knows=0.3, steps=6))
    good = str(make_run(tmp_path / "good", knows=1.2, seed=1, steps=6))
    assert told(capsys, "compare", weak, good).endswith("good against " + weak + ": better\n")
    assert "not the folder of a run" in told(capsys, "compare", weak, str(tmp_path), code=1)


def test_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "page.html"
    run = make_run(tmp_path / "run", steps=6)
    assert told(capsys, "report", str(run), "--out", str(out)) == f"{out}\n"
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_zero_shot(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, name in enumerate(["cat", "dog"]):
        (tmp_path / "photos" / name).mkdir(parents=True)
        make_photo(tmp_path / "photos" / name / "0.png", number)
    arguments = ["zero-shot", "--model", model, "--images", str(tmp_path / "photos")]
    text = told(capsys, *arguments)
    assert text.startswith("2 photos, 2 classes, 20 template(s)\ntop-1 ")
    (tmp_path / "classes.txt").write_text("cat\ndog\nrocket\n")
    classes = ["--classes", str(tmp_path / "classes.txt"), "--templates", "name", "--json"]
    found = json.loads(told(capsys, *arguments, *classes))
    assert (found["classes"], found["templates"], found["gain"]) == (3, 1, {"top1": 0, "top5": 0})


def test_objects(model: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = data / "labels.json"
    labels.write_text(json.dumps({f"{i}.png": ["dog", "cat"] for i in range(3)}))
    arguments = ["--images", str(data / "images"), "--labels", str(labels)]
    lines = told(capsys, "objects", "--model", model, *arguments).splitlines()
    assert lines[0] == "mAP 100.00 over 2 categories"
    assert lines[-1].startswith("of the photos that show a category ")


def test_data_check(model: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "10 images, 50 captions" in told(capsys, "data", "check", str(data))
    found = json.loads(told(capsys, "data", "check", str(data), "--model", model, "--json"))
    assert (found["images"], found["ready"], found["lengths"]["unit"]) == (10, True, "tokens")
    (data / "images" / "3.png").write_bytes(b"no photo")
    assert main(["data", "check", str(data)]) == 1
    assert "Unreadable images: 1" in capsys.readouterr().out


def captioned_things(data: Path) -> Path:
    """Twenty photos, each of a dog or of a cat."""
    (data / "images").mkdir(parents=True)
    rows = []
    for seed in range(20):
        make_photo(data / "images" / f"{seed}.png", seed)
        rows += [f"{seed}.png,{which} {'dog' if seed % 2 else 'cat'}" for which in ("a", "one")]
    (data / "train.csv").write_text("filename,caption\n" + rows[0])
    (data / "val.csv").write_text("\n".join(["filename,caption", *rows[2:]]))
    return data


def test_calibrate_changes_what_scores_mean_and_no_id(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, data = tmp_path / "model", captioned_things(tmp_path / "data")
    shutil.copytree(model, folder)
    before = read_config(folder)
    lines = told(capsys, "calibrate", str(folder), "--data", str(data)).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["short", "sentence", "pictures"]
    after = read_config(folder)
    assert after.calibration != before.calibration
    assert (after.model_id, after.exports) == (before.model_id, before.exports)


def test_labels_compares_three_ways_to_come_by_them(
    model: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = data / "labels.json"
    names.write_text(json.dumps({f"{i}.png": ["dog", "cat"] for i in range(3)}))
    command = ["labels", "--model", model, "--data", str(captioned_things(tmp_path / "things"))]
    objects = ["--images", str(data / "images"), "--labels", str(names)]
    found = json.loads(told(capsys, *command, *objects, "--json"))
    assert list(found) == ["short", "objects"]  # each caption names one thing, so it tells of no sentence
    for ways in found.values():
        assert [way for way in ways if way != "standard"] == ["scale", "photos", "answers"]
        for way in ("scale", "photos", "answers"):
            assert ways[way]["strong_from"] > ways[way]["likely_from"]
            assert 0 <= ways[way]["found"] <= 1
    assert found["short"]["scale"]["strong_from"] == found["objects"]["scale"]["strong_from"]
    lines = told(capsys, *command).splitlines()
    assert lines[0].startswith("short: in spreads ") and len(lines) == 4
    assert "go together" in told(capsys, *command, *objects[:2], code=1)


def test_tags_fits_from_where_on_each_is_shown(
    model: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, levels = data / "labels.json", tmp_path / "levels.json"
    names.write_text(json.dumps({f"{i}.png": ["dog", "cat"] for i in range(3)}))
    command = ["tags", "--model", model, "--data", str(captioned_things(tmp_path / "things"))]
    objects = ["--images", str(data / "images"), "--labels", str(names)]
    found = json.loads(told(capsys, *command, *objects, "--write", str(levels), "--json"))
    for fitted in ("train", "both"):
        assert found[fitted]["objects"]["tags"] == 2
        assert 0 <= found[fitted]["val"]["photos"] <= 1
    written = msgspec.json.decode(levels.read_bytes(), type=Levels)
    assert written.levels.keys() == {tag.name for tag in shipped()}
    assert written.spread > 0
    assert len(told(capsys, *command, "--each").splitlines()) >= 2
    assert "go together" in told(capsys, *command, *objects[:2], code=1)
