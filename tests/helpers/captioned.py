"""A small folder of captioned photos to train on: what a caption says is what its photo shows."""

import csv
from itertools import product
from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = ["red", "green", "blue", "yellow", "white", "black", "orange", "purple"]
SHAPES = ["square", "circle", "cross", "stripe"]


def make_captioned(folder: Path, images: int = 32, captions: int = 2, *, labels: bool = False) -> Path:
    """`images/` and captions.csv; at most 224 images, each of one shape in one colour on another.

    Args:
        captions: of each image, at most 3
        labels: whether a third column names the shape
    """
    (folder / "images").mkdir(parents=True)
    pictures = [(a, b, s) for a, b, s in product(COLOURS, COLOURS, SHAPES) if a != b]
    chosen = pictures[:: max(1, len(pictures) // images)][:images]
    with (folder / "captions.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["filename", "caption", "label"] if labels else ["filename", "caption"])
        for number, (ground, colour, shape) in enumerate(chosen):
            name = f"{number:03}.png"
            _picture(ground, colour, shape).save(folder / "images" / name)
            said = [
                f"a {colour} {shape} on {ground}",
                f"{ground} with a {shape} in {colour}",
                f"this {shape} is {colour}, behind it is {ground}",
            ]
            table.writerows(
                [name, caption, shape] if labels else [name, caption] for caption in said[:captions]
            )
    return folder


def _picture(ground: str, colour: str, shape: str) -> Image.Image:
    picture = Image.new("RGB", (48, 48), ground)
    draw = ImageDraw.Draw(picture)
    match shape:
        case "square":
            draw.rectangle((12, 12, 36, 36), fill=colour)
        case "circle":
            draw.ellipse((8, 8, 40, 40), fill=colour)
        case "cross":
            draw.line((4, 4, 44, 44), fill=colour, width=9)
            draw.line((4, 44, 44, 4), fill=colour, width=9)
        case _:
            draw.rectangle((0, 18, 47, 30), fill=colour)
    return picture
