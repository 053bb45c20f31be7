"""A model of any kind becomes a checkpoint, or one sentence says why not and nothing is left."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import safetensors.torch
import torch

from photosearch.core.encoder import Calibration
from photosearch.core.errors import KnownError
from photosearch.models import catalog, offers
from photosearch.models.catalog import ModelInfo, read_info
from photosearch.models.checkpoint_encoder import examples
from photosearch.models.config import CONFIG, TOKENIZER, WEIGHTS, encode_config, file_hash, read_config
from photosearch.models.lesson import LESSON, Lesson, read_lesson, write_lesson
from photosearch.models.loading import load_encoder
from tests.helpers.exported_models import EXPORTED, copy_exported
from tests.helpers.photos import make_photo
from tests.helpers.tiny_hub import make_hub_image, make_hub_text, make_hub_whole
from trainer.adapt.general_words import CHINESE_PHRASES, PHRASES, general_phrases
from trainer.models.build import load_any
from trainer.models.folders import CARD
from trainer.publish import stages
from trainer.publish.convert import convert
from trainer.publish.publish import publish

pytestmark = pytest.mark.usefixtures("on_the_cpu")


def published(source: Path, out: Path, **how: object) -> tuple[ModelInfo, list[str], list[str]]:
    """-> the model, its notes and the stages that it went through."""
    stages: list[str] = []
    info, notes = publish(str(source), out, stages.append, **how)  # type: ignore[arg-type]
    return info, [str(note) for note in notes], stages


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_hub_whole(tmp_path_factory.mktemp("hub") / "tiny-clip")
    (folder / "README.md").write_text("---\nlanguage:\n- en\nlicense: mit\n---\n# Tiny\nlicense: none\n")
    return folder


@pytest.fixture(scope="module")
def converted(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "clip"
    info, notes, stages = published(clip, out)
    assert (info.name, info.licence, info.path) == ("tiny-clip", "mit", out)
    assert notes == [
        "How sure it is of a hit was not calibrated on known answers; it is fitted on your photos, once it "
        "has read some."
    ]
    assert stages == ["fetching", "loading", "building", "calibrating", "exporting", "checking"]
    return out


@pytest.fixture
def no_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds less, for what does not hang on them."""
    monkeypatch.setattr("photosearch.models.torch.export.export", lambda folder: read_config(folder))


def test_a_hubs_model_keeps_its_vectors_and_runs_without_torch(clip: Path, converted: Path) -> None:
    loaded = load_encoder(read_info(converted), device="cpu")
    assert loaded.runtime.startswith("ONNX")
    built = load_any(str(clip))
    photos = examples(4, 64)
    tokens = built.tokenizer(["a cat", "two dogs run"])
    with torch.inference_mode():
        wanted = built.model.encode_image(torch.from_numpy(photos)).numpy()
        texts = built.model.encode_text(torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask)).numpy()
    # Its weights are kept in half precision.
    assert np.abs(loaded.encoder.encode_images(photos) - wanted).max() < 5e-3
    assert np.abs(loaded.encoder.encode_texts(["a cat", "two dogs run"]) - texts).max() < 5e-3


def test_a_hubs_model_gets_a_bank_and_the_label_of_its_scale(clip: Path, converted: Path) -> None:
    config = read_config(converted)
    assert config.bank == len(general_phrases())
    scale = load_any(str(clip)).model.scale.item()
    assert config.calibration == Calibration(slope=round(scale, 3), offset=Calibration().offset)
    assert config.metrics == {"calibrated_on": 0} and not read_info(converted).calibrated
    assert load_encoder(read_info(converted)).encoder.image_bias(np.eye(32, dtype=np.float32)).any()


