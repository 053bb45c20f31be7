"""Every setting, declared once: the dialog, the check of a value and docs/settings.md are made from here.

A setting of the person's is kept with the program's own configuration; one of a library is kept in it, and
the engine reads it there. Values are text. One that was never set, or makes no sense any more, is the
default.
"""

from __future__ import annotations

from dataclasses import dataclass

from photosearch.core.errors import KnownError
from photosearch.i18n import tr
from photosearch.setting_kinds import Address, Choice, Lines, Model, Number, Setting, Switch, Text

MODEL = "model"  # name or id of the one that answers; missing: the bundled one
NEXT_MODEL = "next_model"  # of the one that is to take its place; empty: none
NEXT_WAITS = "next_model_waits"  # yes: it reads no photos for now
MODEL_BEFORE = "model_before"  # id of the one that answered before it; missing: there was no change yet
MODELS_BESIDE = "models_beside"  # ids of those that answer for photos that it does not know, with spaces
LESSON = "lesson"  # id of the one in use; empty: none
LESSON_BEFORE = "lesson_before"  # the one that was in use before it; missing: there was no change yet
LESSON_OF = "lesson_of_"  # with a model's id: the lesson in use with it; empty: none, though one was learnt
REMEMBER_SEARCHES = "remember_searches"
LANGUAGE = "language"
THEME = "theme"
NOTIFY = "notify"
TRAY = "tray"
HUB_MIRROR = "hub_mirror"  # an address; empty: what HF_ENDPOINT says, else the hub itself
DEVICE = "device"
PRECISION = "precision"
INT8 = "int8"
THREADS = "threads"
PAUSE_ON_BATTERY = "pause_on_battery"
LINGER_MINUTES = "linger_minutes"
BACKUPS = "backups"
EXCLUDE = "exclude"  # patterns, one a line
SMALLEST_EDGE = "smallest_edge"  # pixels of the shorter edge
WRITE_SIDECARS = "write_sidecars"
TEXT = "text"
VIDEOS = "videos"
STACK = "stack_photos"
TAGS = "tags"
VECTOR_STORE = "vector_store"
QDRANT_ADDRESS = "qdrant_address"  # empty: what QDRANT_URL says
VECTOR_STORE_OF = "vector_store_of_"  # with a model's id: how the store that answers for it stands, as JSON
TAG_SPREAD = "tag_spread"  # of a model whose cosines are not known, as JSON; missing: it was not measured yet
STACKED = "stacked"  # among which photos stacks were found last; missing: they never were

# Why something runs where it does, as Status.why names it.
RUNTIME_REASONS: dict[str, Text] = {
    "fastest": lambda: tr("the fastest on this computer"),
    "chosen": lambda: tr("as chosen in the settings"),
    "not exported": lambda: tr("the model can be run in no other way"),
    "no torch": lambda: tr("torch, which a graphics processor takes, is not installed"),
}

AUTO = "auto"
ACCELERATORS = frozenset({"cuda", "mps", "xpu"})  # values of DEVICE
SYSTEM = "system"
YES, NO = Switch.options
MEMORY, LANCE, QDRANT = "memory", "lance", "qdrant"  # values of VECTOR_STORE


@dataclass(frozen=True)
class Group:
    """Settings that stand together in the dialog."""

    title: Text
    settings: tuple[Setting, ...]


