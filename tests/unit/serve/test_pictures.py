import io
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from photosearch.core import messages
from photosearch.decode.frames import DecodedPreview
from photosearch.decode.pool import DecoderPool
from tests.helpers.photos import make_photo
from tests.helpers.served import Served


def test_pictures_come_by_id_and_not_again_where_they_are_known(running: Served) -> None:
    red = running.id_of("red.jpg")
    for what, edge in (("thumbnail", 64), ("preview?edge=32", 32)):
        first = running.ask(f"/api/v1/photos/{red}/{what}")
        assert (first.status, first.headers["Content-Type"]) == (200, "image/jpeg")
        assert max(Image.open(io.BytesIO(first.body)).size) == edge
        known = {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}
        again = running.ask(f"/api/v1/photos/{red}/{what}", headers=known)
        assert (again.status, again.body) == (304, b"")


def test_the_file_itself_comes_whole_or_in_part(running: Served) -> None:
    content = (running.folder / "red.jpg").read_bytes()
    address = f"/api/v1/photos/{running.id_of('red.jpg')}/original"
    whole = running.ask(address)
    assert (whole.status, whole.body) == (200, content)
    assert whole.headers["Content-Type"] == "image/jpeg" and "red.jpg" in whole.headers["Content-Disposition"]
    assert running.ask(address, "HEAD").headers["Content-Length"] == str(len(content))
    head = running.ask(address, "HEAD", headers={"Range": "bytes=2-9"})
    assert (head.status, head.headers["Content-Length"]) == (206, "8")
    assert running.ask(address, headers={"If-None-Match": whole.headers["ETag"]}).status == 304

    def part(wanted: str, **more: str) -> tuple[int, bytes, str | None]:
        answer = running.ask(address, headers={"Range": wanted, **more})
        return answer.status, answer.body, answer.headers["Content-Range"]

    size = len(content)
    assert part("bytes=0-9") == (206, content[:10], f"bytes 0-9/{size}")
    assert part("bytes=10-") == (206, content[10:], f"bytes 10-{size - 1}/{size}")
    assert part("bytes=-7") == (206, content[-7:], f"bytes {size - 7}-{size - 1}/{size}")
    assert part("bytes=5-999999") == (206, content[5:], f"bytes 5-{size - 1}/{size}")
    assert part(f"bytes={size}-") == (416, b"", f"bytes */{size}")
    assert part("bytes=9-5") == (416, b"", f"bytes */{size}")
    for unknown in ("bytes=0-1,4-5", "bytes=-", "lines=1-2", "bytes=a-b", "bytes=0-9" + "9" * 99):
        assert part(unknown)[0] in (200, 206)
    assert part("bytes=0-9", **{"If-Range": '"older"'})[0] == 200


def test_nothing_but_photos_of_the_library_is_ever_given(running: Served) -> None:
    for photo in ("0", "-1", "999999", "1e3", "..%2f..%2fetc%2fpasswd", "1%00", "9" * 30):
        for what in ("", "/thumbnail", "/preview", "/original", "/similar"):
            assert running.ask(f"/api/v1/photos/{photo}{what}").status in (404, 422)
    for path in (
        "/../pyproject.toml",
        "/..%2fserve.token",
        "//etc/passwd",
        "/%2e%2e/library.sqlite3",
        "/serve.token",
    ):
        assert running.ask(path).status == 404


@pytest.mark.skipif(os.name == "nt", reason="links take rights there")
def test_a_file_that_took_a_photos_place_is_not_given(
    running: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = make_photo(tmp_path / "secret.jpg", 7)
    photo = running.folder / "grey.jpg"
    photo_id = running.id_of("grey.jpg")

    def statuses() -> set[int]:
        address = f"/api/v1/photos/{photo_id}"
        return {running.ask(f"{address}/{what}").status for what in ("original", "preview?edge=31")}

    kept = photo.rename(running.folder / "kept")
    put = (
        lambda: photo.symlink_to(secret),
        lambda: shutil.copy2(secret, photo),
        lambda: os.mkfifo(photo),
        lambda: None,
    )
    try:
        for take_its_place in put:
            take_its_place()
            assert statuses() == {404}
            photo.unlink(missing_ok=True)
    finally:
        kept.rename(photo)
    assert statuses() == {200}
    decode = DecoderPool.preview

    def decode_late(pool: DecoderPool, path: bytes, *wanted: int) -> DecodedPreview:
        photo.rename(kept)
        shutil.copy2(secret, photo)
        return decode(pool, path, *wanted)

    monkeypatch.setattr(DecoderPool, "preview", decode_late)
    try:
        assert statuses() == {200, 409}
    finally:
        kept.replace(photo)


def test_a_photo_whose_files_are_gone_is_nowhere_any_more(changing: Served) -> None:
    make_photo(changing.folder / "gone.png", 5)
    changing.engine.handle(messages.Index([os.fsencode(changing.folder)]))
    gone = changing.id_of("gone.png")
    assert changing.ask(f"/api/v1/photos/{gone}/thumbnail").status == 200
    (changing.folder / "gone.png").unlink()
    assert changing.ask(f"/api/v1/photos/{gone}/preview").status == 404  # before anybody noticed, too
    changing.engine.handle(messages.Index([os.fsencode(changing.folder)]))
    for what in ("", "/thumbnail", "/preview", "/original", "/similar"):
        answer = changing.ask(f"/api/v1/photos/{gone}{what}")
        assert answer.status == 404 and "not there" in answer.said["sentence"]
    assert gone not in [hit["photo_id"] for hit in changing.api("/search")["hits"]]
