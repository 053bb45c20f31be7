"""Real photographs to try the program on, from the sample images of scikit-image and scikit-learn."""

import importlib.util
import shutil
from pathlib import Path

from photosearch.core.errors import KnownError

SAMPLES = {
    "skimage": (
        "data",
        [
            "astronaut.png",
            "brick.png",
            "camera.png",
            "chelsea.png",
            "coffee.png",
            "coins.png",
            "grass.png",
            "gravel.png",
            "hubble_deep_field.jpg",
            "moon.png",
            "motorcycle_left.png",
            "page.png",
            "rocket.jpg",
            "text.png",
        ],
    ),
    "sklearn": ("datasets/images", ["china.jpg", "flower.jpg"]),
}


def gather(folder: Path) -> Path:
    """Copy the sample photographs into `folder`, which is made if need be, and return it.

    Raises:
        KnownError: the packages of the `demo` extra are not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for package, (subfolder, names) in SAMPLES.items():
        # Found without importing: both packages take seconds to import.
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise KnownError("The sample photographs are missing: pip install 'photosearch[demo]'.")
        source = Path(spec.origin).parent / subfolder
        for name in names:
            target = folder / name
            if not target.exists():
                shutil.copyfile(source / name, target)
    return folder
