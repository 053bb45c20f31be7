import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pi_heif
import pytest
import rawpy

from photosearch import cli
from photosearch.cli import doctor
from photosearch.core.messages import FoldersChanged
from photosearch.engine import faster_reading
from photosearch.engine.client import Client
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.index import watcher
from photosearch.models.config import IMAGE_GRAPH, TEXT_GRAPH, TOKENIZER, WEIGHTS
from photosearch.models.runtime.int8 import Int8Measurement
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.exported_models import copy_exported
from tests.helpers.int8_model import make_int8
from tests.helpers.photos import make_photo


@pytest.mark.parametrize("name", [WEIGHTS, TOKENIZER, IMAGE_GRAPH, TEXT_GRAPH])
def test_a_model_s_file_that_was_altered_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    library = Library(tmp_path / "library")
    file = copy_exported(library.models / "tiny") / name
    with Writer.open(library) as writer:
        writer.set_setting("model", "tiny")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert cli.main(["doctor", "--library", str(library.root)]) == 1
    told = next(line for line in capsys.readouterr().out.splitlines() if " model " in line)
    assert f"{file} was altered or is damaged" in told


def test_what_8_bits_would_bring_is_said_and_how_to_have_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "library")
    make_int8(library.models / "tiny")
    photo = make_photo(tmp_path / "photos.jpg")
    (tmp_path / "photos").mkdir()
    photo.rename(tmp_path / "photos" / "1.jpg")
    at = ["--library", str(library.root)]

    def told() -> str:
        cli.main(["doctor", *at])
        return next(line for line in capsys.readouterr().out.splitlines() if " faster " in line)

    assert cli.main(["index", str(tmp_path / "photos"), "--model", "tiny", *at]) == 0
    capsys.readouterr()
    monkeypatch.setattr(faster_reading, "encodes_on_the_processor", lambda: True)
    monkeypatch.setattr(faster_reading, "MIN_SAVED", 0.1)
    for seconds, exact, said in (
        (1.0, 0.99, " times as fast, "),
        (1.0, 0.99, "photosearch models use tiny-int8"),
        (2.8, 0.99, "1.1 times as fast"),
        (2.8, 0.99, "not worth other results"),
        (1.0, 0.85, "too inexact in 8 bits"),
    ):
        measured = Int8Measurement(cosine=exact, seconds=seconds, float32_seconds=3.0)
        monkeypatch.setattr(faster_reading, "measured", lambda *_, measured=measured: measured)
        assert said in told()
    assert cli.main(["index", str(tmp_path / "photos"), "--model", "tiny-int8", *at]) == 0
    capsys.readouterr()
    assert "to go back: photosearch models use tiny" in told()


