"""The scripts that texts and languages are written in: the one place that tells them apart."""

import functools
import unicodedata
from collections.abc import Iterable

# Of scripts that put no spaces between words: Thai to Khmer, kana, Han, Hangul; for a class of letters in a
# regular expression.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# Scripts as Unicode's names of letters begin with them. A language that is not here is written in Latin.
_WRITTEN_IN = {
    languages: frozenset(scripts.split())
    for languages, scripts in {
        "zh": "CJK BOPOMOFO",
        "ja": "CJK HIRAGANA KATAKANA",
        "ko": "HANGUL CJK",
        "ru uk be bg mk sr kk ky mn": "CYRILLIC",
        "ar fa ur ps ug sd": "ARABIC",
        "hi mr ne sa": "DEVANAGARI",
        "bn as": "BENGALI",
        "pa": "GURMUKHI",
        "gu": "GUJARATI",
        "or": "ORIYA",
        "ta": "TAMIL",
        "te": "TELUGU",
        "kn": "KANNADA",
        "ml": "MALAYALAM",
        "si": "SINHALA",
        "th": "THAI",
        "lo": "LAO",
        "my": "MYANMAR",
        "km": "KHMER",
        "ka": "GEORGIAN",
        "hy": "ARMENIAN",
        "el": "GREEK",
        "he yi": "HEBREW",
        "am ti": "ETHIOPIC",
    }.items()
}
_KNOWN = frozenset(("LATIN",)).union(*_WRITTEN_IN.values())


def reads(languages: Iterable[str], text: str) -> bool:
    """Whether who reads these languages, by their codes ("en", "zh-Hant"), knows the scripts of a text.

    Only scripts are looked at: German is written as English is. Who is known to read nothing reads anything.
    """
    known = [_scripts_of(language.partition("-")[0].lower()) for language in languages]
    return not known or scripts(text) <= frozenset(("LATIN",)).union(*known)


def is_english(text: str) -> bool:
    """Whether it may be English: every letter is one of its alphabet."""
    return all(character.isascii() for character in text if character.isalpha())


def scripts(text: str) -> frozenset[str]:
    """The scripts of its letters, as Unicode names them; of those that a language here is written in."""
    return frozenset(map(_script, filter(str.isalpha, text))) & _KNOWN


@functools.lru_cache(4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _scripts_of(language: str) -> frozenset[str]:
    found = (scripts for codes, scripts in _WRITTEN_IN.items() if language in codes.split())
    return next(found, frozenset(("LATIN",)))
