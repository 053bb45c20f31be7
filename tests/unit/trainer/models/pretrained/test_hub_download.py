"""The hub's real client against a hub on loopback: what it keeps, and what is said where nothing can come."""

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from photosearch.core.errors import KnownError
from tests.helpers.hub import Hub, serving, use
from trainer.models.pretrained.hub_download import folder_of

MODEL = "tiny/clip"
FILES = {"config.json": b"{}", "model.safetensors": bytes(range(256)) * 400, "README.md": b"# Tiny"}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """It has one model, beside whose files lies a pickle."""
    folder = tmp_path / "given"
    folder.mkdir()
    for name, data in {**FILES, "pytorch_model.bin": b"a pickle"}.items():
        (folder / name).write_bytes(data)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with serving({MODEL: folder}) as started:
        use(started.endpoint, monkeypatch)
        yield started
        huggingface_hub.close_session()


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_model_comes_without_its_pickle(hub: Hub) -> None:
    assert files_of(folder_of(MODEL)) == FILES


def test_what_the_hub_does_not_give_out_is_said(hub: Hub) -> None:
    with pytest.raises(KnownError, match=r"has no model someone/something; check the id"):
        folder_of("someone/something")
    with pytest.raises(KnownError, match=r"has no model tiny/clip@older"):
        folder_of(f"{MODEL}@older")
    hub.gated.add(MODEL)
    with pytest.raises(KnownError, match=r"tiny/clip is given out only to people who"):
        folder_of(MODEL)


@pytest.mark.parametrize("offline", [False, True])
def test_what_was_downloaded_needs_no_hub_any_more(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    folder_of(MODEL)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    use("http://127.0.0.1:1", monkeypatch)
    assert files_of(folder_of(MODEL)) == FILES
    with pytest.raises(KnownError, match=r"127.0.0.1:1 cannot be reached to download"):
        folder_of("someone/something")


def test_of_a_hub_without_tls_that_is_said(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    use(constants.ENDPOINT.replace("http:", "https:"), monkeypatch)
    with pytest.raises(KnownError, match=r"cannot be asked for tiny/clip: it does not speak TLS there\."):
        folder_of(MODEL)
