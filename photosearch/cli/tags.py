"""photosearch tags [list|show|wrong|add|rename|remove|restore|on|off|status|now]"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from photosearch import i18n, settings
from photosearch.cli import arguments, stages
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.photos import photo_ids
from photosearch.cli.text import as_json, count, escaped, listed, note, padded, say
from photosearch.core import tag_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.tags import Tag, shipped

if TYPE_CHECKING:
    from photosearch.store.reader import Reader

_OFF = Sentence("Tags are switched off; photosearch tags on switches them on.")

NAME = "tags"
HELP = "list what photos are tagged with, say what is wrong, or change the list (find them with tag:dog)"
EXAMPLES = (
    "photosearch tags                                (each, and how many photos have it)",
    "photosearch tags now                            (look at all photos that were not looked at yet)",
    "photosearch tags show cove.jpg",
    "photosearch tags wrong dog cove.jpg lake.jpg    (they show none, whatever a model says)",
    'photosearch tags add "red sofa"',
    'photosearch tags add Rusty --ask "a brown dog with a red collar"',
    "photosearch tags rename Rusty Max",
    "photosearch tags remove kite                    (photosearch tags restore kite brings it back)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    list_ = actions.add_parser("list", help="print each tag, and how many photos have it")
    list_.add_argument("--all", action="store_true", help="those of the list that no photo has, too")
    list_.set_defaults(run=run)
    show = actions.add_parser("show", help="print what photos are tagged with")
    show.set_defaults(run=_show)
    wrong = actions.add_parser("wrong", help="take a tag away from photos that do not show it")
    wrong.add_argument("tag", metavar="TAG")
    wrong.set_defaults(run=_deny)
    for action in (show, wrong):
        action.add_argument("file", nargs="+", metavar="FILE", type=arguments.path)
    add = actions.add_parser("add", help="look for something else in every photo")
    add.add_argument("tag", metavar="NAME")
    add.add_argument(
        "--ask", action="append", default=[], metavar="TEXT", help="in place of the name; may be given again"
    )
    add.set_defaults(run=_add)
    rename = actions.add_parser("rename", help="call a tag of your own otherwise; what it looks for stays")
    rename.set_defaults(run=_rename)
    remove = actions.add_parser("remove", help="look for it no more")
    remove.set_defaults(run=_remove)
    restore = actions.add_parser("restore", help="look for one of the list again that was removed")
    restore.set_defaults(run=_restore)
    for action in (rename, remove, restore):
        action.add_argument("tag", metavar="TAG")
    rename.add_argument("name", metavar="NAME")
    for action in (list_, show):
        action.add_argument("--json", action="store_true", help="print one JSON object")
    stages.add_actions(actions, settings.TAGS)


def run(options: argparse.Namespace) -> int:
    """Print the tags that photos have."""
    require(options.library)
    with open_reader(options.library) as reader:
        counted = reader.tag_counts()
        tags = reader.tags() if getattr(options, "all", False) else [tag for tag, _ in counted]
    counts = {tag.name: photos for tag, photos in counted}
    if options.json:
        print(as_json({"tags": [_fields(tag) | {"photos": counts.get(tag.name, 0)} for tag in tags]}))
        return 0
    width = max((len(f"{number:,}") for number in counts.values()), default=1)
    for tag in tags:
        print(f"{counts.get(tag.name, 0):{width},}  {escaped(tag.said(i18n.language()))}")
    with engine(options.library) as client:
        stage = stages.state(client, settings.TAGS)
    if stage.phase == "off":
        note(_OFF)
    elif left := stage.total - stage.done:
        note(
            Sentence(
                "{photos} not looked at yet: photosearch tags now does that.", photos=count(left, "photo")
            )
        )
    return 0


def _show(options: argparse.Namespace) -> int:
    require(options.library)
    ids = photo_ids(options.library, options.file)
    with open_reader(options.library) as reader:
        found = [reader.tags_of(photo_id) for photo_id in ids]
    if options.json:
        print(as_json({"photos": [{"tags": [_fields(tag) for tag in tags]} for tags in found]}))
        return 0
    names = [escaped(path) for path in options.file]
    for name, tags in zip(names, found, strict=True):
        said = ", ".join(escaped(tag.said(i18n.language())) for tag in tags) or "-"
        print(said if len(ids) == 1 else f"{padded(name, max(map(len, names)))}  {said}")
    return 0


def _deny(options: argparse.Namespace) -> None:
    require(options.library)
    ids = photo_ids(options.library, options.file)
    with open_reader(options.library) as reader:
        tag = _called(options.tag, reader)
        have = set(reader.tagged([tag]).tolist())
    tagged = [photo_id for photo_id in dict.fromkeys(ids) if photo_id in have]
    if not tagged:
        raise KnownError("None of these photos is tagged “{tag}”.", tag=tag)
    with engine(options.library) as client:
        client.call(tag_messages.DenyTag(tuple(tagged), tag))
    say(Sentence("“{tag}” taken away from {photos}", tag=tag, photos=count(len(tagged), "photo")))


def _add(options: argparse.Namespace) -> None:
    require(options.library)
    name = " ".join(_text(options.tag).split())
    before = _own(name, options)
    with engine(options.library) as client:
        client.call(tag_messages.AddTag(name, tuple(map(_text, options.ask))))
        stage = stages.state(client, settings.TAGS)
    if before and before != _own(name, options):
        note(
            Sentence(
                "“{tag}” was looked for as {before} until now; photosearch undo brings that back.",
                tag=name,
                before=listed([f"“{text}”" for text in before.texts(())]),
            )
        )
    if stage.phase == "off":
        note(_OFF)
    else:
        say(
            Sentence(
                "“{tag}” is looked for in {photos} while a window is open, or by photosearch tags now; "
                "photosearch tags shows how many have it.",
                tag=options.tag,
                photos=count(stage.total - stage.done, "photo"),
            )
        )


def _own(name: str, options: argparse.Namespace) -> Tag | None:
    """The person's own tag of this name."""
    with open_reader(options.library) as reader:
        return next((tag for tag in reader.own_tags() if tag.name == name), None)


