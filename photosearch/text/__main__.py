"""`python -m photosearch.text THREADS`: reads the text in pictures that the engine sends, until that ends."""

import contextlib
import io
import sys

from PIL import Image

from photosearch.text import frames
from photosearch.text.reading import MOST_PIXELS, TextReader


def main() -> None:
    """Serve pictures until the parent closes our standard input."""
    reader = TextReader(threads=int(sys.argv[1]))
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.suppress(EOFError, OSError):
        frames.send(answers, frames.Ready())
        while True:
            with Image.open(io.BytesIO(frames.receive(asked)), formats=["JPEG"]) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise ValueError(f"a picture of {image.size}")  # the decoder that made it is not itself
                lines = reader.lines(image.convert("RGB"))
            frames.send(answers, frames.Lines(tuple(lines)))


if __name__ == "__main__":
    main()
