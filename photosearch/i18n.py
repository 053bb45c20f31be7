"""What the person reads, in their language. The English text is the key; a catalogue holds the others.

Every text of the window stands as a literal in a call of tr() or tr_n(), so that a test can find them all.

Engine, decoders and store know no languages: their sentences are English, over the wire and in the library.
A face passes them through translated(); a second catalogue holds their templates. The same test finds these
where they are written (tests/helpers/sentences.py).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable

from photosearch.core import tags
from photosearch.core.errors import Sentence
from photosearch.paths import resources

LANGUAGES = ("en", "zh_CN")

_language = "en"
_catalogue: dict[str, str] = {}
_sentences: dict[str, str] = {}


def use(language: str) -> str:
    """Speak this language from now on; -> one of LANGUAGES.

    `language` is as a locale names it ("zh-Hans-CN", "de_DE"). Whatever is not Chinese is English.
    """
    global _language, _catalogue, _sentences
    _language = chosen = chosen_for(language)
    _catalogue = {} if chosen == "en" else load(chosen)
    _sentences = {} if chosen == "en" else load_sentences(chosen)
    return chosen


def chosen_for(language: str) -> str:
    """The one of LANGUAGES for who speaks this, as a locale names it."""
    return "zh_CN" if language.replace("_", "-").lower().split("-")[0] == "zh" else "en"


def of_environment() -> str:
    """The language that the environment asks for, as gettext reads it; for `use`."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((os.environ[name] for name in names if os.environ.get(name)), "C")
    if locale.partition(".")[0] in ("C", "POSIX"):
        return "en"
    wanted = (os.environ.get("LANGUAGE") or locale).split(":")  # the dearest first
    return next((each for each in wanted if re.match("(?i)(en|zh)([^a-z]|$)", each)), "en")


def language() -> str:
    """The one that is spoken, of LANGUAGES."""
    return _language


def load(language: str) -> dict[str, str]:
    """The window's texts in another language, by the English ones."""
    return _read(f"{language}.json")


def load_sentences(language: str) -> dict[str, str]:
    """Those of the engine."""
    return _read(f"{language}.engine.json")


def load_page(language: str) -> dict[str, str]:
    """Those of the page that photosearch serve gives to browsers."""
    return _read(f"{language}.page.json")


def _read(name: str) -> dict[str, str]:
    catalogue: dict[str, str] = json.loads((resources() / "translations" / name).read_text("utf-8"))
    return catalogue


class _Said(str):
    """A text in the language of the moment, which can be said again in another."""

    again: Callable[[], str]


def tr(text: str, **values: object) -> str:
    """The text in the person's language, with {names} filled in; numbers get thousands separators."""
    return _said(lambda: _filled(_catalogue.get(text, text), values))


def tr_n(one: str, many: str, n: int, **values: object) -> str:
    """As tr(), for a text that counts {n} things. Catalogues hold it under `many`."""
    text = one if n == 1 else many
    return _said(lambda: _filled(_catalogue.get(many, text), {"n": n, **values}))


def translated(sentence: Sentence) -> str:
    """A sentence of the engine in the person's language, a reason inside it too; in English where unknown."""
    return _said(lambda: _worded(sentence, _language, _sentences))


def translated_to(language: str) -> Callable[[Sentence], str]:
    """What puts sentences into one of LANGUAGES, whatever is spoken: for who speaks with several people."""
    sentences = {} if language == "en" else load_sentences(language)
    return lambda sentence: _worded(sentence, language, sentences)


def _worded(sentence: Sentence, language: str, sentences: dict[str, str]) -> str:
    """A sentence in a language; the value that is called `tag` is a tag's name, and is said in it, too."""
    template, tag = sentence.template, sentence.values.get("tag")
    if isinstance(tag, str) and language != "en":
        sentence = Sentence(template, **{**sentence.values, "tag": tags.said(tag, language)})
    return sentence.filled(
        sentences.get(template, template), lambda inner: _worded(inner, language, sentences)
    )


def paragraph(sentences: Iterable[str]) -> str:
    """Sentences, one behind the other, without those that are empty; Chinese has no space between them."""
    return ("" if _language == "zh_CN" else " ").join(filter(None, sentences))


def said_again(text: str) -> str:
    """A text that was kept since it was said, in the language by now; as it is where it is put together."""
    return text.again() if isinstance(text, _Said) else text


def _said(say: Callable[[], str]) -> str:
    text = _Said(say())
    text.again = lambda: _said(say)
    return text


def _filled(text: str, values: dict[str, object]) -> str:
    return text.format(**{name: _shown(value) for name, value in values.items()}) if values else text


def _shown(value: object) -> object:
    if isinstance(value, int):
        return f"{value:,}"
    return said_again(value) if isinstance(value, str) else value
