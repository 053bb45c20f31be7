"""photosearch words [list|set|remove]"""

import argparse

import msgspec

from photosearch.cli.connect import engine, require
from photosearch.cli.text import as_json, columns, escaped, padded
from photosearch.core import teaching_messages
from photosearch.core.errors import Sentence
from photosearch.core.teaching import Word
from photosearch.i18n import translated

NAME = "words"
HELP = "list names of your own and what they mean to searches, or change them"
EXAMPLES = (
    "photosearch words",
    'photosearch words set Rusty "brown dog"         (a search for Rusty looks for a brown dog)',
    'photosearch words remove "Clover Meadow"        (the name stands for itself again)',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    list_ = actions.add_parser("list", help="print them")
    list_.add_argument("--json", action="store_true", help="print one JSON object")
    list_.set_defaults(run=run)
    set_ = actions.add_parser("set", help="let a name mean this, from now on and when you teach again")
    set_.add_argument("name", metavar="WORD")
    set_.add_argument("phrase", metavar="PHRASE", help="in words that anybody would use")
    set_.set_defaults(run=_set)
    remove = actions.add_parser("remove", help="let a name stand for itself, also when you teach again")
    remove.add_argument("name", metavar="WORD")
    remove.set_defaults(run=_remove)


def run(options: argparse.Namespace) -> int:
    require(options.library)
    with engine(options.library) as client:
        words = client.call(teaching_messages.GetWords()).words
    if options.json:
        print(as_json({"words": [msgspec.to_builtins(word) for word in words]}))
    elif words:
        print("\n".join(_line(word, max(columns(escaped(word.name)) for word in words)) for word in words))
    else:
        none = Sentence(
            "No names yet: photosearch teach learns them, photosearch words set takes one from you."
        )
        print(translated(none))
    return 0


def _line(word: Word, width: int) -> str:
    is_told = word.phrase and word.phrase != word.name
    meaning = word.phrase if is_told else translated(Sentence("as its photos show it"))
    captions = Sentence("{n:,} caption" if word.captions == 1 else "{n:,} captions", n=word.captions)
    origin = translated(Sentence("yours") if word.edited else captions)
    return f"{padded(escaped(word.name), width)}  = {escaped(meaning)}  ({origin})"


def _set(options: argparse.Namespace) -> None:
    require(options.library)
    with engine(options.library) as client:
        client.call(teaching_messages.SetWord(_text(options.name), _text(options.phrase)))


def _remove(options: argparse.Namespace) -> None:
    require(options.library)
    with engine(options.library) as client:
        client.call(teaching_messages.RemoveWord(_text(options.name)))


def _text(argument: str) -> str:
    """What is no Unicode in it cannot be sent."""
    return argument.encode(errors="replace").decode()