GROUPS = (
    Group(
        lambda: tr("Appearance"),
        (
            Choice(
                key=LANGUAGE,
                default=SYSTEM,
                title=lambda: tr("Language"),
                help=lambda: tr("Of every text in the window."),
                kept="person",
                # A language is named in itself, so that whoever needs it can read it.
                options=(
                    (SYSTEM, lambda: tr("As the system")),
                    ("en", lambda: "English"),
                    ("zh_CN", lambda: "简体中文"),
                ),
            ),
            Choice(
                key=THEME,
                default=SYSTEM,
                title=lambda: tr("Theme"),
                help=lambda: tr("Light or dark, or as the system changes between them."),
                kept="person",
                options=(
                    (SYSTEM, lambda: tr("As the system")),
                    ("light", lambda: tr("Light")),
                    ("dark", lambda: tr("Dark")),
                ),
            ),
        ),
    ),
    Group(
        lambda: tr("In the background"),
        (
            Switch(
                key=NOTIFY,
                default=YES,
                title=lambda: tr("Notifications"),
                help=lambda: tr(
                    "When long work has ended, a drive went or something failed, while you look elsewhere."
                ),
                kept="person",
            ),
            Switch(
                key=TRAY,
                default=NO,
                title=lambda: tr("Stay in the tray"),
                help=lambda: tr(
                    "Closing the window leaves PhotoSearch at work; its icon in the tray brings it back. "
                    "Only where the desktop has a tray."
                ),
                kept="person",
            ),
        ),
    ),
    Group(
        lambda: tr("Models"),
        (
            Model(
                key=MODEL,
                default="",
                title=lambda: tr("Model"),
                help=lambda: tr(
                    "What finds your photos. A new one reads every photo again; the old one answers "
                    "until that is done."
                ),
            ),
            Address(
                key=HUB_MIRROR,
                default="",
                variable="HF_ENDPOINT",
                title=lambda: tr("Mirror"),
                help=lambda: tr(
                    "Where models are downloaded from in place of the hub, such as https://hub.example.org. "
                    "Nothing is downloaded unasked."
                ),
            ),
        ),
    ),
    Group(
        lambda: tr("Searching"),
        (
            Switch(
                key=REMEMBER_SEARCHES,
                default=YES,
                title=lambda: tr("Remember recent searches"),
                help=lambda: tr("They are suggested under the field. Switching this off forgets them."),
            ),
            Switch(
                key=TEXT,
                default=NO,
                title=lambda: tr("Read text in photos"),
                help=lambda: tr(
                    "Signs, receipts, screenshots and pages are found by what is written in them, in English "
                    "and in Chinese. Each photo is read once, behind all else, which takes more than a "
                    "second of one core, and 0.7 GB of memory meanwhile. Nothing leaves this computer."
                ),
            ),
        ),
    ),
    Group(
        lambda: tr("This computer"),
        (
            Choice(
                key=DEVICE,
                default=AUTO,
                title=lambda: tr("Processor"),
                help=lambda: tr("What runs the model. Automatic takes the fastest that there is."),
                restarts=True,
                options=(
                    (AUTO, lambda: tr("Automatic")),
                    ("cpu", lambda: tr("Main processor")),
                    ("cuda", lambda: "NVIDIA / AMD (CUDA, ROCm)"),
                    ("mps", lambda: "Apple (Metal)"),
                    ("xpu", lambda: "Intel (XPU)"),
                ),
            ),
            Choice(
                key=PRECISION,
                default=AUTO,
                title=lambda: tr("Precision"),
                help=lambda: tr(
                    "Automatic measures which is fastest here without changing what is found. "
                    "Choose float32 if results look wrong."
                ),
                restarts=True,
                options=(
                    (AUTO, lambda: tr("Automatic")),
                    ("float32", lambda: "float32"),
                    ("bfloat16", lambda: "bfloat16"),
                    ("float16", lambda: "float16"),
                ),
            ),
            Switch(
                key=INT8,
                default=NO,
                title=lambda: tr("Read photos faster, with slightly different results"),
                help=lambda: tr(
                    "In 8 bits, which changes about a tenth of what is found. Every photo is read again in "
                    "the background, while what was read before answers. Going back is immediate."
                ),
                kept="model",
            ),
            Number(
                key=THREADS,
                default="0",
                title=lambda: tr("Threads"),
                help=lambda: tr("How many photos are read at a time. Fewer leave more to other programs."),
                restarts=True,
                lowest=0,
                highest=64,
                zero=lambda: tr("Automatic"),
            ),
            Choice(
                key=VECTOR_STORE,
                default=MEMORY,
                title=lambda: tr("Vectors"),
                help=lambda: tr(
                    "Where searches look for the nearest photos. Memory is the fastest and exact, and takes "
                    "2 GB for a million photos; a vector store is for libraries that outgrow it. It is built "
                    "behind all else; until then the one before answers."
                ),
                options=(
                    (MEMORY, lambda: tr("Memory")),
                    (LANCE, lambda: "LanceDB"),
                    (QDRANT, lambda: "Qdrant"),
                ),
            ),
            Address(
                key=QDRANT_ADDRESS,
                default="",
                variable="QDRANT_URL",
                title=lambda: tr("Qdrant’s address"),
                help=lambda: tr(
                    "Of the server, such as http://localhost:6333, where Qdrant is chosen for vectors: they "
                    "are sent there. Its key is what QDRANT_API_KEY says in the environment."
                ),
            ),
            Number(
                key=LINGER_MINUTES,
                default="5",
                title=lambda: tr("Minutes to stay ready"),
                help=lambda: tr(
                    "After a search from the command line the model stays loaded for so long, so that the "
                    "next one is quick. It holds some memory and does nothing else."
                ),
                lowest=0,
                highest=60,
                zero=lambda: tr("Not at all"),
            ),
            Switch(
                key=PAUSE_ON_BATTERY,
                default=NO,
                title=lambda: tr("Pause on battery"),
                help=lambda: tr(
                    "Reading photos waits until the computer is plugged in. You can resume it all the same."
                ),
            ),
        ),
    ),
    Group(
        lambda: tr("Library"),
        (
            Switch(
                key=STACK,
                default=NO,
                title=lambda: tr("Stack similar photos"),
                help=lambda: tr(
                    "Of a burst, of copies and of a RAW file with its JPEG only the best is shown, with how "
                    "many are like it. A click on that, or the full stop key, shows them. They are looked "
                    "for in the background, which may take a minute."
                ),
            ),
            Switch(
                key=TAGS,
                default=YES,
                title=lambda: tr("Tag photos with what they show"),
                help=lambda: tr(
                    "Dogs, beaches, birthday cakes: what a photo surely shows stands beside it and under "
                    "Things, and tag:dog finds it. This computer does it in the background, by what it "
                    "knows of the photos already: half a minute of a core for 100,000 of them, and 9 MB."
                ),
            ),
            Switch(
                key=VIDEOS,
                default=NO,
                title=lambda: tr("Videos"),
                help=lambda: tr(
                    "Found by what their scenes show. A minute of video takes about as long to read as "
                    "twenty photos, and the whole file is read once. Switching it off takes them from the "
                    "library; what you wrote of them stays."
                ),
            ),
            Lines(
                key=EXCLUDE,
                default="",
                title=lambda: tr("Left out"),
                help=lambda: tr(
                    "Files and folders that are not read, one pattern a line: Screenshots/ or *.gif or the "
                    "whole path of a folder. A file .photosearchignore does so for the folder it lies in."
                ),
            ),
            Number(
                key=SMALLEST_EDGE,
                default="0",
                title=lambda: tr("Smallest picture"),
                help=lambda: tr(
                    "Pictures whose shorter edge has fewer pixels are left out, those that are known "
                    "already too; what you wrote of them stays."
                ),
                lowest=0,
                highest=4000,
                zero=lambda: tr("Any size"),
            ),
            Switch(
                key=WRITE_SIDECARS,
                default=NO,
                title=lambda: tr("Keep captions and stars beside photos, too"),
                help=lambda: tr(
                    "In XMP files, which digiKam, Lightroom and others read: photo.jpg.xmp, or photo.xmp "
                    "where there is one. All else in them stays, and the photos themselves are never written "
                    "to."
                ),
            ),
            Number(
                key=BACKUPS,
                default="3",
                title=lambda: tr("Backups"),
                help=lambda: tr(
                    "Copies of the library, with captions, albums and ratings, made once a day in its own "
                    "folder; older ones are removed. Photos are not in them."
                ),
                lowest=0,
                highest=30,
                zero=lambda: tr("None"),
            ),
        ),
    ),
)

