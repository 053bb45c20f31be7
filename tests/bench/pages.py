"""How well long pictures and columns of text are read: python -m tests.bench.pages

Not a part of `make bench`: it takes minutes, and fonts of both languages that fontconfig knows. Long pictures
are full of English words, which are counted as `tests.bench.text` counts them, with the seconds of a core.
Of columns and receipts it is how many lines are followed by the one that goes on.
"""

import io
import random
import subprocess
import time
from collections.abc import Sequence
from itertools import pairwise

import wordfreq
from PIL import Image, ImageDraw, ImageFont

from photosearch.core.lines import Line
from photosearch.decode.thumbnail import preview
from photosearch.store.words import folded, holds
from photosearch.text.reading import TextReader, longest_edge

LONG = ((800, 9000, 60), (9000, 800, 6), (9000, 800, 12), (1080, 2300, 40))  # width, height, lines
PAGES = ((1, 0), (2, 60), (2, 30), (3, 40))  # columns, pixels between them
ROWS = 14
_TAGS = {"en": "en", "zh": "zh-cn"}

Font = ImageFont.FreeTypeFont


def main() -> None:
    chance, reader = random.Random(5), TextReader()
    vocabulary = {
        "en": [word for word in wordfreq.top_n_list("en", 6000) if word.isalpha() and len(word) > 3],
        "zh": [word for word in wordfreq.top_n_list("zh", 6000) if min(word) > "\u4e00"],
    }
    for width, height, lines in LONG:
        image, texts = _page(chance, vocabulary["en"], " ", _font("en", 30), (width, height), lines, 1, 0)
        edge = longest_edge(width, height)
        picture = Image.open(io.BytesIO(preview(image, edge))).convert("RGB")
        began = time.process_time()
        said = folded(" ".join(line.text for line in reader.lines(picture)))
        seconds = time.process_time() - began
        words = " ".join(texts).split()
        found = sum(holds(said, [folded(word)]) for word in words)
        print(
            f"{width} x {height}, {lines} lines: {found} of {len(words)} words, {seconds:.1f} s", flush=True
        )
    for language, between in (("en", " "), ("zh", "")):
        font = _font(language, 24)
        for columns, gutter in PAGES:
            image, texts = _page(
                chance, vocabulary[language], between, font, (1500, 700), ROWS, columns, gutter
            )
            told = _followed(texts, reader.lines(image))
            print(f"{language}, {columns} columns {gutter} pixels apart: {told}", flush=True)
        image, texts = _receipt(chance, vocabulary[language], font)
        print(f"{language}, receipt: {_followed(texts, reader.lines(image))}", flush=True)


def _page(
    chance: random.Random,
    words: Sequence[str],
    between: str,
    font: Font,
    size: tuple[int, int],
    rows: int,
    columns: int,
    gutter: int,
) -> tuple[Image.Image, list[str]]:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    width = (size[0] - 40 - gutter * (columns - 1)) // columns
    texts = []
    for column in range(columns):
        for row in range(rows):
            room = width // 2 if row % 7 == 6 and columns > 1 else width  # where a paragraph ends
            text = chance.choice(words)
            while draw.textlength(longer := f"{text}{between}{chance.choice(words)}", font) <= room:
                text = longer
            draw.text((20 + column * (width + gutter), 10 + row * size[1] // rows), text, "black", font)
            texts.append(text)
    return image, texts


def _receipt(chance: random.Random, words: Sequence[str], font: Font) -> tuple[Image.Image, list[str]]:
    image = Image.new("RGB", (900, 700), "white")
    draw = ImageDraw.Draw(image)
    texts = []
    for row in range(ROWS):
        thing = "".join(chance.sample(words, chance.randint(1, 3)))
        price = f"{chance.randint(1, 99)}.{chance.randint(10, 99)}"
        for text, left in ((thing, 60.0), (price, 840 - draw.textlength(price, font))):
            draw.text((left, 20 + row * 46), text, "black", font)
            texts.append(text)
    return image, texts


def _followed(texts: Sequence[str], lines: Sequence[Line]) -> str:
    said, wanted = _plain(" ".join(line.text for line in lines)), [_plain(text) for text in texts]
    found = sum(text[-6:] + following[:6] in said for text, following in pairwise(wanted))
    return f"{found} of {len(texts) - 1} lines are followed by the one that goes on"


def _plain(text: str) -> str:
    return "".join(folded(text).split())


def _font(language: str, size: int) -> Font:
    asked = ["fc-match", "--format=%{file}", f"sans:lang={_TAGS[language]}"]
    return ImageFont.truetype(subprocess.check_output(asked, text=True), size)


if __name__ == "__main__":
    main()
