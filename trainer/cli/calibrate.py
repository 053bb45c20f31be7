"""python -m trainer calibrate"""

import argparse
import json
from pathlib import Path

from photosearch.core.errors import KnownError
from trainer.cli.arguments import DATA, MODEL, add_json, read_part

NAME = "calibrate"
HELP = "fit how sure a model is of words, sentences and pictures, and write it into the model's folder"
EXAMPLES = ("calibrate resources/models/bundled --data flickr8k",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=MODEL)
    parser.add_argument(
        "--data", type=Path, metavar="DIR", required=True, help=f"{DATA}; their part val is used"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    import msgspec

    from photosearch.models.confidence import KINDS, levels, of_kind
    from photosearch.models.config import CONFIG, encode_config, read_config, write_files
    from trainer.evaluate.calibrate import calibrate_model
    from trainer.evaluate.embed import embed_images, open_model
    from trainer.evaluate.photos import refuse_unreadable
    from trainer.models.folders import own_folder

    folder = own_folder(options.model)
    config = read_config(folder)
    if config.hub is not None:
        raise KnownError(
            "{folder} is a model of the hub; calibrate it with: python -m trainer publish --data",
            folder=folder,
        )
    pairs = read_part(options.data, "val")
    opened = open_model(str(folder))
    images, unreadable = embed_images(opened.model, config.preprocessing, pairs.images)
    refuse_unreadable(unreadable, pairs.images)
    fitted = calibrate_model(opened.model, opened.tokenizer, pairs, images, config.calibration.prompts)
    if fitted is None:
        raise KnownError("The captions of {data} name too few things to fit a label on.", data=options.data)
    config = msgspec.structs.replace(config, calibration=fitted)
    write_files(folder, {CONFIG: encode_config(config)})
    if options.json:
        print(json.dumps(msgspec.to_builtins(fitted)))
    else:
        for kind in KINDS:
            strong, likely = levels(of_kind(fitted, kind))
            print(f"{kind}: strong from {strong:.3f}, likely from {likely:.3f}")
    return 0