SETTINGS: dict[str, Setting] = {setting.key: setting for group in GROUPS for setting in group.settings}


def checked(key: str, value: str) -> Setting:
    """The setting of that key, for which the value makes sense.

    Raises:
        KnownError: there is none, or it does not take this value.
    """
    if key not in SETTINGS:
        raise KnownError("There is no setting {key}.", key=key)
    if not SETTINGS[key].allows(value):
        raise KnownError(
            "The setting {key} cannot be {value}; it can be {values}.",
            key=key,
            value=repr(value),
            values=SETTINGS[key].values,
        )
    return SETTINGS[key]


def value(key: str, kept: str | None) -> str:
    """What a setting is where `kept` was found: that if it makes sense, else the default."""
    setting = SETTINGS[key]
    return kept if kept is not None and setting.allows(kept) else setting.default


def page() -> str:
    """docs/settings.md, in the language of the moment."""
    lines = [
        "# Settings",
        "",
        "Ctrl+comma opens them, and `photosearch settings` lists and changes all but the model, which",
        "`photosearch models use` chooses. What stands under Appearance and In the background is the",
        "person's, for every library; the others belong to a library and are kept in it. This page is made",
        "from `photosearch/settings.py`.",
    ]
    for group in GROUPS:
        lines += ["", f"## {group.title()}", "| Setting | Takes | Default | In effect | What it does |"]
        lines += ["|---|---|---|---|---|"]
        for setting in group.settings:
            takes, default = _takes(setting)
            when = "when the engine next starts" if setting.restarts else "at once"
            name = f"{setting.title()} (`{setting.key}`)"
            lines.append(f"| {name} | {takes} | {default} | {when} | {setting.help()} |")
    return "\n".join(lines) + "\n"


def _takes(setting: Setting) -> tuple[str, str]:
    """-> what it can be, and what it is at first."""
    match setting:
        case Choice():
            return ", ".join(f"`{option}`" for option, _ in setting.options), f"`{setting.default}`"
        case Switch():
            return f"`{YES}`, `{NO}`", f"`{setting.default}`"
        case Number():
            zero = f"; 0 is “{setting.zero().lower()}”" if setting.zero else ""
            return f"{setting.lowest} to {setting.highest}{zero}", setting.default
        case Lines():
            return "text of several lines", "empty"
        case Address():
            return "an address, or nothing", "empty"
        case _:
            return "a model of the library's", "the bundled one"
