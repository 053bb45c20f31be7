"""Pictures in a terminal that can show them: by kitty's protocol, or as sixels.

The terminal itself is asked which it understands, as names in TERM tell little.
"""

import base64
import contextlib
import io
import os
import re
import select
import sys
import time
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

_PATIENCE = 1.0  # seconds for an answer; a terminal on another continent needs some
# Of one pixel, only to be told whether it is understood; the size of a cell; what every terminal answers.
_ASKED = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" + b"\x1b[16t" + b"\x1b[c"
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")  # the last answer to come
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_SIXELS = b"4"  # among the attributes
_DEAF = ("", "dumb", "linux")  # in TERM: would print the question
_CHUNK = 4096  # bytes of base64 that kitty takes at once
_COLOURS = 255
_RUN = re.compile(rb"(.)\1{3,}")


class Screen(NamedTuple):
    """A terminal that can show pictures."""

    by: Literal["kitty", "sixel"]
    width: int  # pixels


def screen() -> Screen | None:
    """The terminal that stdout is; None where it is none, or shows no pictures."""
    if sys.platform == "win32" or not sys.stdout.isatty() or os.environ.get("TERM", "") in _DEAF:
        return None
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    try:
        with _unechoed(terminal):
            os.write(terminal, _ASKED)
            said = _answers(terminal)
        return understood(said, os.get_terminal_size(terminal).columns)
    finally:
        os.close(terminal)


def understood(said: bytes, columns: int) -> Screen | None:
    """What a terminal of so many columns says of itself."""
    attributes = _ATTRIBUTES.search(said)
    cell = _CELL.search(said)
    width = columns * (int(cell[2]) if cell else 8)
    if b"\x1b_Gi=31;OK" in said:
        return Screen("kitty", width)
    if attributes and _SIXELS in attributes[1].split(b";")[1:]:
        return Screen("sixel", width)
    return None


def drawn(picture: Image.Image, by: Literal["kitty", "sixel"]) -> bytes:
    """What a terminal is sent to show it at the cursor and go to the line below."""
    return (_kitty(picture) if by == "kitty" else _sixels(picture)) + b"\n"


@contextlib.contextmanager
def _unechoed(terminal: int) -> Iterator[None]:
    """Answers come as if they were typed; Ctrl-C is still heard."""
    import termios
    import tty

    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSANOW)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _answers(terminal: int) -> bytes:
    said = b""
    deadline = time.monotonic() + _PATIENCE
    while not _ATTRIBUTES.search(said) and (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([terminal], [], [], left)
        said += os.read(terminal, 1024) if ready else b""
    return said


def _kitty(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    data = base64.b64encode(file.getvalue())
    chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    sent = []
    for number, chunk in enumerate(chunks):
        keys = b"a=T,f=100,q=2," if number == 0 else b""
        sent.append(b"\x1b_G%sm=%d;%s\x1b\\" % (keys, number < len(chunks) - 1, chunk))
    return b"".join(sent)


def _sixels(picture: Image.Image) -> bytes:
    """DEC's sixels: bands of six lines, in each the places of one colour after those of another."""
    reduced = picture.convert("RGB").quantize(_COLOURS, Image.Quantize.FASTOCTREE)
    places = np.asarray(reduced)  # (H, W)
    palette = np.asarray(reduced.getpalette()).reshape(-1, 3)
    sent = [b'\x1bPq"1;1;%d;%d' % (picture.width, picture.height)]
    for colour, (red, green, blue) in enumerate(np.rint(palette * (100 / 255)).astype(int)):
        sent.append(b"#%d;2;%d;%d;%d" % (colour, red, green, blue))
    columns = np.arange(picture.width)
    for top in range(0, picture.height, 6):
        band = places[top : top + 6]
        codes = np.full((_COLOURS, picture.width), 63, np.uint8)
        for line, colours in enumerate(band):
            codes[colours, columns] += 1 << line
        for colour in np.unique(band):
            sent.append(b"#%d%s$" % (colour, _RUN.sub(_counted, codes[colour].tobytes())))
        sent.append(b"-")
    return b"".join(sent) + b"\x1b\\"


def _counted(run: re.Match[bytes]) -> bytes:
    return b"!%d%s" % (len(run[0]), run[1])
