import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import save_file

from photosearch import i18n
from photosearch.core.errors import Cancelled, Sentence
from photosearch.core.vectors import l2_normed
from photosearch.models.catalog import read_info
from photosearch.models.config import read_config
from photosearch.models.lesson import LESSON, Lesson, read_lesson, write_lesson
from photosearch.models.loading import load_encoder
from tests.helpers.exported_models import EXPORTED, copy_exported
from tests.helpers.own_words import bag_of_words, material, world
from tests.helpers.photos import make_photo
from tests.helpers.processes import ENVIRONMENT, PATIENCE, start
from trainer.adapt.lesson_training import Steering
from trainer.adapt.material import Material
from trainer.cli import FAULT, adapt, main

pytestmark = pytest.mark.usefixtures("on_the_cpu")

TINY = EXPORTED / "tiny"
WITHOUT_TORCH = """
import sys
sys.modules.update(torch=None, timm=None, transformers=None)  # to import them raises
from trainer.cli import main
sys.exit(main())
"""


@pytest.fixture
def model() -> str:
    return str(TINY)


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    """A gallery of vectors with captions of a small world, as the program hands them over."""
    return gallery_of(tmp_path, world(copies=1))


def gallery_of(folder: Path, captioned: Material) -> list[str]:
    random = np.random.default_rng(0)
    turned = random.standard_normal((captioned.photos.shape[1], read_config(TINY).dim)).astype(np.float32)
    shown = bag_of_words(captioned.captions) @ turned
    tensors = {"vectors": l2_normed(shown).astype(np.float16), "bias": np.zeros(len(shown), np.float32)}
    save_file(tensors, folder / "gallery.safetensors", {"labels": json.dumps(captioned.labels)})
    rows = zip(captioned.labels, captioned.captions, strict=True)
    lines = [json.dumps({"photo": label, "caption": caption}) for label, caption in rows]
    (folder / "captions.jsonl").write_text("\n".join(lines))
    return [
        "--gallery",
        str(folder / "gallery.safetensors"),
        "--captions",
        str(folder / "captions.jsonl"),
    ]


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(["adapt", *arguments]) == code
    found = capsys.readouterr()
    assert "Traceback" not in found.err
    return found.out if code == 0 else found.err


