"""photosearch models [list|offers|get|add|use|rollback|export|import|delete]"""

from __future__ import annotations

import argparse
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from photosearch import settings
from photosearch.cli import arguments, extras, model_change
from photosearch.cli.connect import engine, open_reader, require, terminate
from photosearch.cli.model_offers import add_offers, source_of
from photosearch.cli.progress import is_shown, show
from photosearch.cli.text import as_json, complain, count, duration, escaped, note, say, size
from photosearch.core import messages, model_messages, teaching_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.progress import Rate
from photosearch.core.teaching import LessonInfo
from photosearch.i18n import translated
from photosearch.models import extra
from photosearch.paths import Library

if TYPE_CHECKING:
    from photosearch.engine.trainer_child import TrainerLine
    from photosearch.models.catalog import ModelInfo
    from photosearch.store.rows import ModelVectors

NAME = "models"
HELP = "list models, and lessons that they learnt from your captions; get, add, use, export or delete them"
EXAMPLES = (
    "photosearch models                              (* marks what searches use)",
    "photosearch models --json",
    "photosearch models offers                       (which can be had, and what each takes here)",
    "photosearch models get google/siglip2-base-patch32-256   (Ctrl-C pauses; again goes on)",
    "photosearch models add ~/Downloads/clip-vit-b-32 (a model's folder, as the hub has it)",
    "photosearch models add google/siglip-base-patch16-224 --name siglip",
    'photosearch models use "2026-11-21 18:30"       (a lesson, by its name or id)',
    "photosearch models use siglip                   (it reads the photos, and then answers)",
    "photosearch models compare two dogs             (two searches, by the model before and the present one)",
    "photosearch models use none                     (no lesson: the model as it came)",
    "photosearch models rollback                     (what was in use before)",
    "photosearch models export ours.safetensors      (the lesson in use, as one file)",
    "photosearch models import ours.safetensors",
)
NONE = "none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    list_ = actions.add_parser("list", help="print models and lessons")
    list_.add_argument("--json", action="store_true", help="print one JSON object")
    list_.set_defaults(run=run)
    add_offers(actions)
    get = actions.add_parser("get", help="download a model of the hub, or go on with it, and take it in")
    get.add_argument("source", metavar="ID", help="its id on the hub, or its name in offers")
    add = actions.add_parser("add", help="take in another model: one of the hub's, or a run of the trainer")
    add.add_argument(
        "source",
        metavar="SOURCE",
        type=arguments.path,
        help="its folder, or its id on the hub, which downloads it",
    )
    for action in (get, add):
        action.add_argument("--name", metavar="NAME", help="what to call it (default: as it calls itself)")
        action.add_argument(
            "--yes", action="store_true", help="fetch torch first where it takes that, without asking"
        )
        action.add_argument("--json", action="store_true", help="print one JSON object")
        action.set_defaults(on_interrupt=Sentence("stopped; nothing was added."))
    get.set_defaults(run=_get)
    add.set_defaults(run=_add)
    use = actions.add_parser(
        "use",
        help="search with a lesson, or the model before, at once; with another model once it knows every "
        "photo that can be read",
    )
    use.add_argument(
        "name", metavar=f"MODEL|LESSON|{NONE}", help=f"name or id of a lesson or model; {NONE}: no lesson"
    )
    use.set_defaults(run=_use)
    model_change.add_actions(actions)
    rollback = actions.add_parser("rollback", help="search with what was in use before; twice is back again")
    rollback.set_defaults(run=_rollback)
    export = actions.add_parser("export", help="write a lesson to a file")
    export.add_argument("file", metavar="FILE", type=arguments.path)
    export.add_argument("--lesson", metavar="LESSON", help="name or id (default: the one in use)")
    export.set_defaults(run=_export)
    import_ = actions.add_parser("import", help="take in a lesson that was exported")
    import_.add_argument("file", metavar="FILE", type=arguments.path)
    import_.set_defaults(run=_import)
    delete = actions.add_parser(
        "delete",
        help="delete a lesson, a model that was added and what it knew, or what was downloaded of one",
    )
    delete.add_argument("name", metavar="MODEL|LESSON|DOWNLOAD", help="name or id")
    delete.set_defaults(run=_delete)


def run(options: argparse.Namespace) -> int:
    """Reads only; no engine is started for it."""
    from photosearch.engine.kept_lessons import listed
    from photosearch.models import catalog

    found = catalog.available(options.library)
    gone = _gone(options.library, found)  # first, as it says why a library cannot be read
    default = _default(options.library)
    lessons = listed(options.library, default).lessons
    next_id, waits = _next(options.library)
    if options.json:
        print(as_json(_fields(found, default, next_id, lessons, gone, waits=waits)))
    elif not found:
        print("No models are installed; see photosearch doctor.")
    else:
        print("\n".join(_lines(found, default, next_id, lessons, gone, waits=waits)))
    return 0


