import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from photosearch.core.errors import KnownError
from photosearch.core.progress import Control
from photosearch.models.catalog import read_info
from photosearch.models.config import CONFIG, read_config
from photosearch.models.lesson import LESSON, Adapter, Lesson
from photosearch.models.torch import checkpoint
from photosearch.models.torch.encoder import load_encoder
from photosearch.paths import resources
from tests.helpers.own_words import DIM, bag_of_words, material, world
from tests.helpers.tiny_model import make_tiny_checkpoint
from trainer.adapt.adapt import Learnt, Teaching
from trainer.adapt.adapter import Anchors, Captions
from trainer.adapt.general import General
from trainer.adapt.guard import ranks
from trainer.adapt.material import Material, Vectors
from trainer.adapt.session import NEW_MODEL, teach
from trainer.adapt.sides import SidesTraining, general_seen, learn_sides, save_model, seen
from trainer.evaluate.recall import reciprocal

BUNDLED = "3b1261e95c6a239e"
GENERAL = tuple(f"{a} {d}" for a in ("man", "boat", "child", "street", "car") for d in ("red", "wet", "old"))


def no_bias(photos: Vectors) -> Vectors:
    return np.zeros(len(photos), np.float32)


def general(texts: Sequence[str] = GENERAL) -> General:
    photos = bag_of_words(texts)
    return General(bag_of_words(texts), photos, no_bias(photos), np.arange(len(texts)))


def learn(captioned: Material, anchored: General | None = None) -> tuple[Adapter | None, Adapter | None]:
    anchored = anchored or general()
    return learn_sides(
        captioned,
        np.arange(len(captioned.captions)),
        captioned.encode(captioned.captions),
        Anchors(anchored.texts, anchored.photos),
        anchored,
        no_bias,
        seed=0,
        control=Control(),
        stop=threading.Event(),
    )


def adapter(dim: int, *, size: float, share: float = 0.5) -> Adapter:
    random = np.random.default_rng(0)
    down, up = (random.standard_normal(shape).astype(np.float32) for shape in ((8, dim), (dim, 8)))
    return Adapter(down, np.float32(size) * up, share)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


def test_begins_as_no_change() -> None:
    captioned = world(copies=1)
    texts, photos = captioned.encode(captioned.captions), captioned.photos
    captions = Captions(texts, photos, captioned.groups, captioned.groups)
    training = SidesTraining(captions, Anchors(texts, photos), 20.0, seed=0)
    np.testing.assert_allclose(training.adapter(1.0)(texts), texts, atol=1e-6)
    np.testing.assert_allclose(training.image_adapter(1.0)(photos), photos, atol=1e-6)


def test_learns_on_both_sides_and_keeps_the_general_set() -> None:
    captioned, anchored = world(copies=1), general()
    text, image = learn(captioned, anchored)
    assert text is not None and image is not None
    rows = np.arange(len(captioned.captions))
    texts = captioned.encode(captioned.captions)
    before = reciprocal(ranks(captioned, texts, rows)).mean()
    after = reciprocal(ranks(seen(captioned, image, no_bias), text(texts), rows)).mean()
    assert after > before
    assert anchored.kept_by(text, general_seen(anchored, image, no_bias))


def test_no_change_may_win() -> None:
    captioned = world({})
    photos = captioned.encode(captioned.captions)
    assert learn(material(photos, captioned.captions)) == (None, None)  # nothing can be better than right


def test_the_general_guard_refuses_an_adapter_that_forgets() -> None:
    anchored = general()
    small, harmful = (general_seen(anchored, adapter(DIM, size=size), no_bias) for size in (1e-6, 10.0))
    assert anchored.kept_by(lambda texts: texts, small)
    assert not anchored.kept_by(lambda texts: texts, harmful)


def test_adapters_that_forget_are_lowered_and_then_left_out() -> None:
    asked: list[float] = []

    class Strict(General):
        def kept_by(self, change: Callable[[Vectors], Vectors], seen: General | None = None) -> bool:
            asked.append(change.share if seen and isinstance(change, Adapter) else 0.0)
            return False

    some = general()
    assert learn(world(copies=1), Strict(some.texts, some.photos, some.bias, some.photo_of)) == (None, None)
    both = [share for share in asked if share]
    assert [share / both[0] for share in both] == [1.0, 0.75, 0.5, 0.25]


