"""The hub's real client against a hub on loopback: what comes, and what is said where nothing can."""

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants, file_download
from huggingface_hub.utils import disable_progress_bars, enable_progress_bars

from photosearch.core.errors import KnownError
from tests.helpers.hub import Hub, serving
from trainer.models.pretrained.hub_download import folder_of, missing_bytes

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
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10_000)  # bytes, that it keeps at once
    monkeypatch.setattr(file_download.time, "sleep", lambda _: None)  # between its tries
    with serving({MODEL: folder}) as started:
        use(started.endpoint, monkeypatch)
        yield started
        huggingface_hub.close_session()


def use(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HF_ENDPOINT does when the client is imported."""
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    huggingface_hub.close_session()


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_how_much_is_told_before_and_while_it_comes_and_no_pickle_does(hub: Hub) -> None:
    size = sum(map(len, FILES.values()))
    disable_progress_bars()  # as transformers does, to read a file
    told: list[tuple[int, int]] = []
    assert missing_bytes(MODEL) == size
    assert files_of(folder_of(MODEL, lambda done, total: told.append((done, total)))) == FILES
    assert told == sorted(told) and told[-1] == (size, size)
    assert missing_bytes(f"{MODEL}@main") == 0
    enable_progress_bars()


def test_a_connection_that_is_cut_goes_on_where_it_was(hub: Hub) -> None:
    hub.cut = (60_000, 1)
    assert files_of(folder_of(MODEL)) == FILES
    assert hub.ranges == ["bytes=60000-"]


def test_a_connection_that_is_always_cut_is_said(hub: Hub) -> None:
    hub.cut = (0, 1_000)
    with pytest.raises(KnownError, match="hub cannot be reached to download it"):
        folder_of(MODEL)


@pytest.mark.parametrize("ask", [folder_of, missing_bytes])
def test_what_the_hub_does_not_give_out_is_said(hub: Hub, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(KnownError, match=r"does not give out someone/something \(404\)"):
        ask("someone/something")
    with pytest.raises(KnownError, match=r"does not give out tiny/clip@older \(404\)"):
        ask(f"{MODEL}@older")
    hub.gated.add(MODEL)
    with pytest.raises(KnownError, match=r"does not give out tiny/clip \(401\); .* log in"):
        ask(MODEL)


@pytest.mark.parametrize("offline", [False, True])
def test_what_was_downloaded_needs_no_hub_any_more(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    folder_of(MODEL)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    use("http://127.0.0.1:1", monkeypatch)
    assert files_of(folder_of(MODEL)) == FILES
    assert missing_bytes(MODEL) == 0
    for ask in (folder_of, missing_bytes):
        with pytest.raises(KnownError, match="hub cannot be reached to download it"):
            ask("someone/something")
