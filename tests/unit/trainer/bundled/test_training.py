import csv
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
import torch

from photosearch.models.catalog import read_info
from photosearch.models.config import ModelConfig
from photosearch.models.loading import load_encoder
from photosearch.models.torch import checkpoint
from photosearch.models.torch import export as export_module
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.export import export
from tests.helpers.e5_model import write_e5
from tests.helpers.photos import make_photo
from tests.helpers.stops import assert_heeded
from tests.helpers.tiny_config import SENTENCES, make_tiny_tokenizer, tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer import cli
from trainer.bundled import training as train_module
from trainer.evaluate.class_texts import ClassTexts
from trainer.models.pretrained import base_weights
from trainer.models.pretrained.e5_file import read_e5

RECIPE = """
system = "bundled"
name = "tiny"
conse_weight = 0.2
[towers]
image = "test_efficientnet"
text = "tiny"
[preprocessing]
size = 64
fit = "squash"
interpolation = "bicubic"
mean = [127.0, 127.0, 127.0]
std = [128.0, 128.0, 128.0]
[heads]
members = 2
dim = 24
hidden = 32
[training]
epochs = 2
batch_size = 4
[pseudo_pairs]
classes = 5
[bank]
captions = 6
"""

TOWERS_STAGE = """
[towers_stage]
epochs = 2
batch_size = 4
views = 1
unlock = { image = 1, text = 1 }
pseudo_pairs = { classes = 5 }
augment = { crop_area = [0.5, 1.0], flip = 0.5 }
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight photos with two captions each, all of them labelled too."""
    images = tmp_path_factory.mktemp("bundled") / "data" / "images"
    images.mkdir(parents=True)
    for seed in range(8):
        make_photo(images / f"{seed}.jpg", seed)
    rows = [(f"{i}.jpg", SENTENCES[(i + shift) % 8]) for i in range(8) for shift in (0, 1)]
    for name, part in (("train.csv", rows[:12]), ("val.csv", rows[12:])):
        with (images.parent / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("filename", "caption"), *part])
    labels = {f"{i}.jpg": ["cat" if i < 4 else "dog"] for i in range(8)}
    (images.parent / "labels.json").write_bytes(msgspec.json.encode(labels))
    return images.parent


