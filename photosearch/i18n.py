"""What the person reads, in their language. The English text is the key; a catalogue holds the others.

Every text of the window stands as a literal in a call of tr() or tr_n(), so that a test can find them all.

Engine, decoders and store know no languages: their sentences are English, over the wire and in the library.
A face passes them through translated(); a second catalogue holds each, with {0}, {1}, ... in place of what
was filled in. The same test finds them where they are written (tests/helpers/sentences.py).
"""

from __future__ import annotations

import json
import re
from functools import cache

from photosearch.paths import resources

LANGUAGES = ("en", "zh_CN")

_language = "en"
_catalogue: dict[str, str] = {}


def use(language: str) -> str:
    """Speak this language from now on; -> one of LANGUAGES.

    `language` is as a locale names it ("zh-Hans-CN", "de_DE"). Whatever is not Chinese is English.
    """
    global _language, _catalogue
    _language = chosen = "zh_CN" if language.replace("_", "-").lower().split("-")[0] == "zh" else "en"
    _catalogue = {} if chosen == "en" else load(chosen)
    return chosen


def language() -> str:
    """The one that is spoken, of LANGUAGES."""
    return _language


def load(language: str) -> dict[str, str]:
    return _read(f"{language}.json")


def load_sentences(language: str) -> dict[str, str]:
    """Those of the engine."""
    return _read(f"{language}.engine.json")


def _read(name: str) -> dict[str, str]:
    catalogue: dict[str, str] = json.loads((resources() / "translations" / name).read_text("utf-8"))
    return catalogue


def tr(text: str, **values: object) -> str:
    """The text in the person's language, with {names} filled in; numbers get thousands separators."""
    return _filled(_catalogue.get(text, text), values)


def tr_n(one: str, many: str, n: int, **values: object) -> str:
    """As tr(), for a text that counts {n} things. Catalogues hold it under `many`."""
    text = one if n == 1 else many
    return _filled(_catalogue.get(many, text), {"n": n, **values})


def translated(sentence: str) -> str:
    """A sentence of the engine, its values filled in, in the person's language; as it is where unknown.

    Values are translated too: a sentence may hold the reason that a decoder gave.
    """
    if _language == "en":
        return sentence
    for pattern, translation in _sentences(_language):
        if match := pattern.fullmatch(sentence):
            return translation.format(*map(translated, match.groups()))
    return sentence


@cache
def _sentences(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Patterns of the engine's sentences and what they become; those that say most by themselves first."""
    split = [(re.split(r"{\d}", text), translation) for text, translation in load_sentences(language).items()]
    split.sort(key=lambda one: -sum(map(len, one[0])))
    return [(re.compile("(.+?)".join(map(re.escape, said)), re.DOTALL), shown) for said, shown in split]


def _filled(text: str, values: dict[str, object]) -> str:
    shown = {key: f"{value:,}" if isinstance(value, int) else value for key, value in values.items()}
    return text.format(**shown) if values else text
