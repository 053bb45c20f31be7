"""What is said of teaching a model the person's own words: shared by trainer, engine and faces.

Photos have labels here: file names on the command line, photo ids in decimal where the engine asks.
"""

from typing import Literal

import msgspec

from photosearch.core.errors import Sentence

Verdict = Literal["better", "unclear", "worse", "too_few"]
Route = Literal["phrase", "photos"]
FEWEST_PHOTOS = 20  # with captions, below which nothing can be told


class Word(msgspec.Struct, frozen=True):
    """A name of the person's own, and what the model reads in its place.

    It is found in any case and only as a whole word. Without a phrase and without a vector it stays as it is.
    """

    name: str  # as the person writes it: "Rusty"
    phrase: str = ""  # "brown dog"; "" and a vector: the name is taken out of the text
    vector: int | None = None  # the row of `Lesson.vectors` that is added to the text's; None: none
    weight: float = 0.0  # of that row, beside a text of length 1
    captions: int = 0  # of the person's that have it
    edited: bool = False  # the person chose it: learning leaves it alone
    choices: tuple[str, ...] = ()  # other phrases that explain its photos nearly as well, best first

    @property
    def has_effect(self) -> bool:
        """Whether the word changes any text: it is read as a phrase, or pulls with a vector."""
        return bool(self.phrase) or self.vector is not None


class Recalls(msgspec.Struct, frozen=True):
    """How well texts find their photos."""

    queries: int
    first: int  # texts whose photo stood first
    in5: int  # among the first five
    in10: int
    mrr: float  # mean reciprocal rank


class QueryChange(msgspec.Struct, frozen=True):
    """A held-out caption whose photo stands elsewhere than before."""

    caption: str
    read_as: str  # with the names replaced
    photo: str  # its label
    rank_before: int  # 1 is best
    rank_after: int
    before: tuple[str, ...]  # labels of the first photos
    after: tuple[str, ...]


class LearntWord(msgspec.Struct, frozen=True):
    """A name that was learnt, and how well it works."""

    name: str
    phrase: str  # what it reads as; "": its photos speak for it
    route: Route
    captions: int
    gain: float  # in mean reciprocal rank, of the held-out captions that have it
    choices: tuple[str, ...] = ()


class TeachReport(msgspec.Struct, frozen=True):
    """What learning brought, measured on captions that were held out from it, pooled over folds."""

    base: str  # model_id
    captions: int
    photos: int  # that have them
    gallery: int  # photos among which each caption had to find its own
    verdict: Verdict
    before: Recalls
    after: Recalls
    gain: float  # in mean reciprocal rank among the captioned photos alone
    gain_low: float  # its 95 % interval: paired bootstrap, clustered by near-duplicates
    gain_high: float
    improved: int  # captions whose photo rose
    worsened: int
    unchanged: int
    general_before: Recalls  # general captions against general photos
    general_after: Recalls
    general_low: float  # 95 % interval of the change in the share found among the first 10
    general_high: float
    words: tuple[LearntWord, ...] = ()
    changes: tuple[QueryChange, ...] = ()  # what became worse first; at most 60
    share: float = 0.0  # of the adapter; 0: it is not used
    seconds: float = 0.0
    skipped: tuple[Sentence, ...] = ()  # on captions that were left out
    format: int = 2  # 1: `skipped` has texts


Stage = Literal["reading", "words", "adapter", "checking", "writing"]


class TeachProgress(msgspec.Struct, frozen=True):
    """How far learning has come."""

    stage: Stage
    done: int = 0
    total: int = 0  # of this stage; 0: not known
    seconds_left: float | None = None  # of all stages


class CurvePoint(msgspec.Struct, frozen=True):
    """A point of the learning curve."""

    step: int
    loss: float
    mistakes: float  # share of held-out captions whose photo is not among the first 10
    base_mistakes: float  # the same, unlearnt


Phase = Literal["idle", "running", "done", "failed", "cancelled"]


class TeachingState(msgspec.Struct, frozen=True):
    """Where the library's teaching stands; after its end, how the last one ended."""

    phase: Phase = "idle"
    progress: TeachProgress | None = None
    curve: tuple[CurvePoint, ...] = ()
    sentence: Sentence | None = None  # why it failed
    lesson: str = ""  # id of what was learnt
    verdict: Verdict | None = None


class LessonInfo(msgspec.Struct, frozen=True):
    """A lesson that the library keeps."""

    lesson: str  # id, safe as a file name
    name: str
    created_at: float  # Unix time
    captions: int
    verdict: Verdict | None  # None: it came without a report, or was edited since
    in_use: bool
    fits: bool  # made for the model that answers
    edited: bool = False  # its words were changed by the person after it was learnt


class LearntUse(msgspec.Struct, frozen=True):
    """A name that was understood in a query."""

    name: str  # as it was learnt
    phrase: str  # what the model read; "": photos of that name speak for it
    span: tuple[int, int]  # where it stands in what was typed, in code points
