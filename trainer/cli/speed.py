"""python -m trainer speed"""

from __future__ import annotations

import argparse
import json
import threading
from pathlib import Path

from photosearch.core.errors import KnownError
from trainer.cli.parent import end_with_parent

NAME = "speed"
HELP = "measure how fast a model would encode photos here, from its architecture alone"
EXAMPLES = (
    """speed '{"model_type": "clip", "vision_config": {"patch_size": 16}}'   (made-up photos)""",
    "speed ARCHITECTURE --photos photos.npy --threads 4",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "architecture", metavar="JSON", help="what transformers calls its config, where it is not the default"
    )
    parser.add_argument(
        "--photos", type=Path, metavar="FILE", help="(N, size, size, 3) uint8, as numpy saves it"
    )
    parser.add_argument("--device", metavar="DEVICE", help="(default: the fastest)")
    parser.add_argument("--precision", metavar="PRECISION", help="(default: the fastest that keeps vectors)")
    parser.add_argument("--threads", type=int, metavar="N", help="(default: one a core)")
    parser.add_argument("--json", action="store_true", help="print events as JSON lines")


def run(options: argparse.Namespace) -> int:
    import msgspec
    import numpy as np

    from photosearch.core.reading import decode_json
    from photosearch.extras import GPU
    from photosearch.models.checkpoint_encoder import examples

    if options.json:
        threading.Thread(target=end_with_parent, daemon=True).start()
    GPU.use()
    from trainer.publish.speed import milliseconds

    try:
        try:
            architecture = decode_json(options.architecture, dict)
            size = int(architecture.get("vision_config", {}).get("image_size", 224))
            photos = np.load(options.photos, allow_pickle=False) if options.photos else examples(8, size)
        except (msgspec.DecodeError, AttributeError, TypeError, ValueError, OSError) as error:
            raise KnownError("There is nothing to measure: {reason}.", reason=error) from error
        ms = milliseconds(
            architecture,
            photos,
            Path(options.photos or ".").absolute().parent,
            device=options.device,
            precision=options.precision,
            threads=options.threads,
        )
    except KnownError as error:
        if options.json:
            print(
                json.dumps({"event": "failed", "sentence": msgspec.to_builtins(error.sentence)}), flush=True
            )
        raise
    print(json.dumps({"event": "done", "ms": ms}) if options.json else f"{ms:,.1f} ms a photo.", flush=True)
    return 0
