"""photosearch models [list|offers|get|add|use|rollback|export|import|delete]"""

from __future__ import annotations

import argparse
import os
import time
from typing import TYPE_CHECKING, Any

from photosearch import settings
from photosearch.cli import arguments, model_change, model_getting
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.model_offers import add_offers, licence
from photosearch.cli.text import (
    as_json,
    columns,
    complain,
    count,
    escaped,
    listed,
    padded,
    say,
    share,
    size,
    worded,
)
from photosearch.core import messages, model_messages, teaching_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.teaching import LessonInfo
from photosearch.i18n import translated
from photosearch.paths import Library

if TYPE_CHECKING:
    from photosearch.engine.client import Client
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
    'photosearch models compare "two dogs"           (one search, by the model before and the present one)',
    "photosearch models use none                     (no lesson: the model as it came)",
    "photosearch models rollback                     (the lesson that was in use before)",
    "photosearch models export ours.safetensors      (the lesson in use, as one file)",
    "photosearch models import ours.safetensors",
)
NONE = "none"
_VERDICTS = {
    "better": Sentence("better"),
    "unclear": Sentence("unclear"),
    "worse": Sentence("worse"),
    "too_few": Sentence("too_few"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    list_ = actions.add_parser("list", help="print models and lessons")
    list_.add_argument("--json", action="store_true", help="print one JSON object")
    list_.set_defaults(run=run)
    add_offers(actions)
    model_getting.add_actions(actions)
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
    rollback = actions.add_parser(
        "rollback",
        help="search with the lesson that was in use before; twice is back again (the model before: use)",
    )
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
    begun = model_getting.begun(options.library, _adding(options.library))
    if options.json:
        fields = _fields(found, default, next_id, lessons, gone, waits=waits)
        print(as_json({**fields, "downloads": begun}))
    elif not found:
        print(worded(Sentence("No models are installed; see photosearch doctor.")))
    else:
        far = _how_far(options.library, next_id) if next_id else ""
        print("\n".join(_lines(found, default, next_id, lessons, gone, far, waits=waits)))
        for each in begun:
            print("\n" + worded(Sentence("A download: {how_far}", how_far=model_getting.begun_line(each))))
    return 0


def _adding(library: Library) -> model_messages.Adding:
    """What an engine takes in that runs already."""
    from photosearch.engine.client import Client

    client = Client.connect(library)
    if client is None:
        return model_messages.Adding()
    try:
        return client.call(model_messages.GetModels()).adding
    finally:
        client.close()


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


def _how_sure(model: ModelInfo) -> Sentence:
    """What its labels were not calibrated on, and on what they were fitted instead."""
    if not model.fitted_on:
        return Sentence("not calibrated on known answers")
    return Sentence("not calibrated on known answers but fitted on {n:,} of your photos", n=model.fitted_on)


def _terms(model: ModelInfo, next_said: Sentence | None) -> str:
    """What is said of it behind its size: its licence, how sure it is, and whether it answers next."""
    said = [licence(model.licence)] if model.calibrated else [licence(model.licence), _how_sure(model)]
    terms = listed(map(translated, said))
    return worded(Sentence("{said}; {more}", said=terms, more=next_said)) if next_said else escaped(terms)


def _lines(
    found: list[ModelInfo],
    default: ModelInfo | None,
    next_id: str,
    lessons: tuple[LessonInfo, ...],
    gone: list[ModelVectors],
    far: str,
    *,
    waits: bool,
) -> list[str]:
    names = [*(model.name for model in found), *(lesson.name for lesson in lessons)]
    width = max(columns(escaped(name)) for name in names)
    next_said = Sentence(
        "answers next, but its reading waits, and knows {far}" if waits else "answers next, and knows {far}",
        far=far,
    )
    id_width = max((len(model.model_id) for model in found), default=0)
    lines = [
        f"{'*' if model == default else ' '} {padded(escaped(model.name), width)}  "
        f"{model.model_id:{id_width}}  {translated(Sentence('{dim:>4}-d', dim=model.dim))}  "
        f"{size(model.bytes):>9}  {_terms(model, next_said if model.model_id == next_id else None)}"
        for model in found
    ]
    if lessons:
        lines += ["", translated(Sentence("learnt from your captions:"))]
    for lesson in lessons:
        what = [_VERDICTS[lesson.verdict] if lesson.verdict else _origin(lesson)]
        if lesson.captions:
            what.append(Sentence("from {captions}", captions=count(lesson.captions, "caption")))
        if not lesson.fits:
            what.append(Sentence("of another model"))
        day = time.strftime("%Y-%m-%d", time.localtime(lesson.created_at))
        mark = "*" if lesson.in_use and lesson.fits else " "
        name, told = padded(escaped(lesson.name), width), listed(map(translated, what))
        lines.append(f"{mark} {name}  {lesson.lesson}  {day}  {told}")
    for model in gone:
        frees = Sentence(
            "The model {name} is gone and knew {photos}; photosearch models delete {id} frees that space.",
            name=model.name,
            photos=count(model.photos, "photo"),
            id=model.model_id,
        )
        lines += ["", worded(frees)]
    return lines


def _origin(lesson: LessonInfo) -> Sentence:
    """Of one that has no report."""
    return Sentence("changed by you") if lesson.edited else Sentence("imported or written by you")


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
        _refuse_none_before(client)
        client.call(teaching_messages.RollBack())
        lessons = client.call(teaching_messages.GetLessons()).lessons
        models = client.call(model_messages.GetModels()).models
    name = next((lesson.name for lesson in lessons if lesson.in_use), "")
    none = Sentence("Searches use no lesson, only the model as it came.")
    say(Sentence("Searches use {lesson}.", lesson=name) if name else none)
    if before := next((model.name for model in models if model.before), ""):
        say(
            Sentence(
                "The model stays; to go back to the one before: photosearch models use {model}", model=before
            )
        )


def _refuse_none_before(client: Client) -> None:
    """
    Raises:
        KnownError: no lesson was in use before, but another model was, which is gone back to otherwise.
    """
    before = next(
        (model.name for model in client.call(model_messages.GetModels()).models if model.before), ""
    )
    if before and not client.call(teaching_messages.GetLessons()).can_roll_back:
        raise KnownError(
            "No other lesson was in use; to go back to the model before: photosearch models use {model}",
            model=before,
        )


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
        say(Sentence("Taken in. To use it: photosearch models use {lesson}", lesson=lesson.lesson))
    else:
        say(Sentence("Taken in, but it was learnt with another model than the one that answers."))


def _delete(options: argparse.Namespace) -> None:
    from photosearch.models import catalog, downloads, offers

    require(options.library)
    with engine(options.library) as client:
        if lesson := _lesson(options.name, client.call(teaching_messages.GetLessons()).lessons):
            client.call(teaching_messages.DeleteLesson(lesson.lesson))
            say(Sentence("The lesson {lesson} is deleted.", lesson=lesson.name))
            return
        here = catalog.available(options.library)
        for model in here:
            if options.name in (model.model_id, model.name, model.path.name):
                known = _known(options.library, model.model_id)
                client.call(messages.ForgetModel(model.model_id))
                say(
                    Sentence(
                        "{model} is deleted, {size}, and what it knew of {photos}.",
                        model=model.name,
                        size=size(model.bytes),
                        photos=count(known, "photo"),
                    )
                )
                return
        for gone in _gone(options.library, here):
            if options.name in (gone.model_id, gone.name):
                client.call(messages.ForgetModel(gone.model_id))
                photos = count(gone.photos, "photo")
                say(Sentence("What {model} knew of {photos} is deleted.", model=gone.name, photos=photos))
                return
        offer = offers.named(options.name)
        source = offer.source if offer else options.name
        adding = client.call(model_messages.GetModels()).adding
        if adding.phase == "adding" and adding.source == source:
            raise KnownError(
                "{source} is being downloaded; end that first: Ctrl-C where it is got, Pause in the "
                "settings, or photosearch models pause.",
                source=source,
            )
        begun = {each.source: each.done for each in downloads.begun(options.library.downloads)}
        if source in begun:
            client.call(model_messages.StopAdding(source))
            done = size(begun[source])
            say(Sentence("What was downloaded of {source}, {size}, is deleted.", source=source, size=done))
            return
    raise KnownError("There is no lesson and no model {name}.", name=options.name)


def _how_far(library: Library, model_id: str) -> str:
    """Of how many photos a model knows how many."""
    with open_reader(library) as reader:
        counts = reader.counts(model_id)
    return share(counts.searchable, count(counts.photos, "photo"))


def _known(library: Library, model_id: str) -> int:
    """Photos that a model knows."""
    with open_reader(library) as reader:
        return reader.counts(model_id).searchable


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