def _fields(
    found: list[ModelInfo],
    default: ModelInfo | None,
    next_id: str,
    lessons: tuple[LessonInfo, ...],
    gone: list[ModelVectors],
    *,
    waits: bool,
) -> dict[str, Any]:
    return {
        "models": [
            {
                "id": model.model_id,
                "name": model.name,
                "dim": model.dim,
                "bytes": model.bytes,
                "path": str(model.path),
                "licence": model.licence,
                "calibrated": model.calibrated,
                "fitted_on": model.fitted_on,
                "default": model == default,
                "next": model.model_id == next_id,
                "waits": waits and model.model_id == next_id,
            }
            for model in found
        ],
        "lessons": [
            {
                "id": lesson.lesson,
                "name": lesson.name,
                "created_at": lesson.created_at,
                "captions": lesson.captions,
                "verdict": lesson.verdict,
                "edited": lesson.edited,
                "in_use": lesson.in_use,
                "fits": lesson.fits,
            }
            for lesson in lessons
        ],
        "gone": [{"id": model.model_id, "name": model.name, "photos": model.photos} for model in gone],
    }


def _how_sure(model: ModelInfo) -> str:
    """What its labels were not calibrated on, and on what they were fitted instead."""
    if model.calibrated:
        return ""
    fitted = f" but fitted on {model.fitted_on:,} of your photos" if model.fitted_on else ""
    return f", not calibrated on known answers{fitted}"


def _lines(
    found: list[ModelInfo],
    default: ModelInfo | None,
    next_id: str,
    lessons: tuple[LessonInfo, ...],
    gone: list[ModelVectors],
    *,
    waits: bool,
) -> list[str]:
    width = max(len(name) for name in (*(m.name for m in found), *(lesson.name for lesson in lessons)))
    next_said = f"; answers next{', but its reading waits' if waits else ''}"
    id_width = max((len(model.model_id) for model in found), default=0)
    lines = [
        f"{'*' if model == default else ' '} {escaped(model.name):{width}}  {model.model_id:{id_width}}  "
        f"{model.dim:>4}-d  {size(model.bytes):>9}  licence {escaped(model.licence or 'unknown')}"
        f"{_how_sure(model)}"
        f"{next_said if model.model_id == next_id else ''}"
        for model in found
    ]
    if lessons:
        lines += ["", "learnt from your captions:"]
    for lesson in lessons:
        what: list[str] = [
            lesson.verdict or ("changed by you" if lesson.edited else "imported or written by you")
        ]
        if lesson.captions:
            what.append(f"from {count(lesson.captions, 'caption')}")
        if not lesson.fits:
            what.append("of another model")
        day = time.strftime("%Y-%m-%d", time.localtime(lesson.created_at))
        mark = "*" if lesson.in_use and lesson.fits else " "
        lines.append(f"{mark} {escaped(lesson.name):{width}}  {lesson.lesson}  {day}  {', '.join(what)}")
    for model in gone:
        lines += [
            "",
            f"The model {escaped(model.name)} is gone and knew {count(model.photos, 'photo')}; "
            f"photosearch models delete {model.model_id} frees that space.",
        ]
    return lines


def _get(options: argparse.Namespace) -> int:
    options.source = source_of(options.source)
    return _add(options)


def _add(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, terminate)
    try:
        model, notes = _taken_in(options)
    except KnownError as error:
        if not (extra.mends(error.sentence) and (options.yes or extras.can_ask())):
            raise
        note(error.sentence)
        extras.fetch(options.library, agreed=options.yes)
        model, notes = _taken_in(options)
    if options.json:
        told = [translated(note) for note in notes]
        print(as_json({"id": model.model_id, "name": model.name, "licence": model.licence, "notes": told}))
        return 0
    say(
        f"Added {escaped(model.name)} ({model.model_id}): {model.dim} dimensions, {size(model.bytes)}, "
        f"licence {escaped(model.licence or 'unknown')}."
    )
    for known in notes:
        say(escaped(translated(known)))
    say(f"To search with it: photosearch models use {model.model_id}")
    return 0


def _taken_in(options: argparse.Namespace) -> tuple[ModelInfo, tuple[Sentence, ...]]:
    """Take the model in, and show how that goes.

    Raises:
        KnownError: see `add_model`.
    """
    from photosearch.engine.adding import add_model

    stopped, shows, rate = options.on_interrupt, is_shown(), Rate()
    if not os.path.exists(options.source):  # noqa: PTH110  (it may be no path at all)
        options.on_interrupt = Sentence(
            "paused; what was downloaded is kept. To go on: photosearch models get {source}. To give it up: "
            "photosearch models delete {source}.",
            source=options.source,
        )
    try:
        return add_model(
            options.library,
            options.source,
            name=options.name,
            on_line=lambda line: show(_stage(line, rate)) if shows else None,
        )
    except KnownError:
        options.on_interrupt = stopped  # where something else comes first
        raise
    finally:
        if shows:
            show("")


