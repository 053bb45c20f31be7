"""What is asked and answered over HTTP, as JSON: checked by these, and described by them in openapi.json."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MOST_HITS = 500  # in one answer
MOST_RANKED = 10_000  # photos of a search that come with their scores
LONGEST_EDGE = 4096  # of a preview, pixels
MOST_IDS = 10_000
MOST_LABELS = 200
LONGEST_TEXT = 1000  # characters of a query

PhotoId = Annotated[int, Meta(ge=1, le=2**63 - 1, description="As a hit has it.")]
Limit = Annotated[int, Meta(ge=1, le=MOST_HITS, description="How many photos at most.")]
Offset = Annotated[int, Meta(ge=0, le=10_000_000, description="How many photos to pass over.")]
PlaceOf = Annotated[PhotoId, Meta(description="A photo whose `stands_at` among all that are found is told.")]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Label = Literal["strong", "likely", "weak"]
# From and to, code points of what was typed; a list, as few programs know tuples.
Place = Annotated[list[int], Meta(min_length=2, max_length=2)]
Stars = Annotated[int, Meta(ge=0, le=5)]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in an address, after the question mark or in the path."""

    lang: Annotated[str, Meta(max_length=35, description="Of what is said: en or zh_CN.")] = ""


class OfPhoto(Asked, frozen=True):
    """One photo."""

    photo_id: PhotoId


class SearchAsked(Asked, frozen=True):
    """A search, or without words the newest photos."""

    q: Annotated[str, Meta(max_length=LONGEST_TEXT, description="A query, as docs/search.md has them.")] = ""
    limit: Limit = 60
    offset: Offset = 0
    place_of: PlaceOf | None = None


class SimilarAsked(OfPhoto, frozen=True):
    """Photos like one."""

    limit: Limit = 60
    offset: Offset = 0
    place_of: PlaceOf | None = None


class PreviewAsked(OfPhoto, frozen=True):
    """A photo to look at."""

    edge: Annotated[int, Meta(ge=1, le=LONGEST_EDGE, description="Of the longer side at most, pixels.")] = (
        1600
    )


class SuggestAsked(Asked, frozen=True):
    """A query that has begun."""

    q: Text = ""
    limit: Annotated[int, Meta(ge=1, le=50)] = 8


class JobAsked(Asked, frozen=True):
    """An indexing job."""

    job_id: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A photo that answers a search, or of the library where nothing was asked."""

    photo_id: int
    width: int  # upright, pixels
    height: int
    taken_at: str  # local time, ISO 8601 as far as known: of the file, its name, or when it was written
    kind: Literal["photo", "video"]
    label: Label | None = None  # how sure; None where filters alone chose
    score: float | None = None  # None too of those far behind the first
    favourite: bool = False
    rating: int | None = None  # stars, 0 to 5
    duration: float | None = None  # of a video, seconds
    found_in: str | None = (
        None  # where the words stand, if they do: caption, name, text, folder, album, place
    )
    line: str | None = None  # what is written in the photo there


class Piece(msgspec.Struct, frozen=True):
    """A part of a query that means something by itself."""

    kind: Literal["words", "towards", "away", "like", "filter"]
    text: str
    place: Place


class Found(msgspec.Struct, frozen=True):
    """Photos in their order."""

    total: int  # that there are of these
    hits: list[Hit]
    order: Literal["best", "newest"]  # what comes first: newest where filters alone chose, or nothing did
    understood: list[Piece] = []
    message: str | None = None  # what a person should know of this answer
    next_offset: int | None = None  # of the photos after these; None: there are none
    stands_at: int | None = None  # where `place_of` stands among all of them, from 0; None: it is not one


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was not answered."""

    sentence: str
    place: Place | None = None  # of a query: where it is wrong
    did_you_mean: str | None = None  # what was probably meant there
    present: str | None = None  # of a caption that is not what `was` says: what it is


class Named(msgspec.Struct, frozen=True):
    """An album that a photo is in."""

    name: str
    fills_itself: bool = False


