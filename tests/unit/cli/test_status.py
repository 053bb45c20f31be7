"""What `photosearch status` says of files that give no picture, or less than they had."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from photosearch.cli import main
from photosearch.core.errors import Sentence
from photosearch.paths import Library
from photosearch.store.rows import Failure
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file


def test_failed_and_damaged_files_are_listed_with_their_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = Library(tmp_path / "library")
    cut = Sentence("the file is truncated")
    with Writer.open(library) as writer:
        writer.register_model(MODEL, "tiny", DIM)
        folder = writer.add_folder(b"/photos", "disk").folder_id
        files = [indexed_file(seed, folder_id=folder, path=b"/photos/%02d.jpg" % seed) for seed in range(12)]
        writer.commit([files[0], *(replace(file, damage=cut) for file in files[1:])], MODEL)
        writer.fail([Failure(folder, b"/photos/x.jpg", "decode", Sentence("the file is empty"), 0, 1)])
    at = ("--library", str(library.root))
    assert main(["status", *at]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "failed    /photos/x.jpg: the file is empty" in lines
    assert "damaged   /photos/01.jpg, shown as far as it goes: the file is truncated" in lines
    assert lines[-1] == "          and 1 more file: --json lists all"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["status", *at]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "失败      /photos/x.jpg: 文件是空的" in lines
    assert "引擎      未运行" in lines
    assert lines[-1] == "          以及另外 1 个文件：--json 会全部列出"
    assert main(["status", "--json", *at]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["path"] for row in told["failures"]] == ["/photos/x.jpg"]
    assert len(told["damaged"]) == 11
    assert told["damaged"][0] == {"path": "/photos/01.jpg", "reason": "the file is truncated"}
