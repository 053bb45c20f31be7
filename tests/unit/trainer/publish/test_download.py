"""Downloading for a person: the hub's real client against a hub on loopback, in every mood of it."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import msgspec
import pytest
from huggingface_hub import constants

from photosearch.core.errors import KnownError
from photosearch.models import downloads
from photosearch.models.catalog import ModelInfo, read_info
from photosearch.models.config import (
    CONFIG,
    IMAGE_GRAPH,
    TEXT_GRAPH,
    TOKENIZER,
    encode_config,
    read_config,
)
from photosearch.models.lesson import LESSON, Lesson, write_lesson
from photosearch.models.loading import load_encoder
from tests.helpers.exported_models import copy_exported
from tests.helpers.hub import Hub, serving, use
from trainer.publish import download as downloading
from trainer.publish import stages
from trainer.publish.download import download, what_comes
from trainer.publish.publish import publish

MODEL, KNOWN = "tiny/clip", "google/siglip2-base-patch32-256"
WEIGHTS = bytes(range(256)) * 4096  # 1 MiB, so that it comes in several blocks
BLOCK = 1 << 18
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS, "README.md": b"# Tiny"}
TOTAL = sum(map(len, FILES.values()))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """It has one model, beside whose files lie a pickle and another program's weights."""
    folder = tmp_path / "given"
    folder.mkdir()
    for name, data in {**FILES, "pytorch_model.bin": b"a pickle", "flax.msgpack": b"\x80"}.items():
        (folder / name).write_bytes(data)
    monkeypatch.setattr(downloading, "SECONDS_BETWEEN_TRIES", 0.0)
    monkeypatch.setattr(downloading, "SECONDS_BETWEEN_WORDS", 0.0)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with serving({MODEL: folder}) as started:
        use(started.endpoint, monkeypatch)
        yield started
        huggingface_hub.close_session()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "downloads"


def get(root: Path, source: str = MODEL) -> dict[str, bytes]:
    folder = download(source, root, lambda done, total: None)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_how_much_is_told_before_and_while_it_comes_and_no_pickle_does(hub: Hub, root: Path) -> None:
    told: list[tuple[int, int]] = []
    assert what_comes(MODEL, root) == (TOTAL, True)
    folder = download(MODEL, root, lambda done, total: told.append((done, total)))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == FILES
    assert folder.name == "clip"
    assert told == sorted(told) and told[-1] == (TOTAL, TOTAL)
    assert len(told) > 4
    assert what_comes(f"{MODEL}@main", root) == (TOTAL, True)
    assert what_comes(MODEL, root) == (0, True)


def test_a_download_that_was_ended_goes_on_at_its_byte(hub: Hub, root: Path) -> None:
    class Killed(BaseException):
        pass

    def kill(done: int, total: int) -> None:
        if done > TOTAL - len(WEIGHTS) + BLOCK:
            raise Killed

    with pytest.raises(Killed):
        download(MODEL, root, kill)
    (begun,) = downloads.begun(root)
    assert (begun.source, begun.total) == (MODEL, TOTAL)
    assert 0 < begun.done < TOTAL
    told: list[int] = []
    folder = download(MODEL, root, lambda done, total: told.append(done))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == FILES
    assert told[0] == begun.done  # by which a speed is told, from the first
    assert hub.ranges == [f"bytes={begun.done - (TOTAL - len(WEIGHTS))}-"]
    downloads.forget(root, MODEL)
    assert downloads.begun(root) == []


def test_a_connection_that_is_cut_goes_on_where_it_was(hub: Hub, root: Path) -> None:
    hub.cut = (BLOCK, 3)
    assert get(root) == FILES
    assert hub.ranges == [f"bytes={BLOCK * times}-" for times in (1, 2, 3)]


def test_a_connection_that_is_always_cut_is_said_and_what_came_is_kept(hub: Hub, root: Path) -> None:
    hub.cut = (0, 1_000)
    with pytest.raises(KnownError, match=r"to 127.0.0.1:\d+ is cut again and again; .* goes on there"):
        get(root)
    hub.cut = (0, 0)
    assert get(root) == FILES


def test_bytes_that_come_no_more_are_not_waited_for(
    hub: Hub, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.silent = 0
    monkeypatch.setattr(downloading, "SECONDS_BETWEEN_REPEATS", 0.05)
    told: list[int] = []
    with pytest.raises(KnownError, match="says nothing any more; what came of tiny/clip is kept"):
        download(MODEL, root, lambda done, total: told.append(done))
    assert told.count(told[-1]) > 3  # that it stands still is said


def test_a_dead_proxy_is_named_without_its_password(
    hub: Hub, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://ana:secret@127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    huggingface_hub.close_session()
    with pytest.raises(KnownError, match=r"cannot be reached through the proxy 127\.0\.0\.1:1, which"):
        get(root)


def test_a_mirror_that_fails_is_no_reason_to_name_one(hub: Hub, root: Path) -> None:
    hub.refuses = 500
    with pytest.raises(KnownError, match="try later, or name another mirror in the settings, or none"):
        get(root)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "is given out only to people who have agreed"),
        (403, "is given out only to people who have agreed"),
        (404, "has no model tiny/clip; check the id"),
        (429, "wants to be left alone for some minutes"),
        (503, r"does not give out tiny/clip \(status 503\)"),
    ],
)
def test_what_the_hub_refuses_is_said(hub: Hub, root: Path, status: int, said: str) -> None:
    hub.refuses = status
    for ask in (get, lambda root: what_comes(MODEL, root)):
        with pytest.raises(KnownError, match=said):
            ask(root)


