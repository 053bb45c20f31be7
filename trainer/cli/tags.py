"""python -m trainer tags"""

import argparse
import json
from pathlib import Path
from typing import Any

from photosearch.core.errors import KnownError
from trainer.cli.arguments import DATA, add_json, add_model

NAME = "tags"
HELP = "fit from where on each tag of the list is shown, and count how true tags are"
EXAMPLES = (
    "tags --model bundled --data flickr8k --images photos --labels labels.json",
    "tags --model bundled --data flickr8k --write resources/tag_levels.json",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--data", type=Path, metavar="DIR", required=True, help=f"{DATA}; their parts train and val are used"
    )
    parser.add_argument("--images", type=Path, metavar="DIR", help="the photos of --labels")
    parser.add_argument("--labels", type=Path, metavar="JSON", help="other photos, {file: [object names]}")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the levels there")
    parser.add_argument("--each", action="store_true", help="print every tag")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from trainer.data.dataset import read_dataset
    from trainer.evaluate.embed import open_model
    from trainer.evaluate.objects import read_labels
    from trainer.evaluate.tags import measure_tags, written

    if (options.images is None) != (options.labels is None):
        raise KnownError("--images and --labels go together; name both or neither.")
    data = read_dataset(options.data)
    objects = read_labels(options.labels, options.images) if options.labels else None
    levels, found = measure_tags(open_model(options.model), data.train, data.val, objects)
    if options.write:
        options.write.write_bytes(written(levels))
    if options.json:
        print(json.dumps(found))
    else:
        for fitted, counted in found.items():
            for photos, truth in counted.items():
                print("\n".join(_lines(fitted, photos, truth, options.each)))
    return 0


def _lines(fitted: str, photos: str, truth: dict[str, Any], each: bool) -> list[str]:
    right, part = (
        "none" if truth[key] is None else f"{100 * truth[key]:.0f} %" for key in ("right", "found")
    )
    lines = [
        f"levels fitted on {fitted}, counted on {photos}: {truth['tags']} tags, "
        f"shown {truth['shown']} times, {right} right; {part} found; "
        f"{100 * truth['photos']:.0f} % of the photos have a tag"
    ]
    if each:
        lines += [
            f"  {name}: shown {of['shown']}, right {of['right']} of {of['photos']}"
            for name, of in truth["each"].items()
        ]
    return lines
