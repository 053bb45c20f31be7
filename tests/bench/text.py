"""How well text in photos is read, and how fast: python -m tests.bench.text [--images FOLDER] [--count 1000]

Not a part of `make bench`: it takes minutes, and fonts of both languages that fontconfig knows. Texts are
drawn over photos enlarged to 1600 x 1200: half of them in English, half in Chinese, of 12 to 96 pixels,
upright, tilted or lying on a side, on a board or on the photo itself. A word counts as found where a search
for it would find the photo. Seconds are of one core's time. A quarter as many photos without drawn text tell
how often something is read where nothing was written, and whether photos with text are read before them.
Ctrl-C ends it early, with the figures of what was read by then.
"""

import argparse
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import skimage.data
import wordfreq
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from photosearch.core.encoder import Encoder
from photosearch.decode.fit import fit
from photosearch.engine.text_in_photos import LIKELY
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.search.embedding import direction, parts_of, text_vectors
from photosearch.store.words import folded, holds
from photosearch.text.reading import TextReader
from tests.helpers.photos import sample_photos

SIZE = (1600, 1200)
HEIGHTS = (12, 16, 20, 24, 32, 48, 64, 96)
SCREEN_HEIGHTS = (14, 18, 24, 32)
ANGLES = (0, 0, 0, 0, 8, -15, 30, 90, 180, 270)
SHORTEST_WORD = 4  # letters
PAGE = (
    "region based segmentation determine markers coins background pixels label unambiguously object histogram"
)
WITHOUT_TEXT = ("astronaut", "camera", "coffee", "cat", "rocket", "coins", "brick", "grass", "gravel", "moon")


class Scene(NamedTuple):
    """A picture, and what is written in it."""

    image: Image.Image
    words: tuple[str, ...] = ()
    kind: str = "no text"
    height: int = 0  # of its letters, pixels
    language: str = ""
    angle: int = 0


class Outcome(NamedTuple):
    """What came of a scene."""

    scene: Scene  # without its picture
    found: list[bool]  # of its words
    lines: int
    seconds: float
    vector: NDArray[np.float32]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.text",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=Path, metavar="FOLDER", help="JPEGs to write over")
    parser.add_argument("--count", type=int, default=1000, metavar="N", help="of texts over photos")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes")
    options = parser.parse_args()
    photos = sorted(options.images.glob("*.jpg")) if options.images else sample_photos()
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(options.jobs, initializer=_ignore_interrupts) as pool:
        try:
            scenes = _scenes(photos, options.count)
            while few := list(islice(scenes, 4 * options.jobs)):  # all together are larger than memory
                outcomes += pool.map(_outcome, few)
        except KeyboardInterrupt:
            pass  # what was measured by now is a sample of it all
    print(f"{len(outcomes)} photos")
    _print_recall(outcomes)
    _print_order(outcomes)
    _print_samples()
    return 0


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@cache
def _reader() -> TextReader:
    return TextReader()


@cache
def _encoder() -> Encoder:
    return load_encoder(catalog.default()).encoder


def _outcome(scene: Scene) -> Outcome:
    reader, encoder = _reader(), _encoder()
    began = time.process_time()
    lines = reader.lines(scene.image)
    seconds = time.process_time() - began
    said = folded(" ".join(line.text for line in lines))
    vector = encoder.encode_images(fit(scene.image, encoder.preprocessing)[None])[0]
    found = [holds(said, [folded(word)]) for word in scene.words]
    return Outcome(scene._replace(image=Image.new("1", (1, 1))), found, len(lines), seconds, vector)