@pytest.mark.usefixtures("no_graphs")
@pytest.mark.parametrize(
    ("languages", "phrases"),
    [("[en, zh]", (PHRASES, CHINESE_PHRASES)), ("zh", (CHINESE_PHRASES,)), ("fr", (PHRASES,))],
)
def test_its_bank_is_in_the_languages_that_it_reads(
    clip: Path, tmp_path: Path, languages: str, phrases: tuple[str, ...]
) -> None:
    source = Path(shutil.copytree(clip, tmp_path / "source"))
    (source / "README.md").write_text(f"---\nlanguage: {languages}\n---\n")
    published(source, tmp_path / "out")
    assert read_config(tmp_path / "out").bank == sum(len(general_phrases(name)) for name in phrases)


def test_its_card_says_where_it_is_from_what_it_costs_and_what_is_not_known(converted: Path) -> None:
    card = (converted / CARD).read_text(encoding="utf-8")
    for said in (
        "# tiny-clip",
        "a model of the hub, of the family clip",
        "Licence: mit.",
        "not calibrated on known answers",
    ):
        assert said in card


@pytest.mark.usefixtures("no_graphs")
def test_what_a_model_does_not_say_of_itself_the_catalogue_says(tmp_path: Path) -> None:
    known = next(model for model in offers.known_models() if model.licence and model.languages == ("en",))
    fetched, out = make_hub_whole(tmp_path / "fetched"), tmp_path / "out"
    out.mkdir()
    convert(known.source, fetched, out, None, lambda *_: None)
    config = read_config(out)
    assert (config.licence, config.languages) == (known.licence, known.languages)
    assert f"Licence: {known.licence}." in (out / CARD).read_text(encoding="utf-8")


@pytest.mark.usefixtures("no_graphs")
def test_a_sigmoid_models_label_is_its_own_probability(tmp_path: Path) -> None:
    info, _, _ = published(make_hub_whole(tmp_path / "siglip", "siglip"), tmp_path / "out", name="Sig")
    calibration = read_config(tmp_path / "out").calibration
    assert (calibration.slope, calibration.offset) == (pytest.approx(np.exp(4.7), rel=1e-3), -12.0)
    assert (info.name, info.licence) == ("Sig", "")


@pytest.mark.usefixtures("no_graphs")
def test_captions_are_known_answers_to_fit_the_label_on(clip: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "images").mkdir(parents=True)
    rows = []
    for seed in range(20):
        make_photo(data / "images" / f"{seed}.png", seed)
        thing = "dog" if seed % 2 else "cat"
        rows += [f"{seed}.png,a {thing}", f"{seed}.png,one {thing}"]
    for part, chosen in (("train", rows[:4]), ("val", rows[4:])):
        (data / f"{part}.csv").write_text("\n".join(["filename,caption", *chosen]))
    _, notes, _ = published(clip, tmp_path / "out", data=data)
    config = read_config(tmp_path / "out")
    assert (notes, config.metrics) == ([], {"calibrated_on": 18})
    assert "not calibrated" not in (tmp_path / "out" / CARD).read_text()
    assert config.calibration.slope != pytest.approx(load_any(str(clip)).model.scale.item(), abs=1e-3)


@pytest.mark.usefixtures("no_graphs")
def test_a_folder_of_links_as_the_hubs_cache_has_it(clip: Path, converted: Path, tmp_path: Path) -> None:
    (tmp_path / "snapshot").mkdir()
    for file in clip.iterdir():
        (tmp_path / "snapshot" / file.name).symlink_to(file)
    info, _, _ = published(tmp_path / "snapshot", tmp_path / "out")
    assert info.model_id == read_info(converted).model_id
    assert not any(file.is_symlink() for file in (tmp_path / "out").iterdir())


def test_what_cannot_be_exported_runs_in_torch_and_that_is_said(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "photosearch.models.torch.export", None)
    info, notes, _ = published(clip, tmp_path / "out")
    assert "runs in torch alone: photosearch.models.torch.export is not installed" in notes[1]
    assert load_encoder(info).runtime.startswith("torch")


