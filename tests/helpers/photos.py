"""Small real image files for tests: photographs that come with test packages, and made ones."""

import importlib.util
import io
from pathlib import Path

import numpy as np
from PIL import Image

ORIENTATION = 0x0112  # the EXIF tag

SAMPLES = {
    "skimage": ("data", ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"]),
    "sklearn": ("datasets/images", ["china.jpg", "flower.jpg"]),
}


def sample_photos() -> list[Path]:
    """Six real photographs: an astronaut, a cat, a cup of coffee, a rocket, a temple in China, a flower."""
    photos = []
    for package, (folder, names) in SAMPLES.items():
        # Found without importing: both packages take seconds to import.
        spec = importlib.util.find_spec(package)
        assert spec is not None and spec.origin is not None
        photos += [Path(spec.origin).parent / folder / name for name in names]
    return photos


def files_of_every_shape() -> dict[str, bytes]:
    """Photographs as files, by what is odd about each; only that of 12 MP is decoded at a smaller scale."""
    astronaut, cat, coffee, *_ = (Image.open(path).convert("RGB") for path in sample_photos())
    large = Image.new("RGB", (4000, 3000))
    for place in range(12):
        tile = (astronaut, cat, coffee)[place % 3].resize((1000, 1000)).rotate(90 * (place // 3))
        large.paste(tile, (1000 * (place % 4), 1000 * (place // 4)))
    fading = cat.resize((320, 240)).convert("RGBA")
    fading.putalpha(Image.linear_gradient("L").resize(fading.size))
    photos = {
        "12 MP": large,
        "panorama of 10:1": astronaut.resize((380, 38)),
        "100 x 100": coffee.crop((200, 100, 300, 200)),
        "grey": astronaut.convert("L").resize((301, 200)),
        "transparent": fading,
        "upright": coffee.resize((203, 305)),
    }
    files = {}
    for name, photo in photos.items():
        written = io.BytesIO()
        photo.save(written, "JPEG" if name == "12 MP" else "PNG", quality=95)
        files[name] = written.getvalue()
    return files


def seen_by_a_person(file: bytes) -> Image.Image:
    """A photo with what is transparent in white."""
    photo = Image.open(io.BytesIO(file)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", photo.size, "white"), photo).convert("RGB")


def picture(seed: int, size: tuple[int, int] = (64, 48)) -> Image.Image:
    """A smooth, colourful RGB picture of (width, height); each seed gives another one, always the same."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def make_photo(
    path: Path,
    seed: int = 0,
    *,
    color: str | tuple[int, int, int] | None = None,
    size: tuple[int, int] = (64, 48),
    exif_orientation: int | None = None,
    fmt: str | None = None,
) -> Path:
    """Write an image file and return its path.

    Args:
        seed: chooses the picture, so that different seeds give different content.
        color: one flat colour instead of a picture.
        size: (width, height) as stored, before any orientation is applied.
        fmt: Pillow's name of the format; told by the file name when missing.
    """
    image = picture(seed, size) if color is None else Image.new("RGB", size, color)
    exif = Image.Exif()
    if exif_orientation is not None:
        exif[ORIENTATION] = exif_orientation
    fmt = fmt or Image.registered_extensions()[path.suffix.lower()]
    if len(exif) == 0:
        image.save(path, format=fmt)
    else:
        image.save(path, format=fmt, exif=exif.tobytes())  # as bytes: pillow-heif writes no other
    return path
