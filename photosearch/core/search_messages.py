"""What faces ask of searches, and what the engine answers: photos, why they stand so, how to go on typing."""

from typing import Literal

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.message import Reply, Request
from photosearch.core.photo import Confidence, Hit, Place
from photosearch.core.query import AnyFilter
from photosearch.core.teaching import LearntUse

Sort = Literal["relevance", "date", "name"]
Group = Literal["none", "day", "folder", "place"]


class Search(Request["SearchResult"], frozen=True, tag="search"):
    """A query, as docs/search.md describes them; its text may be empty where pictures or marks say enough.

    Other orders than by relevance leave the weak hits last.
    """

    text: str
    k: int = 50
    sort: Sort = "relevance"
    group: Group = "none"
    liked: tuple[int, ...] = ()  # ids of photos marked as right: more like these
    disliked: tuple[int, ...] = ()
    images: tuple[bytes, ...] = ()  # files of pictures, each as an example: pasted, dropped
    most: int = 0  # hits that come where more than k are strong or likely
    within: tuple[AnyFilter, ...] = ()  # where to search: only photos that pass these, too

    @property
    def has_examples(self) -> bool:
        """Whether pictures or marks say, too, what is meant."""
        return bool(self.images or self.liked or self.disliked)


class Explain(Request["Explanation"], frozen=True, tag="explain"):
    """Why a photo is among the hits of a search, or is not."""

    search: Search
    photo_id: int


class Suggest(Request["Suggestions"], frozen=True, tag="suggest"):
    """How a query that begins so might go on; names that are translated are suggested in this language."""

    text: str
    most: int = 8
    language: str = "en"
    within: tuple[AnyFilter, ...] = ()  # where it will be searched: what no photo there has is not suggested


class Similar(Request["SearchResult"], frozen=True, tag="similar"):
    """Photos like one, itself left out; in orders and groups as those of Search."""

    photo_id: int
    k: int = 50
    sort: Sort = "relevance"
    group: Group = "none"
    most: int = 0  # as of Search


class RankAll(Request["Ranked"], frozen=True, tag="rank_all"):
    """All photos that answer a question, to the last one."""

    question: Search | Similar  # its k, group and most do not count


class Piece(msgspec.Struct, frozen=True):
    """A part of a query that means something by itself: a chip."""

    kind: Literal["words", "towards", "away", "like", "filter"]
    text: str  # as it would be typed
    span: tuple[int, int]  # where it stands in what was typed, in code points


class Labels(msgspec.Struct, frozen=True):
    """How many of the photos that were searched are hits of each confidence.

    Those whose names or captions hold the words are counted apart from the others; so are those of which only
    a folder's or an album's name does, and the picture does not answer (`behind`).
    """

    strong: int = 0
    likely: int = 0
    weak: int = 0
    named: int = 0
    behind: int = 0

    @property
    def sure(self) -> int:
        """Those that stand before the weak ones."""
        return self.named + self.strong + self.likely + self.behind


class HitGroup(msgspec.Struct, frozen=True):
    """Hits that stand together: from `start` to where the next group starts."""

    key: bytes  # a day ("2024-07-14"), a folder's path as os.fsencode gives it, or a town's number
    start: int
    # How a town is called in English and in Chinese, both empty where it is not known; of no town, None.
    town: tuple[str, str] | None = None


class SearchResult(Reply, frozen=True, tag="search_result"):
    """The photos that answer a query, and how it was understood."""

    query: str  # as it was understood
    model: str
    encode_ms: float
    rank_ms: float
    searched: int  # photos that were ranked
    hits: list[Hit]
    pieces: tuple[Piece, ...] = ()
    labels: Labels = Labels()
    groups: tuple[HitGroup, ...] = ()  # empty where none were asked for
    # Where the filters let nothing through: how many photos would pass without each of the pieces.
    without_piece: tuple[int, ...] = ()
    everywhere: int = 0  # and how many would pass were they not searched `within` anything
    learnt: tuple[LearntUse, ...] = ()  # names of the person's own in the query, in its order
    # Why the model cannot have understood the words, or what the filters look for and is not read here.
    caveat: Sentence | None = None

    @property
    def ranks(self) -> bool:
        """Whether some of its photos answer better than others: not where filters alone chose them."""
        return not self.pieces or any(piece.kind != "filter" for piece in self.pieces)

    def nothing_found(self, photos: int) -> Sentence:
        """Why none was ranked of a library of so many photos."""
        if not photos:
            return Sentence(
                "There are no photos in this library yet; index a folder: photosearch index FOLDER"
            )
        filters = [piece.text for piece in self.pieces if piece.kind == "filter"]
        if len(filters) == 1:
            return Sentence("No photo passes the filter {filter}.", filter=filters[0])
        if filters:
            return Sentence("No photo passes these filters; take one of them away.")
        return Sentence("The present model has not read these photos yet; index their folder again.")


class Ranked(Reply, frozen=True, tag="ranked"):
    """Photos in the order asked for, packed; named ones, sure ones, those behind these, and the others."""

    ids: bytes  # (N,) int64, little-endian
    aspects: bytes  # (N,) float32, width over height, upright
    labels: Labels


class Pull(msgspec.Struct, frozen=True):
    """What a part of a query adds to a photo's score; negative where it takes away."""

    text: str
    score: float
    away: bool = False  # whether the query asks for photos without it


class Naming(msgspec.Struct, frozen=True):
    """Where the words of a query stand that a photo is found by, whatever it shows."""

    place: Place
    text: str  # the name of the folder or album; of other places the words as they were typed


class Explanation(Reply, frozen=True, tag="explanation"):
    """Why a photo stands where it does. The pulls add up to `score` + `bias`."""

    score: float
    bias: float  # what the photo has in common with every query; taken off
    confidence: Confidence
    rank: int | None  # 1 is best; None: the filters leave this photo out
    searched: int
    pulls: tuple[Pull, ...]  # of the sentence, of each weighted word, picture and mark
    words: tuple[Pull, ...]  # of each telling word of the sentence: what the score loses without it
    histogram: tuple[int, ...]  # photos by score, in bins of equal width
    lowest: float  # where the first bin begins
    highest: float  # where the last one ends
    named: Naming | None = None  # before its score this is why it stands where it does


class Suggestion(msgspec.Struct, frozen=True):
    """One way in which a query might go on."""

    kind: Literal[
        "recent", "saved", "example", "filter", "folder", "camera", "date", "album", "tag", "place", "value"
    ]
    text: str  # the whole query, if this is taken
    shown: str  # what is new in it
    photos: int | None = None  # that it would leave, where that is known


class Suggestions(Reply, frozen=True, tag="suggestions"):
    """How a query might go on, the likeliest first."""

    suggestions: tuple[Suggestion, ...]


AnyRequest = Search | Similar | RankAll | Explain | Suggest
AnyReply = SearchResult | Ranked | Explanation | Suggestions