@pytest.mark.parametrize("run", [False, True], ids=["checkpoint", "run"])
def test_one_of_our_own_is_copied_and_nothing_else_of_its_folder(tmp_path: Path, run: bool) -> None:
    source = tmp_path / "source"
    folder = copy_exported(source / "model" if run else source)
    if run:
        (source / "run.json").write_text("{}")
    (folder / CARD).write_text("# tiny")
    write_lesson(folder / LESSON, Lesson(read_info(folder).model_id, "Ours", created_at=1.0))
    (folder / "pytorch_model.bin").write_bytes(b"a pickle")
    (folder / "notes").mkdir()
    info, notes, stages = published(source, tmp_path / "out")
    assert (info.model_id, notes, stages) == (read_info(folder).model_id, [], ["copying", "checking"])
    kept = {CONFIG, WEIGHTS, TOKENIZER, "image.onnx", "text.onnx", CARD, LESSON}
    assert {file.name for file in info.path.iterdir()} == kept
    for name in kept:
        assert (info.path / name).read_bytes() == (folder / name).read_bytes()
    assert read_lesson(info.path / LESSON).name == "Ours"


def test_a_name_of_the_catalogue_is_no_id_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "find", lambda name: read_info(EXPORTED / name))
    info, _ = publish("tiny", tmp_path / "out", lambda *_: None)
    assert (info.name, info.source) == ("tiny", "")


@pytest.mark.parametrize("name", ["{path}", "../{name}"])
def test_a_file_that_is_none_of_a_models_own_is_neither_copied_nor_written_over(
    tmp_path: Path, name: str
) -> None:
    own = tmp_path / "my.txt"
    own.write_text("mine")
    folder = copy_exported(tmp_path / "source")
    config = json.loads((folder / CONFIG).read_text())
    config["exports"][name.format(path=own, name=own.name)] = file_hash(b"mine")
    (folder / CONFIG).write_text(json.dumps(config))
    refused(folder, tmp_path, "is not a model's config")
    assert own.read_text() == "mine"


def test_one_of_our_own_takes_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules.update(torch=None, timm=None, transformers=None)\n"
        "from trainer.cli import main\n"
        "sys.exit(main(['publish', *sys.argv[1:], '--json']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, EXPORTED / "tiny", "--out", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [event["event"] for event in events] == ["stage", "stage", "done"]
    assert events[-1]["model"] == read_config(EXPORTED / "tiny").model_id


def altered(folder: Path) -> None:
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (folder / WEIGHTS).write_bytes(data)


def of_other_shapes(folder: Path) -> None:
    """Weights whose hash is right, and which the config does not describe."""
    weights = safetensors.torch.load_file(folder / WEIGHTS)
    rehashed(folder, safetensors.torch.save({**weights, "bank": weights["bank"][:5].clone()}))


def rehashed(folder: Path, weights: bytes) -> None:
    (folder / WEIGHTS).write_bytes(weights)
    config = read_config(folder)
    hashes = {**config.hashes, WEIGHTS: file_hash(weights)}
    (folder / CONFIG).write_bytes(encode_config(msgspec.structs.replace(config, hashes=hashes)))


