"""What faces and the engine say to each other of classifying: which of some labels fits each photo best."""

from photosearch.core.errors import KnownError
from photosearch.core.message import Reply, Request

MOST_LABELS = 200
MOST_TEXTS = 2000  # labels times templates
PLACE = "{}"  # of the label in a template


class Classify(Request["Classified"], frozen=True, tag="classify"):
    """Share each photo among labels.

    Of the photos that are named; else of those that an album of this query would have; else of all.
    """

    labels: tuple[str, ...]
    templates: tuple[str, ...] = ()  # "a photo of a {}"; none: labels are asked as a search asks for them
    photo_ids: tuple[int, ...] | None = None
    text: str = ""
    top: int = 5  # labels of each photo that are told
    most: int = 1000  # photos that are told one by one

    def check(self) -> None:
        """
        Raises:
            KnownError: there are too few or too many labels, or a template has no place for one.
        """
        labels, templates = len(self.labels), max(1, len(self.templates))
        if labels < 2 or len(set(self.labels)) < labels or not all(map(str.strip, self.labels)):
            raise KnownError("Give two labels or more, each once and none empty, to choose among.")
        if labels > MOST_LABELS or labels * templates > MOST_TEXTS:
            raise KnownError(
                "That is too much at once: at most {labels} labels, and {texts:,} labels times templates.",
                labels=MOST_LABELS,
                texts=MOST_TEXTS,
            )
        if lacking := [template for template in self.templates if PLACE not in template]:
            raise KnownError(
                "The template “{template}” has no place for the label; write {place} there.",
                template=lacking[0],
                place=PLACE,
            )


class Classified(Reply, frozen=True, tag="classified"):
    """How likely each label is; arrays are packed, little-endian, each photo's likeliest labels first."""

    ids: bytes  # (N,) int64
    labels: bytes  # (N, T) int32, places in the labels that were asked
    probabilities: bytes  # (N, T) float32
    top: int  # T
    counts: tuple[int, ...]  # photos whose likeliest label is each, of all that were asked for
    unread: int  # photos that were asked for and the model does not know
    unknown: tuple[int, ...]  # ids that were asked for and are no living photo's, ascending
    scale: float


AnyRequest = Classify
AnyReply = Classified
