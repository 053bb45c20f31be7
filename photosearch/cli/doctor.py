"""photosearch doctor"""

import argparse
import functools
import importlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from photosearch import settings
from photosearch.cli import codecs, extras, gui
from photosearch.cli.text import as_json, escaped, padded, size
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.messages import GetStatus
from photosearch.engine.client import Client
from photosearch.extras import GPU
from photosearch.i18n import translated
from photosearch.paths import Library

NAME = "doctor"
HELP = "check the library, the model and what the system offers"
EXAMPLES = ("photosearch doctor", "photosearch doctor --json")

ENOUGH_SPACE = 1_000_000_000  # bytes
FEATURES = {"jpg": "JPEG", "zlib": "PNG", "webp": "WebP", "libtiff": "TIFF", "avif": "AVIF"}
INOTIFY_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")


class Finding(NamedTuple):
    """What one check found."""

    check: str
    ok: bool
    detail: Sentence
    warns: bool = False  # it works, and there is something to know


class Warned(NamedTuple):
    """What a check found that works, and of which there is something to know."""

    sentence: Sentence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    findings = []
    for name, check in CHECKS.items():
        try:
            said = check(options.library)
            warns = isinstance(said, Warned)
            finding = Finding(name, True, said.sentence if isinstance(said, Warned) else said, warns)
        except KnownError as error:
            finding = Finding(name, False, error.sentence)
        findings.append(finding)
        if not options.json:
            print(_line(finding), flush=True)
    ok = all(finding.ok for finding in findings)
    if options.json:
        checks = [finding._asdict() | {"detail": translated(finding.detail)} for finding in findings]
        print(as_json({"ok": ok, "checks": checks}))
    return 0 if ok else 1


def _line(finding: Finding) -> str:
    well = Sentence("WARNING") if finding.warns else Sentence("ok")
    verdict = translated(well if finding.ok else Sentence("PROBLEM"))
    title = translated(TITLES[finding.check])
    return f"{padded(verdict, 7)}  {padded(title, 8)}  {escaped(translated(finding.detail))}"


def _library(library: Library) -> Sentence:
    from photosearch.store.connect import NoLibrary
    from photosearch.store.reader import Reader

    try:
        with Reader.open(library) as reader:
            if problems := reader.check():
                raise KnownError(
                    "{folder} is damaged: {problems}; index its folders anew.",
                    folder=library.root,
                    problems="; ".join(problems[:3]),
                )
            return Sentence("{folder}; photos: {photos:,}", folder=library.root, photos=len(reader.living()))
    except NoLibrary:
        return Sentence("{folder}; nothing is indexed yet", folder=library.root)


def _model(library: Library) -> Sentence:
    from photosearch.engine.loading import chosen_model
    from photosearch.models.config import read_config, read_file

    info = chosen_model(library)
    config = read_config(info.path)
    for name, digest in {**config.hashes, **config.exports}.items():
        read_file(info.path, name, digest)
    return Sentence(
        "{name} ({id}), {dim}-d, {size}, unaltered",
        name=info.name,
        id=info.model_id,
        dim=info.dim,
        size=size(info.bytes),
    )


def _formats(library: Library) -> Sentence:
    from PIL import features

    if missing := [shown for name, shown in FEATURES.items() if not features.check(name)]:
        raise KnownError(
            "this Pillow cannot read {missing}; reinstall it: pip install --force pillow",
            missing=", ".join(missing),
        )
    formats = ["BMP", "GIF", *FEATURES.values()]
    try:
        importlib.import_module("pi_heif")
    except ImportError:
        raise KnownError("HEIC photos cannot be read; install pi-heif: pip install pi-heif") from None
    try:
        importlib.import_module("rawpy")
    except ImportError:
        raise KnownError("cameras' RAW files cannot be read; install rawpy: pip install rawpy") from None
    return Sentence(", ".join(sorted([*formats, "HEIC", "RAW"])))  # a list of names, the same in any language


def _codecs(library: Library) -> Sentence | Warned:
    try:
        found = codecs.codecs()
    except ImportError as error:
        raise KnownError("{module} is missing; install PhotoSearch again", module=error.name) from None
    flawed = [(codec, flaws) for codec in found if (flaws := codecs.known_flaws(codec))]
    warnings = [
        Sentence(
            "{codec} has known flaws that a file made for it can use ({names}), mended in {version}; "
            "a newer {package} or PhotoSearch brings it",
            codec=codec,
            names=", ".join(flaws.names),
            version=".".join(map(str, flaws.mended_in)),
            package=codec.package,
        )
        for codec, flaws in flawed
    ]
    if warnings:
        return Warned(functools.reduce(_and, warnings))
    return Sentence(", ".join(map(str, found)))  # a list of names, the same in any language


def _and(said: Sentence, more: Sentence) -> Sentence:
    return Sentence("{said}; {more}", said=said, more=more)


def _device(library: Library) -> Sentence:
    if running := Client.connect(library):
        with running:
            status = running.call(GetStatus())
        if status.model_ready:
            how = _how(status.device, status.precision, status.runtime, status.why)
            return Sentence("{how} (in the engine that runs)", how=how)
    from photosearch.engine.loading import chosen_model, load_as_set

    loaded = load_as_set(chosen_model(library), library)
    return _how(loaded.device, loaded.precision, loaded.runtime, loaded.why)