def _rename(options: argparse.Namespace) -> None:
    require(options.library)
    with open_reader(options.library) as reader:
        tag = _called(options.tag, reader)
    with engine(options.library) as client:
        client.call(tag_messages.RenameTag(tag, _text(options.name)))
    say(Sentence("Tag “{tag}” renamed to “{name}”", tag=tag, name=options.name))


def _remove(options: argparse.Namespace) -> None:
    require(options.library)
    with open_reader(options.library) as reader:
        tag = _called(options.tag, reader)
    with engine(options.library) as client:
        client.call(tag_messages.RemoveTag(tag))


def _restore(options: argparse.Namespace) -> None:
    from photosearch.store.words import folded

    require(options.library)
    wanted = folded(options.tag)
    called = [tag.name for tag in shipped() if wanted in map(folded, tag.names)]
    if not called:
        raise KnownError("There is no tag “{tag}”.", tag=options.tag)
    with engine(options.library) as client:
        client.call(tag_messages.RestoreTag(called[0]))


def _called(name: str, reader: Reader) -> str:
    """
    Raises:
        KnownError: no tag is called so.
    """
    found = reader.tags_called(name)
    if not found:
        raise KnownError("There is no tag “{tag}”.", tag=name)
    return found[0]


def _fields(tag: Tag) -> dict[str, object]:
    asks = {"ask": tag.texts(())} if tag.own else {}
    return {"tag": tag.name, "name": tag.said(i18n.language()), "own": tag.own} | asks


def _text(argument: str) -> str:
    """What is no Unicode in it cannot be sent."""
    return argument.encode(errors="replace").decode()