def test_a_file_that_the_hub_lists_and_has_not_is_said(hub: Hub, root: Path) -> None:
    hub.more = [{"rfilename": "merges.txt", "size": 1, "blobId": "0" * 40}]
    with pytest.raises(KnownError, match="lacks a file of tiny/clip that it lists"):
        get(root)


def test_a_model_that_takes_a_token_gets_the_one_of_the_environment_alone(
    hub: Hub, root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub.gated.add(MODEL)
    (tmp_path / "token").write_text(hub.token)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))  # another program's login
    with pytest.raises(KnownError, match="tiny/clip is given out only to people who"):
        get(root)
    assert {token for _, token in hub.asked} == {""}
    monkeypatch.setenv("HF_TOKEN", "hf_closed")
    with pytest.raises(KnownError, match=r"does not give out tiny/clip for the token in HF_TOKEN: agree"):
        get(root)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    assert get(root) == FILES
    # What carries the large files is another host, which the token is none of the business of.
    assert {token for path, token in hub.asked if path.startswith("/stored/")} == {""}


def test_a_file_that_is_another_than_the_hub_says_is_deleted_and_comes_anew(hub: Hub, root: Path) -> None:
    for name in ("config.json", "model.safetensors"):
        hub.other = {name}
        with pytest.raises(KnownError, match=f"The file {name} of tiny/clip came damaged"):
            get(root)
    hub.other = set()
    assert get(root) == FILES


def test_a_file_that_was_altered_since_comes_anew(hub: Hub, root: Path) -> None:
    get(root)
    (downloads.place(root, MODEL) / "config.json").write_bytes(b"{?")
    assert get(root) == FILES


def test_what_a_model_does_not_have_any_more_goes(hub: Hub, root: Path) -> None:
    get(root)
    (hub.models[MODEL] / "README.md").unlink()
    assert set(get(root)) == {"config.json", "model.safetensors"}