@pytest.fixture(scope="module", autouse=True)
def tiny_bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tiny towers and ten classes in place of the pretrained ones, a cache of our own, and no graphs.

    Writing graphs takes ten times what all else here takes, and is tried elsewhere.
    """
    folder = tmp_path_factory.mktemp("bases")
    config = tiny_config()
    model = tiny_model(config)
    tokenizer = make_tiny_tokenizer(folder / "tokenizer.json")
    image_base = {k: v.clone() for k, v in model.image_tower.network.state_dict().items()}
    text_base = {k: v.clone() for k, v in model.text_tower.network.state_dict().items()}
    names = [f"thing {i}" for i in range(10)]
    sayings = [[name, f"a photo of a {name}"] for name in names]
    classes = ClassTexts(names, sayings, [f"what people call {name}" for name in names])
    text = (config.text_tower.transformers, text_base, tokenizer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base_weights, "load_image_base", lambda name: image_base)
        patch.setattr(base_weights, "load_text_base", lambda: text)
        patch.setattr(train_module, "imagenet_texts", lambda: classes)
        patch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(folder / "cache"))
        patch.setattr(export_module, "export", lambda folder: None)
        yield


@pytest.fixture(scope="module")
def recipe(data: Path) -> str:
    path = data.parent / "tiny.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def frozen(data: Path, recipe: str) -> DualEncoder:
    """What the recipe makes, its towers as they came."""
    assert run("train", recipe, "--data", data, "--out", data.parent / "frozen") == 0
    return checkpoint.load(data.parent / "frozen")[0]


@pytest.fixture(scope="module")
def tuned(data: Path) -> tuple[DualEncoder, ModelConfig]:
    """What a second stage makes of it, and its config."""
    (data.parent / "tuned.toml").write_text(RECIPE + TOWERS_STAGE, encoding="utf-8")
    assert run("train", data.parent / "tuned.toml", "--data", data, "--out", data.parent / "tuned") == 0
    return checkpoint.load(data.parent / "tuned")[:2]


def run(*arguments: object) -> int:
    return cli.main([str(a) for a in arguments])


def test_a_recipe_becomes_a_checkpoint_that_measures_as_it_says(
    tmp_path: Path, data: Path, recipe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "tiny"
    assert run("train", recipe, "--data", data, "--objects", data, "--out", out, "--seed", 3) == 0
    printed = msgspec.json.decode(capsys.readouterr().out)

    model, config, _ = checkpoint.load(out)
    assert config.metrics == printed
    assert config.name == "tiny"
    assert config.dim == 56
    assert config.recipe["pseudo_pairs"]["classes"] == 5
    assert len(model.bank) == 16  # six captions and ten class names
    assert config.metrics["train_images"] == 6
    assert set(config.metrics) >= {"val", "val_with_bias", "objects_map", "plain_infonce", "seed"}
    card = (out / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert config.model_id in card
    assert f"{config.metrics['objects_map']:.1f}" in card

    command = ("eval", "--model", out, "--images", data / "images", "--captions", data / "val.csv", "--json")
    for flags, key in (((), "val"), (("--bias",), "val_with_bias")):
        assert run(*command, *flags) == 0
        found = msgspec.json.decode(capsys.readouterr().out)
        assert {name: found[name] for name in config.metrics[key]} == config.metrics[key]
    assert run(*command, "--gallery", "all") == 0
    everything = msgspec.json.decode(capsys.readouterr().out)
    assert (everything["images"], everything["captions"]) == (8, 4)

    command = ("objects", "--model", out, "--images", data / "images", "--labels", data / "labels.json")
    assert run(*command, "--json") == 0
    found = msgspec.json.decode(capsys.readouterr().out)
    assert (found["images"], found["categories"]) == (8, 2)
    assert found["map"] == config.metrics["objects_map"]


def test_the_same_seed_makes_the_same_model(tmp_path: Path, data: Path, recipe: str) -> None:
    ids = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert run("train", recipe, "--data", data, "--out", tmp_path / name, "--seed", seed) == 0
        ids.append(checkpoint.load(tmp_path / name)[1].model_id)
    assert ids[0] == ids[1] != ids[2]


def test_without_extras_it_is_heads_and_contrast_alone(tmp_path: Path, data: Path) -> None:
    plain = RECIPE
    for line in ("conse_weight = 0.2\n", "members = 2\n", "[pseudo_pairs]\nclasses = 5\n"):
        plain = plain.replace(line, "")
    (tmp_path / "plain.toml").write_text(plain, encoding="utf-8")
    out = tmp_path / "plain"
    assert run("train", tmp_path / "plain.toml", "--data", data, "--out", out) == 0
    model, config, _ = checkpoint.load(out)
    assert model.conse is None
    assert config.dim == 24
    assert "objects_map" not in config.metrics
    assert config.metrics["val"] == config.metrics["plain_infonce"]["val"]


@pytest.mark.parametrize("command", ["train", "eval", "objects"])
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(command, "--help")
    assert stopped.value.code == 0
    assert f"python -m trainer {command} " in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [(), ("train",), ("eval", "--protocol", "x"), ("fly",)])
def test_wrong_usage_is_exit_code_two(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_known_error_is_one_sentence_and_exit_code_one(
    tmp_path: Path, data: Path, recipe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    captions = data / "val.csv"
    for arguments, sentence in (
        (("train", "none", "--data", data), "There is no recipe"),
        (("train", recipe, "--data", tmp_path), "no captions in a known format"),
        (("eval", "--model", "none", "--images", data, "--captions", captions), "There is no model"),
        (("eval", "--model", "none", "--images", data / "images", "--captions", captions), "no model"),
        (("objects", "--model", "none", "--images", data, "--labels", tmp_path / "x.json"), "no labels"),
    ):
        assert run(*arguments) == 1
        err = capsys.readouterr().err
        assert sentence in err
        assert err.count("\n") == 1


def test_progress_is_silent_where_nobody_watches(
    tmp_path: Path, data: Path, recipe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", recipe, "--data", data, "--out", tmp_path / "quiet") == 0
    assert capsys.readouterr().err == ""


def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, data: Path, recipe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert run("train", recipe, "--data", data, "--out", tmp_path / "file" / "model") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_towers_are_frozen(frozen: DualEncoder) -> None:
    base = base_weights.load_image_base("tiny")
    for name, tensor in frozen.image_tower.network.state_dict().items():
        torch.testing.assert_close(tensor, base[name].half().float() if tensor.ndim > 1 else base[name])


def test_towers_are_tuned_from_the_heads_on(
    tmp_path: Path, data: Path, frozen: DualEncoder, tuned: tuple[DualEncoder, ModelConfig]
) -> None:
    model, config = tuned
    # The cache of a test is its own: towers that were kept in that of `tuned` are not met again.
    assert run("train", data.parent / "tuned.toml", "--data", data, "--out", tmp_path / "again") == 0
    assert checkpoint.load(tmp_path / "again")[1].model_id == config.model_id
    assert set(config.metrics["frozen_towers"]) == {"val", "val_with_bias"}
    before, after = frozen.state_dict(), model.state_dict()
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert "image_tower.network.conv_stem.weight" in same
    assert "image_tower.network.classifier.weight" in same
    assert {name for name in before if "running_" in name} <= same
    assert "image_tower.network.conv_head.weight" not in same
    assert "text_tower.network.encoder.layer.1.output.dense.weight" not in same
    card = (data.parent / "tuned" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "frozen towers" in card


def test_only_a_part_of_what_the_towers_learnt_may_be_kept(
    tmp_path: Path, data: Path, frozen: DualEncoder, tuned: tuple[DualEncoder, ModelConfig]
) -> None:
    name = "text_tower.network.encoder.layer.1.output.dense.weight"
    stage = TOWERS_STAGE.replace("[towers_stage]\n", "[towers_stage]\nkeep = 0.5\n", 1)
    (tmp_path / "half.toml").write_text(RECIPE + stage, encoding="utf-8")
    assert run("train", tmp_path / "half.toml", "--data", data, "--out", tmp_path / "half") == 0
    before, whole, half = (
        model.state_dict()[name] for model in (frozen, tuned[0], checkpoint.load(tmp_path / "half")[0])
    )
    assert not torch.equal(whole, before)
    torch.testing.assert_close(half, (before + whole) / 2, rtol=1e-3, atol=1e-4)


def test_a_trial_takes_few_steps_in_a_folder_of_its_own_and_is_resumed(
    tmp_path: Path, data: Path, tuned: tuple[DualEncoder, ModelConfig], capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, folder = data.parent / "tuned.toml", tmp_path / "trial"
    command = ("train", recipe, "--data", data, "--run", folder)
    assert run(*command, "--resume") == 1
    assert "holds no run to resume" in capsys.readouterr().err
    assert run(*command, "--steps", 3) == 0  # of four in each stage, two an epoch
    config = checkpoint.load(folder / "model")[1]
    assert config.metrics["trial_steps"] == 3
    assert config.model_id != tuned[1].model_id
    assert len(list((folder / "towers").glob("*/state/step-00000001.*"))) == 2  # the end of the first epoch
    assert run(*command, "--steps", 3) == 1
    assert "go on with --resume" in capsys.readouterr().err
    assert run(*command, "--steps", 3, "--resume") == 0
    again = checkpoint.load(folder / "model")[1]
    assert again.model_id == config.model_id
    assert run(*command, "--resume", "--seed", 5) == 1
    assert "not those of the run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stage", "unwanted"),
    [
        ("trainer.data.scan.open_image", "trainer.data.dataset.group_by_hash"),
        ("trainer.evaluate.features.encode_photos", "trainer.bundled.training.train_heads"),
        ("trainer.bundled.head_training.total", "trainer.bundled.training.merge_heads"),
        ("trainer.bundled.training.calibrate", "trainer.bundled.training.checkpoint.save"),
        ("trainer.bundled.training.load", "trainer.bundled.training.write_card"),
    ],
)
def test_a_stop_is_heeded_at_every_stage(
    data: Path, recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, unwanted: str
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    command = ["train", recipe, "--data", str(data), "--out", str(tmp_path / "out"), "--steps", "1"]
    assert_heeded(monkeypatch, command, stage, unwanted)


def test_no_steps_publish_the_bundled_model_as_it_begins(tmp_path: Path, data: Path, recipe: str) -> None:
    assert run("train", recipe, "--data", data, "--out", tmp_path / "none", "--steps", 0) == 0
    assert checkpoint.load(tmp_path / "none")[1].metrics["trial_steps"] == 0


@pytest.fixture
def languages(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data with Chinese captions of its photos beside the English ones, and names of things."""
    folder = tmp_path / "languages"
    shutil.copytree(data, folder)
    for split in ("train", "val"):
        with (folder / f"{split}.csv").open(encoding="utf-8", newline="") as file:
            photos = sorted({row["filename"] for row in csv.DictReader(file)})
        with (folder / f"{split}.zh.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("filename", "caption"), *((p, "海滩上的两只狗") for p in photos)])
    with (folder / "sentences.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [("en", "two dogs on beach"), ("zh", "两只狗"), ("en", "dog")]
        csv.writer(file).writerows([("language", "caption"), *rows])
    names = [
        ("\U0001f415", "en", "dog", "animal|pet"),
        ("\U0001f415", "zh", "狗", "动物|宠物"),
        ("{", "zh", "左花括号", "括号"),
        ("{", "en", "brace", "sign"),
    ]
    with (folder / "concepts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("concept", "language", "name", "keywords"), *names])
    write_e5(tmp_path / "e5.bin")
    file = read_e5(tmp_path / "e5.bin")
    monkeypatch.setattr(base_weights, "load_multilingual_base", lambda: file)
    words = SimpleNamespace(available_languages=list, top_n_list=lambda language, count: [])
    monkeypatch.setitem(sys.modules, "wordfreq", words)
    return folder


def test_a_third_stage_teaches_languages_and_leaves_the_photos_alone(
    tmp_path: Path,
    data: Path,
    frozen: DualEncoder,
    languages: Path,
    recipe: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    english, taught = data.parent / "frozen", tmp_path / "taught"
    changes = ("hidden=16", "steps=2")
    stage = [part for change in changes for part in ("--set", f"languages.{change}")]
    command = ("train", recipe, *stage, "--data", languages, "--languages", languages)
    command += ("--more", languages / "sentences.csv")
    with monkeypatch.context() as patch:
        patch.setattr(export_module, "export", export)
        assert run(*command, "--teacher", english, "--out", taught) == 0
    model, config, tokenizer = checkpoint.load(taught)
    before = frozen.state_dict()
    for name, tensor in model.state_dict().items():
        if name.startswith(("image_", "conse.")):
            assert torch.equal(tensor, before[name])
    assert config.dim == checkpoint.load(english)[1].dim
    assert len(model.bank) == len(frozen.bank)
    assert set(config.metrics) >= {"val", "english"}
    assert list(config.metrics["val_by_language"]) == ["zh"]
    assert config.languages == ("en", "zh")
    assert config.photos_like == (checkpoint.load(english)[1].model_id,)
    text = "海滩上的两只狗"
    assert len(tokenizer([text]).ids[0]) == 10  # five pieces, and what is around them
    assert config.exports
    exported = load_encoder(read_info(taught), device="cpu").encoder
    assert exported.encode_texts([text]).shape == (1, config.dim)
    card = (taught / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "multilingual-e5-small" in card and "English only" not in card
    # Without a teacher the stages before make one.
    assert run(*command, "--steps", 1, "--out", tmp_path / "whole") == 0
    assert set(checkpoint.load(tmp_path / "whole")[1].metrics) >= {"plain_infonce", "english"}
    capsys.readouterr()
    assert run(*command, "--teacher", taught, "--out", tmp_path / "none") == 1
    assert "holds no model of English" in capsys.readouterr().err
    (languages / "concepts.csv").unlink()
    assert run(*command, "--teacher", english, "--out", tmp_path / "none") == 1
    assert "is no table" in capsys.readouterr().err
