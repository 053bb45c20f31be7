import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from photosearch.core.errors import KnownError
from photosearch.core.reading import decode_json, exists, read_regular
from tests.helpers.rights import as_somebody_else

DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("kind", [Any, list[Any], msgspec.Raw])
def test_json_that_is_nested_deeply_is_refused(kind: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_json(b'{"x": ' + DEEP + b"}", dict[str, kind] if kind is not Any else kind)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(OSError, match="not a regular file"):
            read_regular(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_regular(file, 5) == b"12345"
    with pytest.raises(OSError, match="File too large"):
        read_regular(file, 4)


def test_what_is_behind_a_closed_folder_is_not_said_to_be_missing(tmp_path: Path) -> None:
    assert exists(tmp_path)
    assert not exists(tmp_path / "nothing")
    with as_somebody_else(), tempfile.TemporaryDirectory() as folder:
        closed = Path(folder) / "ana"
        (closed / "Pictures").mkdir(parents=True)
        closed.chmod(0)
        try:
            with pytest.raises(KnownError, match="Pictures cannot be reached"):
                exists(os.fsencode(closed / "Pictures"))
        finally:
            closed.chmod(0o700)
