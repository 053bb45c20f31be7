"""python -m trainer export"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from photosearch.core.errors import KnownError
from photosearch.core.photo import PHOTO_EXTENSIONS
from trainer.cli.arguments import MODEL, add_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from photosearch.core.encoder import Preprocessing

NAME = "export"
HELP = "write a model's ONNX graphs, with which the program runs it where torch is not installed"
EXAMPLES = ("export runs/small", "export bundled --int8 photos")
CALIBRATED_ON = 100  # photos


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=MODEL)
    parser.add_argument(
        "--int8",
        type=Path,
        metavar="DIR",
        help="also write the photos' graph in 8 bits, as the photos in this folder want it (100 suffice)",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from photosearch.models.torch.export import export
    from trainer.models.folders import own_folder

    folder = own_folder(options.model)
    config = export(folder)
    if options.int8 is not None:
        from photosearch.models.torch.int8 import export_int8

        config = export_int8(folder, _photos(options.int8, config.preprocessing))
    if options.json:
        print(json.dumps({"folder": str(folder), "model": config.model_id, "exports": config.exports}))
    else:
        print(f"Wrote {' and '.join(sorted(config.exports))} to {folder}.")
    return 0


def _photos(folder: Path, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """Some photos of a folder, evenly from all in the order of their names; (B, size, size, 3)."""
    import numpy as np

    from photosearch.decode.image import DecodeError
    from trainer.data.images import pixels

    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_EXTENSIONS)
    if not paths:
        raise KnownError("There are no photos in {folder}.", folder=folder)
    chosen = paths[:: -(-len(paths) // CALIBRATED_ON)]
    try:
        return np.stack([pixels(path, preprocessing) for path in chosen])
    except DecodeError as error:
        raise KnownError(
            "A photo in {folder} cannot be read: {reason}.", folder=folder, reason=error.reason
        ) from error
