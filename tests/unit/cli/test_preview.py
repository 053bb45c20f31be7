"""Photos shown in a terminal, or on a contact sheet."""

import base64
import io
import os
import re
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch import cli
from photosearch.cli import contact_sheet, terminal_pictures
from photosearch.core.errors import KnownError
from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import make_photo

Screen = terminal_pictures.Screen
NOISE = Image.fromarray(np.random.default_rng(1).integers(0, 3, (50, 31, 3), np.uint8) * 127)


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The arguments that name a library of three photos."""
    root = tmp_path_factory.mktemp("home")
    copy_exported(root / "library" / "models" / "tiny")
    (root / "photos").mkdir()
    for color in ("red", "lime", "blue"):
        make_photo(root / "photos" / f"{color}.jpg", color=color)
    at = ("--library", str(root / "library"))
    assert cli.main(["index", str(root / "photos"), "--model", "tiny", "-q", *at]) == 0
    return at


def jpeg(color: str, size: tuple[int, int] = (300, 100)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c", Screen("kitty", 800)),
        (b"\x1b[6;20;9t\x1b[?62;4;22c", Screen("sixel", 720)),
        (b"\x1b[?63;1;2;4c", Screen("sixel", 640)),  # keeps the size of its cells to itself
        (b"\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\\x1b[?62;22c", None),
        (b"\x1b[?4c", None),  # a VT132: the first number is what it is
        (b"", None),
    ],
)
def test_a_terminal_says_what_it_can(said: bytes, found: Screen | None) -> None:
    assert terminal_pictures.understood(said, 80) == found


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind")
@pytest.mark.parametrize("answer", [b"\x1b[?62;4;22c", b"\x1b[?62;22c"])
def test_a_terminal_is_asked_and_left_as_it_was(
    answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pty
    import termios

    keyboard, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    real_open = os.open
    monkeypatch.setattr(os, "open", lambda path, *more: real_open(os.ttyname(terminal), *more))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")

    def reply() -> None:
        asked = b""
        while not asked.endswith(b"\x1b[c"):
            asked += os.read(keyboard, 100)
        os.write(keyboard, answer)

    answering = threading.Thread(target=reply)
    answering.start()
    found = terminal_pictures.screen()
    answering.join()
    assert (found is not None) == (b";4;" in answer)
    assert termios.tcgetattr(terminal) == before
    os.close(keyboard)
    os.close(terminal)


@pytest.mark.parametrize("term", ["", "dumb", "linux"])
def test_what_would_print_the_question_is_not_asked(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", term)
    assert terminal_pictures.screen() is None


def test_kitty_gets_the_picture_itself() -> None:
    sent = terminal_pictures.drawn(NOISE, "kitty")
    chunks = re.findall(rb"\x1b_G([^;]*);([^\x1b]*)\x1b\\", sent)
    assert [keys.partition(b"m=")[2] for keys, _ in chunks] == [b"1"] * (len(chunks) - 1) + [b"0"]
    assert all(len(data) <= 4096 for _, data in chunks)
    with Image.open(io.BytesIO(base64.b64decode(b"".join(data for _, data in chunks)))) as shown:
        assert np.array_equal(np.asarray(shown), np.asarray(NOISE))


def test_sixels_draw_the_picture() -> None:
    sent = terminal_pictures.drawn(NOISE, "sixel")
    assert sent.startswith(b'\x1bPq"1;1;31;50#') and sent.endswith(b"\x1b\\\n")
    shown = np.zeros((54, 31, 3), np.int64)
    palette: dict[int, tuple[int, ...]] = {}
    x = top = colour = 0
    tokens = re.findall(rb"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|(?:!(\d+))?([?-~])|([$-])", sent[13:-3])
    for number, *rgb, chosen, count, code, end in tokens:
        if number:
            palette[int(number)] = tuple(map(int, rgb))
        elif chosen:
            colour = int(chosen)
        elif end:
            x, top = 0, top + 6 * (end == b"-")
        else:
            for line in range(6):
                if (code[0] - 63) >> line & 1:
                    shown[top + line, x : x + int(count or 1)] = palette[colour]
            x += int(count or 1)
    assert np.abs(shown[:50] * 2.55 - np.asarray(NOISE)).max() < 2
    assert not shown[50:].any()


def test_tiles_stand_in_rows_and_have_numbers() -> None:
    rows = list(contact_sheet.strips([jpeg("red"), None, jpeg("blue")], across=2, tile=100))
    assert [row.size for row in rows] == [(208, 100), (100, 100)]
    assert rows[0].getpixel((50, 50)) == pytest.approx((254, 0, 0), abs=2)
    assert rows[0].getpixel((50, 5)) == rows[0].getpixel((158, 50))  # beside a wide photo; one that is away
    assert rows[1].getpixel((50, 50)) == pytest.approx((0, 0, 254), abs=2)


def test_a_sheet_is_written_over_a_sheet_alone(tmp_path: Path) -> None:
    sheet, photo = tmp_path / "sheet.jpg", make_photo(tmp_path / "photo.jpg")
    for pictures in ([jpeg("red")], [jpeg("red"), jpeg("blue")]):
        contact_sheet.write(sheet, pictures)
    with Image.open(sheet) as written:
        assert written.width > 2 * contact_sheet.TILE
    before = photo.read_bytes()
    with pytest.raises(KnownError, match="another kind of file"):
        contact_sheet.write(photo, [jpeg("red")])
    assert photo.read_bytes() == before


def test_what_was_found_is_shown(
    at: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.jpg"
    assert cli.main(["search", "red", "--sheet", str(sheet), *at]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["1", "2", "3"]
    assert lines[-1] == f"Contact sheet: {sheet}"
    assert cli.main(["search", "type:jpeg", "--preview", "-n", "1", *at]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("   1  /") or ":" in lines[0]
    file = Path(lines[-1].removeprefix("Contact sheet: "))
    with Image.open(file) as shown:
        assert shown.size == (contact_sheet.TILE + 16, contact_sheet.TILE + 16)
    if os.name == "posix":
        assert file.parent.stat().st_mode & 0o777 == 0o700
    file.unlink()
    file.parent.rmdir()


def test_a_terminal_that_draws_gets_the_pictures(
    at: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(terminal_pictures, "screen", lambda: Screen("kitty", 500))
    assert cli.main(["search", "red", "--preview", *at]) == 0
    out = capsysbinary.readouterr().out
    assert out.count(b"a=T") == 2  # two tiles beside each other, and one below
    assert b"Contact sheet" not in out
