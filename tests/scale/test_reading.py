"""What reads the files of others is kept from what these might have it do."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import lancedb
import pytest

from photosearch.core.errors import KnownError
from photosearch.scale import LANCE, frames, parts
from tests.scale.test_parts import HEADER, row


def test_a_table_of_lance_that_refers_to_a_server_has_nobody_ask_it(tmp_path: Path) -> None:
    with (
        parts.kept_for_us(tmp_path / "own", HEADER, LANCE),
        parts.PartWriter(tmp_path / "own", "part-0", HEADER, LANCE) as part,
    ):
        part.add(row())
    elsewhere = tmp_path / "own" / "photos.lance"
    lancedb.connect(tmp_path / "bad").clone_table("photos", str(elsewhere))
    was = os.fsencode(elsewhere)
    (version,) = (tmp_path / "bad" / "photos.lance" / "_versions").glob("*.manifest")
    assert was in version.read_bytes()
    version.write_bytes(version.read_bytes().replace(was, b"s3://bucket/".ljust(len(was), b"x")))
    asked: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"

        def answer() -> None:
            with contextlib.suppress(OSError):  # it was shut down
                while True:
                    connection, who = server.accept()
                    asked.append(who)
                    connection.close()

        answering = threading.Thread(target=answer)
        answering.start()
        told = {
            "AWS_ENDPOINT": f"http://{address}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "id",
            "AWS_SECRET_ACCESS_KEY": "key",
            "AWS_REGION": "here",
            "NO_PROXY": "*",
            "OBJECT_STORE_CLIENT_MAX_RETRIES": "0",
        }
        command = [sys.executable, "-m", "photosearch.scale", "read", str(tmp_path / "bad")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | told) as child:
            assert child.stdout is not None
            assert isinstance(frames.receive(child.stdout), frames.Part)
            with pytest.raises(KnownError, match=r"photos\.lance cannot be read or written: "):
                frames.receive(child.stdout)
        server.shutdown(socket.SHUT_RDWR)
        answering.join()
    assert asked == []