def test_there_must_be_room_for_it_first(hub: Hub, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(root.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(KnownError, match=r"has 1 MB left; make room first"):
        get(root)
    assert not any("stored" in path for path, _ in hub.asked)


def test_a_disk_that_is_full_meanwhile_is_said(hub: Hub, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(downloading, "_receive", full)
    with pytest.raises(KnownError, match=r"cannot be kept on this disk: No space left on device"):
        get(root)


@pytest.mark.parametrize(
    "name",
    ["..\\..\\x.json", "C:x.json", "..x.json", "con.json", "Nul.txt", "LICENSE ", "a\nb.json", "a:b.json"],
)
def test_a_file_whose_name_is_a_path_or_a_device_on_some_system_is_not_asked_for(
    hub: Hub, root: Path, name: str
) -> None:
    hub.more = [{"rfilename": name, "size": 1, "blobId": "", "lfs": None}]
    assert get(root) == FILES


@pytest.mark.parametrize(
    "answer",
    [
        [1, 2],
        None,
        {"id": MODEL, "sha": None},
        {"id": MODEL, "sha": "0", "siblings": 5},
        {"id": MODEL, "sha": "0", "siblings": [{"rfilename": "config.json", "size": "lots"}]},
    ],
)
def test_an_answer_that_makes_no_sense_is_said(hub: Hub, root: Path, answer: object) -> None:
    hub.says = answer
    with pytest.raises(KnownError, match="gives an answer about tiny/clip that makes no sense; try later"):
        get(root)


def test_a_model_of_an_unknown_family_is_refused_before_its_weights_come(hub: Hub, tmp_path: Path) -> None:
    (hub.models[MODEL] / "config.json").write_text('{"model_type": "bert"}')
    hub.models[KNOWN] = hub.models[MODEL]
    with pytest.raises(KnownError, match="tiny/clip is a bert, not one of clip"):
        publish(
            MODEL, tmp_path / "out", lambda stage, done=0, total=0: None, downloads=tmp_path / "downloads"
        )
    assert not any("safetensors" in path for path, _ in hub.asked)
    stages: list[str] = []

    class Here(BaseException):
        pass

    def until_here(stage: str, done: int = 0, total: int = 0) -> None:
        stages.append(stage)
        if done and done == total:
            raise Here

    with pytest.raises(Here):  # of those of the catalogue the family is known; torch loads long
        publish(KNOWN, tmp_path / "out", until_here, downloads=tmp_path / "downloads")
    assert set(stages) == {"fetching"}


def test_weights_in_two_formats_come_once(hub: Hub, root: Path) -> None:
    other = hub.models[MODEL] / "open_clip_model.safetensors"
    other.write_bytes(WEIGHTS)
    assert get(root) == FILES
    (hub.models[MODEL] / "model.safetensors").unlink()
    assert set(get(root)) == {"config.json", "README.md", other.name}


def test_what_holds_no_safetensors_or_too_much_is_refused_before_it_comes(
    hub: Hub, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "LARGEST_JSON", 1)
    with pytest.raises(KnownError, match=r"tiny/clip has a file \S+ of \d bytes, which is more"):
        get(root)
    (hub.models[MODEL] / "model.safetensors").unlink()
    with pytest.raises(KnownError, match="has no weights as safetensors, and pickles are never loaded"):
        get(root)


def test_what_is_no_id_is_not_asked_for(hub: Hub, root: Path) -> None:
    for source in ("clip", "../clip/x/y", "a b/c", "tiny/clip@", "https://127.0.0.1/x", "..", ""):
        with pytest.raises(KnownError, match="neither a folder nor the id"):
            get(root, source)
        downloads.forget(root, source)
    assert hub.asked == []


def test_without_a_way_to_the_hub_that_is_said(hub: Hub, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use("http://127.0.0.1:1", monkeypatch)
    with pytest.raises(KnownError, match=r"127.0.0.1:1 cannot be reached .* name a mirror .* add a folder"):
        get(root)


READY = "makers/ready"


@pytest.fixture
def ready(hub: Hub, tmp_path: Path) -> Path:
    """A model of ours on the hub, with a lesson and a pickle beside it."""
    folder = copy_exported(tmp_path / "ready")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    (folder / "pytorch_model.bin").write_bytes(b"a pickle")
    write_lesson(folder / LESSON, Lesson(read_config(folder).model_id, "Theirs", created_at=1.0))
    hub.models = {**hub.models, READY: folder}
    return folder


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "torch_is_here", lambda: False)


def taken_in(source: str, folder: Path) -> ModelInfo:
    return publish(source, folder / "out", lambda *_: None, downloads=folder / "downloads")[0]


def test_one_of_our_own_on_the_hub_is_taken_in_without_torch(hub: Hub, ready: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules.update(torch=None, timm=None, transformers=None, onnx=None)\n"
        "from trainer.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "publish", f"{READY}@main", "--json", "--out", tmp_path / "out"]
    ended = subprocess.run(
        [*command, "--downloads", tmp_path / "downloads"],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "HF_ENDPOINT": hub.endpoint},
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    info = read_info(tmp_path / "out")
    assert (info.model_id, info.source) == (read_config(ready).model_id, f"{READY}@main")
    assert (info.name, info.licence) == ("tiny", "mit")
    assert not {LESSON, "pytorch_model.bin"} & {file.name for file in info.path.iterdir()}
    assert load_encoder(info, device="cpu").runtime.startswith("ONNX")


@pytest.mark.usefixtures("no_torch")
def test_how_much_it_is_is_told_without_torch_too(ready: Path, root: Path) -> None:
    names = ("README.md", CONFIG, "model.safetensors", TOKENIZER, IMAGE_GRAPH, TEXT_GRAPH)
    assert what_comes(READY, root) == (sum((ready / name).stat().st_size for name in names), False)
    assert what_comes(MODEL, root) == (TOTAL, True)


@pytest.mark.usefixtures("no_torch")
def test_what_is_not_ready_takes_torch_and_nothing_of_it_comes(hub: Hub, ready: Path, tmp_path: Path) -> None:
    (ready / IMAGE_GRAPH).rename(ready / "other.onnx")
    for source in (MODEL, READY):
        with pytest.raises(
            KnownError, match=r"takes torch, which is not here: .* photosearch extras add gpu"
        ):
            taken_in(source, tmp_path)
    assert not any("/resolve/" in path for path, _ in hub.asked)


@pytest.mark.usefixtures("no_torch")
def test_what_only_looks_ready_is_refused_before_its_weights_come(
    hub: Hub, ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_config(ready)
    for said, sentence in (
        (encode_config(msgspec.structs.replace(config, exports={})), "takes torch, which is not here"),
        (b'{"model_type": "clip"}', "takes torch, which is not here"),
        (b'{"format": 99}', "was made by a newer PhotoSearch"),
    ):
        (ready / CONFIG).write_bytes(said)
        with pytest.raises(KnownError, match=sentence):
            taken_in(READY, tmp_path)
    monkeypatch.setattr(downloading, "LARGEST_OTHER", 1)
    with pytest.raises(
        KnownError, match=r"has a file \S+\.onnx of \d+ bytes, which is more than such a file"
    ):
        taken_in(READY, tmp_path)
    assert not any("stored" in path for path, _ in hub.asked)


@pytest.mark.usefixtures("no_torch", "hub")
def test_a_graph_that_is_another_than_its_config_says_is_refused(ready: Path, tmp_path: Path) -> None:
    (ready / TEXT_GRAPH).write_bytes(b"another one")
    with pytest.raises(KnownError, match=r"text\.onnx was altered or is damaged"):
        taken_in(READY, tmp_path)
    assert not (tmp_path / "out").exists()
