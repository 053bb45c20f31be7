"""How the command line is read, and what is said of a slip of the finger: a sentence, not all the usage."""

import argparse
import difflib
import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NoReturn

from photosearch.cli import arguments
from photosearch.cli.text import as_json, complain, escaped
from photosearch.core.errors import KnownError, Sentence
from photosearch.i18n import translated
from photosearch.paths import default_library

MOST_TOLD = 12  # choices; of more, the help has the list
_ANY = "(.+)"
_ELSEWHERE = {"--top": "-n", "-t": "-n", "--filepath-only": "--paths", "-f": "--paths"}  # as others call them
_ARGPARSE_SAYS = (  # each with patterns for values, in the order of the text: argparse fills them in itself
    Sentence("the following arguments are required: {names}", names=_ANY),
    Sentence("argument {name}: expected one argument", name=_ANY),
    Sentence("argument {name}: expected at least one argument", name=_ANY),
    Sentence("argument {name}: not allowed with argument {other}", name=_ANY, other=_ANY),
    Sentence("argument {name}: ignored explicit argument {value}", name=_ANY, value=_ANY),
    Sentence("ambiguous option: {option} could match {names}", option=_ANY, names=_ANY),
)


class Parser(argparse.ArgumentParser):
    """Has the options that every command and action has; knows what a slip of the finger meant."""

    _in_json: ClassVar = False  # asked for anywhere; the parser of a command sees what follows it alone

    def __init__(self, **named: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **named)
        self._given: Sequence[str] = ()
        self._rest: argparse.Action | None = None
        # SUPPRESS: given before a command, they must not be overwritten by a default of the command.
        self.add_argument(
            "--library",
            metavar="DIR",
            type=arguments.path,
            default=argparse.SUPPRESS,
            help=f"where the index is (default: {default_library()})",
        )
        amount = self.add_mutually_exclusive_group()
        amount.add_argument(
            "-q",
            "--quiet",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print what was asked for and errors, nothing else",
        )
        amount.add_argument(
            "-v",
            "--verbose",
            action="store_true",
            default=argparse.SUPPRESS,
            help="also say on stderr what is being done",
        )

    def add_argument(self, *names: Any, **named: Any) -> argparse.Action:
        """See argparse."""
        action = super().add_argument(*names, **named)
        if action.nargs in ("+", "*") and not action.option_strings:
            self._rest = action
        return action

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """See argparse, which takes no more words after the first option behind some; here they go on."""
        self._given = sys.argv[1:] if args is None else args
        if " " not in self.prog:
            Parser._in_json = "--json" in self._given
        found, left = super().parse_known_args(args, namespace)
        if self._rest is not None:
            left = self._taken(found, left)
        if left:
            self._refuse_rest(left[0])
        return found, left

    def _taken(self, found: argparse.Namespace, left: list[str]) -> list[str]:
        """Give the words among what is left to the argument that takes all; -> the others."""
        assert self._rest is not None
        behind = list(self._given[self._given.index("--") + 1 :]) if "--" in self._given else []
        if behind and left[-len(behind) :] == behind:  # they are words, whatever they begin with
            del left[-len(behind) :]
        else:
            behind = []
        words = [*(word for word in left if _is_word(word)), *behind]
        convert = self._rest.type if callable(self._rest.type) else str
        setattr(found, self._rest.dest, [*getattr(found, self._rest.dest), *map(convert, words)])
        return [word for word in left if word != "--" and not _is_word(word)]

    def _print_message(self, message: str, file: Any = None) -> None:
        """See argparse, which keeps silent where it cannot be written."""
        print(message, end="", file=file or sys.stderr, flush=True)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and end."""
        left_out = self._left_out(word for word in self._given if word[:2] not in self._option_string_actions)
        self._refuse(_as_sentence(message), left_out or self._what_it_takes())

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        """See argparse, whose own errors of types are texts; ours are KnownErrors."""
        try:
            return super()._get_value(action, arg_string)
        except KnownError as error:
            wrong = Sentence("argument {name}: {reason}", name=_name(action), reason=error.sentence)
            self._refuse(wrong, self._what_it_takes())

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """See argparse, which tells all that there is to choose from, and not what was meant."""
        if action.choices is None or value in action.choices:
            return
        choices = list(map(str, action.choices))
        is_command = action.dest is argparse.SUPPRESS
        if is_command:
            typed = " ".join([*self.prog.split()[1:], value])
            wrong = Sentence("There is no command {command}", command=escaped(typed))
        else:
            wrong = Sentence("{name} cannot be {value}", name=_name(action), value=escaped(value))
        if meant := _meant(value, choices):
            then = meant
        elif is_command and self.prog == "photosearch":
            given = self._given[self._given.index(value) :] if value in self._given else [value]
            given = [word for word in given if word not in ("-h", "--help")]
            then = Sentence("to search: photosearch search {words}", words=escaped(shlex.join(given)))
        elif len(choices) <= MOST_TOLD:
            then = Sentence("it can be {values}", values=", ".join(choices))
        else:
            then = self._has_a_list()
        self._refuse(wrong, then)

    def _refuse_rest(self, first: str) -> NoReturn:
        """Of what was given, this is the first that nothing takes."""
        if _is_word(first):
            wrong = Sentence("{command} takes no {word} here", command=self.prog, word=escaped(first))
            self._refuse(wrong, self._what_it_takes())
        option = first.partition("=")[0]
        if first[:2] in _ELSEWHERE and first[2:].isdecimal():  # its value is written right behind it
            option = first[:2]
        elif left_out := self._left_out([first]):
            self._refuse(Sentence("There is no option {option}", option=escaped(first)), left_out)
        own = self._option_string_actions
        close = [_ELSEWHERE[option]] if _ELSEWHERE.get(option) in own else []
        meant = _did_you_mean(close) or _meant(option, (each for each in own if each.startswith("--")))
        self._refuse(
            Sentence("There is no option {option}", option=escaped(option)), meant or self._has_a_list()
        )

    def _left_out(self, words: Iterable[str]) -> Sentence | None:
        """What to do where one of these may be meant as a word of a query."""
        word = next(filter(_is_left_out, words), None) if self._rest and self._rest.dest == "query" else None
        if word is None:
            return None
        return Sentence(
            "what a query leads away from stands behind --: {command} … -- {word}",
            command=self.prog,
            word=escaped(word),
        )

    def _what_it_takes(self) -> Sentence:
        return Sentence("{command} --help says what it takes", command=self.prog)

    def _has_a_list(self) -> Sentence:
        return Sentence("{command} --help has a list", command=self.prog)

    def _refuse(self, wrong: Sentence, then: Sentence) -> NoReturn:
        """End, saying what is wrong and what to do then."""
        sentence = Sentence("{said}; {more}", said=wrong, more=then)
        complain(sentence)
        if Parser._in_json:
            print(as_json({"error": translated(sentence)}), flush=True)
        self.exit(2)


def _as_sentence(message: str) -> Sentence:
    """What argparse says, which can be translated where it is known."""
    for known in _ARGPARSE_SAYS:
        if found := re.fullmatch(str(known), message, re.DOTALL):
            return Sentence(known.template, **dict(zip(known.values, found.groups(), strict=True)))
    return Sentence(message)


def _name(action: argparse.Action) -> str:
    if action.option_strings:
        return "/".join(action.option_strings)
    return str(action.metavar or action.dest.upper())


def _meant(typed: str, names: Iterable[str]) -> Sentence | None:
    return _did_you_mean(difflib.get_close_matches(typed, list(names), n=1) if " " not in typed else [])


def _did_you_mean(close: Sequence[str]) -> Sentence | None:
    return Sentence("did you mean {name}?", name=close[0]) if close else None


def _is_word(argument: str) -> bool:
    return argument == "-" or not argument.startswith("-") or " " in argument  # as argparse has it


def _is_left_out(argument: str) -> bool:
    """Whether it may be a word that a query has a minus before; a single letter is a slip of an option."""
    return re.fullmatch(r"-[^-].+", argument) is not None
