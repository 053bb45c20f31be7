from pathlib import Path

import pytest

from photosearch import cli
from photosearch.models.config import IMAGE_GRAPH, TEXT_GRAPH, TOKENIZER, WEIGHTS
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.exported_models import copy_exported


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