def _scenes(photos: Sequence[Path], count: int) -> Iterator[Scene]:
    """Texts over photos, photos without text and screens, always the same."""
    chance = random.Random(7)
    vocabulary = {
        "English": [word for word in wordfreq.top_n_list("en", 6000) if _counts(word, SHORTEST_WORD)],
        "Chinese": [
            word for word in wordfreq.top_n_list("zh", 6000) if ord(word[0]) > 0x3000 and _counts(word, 2)
        ],
    }
    fonts = {"English": _fonts("sans:lang=en", "serif:lang=en"), "Chinese": _fonts("sans:lang=zh-cn")}
    for number in range(count):
        language = ("English", "Chinese")[number % 2]
        height = HEIGHTS[number // 2 % len(HEIGHTS)]
        words, angle = chance.sample(vocabulary[language], 3), chance.choice(ANGLES)
        board = _board(_text(words, language), _font(chance, fonts[language], height), chance)
        board = board.rotate(angle, Image.Resampling.BICUBIC, expand=True)
        board.thumbnail((SIZE[0] - 20, SIZE[1] - 20))
        photo = _photo(chance.choice(photos))
        photo.paste(
            board,
            [chance.randint(0, all_ - part) for all_, part in zip(SIZE, board.size, strict=True)],
            board,
        )
        yield Scene(photo, tuple(words), "sign", height, language, angle)
        if number % 4 == 0:
            yield Scene(_photo(chance.choice(photos)))
        if number % 25 == 0:
            height = SCREEN_HEIGHTS[number // 25 % len(SCREEN_HEIGHTS)]
            yield _screen(vocabulary[language], language, _font(chance, fonts[language], height), chance)


def _counts(word: str, shortest: int) -> bool:
    return word.isalpha() and len(word) >= shortest


def _text(words: Sequence[str], language: str) -> str:
    return (" " if language == "English" else "，").join(words)


def _photo(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)


def _font(chance: random.Random, files: Sequence[str], height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(chance.choice(files), height)


def _fonts(*patterns: str) -> list[str]:
    """Files of fonts by fontconfig's patterns."""
    asked = (["fc-match", "-f", "%{file}", pattern] for pattern in patterns)
    return [subprocess.run(each, capture_output=True, text=True, check=True).stdout for each in asked]


def _board(text: str, font: ImageFont.FreeTypeFont, chance: random.Random) -> Image.Image:
    """A text, dark on light or light on dark, in half the cases on a ground and else with a thin outline."""
    left, top, right, bottom = font.getbbox(text)
    margin = round(font.size * 0.6)
    board = Image.new("RGBA", (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin))
    ink, ground = ((20, 20, 30, 255), (235, 230, 215, 255))
    if chance.random() < 0.5:
        ink, ground = ground, (30, 70, 110, 255)
    draw, at = ImageDraw.Draw(board), (margin - left, margin - top)
    if chance.random() < 0.5:
        board.paste(ground, (0, 0, *board.size))
        draw.text(at, text, ink, font)
    else:
        draw.text(at, text, ink, font, stroke_width=max(1, round(font.size / 14)), stroke_fill=ground)
    return board


def _screen(
    vocabulary: Sequence[str], language: str, font: ImageFont.FreeTypeFont, chance: random.Random
) -> Scene:
    """A phone's, full of lines."""
    dark = chance.random() < 0.4
    image = Image.new("RGB", (900, 1600), (24, 26, 30) if dark else (250, 250, 250))
    draw, words = ImageDraw.Draw(image), []
    for y in range(40, image.height - 60, round(font.size * 2.4)):
        line = chance.sample(vocabulary, 4)
        if font.getlength(text := _text(line, language)) < image.width - 60:
            draw.text((30, y), text, (225, 225, 225) if dark else (30, 30, 30), font)
            words += line
    return Scene(image, tuple(words), "screen", round(font.size), language)


def _print_recall(outcomes: Sequence[Outcome]) -> None:
    found: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for scene, hits, *_ in outcomes:
        if scene.words:
            of = f"{scene.kind}, {scene.language}"
            for key in (
                (of, "all"),
                (of, f"{scene.height:2} px"),
                (scene.kind, f"turned by {abs(scene.angle):3}°"),
            ):
                found[key] += hits
    for (kind, what), hits in sorted(found.items()):
        print(f"{kind:16} {what:14} {np.mean(hits):6.1%} of {len(hits)} words")
    for kind in ("sign", "screen", "no text"):
        of = [outcome for outcome in outcomes if outcome.scene.kind == kind]
        seconds, with_lines = np.mean([each.seconds for each in of]), np.mean([each.lines > 0 for each in of])
        print(f"{kind:16} {seconds:.2f} s a photo; lines are read in {with_lines:.1%} of {len(of)}")


def _print_order(outcomes: Sequence[Outcome]) -> None:
    """How soon photos with text come, where the encoder says which likely hold some."""
    encoder = _encoder()
    vectors = np.stack([outcome.vector for outcome in outcomes])
    likely = direction(parts_of(LIKELY, text_vectors(encoder), lambda _: None, ()))
    order = np.argsort(encoder.image_bias(vectors) - vectors @ likely, kind="stable")
    for name, kinds in (("signs", ("sign", "no text")), ("screens", ("screen", "no text"))):
        held = np.array([outcomes[place].scene.kind in kinds for place in order])
        with_text = np.array([bool(outcomes[place].scene.words) for place in order])[held]
        shares = [
            with_text[: round(share * len(with_text))].sum() / with_text.sum() for share in (0.1, 0.25, 0.5)
        ]
        told = ", ".join(f"{share:.0%}" for share in shares)
        share = with_text.mean()
        print(f"{name}, {share:.0%} of the photos: among the first 10, 25, 50 % are {told} of them")


def _print_samples() -> None:
    def lines(name: str) -> list[str]:
        image = Image.fromarray(getattr(skimage.data, name)()).convert("RGB")
        return [line.text for line in _reader().lines(image)]

    said = folded(" ".join(lines("page")))
    hits = [holds(said, [folded(word)]) for word in PAGE.split()]
    print(f"skimage's page: {sum(hits)} of {len(hits)} words")
    print(f"skimage's text, which is written by hand: {lines('text')}")
    for name in WITHOUT_TEXT:
        print(f"skimage's {name}: {lines(name)}")


if __name__ == "__main__":
    sys.exit(main())
