"""`python -m installer.icons DIR`: the icon as Windows and macOS want it, and as PNG."""

import sys
from pathlib import Path

from PIL import Image

from installer.linux.layout import draw_icons

EDGES = (16, 24, 32, 48, 64, 128, 256, 512, 1024)


def main() -> int:
    out = Path(sys.argv[1])
    files = {out / f"{edge}.png": edge for edge in EDGES}
    draw_icons(files)
    images = [Image.open(file) for file in files]
    images[-1].save(out / "photosearch.icns", append_images=images[:-1])
    small = [image for image in images if image.width <= 256]
    small[-1].save(out / "photosearch.ico", sizes=[image.size for image in small], append_images=small[:-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