def test_from_a_gallery_to_a_lesson(
    model: str, data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "lesson"
    (tmp_path / "words.json").write_text('[{"name": "Rusty", "phrase": "two dogs"}]')
    words = ["--words", str(tmp_path / "words.json")]
    text = told(capsys, "--model", model, *data, "--out", str(out), "--lesson-only", "--json", *words)
    events = [json.loads(line) for line in text.splitlines()]
    assert {event["event"] for event in events} == {"progress", "point", "done"}
    assert [event["stage"] for event in events if event["event"] == "progress"] == [
        "reading", "words", "adapter", *["checking"] * 5, "writing",
    ]  # fmt: skip
    report = json.loads((out / "report.json").read_text())
    assert events[-1] == {"event": "done", "verdict": report["verdict"], "report": str(out / "report.json")}
    assert (report["captions"], report["gallery"]) == (64, 64)
    lesson = read_lesson(out / LESSON)
    assert lesson.rewrite("Rusty") == "two dogs"
    assert sorted(path.name for path in out.iterdir()) == [LESSON, "report.json"]
    assert not list(tmp_path.glob(".*"))


def test_who_asked_is_told_why_it_fails_as_a_template_with_its_values(
    model: str, data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captions = Path(data[3])
    captions.write_text('{"photo": "none", "caption": "Rusty runs"}')
    assert main(["adapt", "--model", model, *data, "--out", str(tmp_path / "lesson"), "--json"]) == 1
    found = capsys.readouterr()
    failed = json.loads(found.out.splitlines()[-1])
    sentence = msgspec.convert(failed["sentence"], Sentence)
    assert failed["event"] == "failed" and f"{sentence}\n" == found.err
    i18n.use("zh_CN")
    shown = i18n.translated(sentence)
    i18n.use("en")
    assert shown == (
        f"{captions} 中没有可供学习的说明。有 1 条说明的照片不存在，未计入；其中第一张照片是“none”。"
    )


def test_from_photos_to_a_taught_model(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, out = tmp_path / "photos", tmp_path / "taught"
    photos.mkdir()
    for seed in range(6):
        make_photo(photos / f"{seed}.png", seed)
    table = tmp_path / "captions.csv"
    table.write_text("filename,caption\n" + "".join(f"{n}.png,Rusty on picture {n}\n" for n in range(6)))
    (tmp_path / "words.json").write_text('[{"name": "Rusty", "phrase": "two dogs"}]')
    where = ["--images", str(photos), "--captions", str(table)]
    words = ["--words", str(tmp_path / "words.json")]
    text = told(capsys, "--model", model, *where, "--out", str(out), *words)
    assert "6 captions of 6 photos" in text and "14 more" in text and f"The lesson is in {out}." in text
    taught, base = (load_encoder(read_info(folder)).encoder for folder in (out, TINY))
    assert taught.model_id == base.model_id
    read, plain = taught.encode_texts(["Rusty on a beach"]), base.encode_texts(["two dogs on a beach"])
    np.testing.assert_allclose(read, plain, atol=1e-5)


def test_an_exported_model_is_taught_without_torch(model: str, data: list[str], tmp_path: Path) -> None:
    arguments = ["adapt", "--model", model, *data, "--out", str(tmp_path / "out")]
    command = [sys.executable, "-W", "error", "-c", WITHOUT_TORCH, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert read_lesson(tmp_path / "out" / LESSON).captions == 64


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "either --images DIR or --gallery FILE"),
        (["--images", "x", "--gallery", "y"], "either --images DIR or --gallery FILE"),
        (["--images", "x"], "x is not a folder"),
        (["--gallery", "x"], "There is no gallery file x"),
    ],
)
def test_says_what_it_needs(
    model: str, arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = ["--captions", "none.csv", "--out", str(tmp_path / "out")]
    assert sentence in told(capsys, "--model", model, *arguments, *rest, code=1)
    assert not list(tmp_path.iterdir())


def test_a_taught_model_is_not_taught_again_as_its_lesson_would_be_lost(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = copy_exported(tmp_path / "taught")
    write_lesson(model / LESSON, Lesson(read_config(model).model_id))
    told_so = told(capsys, "--model", str(model), *data, "--out", str(tmp_path / "out"), code=1)
    assert "taught was taught somebody's words, which would be lost" in told_so
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("no JSON", "no list of words"),
        ('{"name": "Rusty"}', "no list of words"),
        ('[{"name": "!"}]', "a letter or a digit"),
        ('[{"name": "a"}, {"name": "A"}]', "a word twice"),
    ],
)
def test_words_that_are_none_are_refused(
    model: str, data: list[str], words: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "words.json"
    file.write_text(words)
    arguments = ["--model", model, *data, "--out", str(tmp_path / "out"), "--words", str(file)]
    assert sentence in told(capsys, *arguments, code=1)


def test_an_error_that_nobody_foresaw_ends_all_that_learn_and_leaves_nothing(
    model: str,
    data: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(*_: object, **__: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device")

    monkeypatch.setattr("trainer.adapt.lesson_training.learn_adapter", full)
    arguments = ["--model", model, *data, "--out", str(tmp_path / "out")]
    assert main(["adapt", *arguments, "--lesson-only"]) == FAULT
    assert capsys.readouterr().err.splitlines()[-1] == (
        "The trainer has a fault (SafetensorError); please report it with the lines above."
    )
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("how", "stage"),
    [("SIGTERM", stage) for stage in ("reading", "words", "adapter", "checking")] + [("closed", "reading")],
)
def test_asked_to_end_at_any_stage_it_leaves_nothing(
    model: str, data: list[str], tmp_path: Path, how: str, stage: str
) -> None:
    arguments = ["--model", model, *data, "--out", str(tmp_path / "out"), "--json"]
    with start("trainer", "adapt", *arguments) as process:
        assert process.stdout is not None and process.stdin is not None
        assert any(json.loads(line).get("stage") == stage for line in iter(process.stdout.readline, ""))
        if how == "closed":
            process.stdin.close()
        else:
            process.send_signal(getattr(signal, how))
        process.stdout.read()
    assert process.returncode == 130
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*"))


def test_killed_it_leaves_a_hidden_folder_that_the_next_run_removes(
    model: str, data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--model", model, *data, "--out", str(tmp_path / "out"), "--json"]
    with start("trainer", "adapt", *arguments) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert [path.name for path in tmp_path.glob(".*")] == [".out.teaching"]
    few = ["Rusty on a beach", "a cat"]  # too few to check a lesson on, which takes longest
    again = gallery_of(tmp_path, material(bag_of_words(few), few))
    told(capsys, "--model", model, *again, "--out", str(tmp_path / "out"), "--json")
    assert (tmp_path / "out" / LESSON).is_file() and not list(tmp_path.glob(".*"))


@pytest.fixture
def wakings() -> Iterator[list[int]]:
    """The signals that the main thread is woken with."""
    woken: list[int] = []
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda number, _: woken.append(number)) for number in numbers}
    yield woken
    for number, handler in before.items():
        signal.signal(number, handler)


def test_listens_for_stop_and_for_the_end_of_the_pipe(wakings: list[int]) -> None:
    source, other_side = os.pipe()
    steering = Steering()
    listening = threading.Thread(target=adapt.listen, args=(steering, source))
    listening.start()
    os.write(other_side, b"st")
    os.write(other_side, b"op\n")
    assert steering.stop.wait(PATIENCE)
    steering.control.checkpoint()
    os.close(other_side)
    listening.join()
    os.close(source)
    assert len(wakings) == 1
    with pytest.raises(Cancelled):
        steering.control.checkpoint()


def test_dev_null_is_no_end() -> None:
    steering = Steering()
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        adapt.listen(steering, nothing.fileno())
    steering.control.checkpoint()