def test_the_whole_of_it_is_judged_with_photos_as_each_fold_sees_them() -> None:
    plain = world({}, copies=1)
    mirror = np.linalg.qr(np.random.default_rng(0).standard_normal((DIM, 16)))[0].astype(np.float32)
    mirrored = plain.photos - 2 * plain.photos @ mirror @ mirror.T
    captioned, anchored = material(mirrored, plain.captions), general()
    anchors = Anchors(anchored.texts, anchored.photos)
    teaching = Teaching(captioned, "0123456789abcdef", anchors, anchored, bias_of=no_bias)
    (lesson, image), report = teaching.run_sides()
    assert image is not None and lesson.adapter is not None
    assert report.verdict == "better" and report.share == lesson.adapter.share
    assert report.improved + report.worsened + report.unchanged == 64
    for change in report.changes:
        assert (change.after.index(change.photo) + 1 if change.rank_after <= 8 else 9) <= change.rank_after


def test_a_model_without_it_has_the_id_that_it_had(base: Path) -> None:
    config = read_config(base)
    assert b"image_adapter" not in (base / CONFIG).read_bytes()
    assert msgspec.structs.replace(config, image_adapter=0).model_id == config.model_id
    assert msgspec.structs.replace(config, image_adapter=4).model_id != config.model_id
    assert read_config(resources() / "models" / "bundled").model_id == BUNDLED


def test_saved_and_loaded_it_adapts_photos_alone(base: Path, tmp_path: Path) -> None:
    model, config, tokenizer = checkpoint.load(base)
    image = adapter(config.dim, size=0.02)
    written = save_model(tmp_path / "taught", base, image, "taught")
    again, found, _ = checkpoint.load(tmp_path / "taught")
    assert found == written and found.model_id != config.model_id
    assert (found.name, found.image_adapter) == ("taught", 8)
    pixels = torch.randint(0, 256, (3, 64, 64, 3), dtype=torch.uint8)
    tokens = tokenizer(["two dogs run along a beach"])
    ids, mask = torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask)
    with torch.inference_mode():
        plain, adapted = model.encode_image(pixels), again.encode_image(pixels)
        np.testing.assert_allclose(adapted, image(plain.numpy()), atol=1e-3)  # float16 in the file
        assert (adapted - plain).abs().max() > 0.01
        torch.testing.assert_close(again.encode_text(ids, mask), model.encode_text(ids, mask), rtol=0, atol=0)
        torch.testing.assert_close(again.image_bias(plain), model.image_bias(plain), rtol=0, atol=0)


def test_saved_without_effect_it_changes_no_vector(base: Path, tmp_path: Path) -> None:
    model, config, _ = checkpoint.load(base)
    save_model(tmp_path / "same", base, adapter(config.dim, size=0.0), "same")
    again, _, _ = checkpoint.load(tmp_path / "same")
    pixels = torch.randint(0, 256, (3, 64, 64, 3), dtype=torch.uint8)
    with torch.inference_mode():
        # Norming what is normed may round the last bit.
        torch.testing.assert_close(again.encode_image(pixels), model.encode_image(pixels), rtol=0, atol=2e-7)


def test_from_a_gallery_to_a_model_with_its_lesson(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_config(base)
    learnt = Learnt(Lesson(config.model_id), adapter(config.dim, size=0.02))
    monkeypatch.setattr(Teaching, "_learn", lambda self, rows, **more: learnt)
    captions = ["a dog", "a cat", "a boat"]
    space = np.random.default_rng(0).standard_normal((DIM, config.dim)).astype(np.float32)
    photos = bag_of_words(captions) @ space
    labels = [str(row) for row in range(len(photos))]
    tensors = {"vectors": photos, "bias": no_bias(photos)}
    save_file(tensors, tmp_path / "gallery.safetensors", {"labels": json.dumps(labels)})
    rows = ({"photo": label, "caption": caption} for label, caption in zip(labels, captions, strict=True))
    (tmp_path / "captions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    given: Any = {"captions": tmp_path / "captions.jsonl", "gallery": tmp_path / "gallery.safetensors"}
    out = tmp_path / "new"
    report = teach(str(base), out, **given, both_sides=True)
    assert report.base == read_config(out).model_id != config.model_id
    assert NEW_MODEL in report.skipped
    assert sorted(file.name for file in out.iterdir()) == [
        "config.json", LESSON, "model.safetensors", "report.json", "tokenizer.json",
    ]  # fmt: skip
    encoder = load_encoder(read_info(out), device="cpu", precision="float32")
    assert (encoder.name, encoder.model_id) == ("new", report.base)
    assert encoder.encode_texts(["a dog"]).shape == (1, config.dim)
    with pytest.raises(KnownError, match="on both sides already"):
        teach(str(out), tmp_path / "again", **given, both_sides=True)
    with pytest.raises(KnownError, match="leave out --lesson-only"):
        teach(str(base), tmp_path / "again", **given, both_sides=True, lesson_only=True)
    assert not (tmp_path / "again").exists()