def _how(device: str, precision: str, runtime: str, why: str) -> Sentence:
    return Sentence(
        "{device} in {precision}, {runtime}: {reason}",
        device=device,
        precision=precision,
        runtime=runtime,
        reason=settings.RUNTIME_REASONS[why](),
    )


def _faster(library: Library) -> Sentence:
    from photosearch.engine.faster_reading import faster_reading
    from photosearch.engine.loading import chosen_model
    from photosearch.models.config import read_config
    from photosearch.store.connect import NoLibrary

    info = chosen_model(library)
    if info.int8:
        return Sentence(
            "photos are read in 8 bits, as was chosen; to go back: photosearch models use {base}",
            base=read_config(info.path).name,
        )
    try:
        found = faster_reading(library, info)
    except NoLibrary:
        return Sentence("nothing is indexed yet to measure with")
    if not found.model:
        return Sentence(
            "{model} has no 8-bit graph, or something else than the processor is faster", model=info.name
        )
    if not found.exact:
        return Sentence("this processor is too inexact in 8 bits; photos are read in float32")
    times = found.now_ms / found.then_ms
    if not found.worthwhile:
        return Sentence(
            "8 bits would read photos {times:.1f} times as fast, {then:.0f} ms each, which is not worth "
            "other results",
            times=times,
            then=found.then_ms,
        )
    return Sentence(
        "8 bits would read photos {times:.1f} times as fast, {then:.0f} ms each, and change about a tenth of "
        "what is found; to read all {photos:,} again, in {minutes:.0f} min: photosearch models use {model}",
        times=times,
        then=found.then_ms,
        photos=found.photos,
        minutes=max(1.0, found.photos * found.then_ms / 60_000),
        model=found.model,
    )


def _extras(library: Library) -> Sentence:
    return extras.standing(GPU)


def _vectors(library: Library) -> Sentence | Warned:
    from photosearch.engine.loading import chosen_model
    from photosearch.search.stores import chosen
    from photosearch.store.connect import NoLibrary
    from photosearch.store.reader import Reader, setting

    info, kind = chosen_model(library), setting(library, settings.VECTOR_STORE)
    try:
        with Reader.open(library) as reader:
            standing = chosen.checked(library, reader, info.model_id, info.dim)
    except NoLibrary:
        standing = None
    told = chosen.said(kind, standing)
    return Warned(told) if standing and standing.recall < chosen.LOW else told


def _watching(library: Library) -> Sentence:
    if running := Client.connect(library):
        with running:
            folders = running.call(GetStatus()).folders
        if unwatched := next((folder.unwatched for folder in folders if folder.unwatched), None):
            raise KnownError(unwatched)
    if sys.platform != "linux" or not INOTIFY_WATCHES.exists():
        return Sentence("no limit on this system")
    limit = int(INOTIFY_WATCHES.read_text())
    needed = sum(1 for folder in _folders(library) for _ in os.walk(folder))
    if needed > limit:
        raise KnownError(
            "{needed:,} folders are to be watched and the system allows {limit:,}; raise it: sudo "
            "sysctl fs.inotify.max_user_watches={wanted}",
            needed=needed,
            limit=limit,
            wanted=2 * needed,
        )
    return Sentence("folders to watch: {needed:,}; the system allows {limit:,}", needed=needed, limit=limit)


def _space(library: Library) -> Sentence:
    place = next(path for path in (library.root, *library.root.parents) if os.path.exists(path))  # noqa: PTH110  (nor is what is closed to this person)
    free = shutil.disk_usage(place).free
    if free < ENOUGH_SPACE:
        raise KnownError(
            "only {free} are free at {place}; a library takes about 50 kB a photo",
            free=size(free),
            place=place,
        )
    return Sentence("{free} free at {place}", free=size(free), place=place)


def _window(library: Library) -> Sentence:
    if sys.platform == "linux" and (missing := gui.missing_libraries()):
        raise KnownError(
            "Qt lacks {missing}; on Debian or Ubuntu: sudo apt-get install {packages}",
            missing=", ".join(missing),
            packages=gui.PACKAGES,
        )
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        raise gui.explained(error) from error
    version = importlib.import_module("PySide6").__version__
    display = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not display:
        return Sentence("Qt {version}, but no display in this session", version=version)
    return Sentence("Qt {version}", version=version)


CHECKS: dict[str, Callable[[Library], Sentence | Warned]] = {
    "library": _library,
    "model": _model,
    "formats": _formats,
    "codecs": _codecs,
    "device": _device,
    "faster": _faster,
    "extras": _extras,
    "vectors": _vectors,
    "watching": _watching,
    "space": _space,
    "window": _window,
}
TITLES = {
    "library": Sentence("library"),
    "model": Sentence("model"),
    "formats": Sentence("formats"),
    "codecs": Sentence("codecs"),
    "device": Sentence("device"),
    "faster": Sentence("faster"),
    "extras": Sentence("extras"),
    "vectors": Sentence("vectors"),
    "watching": Sentence("watching"),
    "space": Sentence("space"),
    "window": Sentence("window"),
}


def _folders(library: Library) -> list[bytes]:
    from photosearch.store.connect import NoLibrary
    from photosearch.store.reader import Reader

    try:
        with Reader.open(library) as reader:
            return [folder.path for folder in reader.folders()]
    except NoLibrary:
        return []
