"""How well text in photos is read, and how fast: python -m tests.bench.text [--images FOLDER] [--count 1000]

Not a part of `make bench`: it takes minutes, and fonts of both languages that fontconfig knows. Texts are
drawn over photos enlarged to 1600 x 1200: half of them in English, half in Chinese, of 12 to 96 pixels,
upright, tilted or lying on a side, on a board or on the photo itself. A word counts as found where a search
for it would find the photo. Seconds are of one core's time, measured in this process.
"""

import argparse
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import skimage.data
import wordfreq
from PIL import Image, ImageDraw, ImageFont

from photosearch.store.words import folded, holds
from photosearch.text.reading import TextReader
from tests.helpers.photos import sample_photos

SIZE = (1600, 1200)
HEIGHTS = (12, 16, 20, 24, 32, 48, 64, 96)
ANGLES = (0, 0, 0, 0, 8, -15, 30, 90, 180, 270)
SHORT_WORDS = 3  # letters, that are left out: few look for them
SAMPLES = {
    "page": "region based segmentation let us first determine markers of the coins background pixels label "
    "unambiguously object histogram grey values extreme",
    "text": "",  # a whiteboard, written by hand
}
NO_TEXT = ("astronaut", "camera", "coffee", "cat", "rocket", "coins", "brick", "grass", "gravel", "moon")


class Scene(NamedTuple):
    """A picture, and what is written in it."""

    image: Image.Image
    words: Sequence[str]
    kind: str
    height: int  # of its letters, pixels
    language: str
    angle: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.text",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=Path, metavar="FOLDER", help="JPEGs to write over")
    parser.add_argument("--count", type=int, default=1000, metavar="N", help="of texts over photos")
    parser.add_argument("--screens", type=int, default=40, metavar="N", help="of screens full of text")
    options = parser.parse_args()
    photos = sorted(options.images.glob("*.jpg")) if options.images else sample_photos()
    reader = TextReader(threads=1)
    found: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for scene in _scenes(photos, options.count, options.screens):
        began = time.process_time()
        lines = reader.lines(scene.image)
        seconds[scene.kind].append(time.process_time() - began)
        said = folded(" ".join(line.text for line in lines))
        hits = [holds(said, [folded(word)]) for word in scene.words]
        for key in (
            (f"{scene.kind}, {scene.language}", f"{scene.height} px"),
            (f"{scene.kind}, {scene.language}", "all"),
            (scene.kind, f"turned by {abs(scene.angle)}°"),
        ):
            found[key] += hits
    for (kind, what), hits in sorted(
        found.items(), key=lambda item: (item[0][0], len(item[0][1]), item[0][1])
    ):
        print(f"{kind:24} {what:14} {np.mean(hits):6.1%} of {len(hits)} words")
    for kind, each in seconds.items():
        print(f"{kind:24} {np.mean(each):.2f} s a photo, {len(each)} photos")
    _print_samples(reader)
    return 0


def _scenes(photos: Sequence[Path], count: int, screens: int) -> Iterator[Scene]:
    chance = random.Random(7)
    vocabulary = {
        "English": [
            word for word in wordfreq.top_n_list("en", 6000) if word.isalpha() and len(word) > SHORT_WORDS
        ],
        "Chinese": [
            word
            for word in wordfreq.top_n_list("zh", 6000)
            if len(word) > 1 and word.isalpha() and ord(word[0]) > 0x3000
        ],
    }
    fonts = {"English": _fonts("sans:lang=en", "serif:lang=en"), "Chinese": _fonts("sans:lang=zh-cn")}
    for number in range(count):
        language = ("English", "Chinese")[number % 2]
        height = HEIGHTS[number // 2 % len(HEIGHTS)]
        words = chance.sample(vocabulary[language], 3)
        font = ImageFont.truetype(chance.choice(fonts[language]), height)
        photo = Image.open(chance.choice(photos)).convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
        angle = chance.choice(ANGLES)
        yield Scene(
            _written_over(photo, words, language, font, angle, chance), words, "sign", height, language, angle
        )
    for number in range(screens):
        language = ("English", "Chinese")[number % 2]
        height = (14, 18, 24, 32)[number // 2 % 4]
        font = ImageFont.truetype(chance.choice(fonts[language]), height)
        image, words = _screen(vocabulary[language], language, font, chance)
        yield Scene(image, words, "screen", height, language)


def _written_over(
    photo: Image.Image,
    words: Sequence[str],
    language: str,
    font: ImageFont.FreeTypeFont,
    angle: int,
    chance: random.Random,
) -> Image.Image:
    text = (" " if language == "English" else "").join(words)
    left, top, right, bottom = font.getbbox(text)
    margin = round(font.size * 0.6)
    board = Image.new("RGBA", (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin))
    dark = chance.random() < 0.5
    ink, ground = ((20, 20, 30), (235, 230, 215)) if dark else ((250, 250, 250), (30, 70, 110))
    draw = ImageDraw.Draw(board)
    if chance.random() < 0.5:
        board.paste((*ground, 255), (0, 0, *board.size))
        draw.text((margin - left, margin - top), text, (*ink, 255), font)
    else:
        draw.text(
            (margin - left, margin - top),
            text,
            (*ink, 255),
            font,
            stroke_width=max(1, round(font.size / 14)),
            stroke_fill=(*ground, 255),
        )
    board = board.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    board.thumbnail((photo.width - 20, photo.height - 20))
    place = (chance.randint(0, photo.width - board.width), chance.randint(0, photo.height - board.height))
    photo.paste(board, place, board)
    return photo


def _screen(
    vocabulary: Sequence[str], language: str, font: ImageFont.FreeTypeFont, chance: random.Random
) -> tuple[Image.Image, list[str]]:
    """A screen of a phone, full of lines."""
    dark = chance.random() < 0.4
    image = Image.new("RGB", (900, 1600), (24, 26, 30) if dark else (250, 250, 250))
    draw, words = ImageDraw.Draw(image), []
    for y in range(40, image.height - 60, round(font.size * 2.4)):
        line = chance.sample(vocabulary, 4)
        text = (" " if language == "English" else "，").join(line)
        if font.getlength(text) < image.width - 60:
            draw.text((30, y), text, (225, 225, 225) if dark else (30, 30, 30), font)
            words += line
    return image, words


def _fonts(*patterns: str) -> list[str]:
    """Files of fonts by fontconfig's patterns."""
    return [
        subprocess.run(
            ["fc-match", "-f", "%{file}", pattern], capture_output=True, text=True, check=True
        ).stdout
        for pattern in patterns
    ]


def _print_samples(reader: TextReader) -> None:
    for name, text in SAMPLES.items():
        said = folded(" ".join(line.text for line in reader.lines(_sample(name))))
        hits = [holds(said, [folded(word)]) for word in text.split()]
        print(f"skimage {name}: {sum(hits)} of {len(hits)} words; it reads:{said}")
    for name in NO_TEXT:
        lines = reader.lines(_sample(name))
        print(f"skimage {name}, without text: {[line.text for line in lines]}")


def _sample(name: str) -> Image.Image:
    return Image.fromarray(getattr(skimage.data, name)()).convert("RGB")


if __name__ == "__main__":
    sys.exit(main())
