"""python -m trainer train RECIPE"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from trainer.cli.arguments import add_workers

NAME = "train"
HELP = "train a model as a recipe says, and publish it as a folder"
EXAMPLES = (
    "train small --data my-captions",
    "train hybrid-flickr8k --data flickr8k --set training.epochs=10 --run runs/short",
    "train hybrid-flickr8k --data flickr8k --set training.epochs=10 --run runs/short --resume",
    "train bundled --data flickr8k --objects coco-objects --out my-model",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recipe", metavar="RECIPE", help="a name in trainer/recipes, or the path of a .toml file"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="photos and captions in any format that `data check` knows; default: the folder you are in",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="changes",
        help="change the recipe, such as training.epochs=3; may be repeated",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    parser.add_argument(
        "--run",
        type=Path,
        metavar="DIR",
        dest="folder",
        help="the folder of the run (default: runs/RECIPE's name)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run that was stopped or killed there"
    )
    parser.add_argument(
        "--from",
        type=Path,
        metavar="RUN",
        dest="begin_from",
        help="begin with the last weights and the optimizer's state of another run, at step 0",
    )
    parser.add_argument(
        "--skip-unreadable",
        action="store_true",
        help="leave damaged photos out, and name them in run.json, instead of refusing to begin",
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help="stop after so many steps, for a trial; 0 publishes as it is"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="publish the model here too")
    parser.add_argument(
        "--objects",
        type=Path,
        metavar="DIR",
        help="images/ with labels.json, to measure how it knows objects (recipe bundled only)",
    )
    parser.add_argument(
        "--languages",
        type=Path,
        metavar="DIR",
        help="concepts.csv, names of things in many languages (the stage languages of the recipe bundled)",
    )
    parser.add_argument(
        "--more",
        type=Path,
        metavar="CSV",
        help="a table language,caption: its English sentences are learnt from too, in the same stage",
    )
    parser.add_argument(
        "--teacher",
        type=Path,
        metavar="MODEL",
        help="teach languages to this model, in place of one that is trained first (recipe bundled only)",
    )
    add_workers(parser, "prepare batches")
    parser.add_argument("--json", action="store_true", help="print the final metrics as one JSON object")


def run(options: argparse.Namespace) -> int:
    from photosearch.core.errors import KnownError
    from trainer.recipe import Recipe, read_recipe

    if options.steps is not None and options.steps < 0:
        raise KnownError("--steps wants a number from 0 on.")
    if options.resume and options.begin_from:
        raise KnownError("--resume goes on with a run, and --from begins another one; give one of them.")
    recipe = read_recipe(options.recipe, options.changes)
    if not isinstance(recipe, Recipe):
        from trainer.bundled.training import train_bundled
        from trainer.run.stopping import stop_signals

        if options.begin_from or options.workers or (options.resume and not options.folder):
            raise KnownError(
                f"The recipe {recipe.name} begins from its own towers, with as many threads as there are "
                "cores, and resumes the run that --run names; --from and --workers are for the others."
            )
        out = options.out or (options.folder / "model" if options.folder else Path(recipe.name))
        with stop_signals():
            metrics = train_bundled(
                recipe,
                options.data,
                options.objects,
                out,
                options.seed,
                folder=options.folder,
                resume=options.resume,
                skip_unreadable=options.skip_unreadable,
                steps=options.steps,
                languages=options.languages,
                more=options.more,
                teacher=options.teacher,
            )
        _export(out)
        print(json.dumps(metrics, indent=1))
        return 0
    if options.languages or options.more or options.teacher:
        raise KnownError("--languages, --more and --teacher are for the recipe bundled.")
    if options.objects:
        raise KnownError(
            "--objects is for the recipe bundled; measure this model with: python -m trainer objects"
        )
    if options.out and options.out.exists():
        raise KnownError(f"{options.out} is there already; name a new folder with --out.")
    from trainer.publish.publish import publish
    from trainer.run.stopping import stop_signals
    from trainer.run.train import train

    folder = options.folder or Path("runs") / recipe.name
    metrics = train(
        recipe,
        options.data,
        folder,
        seed=options.seed,
        resume=options.resume,
        begin_from=options.begin_from,
        skip_unreadable=options.skip_unreadable,
        steps=options.steps,
        workers=options.workers,
    )
    if metrics:  # the first of several processes speaks
        _export(folder / "model")
        if options.out:
            with stop_signals():
                publish(str(folder / "model"), options.out, lambda *_: None)
        print(json.dumps(metrics) if options.json else _summary(metrics, folder))
    return 0


def _export(folder: Path) -> None:
    """Write the model's graphs; a network that cannot be exported is trained all the same."""
    from photosearch.core.errors import KnownError
    from photosearch.models.torch.export import export
    from trainer.run.stopping import stop_signals

    try:
        with stop_signals():
            export(folder)
    except KnownError as error:
        print(f"{folder} can be run by torch alone. {error}", file=sys.stderr)


def _summary(metrics: dict[str, Any], folder: Path) -> str:
    val = metrics["val"]
    lines = [f"The best model, of step {metrics['step']}, is in {folder / 'model'}."]
    for way, label in (("t2i", "text -> image"), ("i2t", "image -> text")):
        found = val[way]
        figures = "  ".join(f"{key} {found[key]:.2f}" for key in ("R@1", "R@5", "R@10"))
        lines.append(f"{label}  {figures}  over {val['images']} validation images")
    return "\n".join(lines)