def linked_to_itself(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(folder / WEIGHTS)


def a_pipe(folder: Path) -> None:
    (folder / TOKENIZER).unlink()
    os.mkfifo(folder / TOKENIZER)


OWN: list[tuple[Callable[[Path], object], str]] = [
    (altered, "altered or is damaged"),
    (of_other_shapes, "weights of tiny do not fit its config"),
    (lambda folder: rehashed(folder, b"no safetensors"), "weights of tiny do not fit its config"),
    (lambda folder: rehashed(folder, b""), "weights of tiny do not fit its config"),
    (linked_to_itself, f"lacks its file {WEIGHTS}"),
    (lambda folder: (folder / WEIGHTS).unlink(), f"lacks its file {WEIGHTS}"),
    (lambda folder: (folder / "text.onnx").unlink(), r"text\.onnx was altered or is damaged"),
    (lambda folder: (folder / CONFIG).unlink(), f"holds no model: it has no {CONFIG}"),
    (lambda folder: (folder / CONFIG).write_text('{"format": 99}'), "newer PhotoSearch"),
    (lambda folder: (folder / CONFIG).write_text('{"format": 1}'), "not a model's config"),
    (lambda folder: (folder / CONFIG).write_text("{"), "not as it must be"),
    (lambda folder: os.truncate(folder / CONFIG, 1 << 40), "config.json cannot be read"),
    (lambda folder: write_lesson(folder / LESSON, Lesson("0" * 16, "Other", 1.0)), "another model"),
]
if os.name == "posix":
    OWN.append((a_pipe, f"lacks its file {TOKENIZER}"))


@pytest.mark.parametrize(("damage", "sentence"), OWN, ids=[sentence for _, sentence in OWN])
def test_what_is_wrong_with_one_of_our_own(
    damage: Callable[[Path], object], sentence: str, tmp_path: Path
) -> None:
    damage(copy_exported(tmp_path / "source"))
    refused(tmp_path / "source", tmp_path, sentence)


def only_a_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def of_other_widths(folder: Path) -> None:
    config = json.loads((folder / CONFIG).read_text())
    config["projection_dim"] = 48
    (folder / CONFIG).write_text(json.dumps(config))


HUB: list[tuple[Callable[[Path], object], str]] = [
    (only_a_pickle, "pickles are never loaded; bring the model's"),
    (of_other_widths, "do not fit its config"),
    (lambda folder: os.truncate(folder / "model.safetensors", 1000), "cannot be loaded"),
    (lambda folder: (folder / "tokenizer.json").unlink(), "has no vocabulary"),
    (lambda folder: (folder / "preprocessor_config.json").unlink(), "how its images are prepared"),
]


@pytest.mark.parametrize(("damage", "sentence"), HUB, ids=[sentence for _, sentence in HUB])
def test_what_is_wrong_with_a_hubs_folder(
    damage: Callable[[Path], object], sentence: str, clip: Path, tmp_path: Path
) -> None:
    damage(Path(shutil.copytree(clip, tmp_path / "source")))
    refused(tmp_path / "source", tmp_path, sentence)


def test_what_is_no_whole_model_is_said(clip: Path, tmp_path: Path) -> None:
    refused(make_hub_text(tmp_path / "text"), tmp_path, "is a distilbert, not one of clip")
    refused(make_hub_image(tmp_path / "image"), tmp_path, "is a timm_wrapper, not one of clip")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", tmp_path, "holds no model")
    refused(tmp_path / "nothing" / "at" / "all", tmp_path, "neither a folder nor the id of a model")
    refused(clip / "README.md", tmp_path, "is no part of a model; name the folder")
    (tmp_path / "out").mkdir()
    with pytest.raises(KnownError, match="is there already"):
        published(clip, tmp_path / "out")


def test_what_this_computer_lacks_is_said(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda place: usage)
        refused(clip, tmp_path, r"takes 6\d MB of the disk with .* make room first")
        refused(EXPORTED / "tiny", tmp_path, "make room first")
    monkeypatch.setattr(stages, "torch_is_here", lambda: False)
    refused(
        clip,
        tmp_path,
        "takes torch, which is not here: .* by photosearch extras add gpu",
    )


def test_weights_that_give_no_vectors_are_not_published(tmp_path: Path) -> None:
    source = make_hub_whole(tmp_path / "source")
    weights = safetensors.torch.load_file(source / "model.safetensors")
    weights["visual_projection.weight"].fill_(float("nan"))  # of the graph that is written first
    safetensors.torch.save_file(weights, source / "model.safetensors", {"format": "pt"})
    refused(source, tmp_path, "gives no vectors|gives other vectors")


def refused(source: Path, place: Path, sentence: str) -> None:
    """Nothing is left where the model would have been, hidden or not."""
    before = sorted(place.iterdir())
    with pytest.raises(KnownError, match=sentence):
        published(source, place / "out")
    assert sorted(place.iterdir()) == before