def test_it_speaks_the_language_of_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    library = Library(tmp_path / "library")
    copy_exported(library.models / "tiny")
    with Writer.open(library) as writer:
        writer.set_setting("model", "tiny")
    cli.main(["doctor", "--library", str(library.root)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(doctor.CHECKS)
    for line in lines:
        verdict, title, detail = line.split(maxsplit=2)
        assert verdict in ("正常", "警告", "有问题")
        chinese = {character for character in detail if "\u4e00" <= character <= "\u9fff"}
        assert not title.isascii() and (chinese or title in ("格式", "解码库", "窗口")), line


def test_folders_that_the_system_will_not_watch_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    library = Library(tmp_path / "library")
    (tmp_path / "photos").mkdir()
    with Writer.open(library) as writer:
        writer.add_folder(os.fsencode(tmp_path / "photos"), "disk")
    monkeypatch.setattr(watcher.Watcher, "_probe", full)
    monkeypatch.setattr(doctor, "CHECKS", {"watching": doctor.CHECKS["watching"]})
    at = ["--library", str(library.root)]
    describe_model(library)
    with Engine(library, MODEL, load=load_colours) as engine, Server(library, engine):
        client = Client.connect(library)
        assert client is not None
        next(e for e in client.events() if isinstance(e, FoldersChanged) and e.folders[0].unwatched)
        cli.main(["doctor", *at])
        assert "PROBLEM  watching" in (told := capsys.readouterr().out)
        assert "sudo sysctl fs.inotify.max_user_watches=" in told
        assert cli.main(["status", *at]) == 0
        assert "sudo sysctl fs.inotify.max_user_watches=" in capsys.readouterr().out
        assert cli.main(["folders", "--json", *at]) == 0
        (folder,) = json.loads(capsys.readouterr().out)["folders"]
        assert "more folders than the system will watch" in folder["unwatched"]
        client.close()


@pytest.fixture
def codecs_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """What doctor says of these alone."""
    monkeypatch.setattr(doctor, "CHECKS", {"codecs": doctor.CHECKS["codecs"]})

    def told(heif: str, de265: str, raw: tuple[int, ...], jxl: int | None, *options: str) -> str:
        found = {"libheif": heif, "decoders": {"libde265": f"libde265 HEVC decoder, version {de265}"}}
        monkeypatch.setattr(pi_heif, "libheif_info", lambda: found)
        monkeypatch.setattr(rawpy, "libraw_version", raw)
        extra = SimpleNamespace(decoder_version=lambda: jxl) if jxl else None
        monkeypatch.setitem(sys.modules, "pylibjxl", extra)
        av = SimpleNamespace(library_versions={"libavcodec": (99, 5, 0)}) if jxl else None
        monkeypatch.setitem(sys.modules, "av", av)
        assert cli.main(["doctor", *options, "--library", str(tmp_path / "library")]) == 0
        return capsys.readouterr().out

    return told


def test_the_libraries_that_read_photos_are_named(codecs_told: Callable[..., str]) -> None:
    told = codecs_told("9.1.0", "9.2.0", (9, 3, 0), 9_004_005)
    assert (
        told
        == "ok       codecs    libheif 9.1.0, libde265 9.2.0, LibRaw 9.3.0, libjxl 9.4.5, libavcodec 99.5.0\n"
    )
    without = codecs_told("9.1.0", "9.2.0", (9, 3, 0), None)
    assert "jxl" not in without and "avcodec" not in without  # extras


@pytest.mark.parametrize(
    ("versions", "said", "unsaid"),
    [
        (
            ("1.17.5", "9.0", (9, 0), None),
            ("libheif 1.17.5", "CVE-2023-49460", "newer pi-heif"),
            "CVE-2023-29659",
        ),
        (("1.19.5", "9.0", (9, 0), None), ("CVE-2025-43966", "mended in 1.23.4"), "CVE-2024-41311"),
        (("9.0", "1.0.14", (9, 0), None), ("libde265 1.0.14", "CVE-2023-49465"), "CVE-2023-27102"),
        (
            ("9.0", "9.0", (0, 21, 3), None),
            ("LibRaw 0.21.3", "CVE-2025-43961", "newer rawpy"),
            "CVE-2023-1729",
        ),
        (
            ("9.0", "9.0", (9, 0), 11_000),
            ("libjxl 0.11.0", "CVE-2024-11403", "newer pylibjxl"),
            "CVE-2023-35790",
        ),
        (("9.0", "9.0", (9, 0), 11_002), ("libjxl 0.11.2", "mended in 0.12.0"), "CVE-2026-1837"),
    ],
)
def test_a_library_in_which_flaws_are_known_is_warned_of(
    codecs_told: Callable[..., str], versions: tuple[object, ...], said: tuple[str, ...], unsaid: str
) -> None:
    told = codecs_told(*versions)
    assert told.startswith("WARNING  codecs") and unsaid not in told
    assert all(part in told for part in said)
    (check,) = json.loads(codecs_told(*versions, "--json"))["checks"]
    assert (check["ok"], check["warns"]) == (True, True)


def test_each_library_in_which_flaws_are_known_is_named(codecs_told: Callable[..., str]) -> None:
    told = codecs_told("1.23.0", "9.0", (0, 21, 3), 11_002)
    assert all(name in told for name in ("libheif 1.23.0", "LibRaw 0.21.3", "libjxl 0.11.2"))
    assert told.count("WARNING") == 1 and "libde265" not in told