def _stage(line: TrainerLine, rate: Rate) -> str:
    if not line.total:
        return f"{line.stage} …"
    parts = [f"{line.stage} … {size(line.done)} of {size(line.total)}"]
    if speed := rate.add(line.done):
        parts += [f"{size(speed)}/s", f"{duration((line.total - line.done) / speed)} left"]
    return " · ".join(parts)


def _use(options: argparse.Namespace) -> None:
    require(options.library)
    with engine(options.library) as client:
        lessons = client.call(teaching_messages.GetLessons()).lessons
        lesson = _lesson(options.name, lessons)
        if lesson or options.name == NONE:
            client.call(teaching_messages.UseLesson(lesson.lesson if lesson else ""))
        else:
            model_change.use(client, options.name)


def _rollback(options: argparse.Namespace) -> None:
    require(options.library)
    with engine(options.library) as client:
        client.call(teaching_messages.RollBack())
        lessons = client.call(teaching_messages.GetLessons()).lessons
    name = next((lesson.name for lesson in lessons if lesson.in_use), "")
    say(f"Searches use {escaped(name)}." if name else "Searches use no lesson, only the model as it came.")


def _export(options: argparse.Namespace) -> None:
    require(options.library)
    with engine(options.library) as client:
        lessons = client.call(teaching_messages.GetLessons()).lessons
        if options.lesson:
            lesson = _lesson(options.lesson, lessons)
            if lesson is None:
                raise KnownError(
                    "There is no lesson {lesson}; photosearch models lists them.", lesson=options.lesson
                )
        else:
            lesson = next((lesson for lesson in lessons if lesson.in_use), None)
            if lesson is None:
                raise KnownError("No lesson is in use; name one with --lesson.")
        client.call(teaching_messages.ExportLesson(lesson.lesson, _path(options.file)))


def _import(options: argparse.Namespace) -> None:
    require(options.library)
    with engine(options.library) as client:
        lesson = client.call(teaching_messages.ImportLesson(_path(options.file))).lesson
    if lesson.fits:
        say(f"Taken in. To use it: photosearch models use {lesson.lesson}")
    else:
        say("Taken in, but it was learnt with another model than the one that answers.")


def _delete(options: argparse.Namespace) -> None:
    from photosearch.models import catalog, downloads

    require(options.library)
    with engine(options.library) as client:
        if lesson := _lesson(options.name, client.call(teaching_messages.GetLessons()).lessons):
            client.call(teaching_messages.DeleteLesson(lesson.lesson))
            return
        here = catalog.available(options.library)
        known = [(model.model_id, model.name, model.path.name) for model in here]
        known += [(model.model_id, model.name, "") for model in _gone(options.library, here)]
        for names in known:
            if options.name in names:
                client.call(messages.ForgetModel(names[0]))
                return
        if options.name in (begun.source for begun in downloads.begun(options.library.downloads)):
            client.call(model_messages.StopAdding(options.name))
            return
    raise KnownError("There is no lesson and no model {name}.", name=options.name)


def _lesson(name: str, lessons: tuple[LessonInfo, ...]) -> LessonInfo | None:
    """By id or by name.

    Raises:
        KnownError: several have that name.
    """
    found = [lesson for lesson in lessons if lesson.lesson == name]
    found = found or [lesson for lesson in lessons if lesson.name == name]
    if len(found) > 1:
        raise KnownError(
            "Several lessons are named {name}; give an id, as photosearch models lists them.", name=name
        )
    return found[0] if found else None


def _gone(library: Library, found: list[ModelInfo]) -> list[ModelVectors]:
    """Models that are not there any more and knew photos."""
    from photosearch.store.connect import is_there

    if not is_there(library):
        return []
    here = {model.model_id for model in found}
    with open_reader(library) as reader:
        return [model for model in reader.models() if model.model_id not in here and model.photos]


def _next(library: Library) -> tuple[str, bool]:
    """The id of the model that is to answer next, if any, and whether its reading of photos waits."""
    if not library.database.is_file():
        return "", False
    with open_reader(library) as reader:
        waits = reader.setting(settings.NEXT_WAITS) == settings.YES
        return reader.setting(settings.NEXT_MODEL) or "", waits


def _default(library: Library) -> ModelInfo | None:
    """The model that commands use; None where there is none."""
    from photosearch.engine.loading import chosen_model

    try:
        return chosen_model(library)
    except KnownError as error:
        complain(error.sentence)
        return None


def _path(argument: str) -> bytes:
    return os.path.abspath(os.fsencode(argument))  # noqa: PTH100  (bytes)