class Where(msgspec.Struct, frozen=True):
    """Where a photo was taken."""

    latitude: float
    longitude: float
    town: str | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a photo."""

    photo_id: int
    name: str  # of its file
    folder: str
    size: int  # of its file, bytes
    away: bool  # its drive is not here
    format: str
    width: int
    height: int
    taken_at: str
    dated_from: str  # exif, xmp, iptc, gps, video, sidecar, name or file
    kind: Literal["photo", "video"]
    camera: str | None = None
    lens: str | None = None
    iso: int | None = None
    exposure_seconds: float | None = None
    f_number: float | None = None
    focal_length_mm: float | None = None
    place: Where | None = None
    title: str | None = None
    caption: str | None = None
    keywords: list[str] = []
    people: list[str] = []
    tags: list[str] = []
    rating: int | None = None
    favourite: bool = False
    albums: list[Named] = []
    lines: list[str] = []  # of text in it
    duration: float | None = None
    damage: str | None = None


class Suggested(msgspec.Struct, frozen=True):
    """One way in which a query might go on."""

    kind: str
    text: str  # the whole query
    shown: str
    photos: int | None = None


class Suggestions(msgspec.Struct, frozen=True):
    """The likeliest first."""

    suggestions: list[Suggested]


class FolderCount(msgspec.Struct, frozen=True):
    """A folder, with the photos in and below it."""

    path: str
    photos: int
    away: bool
    query: str | None  # that finds them; None: none can be typed


class Folders(msgspec.Struct, frozen=True):
    """By path."""

    folders: list[FolderCount]


class Album(msgspec.Struct, frozen=True):
    """An album."""

    name: str
    photos: int
    fills_itself: bool
    query: str | None


class Albums(msgspec.Struct, frozen=True):
    """By name."""

    albums: list[Album]


class TagCount(msgspec.Struct, frozen=True):
    """What photos show, or the person calls so."""

    name: str  # in the language that was asked for
    photos: int
    query: str | None


class Tags(msgspec.Struct, frozen=True):
    """The commonest first."""

    tags: list[TagCount]


class Progress(msgspec.Struct, frozen=True):
    """Where indexing stands. Counts are of files."""

    state: Literal["idle", "scanning", "indexing", "paused"]
    done: int = 0
    total: int = 0
    failed: int = 0
    seconds_left: float | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How the library stands."""

    version: str
    photos: int
    searchable: int  # of these, by what they show
    failures: int  # files that could not be read
    model_ready: bool  # False: searches wait for it
    model: str
    languages: list[str]  # that it reads
    watching: bool
    progress: Progress
    allow_writes: bool  # whether captions, stars and favourites may be changed here


class Job(msgspec.Struct, frozen=True):
    """Bringing folders up to date."""

    job_id: int
    folders: list[str]
    running: bool


class Stage(msgspec.Struct, frozen=True):
    """Work that goes through all photos."""

    key: str
    phase: str
    done: int
    total: int


class Jobs(msgspec.Struct, frozen=True):
    """In the order in which they run."""

    jobs: list[Job]
    progress: Progress
    stages: list[Stage]


class SetCaption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The person's own caption; with `was` it is given only where that is the present one."""

    text: Annotated[str, Meta(max_length=5000)]
    was: str | msgspec.UnsetType | None = msgspec.UNSET  # as the photo's facts have it; null: it had none


class SetRating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The person's own stars; null: as the file says."""

    stars: Stars | None


class SetFavourite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether it is one."""

    favourite: bool


class Classify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Share photos among labels: of these ids, or of this query and this folder, else of all."""

    labels: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(min_length=2, max_length=MOST_LABELS)]
    # "a photo of a {}"; none: labels are asked as a search asks for them.
    templates: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=100)] = []
    photo_ids: Annotated[list[PhotoId], Meta(max_length=MOST_IDS)] | None = None  # an empty list: of none
    q: Text = ""  # as an album that fills itself: what is strong or likely, or passes the filters
    folder: Text = ""
    top: Annotated[int, Meta(ge=1, le=MOST_LABELS)] = 5  # labels of each photo
    limit: Annotated[int, Meta(ge=0, le=MOST_IDS)] = 1000  # photos that are told one by one


class LabelShare(msgspec.Struct, frozen=True):
    """How likely a label is for a photo; those of all labels sum to 1."""

    label: str
    probability: float


class ClassifiedPhoto(Hit, frozen=True, kw_only=True):
    """A photo, and its likeliest labels first."""

    labels: list[LabelShare]


class Classified(msgspec.Struct, frozen=True):
    """Photos among labels."""

    photos: list[ClassifiedPhoto]
    counts: dict[str, int]  # photos whose likeliest label it is, of all that were asked for
    unread: int  # photos that were asked for and the model does not know
    unknown: list[int]  # of photo_ids: what is no photo's, or of one whose files are gone
    scale: float  # that cosines were multiplied by before softmax
    message: str | None = None  # of a query and a folder: why there are no photos


class Knn(msgspec.Struct, frozen=True):
    """A question as clip-retrieval asks it; what else it sends is passed over."""

    text: Text | None = None
    image: Annotated[str, Meta(max_length=8 << 20)] | None = None  # a picture in base64
    image_url: str | None = None  # refused: nothing is fetched
    embedding_input: list[float] | None = None  # refused: vectors of other models mean nothing here
    num_images: Annotated[int, Meta(ge=1, le=MOST_HITS)] = 100


class Neighbour(msgspec.Struct, frozen=True):
    """A photo as clip-retrieval answers with it."""

    id: int
    similarity: float
    url: str  # of its preview, on this service
    caption: str | None = None


class Done(msgspec.Struct, frozen=True):
    """What was asked for is done."""

    message: str | None = None


class BeginSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exchange the token for a cookie."""

    token: Annotated[str, Meta(max_length=200)]
