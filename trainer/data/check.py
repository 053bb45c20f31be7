"""What is in a data set, what is wrong with it, and what to do about it, before hours are spent on it."""

import functools
import itertools
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from photosearch.models.tokenizer import Tokenizer
from trainer.data.dataset import group_by_hash, read_listing, scan_rows
from trainer.data.formats.listing import CaptionedImage
from trainer.data.image_file import ImageFile
from trainer.data.scan import ImageScan

FEW_IMAGES = 3000  # with fewer, two towers from ImageNet and a text model learn little but the photos
HUGE_CAPTION = 1000  # characters
SHARED_BY = 5  # images with the very same caption, from which it is worth a word
_SHOWN = 5
_BLOCK = 1000  # captions tokenized at a time

_Name = Callable[[ImageFile], str]


class Some(msgspec.Struct, frozen=True):
    """How many, and the first few."""

    count: int = 0
    first: list[str] = []


class Split(msgspec.Struct, frozen=True):
    """One split; "all" where the data set has none."""

    images: int
    captions: int
    captions_per_image: dict[int, int]  # number of captions -> images with that many


class Leak(msgspec.Struct, frozen=True):
    """Images of one split that another has too."""

    same: Some  # the same bytes
    alike: Some  # near-duplicates with other bytes


class Lengths(msgspec.Struct, frozen=True):
    """Of captions, in tokens where a tokenizer was given, else in words."""

    unit: str
    median: float
    longest: int  # where tokens are cut, their limit
    limit: int | None = None
    cut: int = 0  # captions that lose their end


class DataReport(msgspec.Struct, frozen=True):
    """All that was found."""

    path: str
    format: str
    images: int  # by content, readable or not
    captions: int
    sides: dict[str, Split]
    missing: Some  # images that are named and not there
    unreadable: Some  # with the reason of each
    repeated_files: Some  # files with the bytes of another
    near_duplicates: Some  # groups of images that show the same picture
    leaks: dict[str, Leak]  # "train and val", ...; only where there are some
    lengths: Lengths
    scripts: dict[str, int]  # captions by the writing system of most of their letters
    empty: Some  # captions of no words, by image
    huge: Some
    shared: Some  # captions of at least SHARED_BY images
    repeated_rows: int  # the same caption of the same image again
    notes: list[str]  # what the format's reader repaired or left out
    verdict: list[str] = []  # what to do, a sentence each
    ready: bool = True  # whether training can begin as it is

    def lines(self) -> list[str]:
        """The report for a person."""
        shown = [f"{self.path}: {self.format}", f"{self.images:,} images, {self.captions:,} captions"]
        for name, side in self.sides.items():
            histogram = ", ".join(f"{images:,} with {n}" for n, images in side.captions_per_image.items())
            shown.append(f"  {name}: {side.images:,} images, {side.captions:,} captions ({histogram})")
        lengths = f"Captions: {self.lengths.median:g} {self.lengths.unit} in the median"
        lengths += f", {self.lengths.longest} at most"
        if self.lengths.limit:
            lengths += f"; {self.lengths.cut:,} cut at the limit of {self.lengths.limit}"
        shown.append(lengths)
        shown.append("Written in: " + ", ".join(f"{name} {n:,}" for name, n in self.scripts.items()))
        for label, some in (
            ("Missing images", self.missing),
            ("Unreadable images", self.unreadable),
            ("Files with the bytes of another", self.repeated_files),
            ("Groups of near-duplicates", self.near_duplicates),
            ("Images with an empty caption", self.empty),
            (f"Captions of more than {HUGE_CAPTION:,} characters", self.huge),
            (f"Captions that {SHARED_BY} or more images share", self.shared),
        ):
            shown += _some_line(label, some)
        if self.repeated_rows:
            shown.append(f"Repeated rows: {self.repeated_rows:,}")
        for names, leak in self.leaks.items():
            shown += _some_line(f"The same image in {names}", leak.same)
            shown += _some_line(f"Near-duplicates in {names}", leak.alike)
        return [*shown, *self.notes, "", *self.verdict]


def check(path: Path, tokenizer: Tokenizer | None = None, *, cache: Path | None = None) -> DataReport:
    """Look at every caption and every image of a data set.

    Args:
        tokenizer: whose limit the captions are held against
    Raises:
        KnownError: no format fits, or the tables cannot be read at all.
    """
    listing = read_listing(path)
    scans = scan_rows(listing, path, cache)
    groups = group_by_hash(scans)
    rows = [row for side in listing.splits.values() for row in side]
    captions = [row.caption for row in rows]
    hashes = {split: _hashes(side, scans) for split, side in listing.splits.items()}
    per_image = Counter((scans[row.image].content_hash, row.caption) for row in rows)
    name = functools.partial(_name, path)
    report = DataReport(
        path=str(path),
        format=listing.format,
        images=len(set().union(*hashes.values())),
        captions=len(captions),
        sides={split: _side(side, scans) for split, side in listing.splits.items()},
        missing=_some(listing.missing),
        unreadable=_some(f"{name(image)} ({found.fault})" for image, found in scans.items() if found.fault),
        repeated_files=_some(_repeated(scans, name)),
        near_duplicates=_some(_alike(scans, groups, name)),
        leaks=_leaks(hashes, groups, name),
        lengths=_lengths(captions, tokenizer),
        scripts=dict(Counter(map(script, captions)).most_common()),
        empty=_some(map(name, listing.empty)),
        huge=_some(name(row.image) for row in rows if len(row.caption) > HUGE_CAPTION),
        shared=_some(_shared(caption for _, caption in per_image)),
        repeated_rows=sum(per_image.values()) - len(per_image),
        notes=list(map(str, listing.notes)),
    )
    verdict, ready = _verdict(report)
    return msgspec.structs.replace(report, verdict=verdict, ready=ready)


@functools.lru_cache(maxsize=20_000)
def _script_of(letter: str) -> str:
    word = unicodedata.name(letter, "other").split()[0]
    return {"CJK": "Han", "KATAKANA-HIRAGANA": "Katakana"}.get(word, word.capitalize())


def script(caption: str) -> str:
    """The writing system of most of a caption's letters, "none" where it has no letters."""
    letters = Counter(_script_of(letter) for letter in caption if letter.isalpha())
    return letters.most_common(1)[0][0] if letters else "none"


def _hashes(rows: Sequence[CaptionedImage], scans: dict[ImageFile, ImageScan]) -> dict[bytes, ImageFile]:
    """One file of each image of a split."""
    found: dict[bytes, ImageFile] = {}
    for row in rows:
        found.setdefault(scans[row.image].content_hash, row.image)
    return found


def _side(rows: Sequence[CaptionedImage], scans: dict[ImageFile, ImageScan]) -> Split:
    counts = Counter(scans[row.image].content_hash for row in rows)
    return Split(len(counts), len(rows), dict(sorted(Counter(counts.values()).items())))


def _repeated(scans: dict[ImageFile, ImageScan], name: _Name) -> Iterable[str]:
    first: dict[bytes, ImageFile] = {}
    for image, found in scans.items():
        original = first.setdefault(found.content_hash, image)
        if original is not image:
            yield f"{name(image)} is {name(original)}"


def _alike(scans: dict[ImageFile, ImageScan], groups: dict[bytes, int], name: _Name) -> Iterable[str]:
    """The images of each group that has several."""
    members: dict[int, dict[bytes, ImageFile]] = {}
    for image, found in scans.items():
        if not found.fault:
            members.setdefault(groups[found.content_hash], {}).setdefault(found.content_hash, image)
    return (", ".join(map(name, group.values())) for group in members.values() if len(group) > 1)


def _leaks(
    hashes: dict[str, dict[bytes, ImageFile]], groups: dict[bytes, int], name: _Name
) -> dict[str, Leak]:
    leaks = {}
    for left, right in itertools.combinations(hashes, 2):
        held = {groups.get(content_hash) for content_hash in hashes[right]} - {None}
        same = [name(image) for h, image in hashes[left].items() if h in hashes[right]]
        alike = [
            name(image)
            for h, image in hashes[left].items()
            if h not in hashes[right] and groups.get(h) in held
        ]
        if same or alike:
            leaks[f"{left} and {right}"] = Leak(_some(same), _some(alike))
    return leaks


def _shared(captions: Iterable[str]) -> Iterable[str]:
    counts = Counter(captions)
    return (f"{caption[:80]!r} ({count})" for caption, count in counts.most_common() if count >= SHARED_BY)


def _lengths(captions: Sequence[str], tokenizer: Tokenizer | None) -> Lengths:
    lengths: list[int] = []
    cut = 0
    for start in range(0, len(captions), _BLOCK):
        block = captions[start : start + _BLOCK]
        if tokenizer is None:
            lengths += [len(caption.split()) for caption in block]
        else:
            tokens = tokenizer(block)
            lengths += tokens.mask.sum(axis=1).tolist()
            cut += tokens.truncated
    median, longest = (statistics.median(lengths), max(lengths)) if lengths else (0, 0)
    if tokenizer is None:
        return Lengths("words", median, longest)
    return Lengths("tokens", median, longest, tokenizer.max_tokens, cut)


def _verdict(report: DataReport) -> tuple[list[str], bool]:
    """What to do, and whether training can begin without doing it."""
    must, may = [], []
    if report.missing.count:
        must.append("Put the missing images in the folder, or delete their rows.")
    if report.unreadable.count:
        must.append("Remove the unreadable images, or train with --skip-unreadable.")
    if not report.captions:
        must.append("There is no image with a caption; there is nothing to train on.")
    for names, leak in report.leaks.items():
        count = leak.same.count + leak.alike.count
        if names.startswith("train and"):
            may.append(f"{count:,} image(s) are in {names} alike; training leaves them out by itself.")
        else:
            may.append(f"{count:,} image(s) are in {names} alike; results on the two are not independent.")
    if report.lengths.cut:
        part = report.lengths.cut / report.captions
        may.append(f"{part:.1%} of the captions lose their end to the tokenizer; put what matters first.")
    if len([name for name in report.scripts if name != "none"]) > 1:
        may.append("The captions are written in several scripts; the text tower must know all of them.")
    if report.empty.count:
        may.append("Empty captions are left out; describe those images to have them too.")
    if report.shared.count:
        may.append("Images with the same caption count as matches of each other; say more where they differ.")
    if 0 < report.images < FEW_IMAGES:
        may.append(
            f"{report.images:,} images are few: adapt a trained model, such as with clip-finetune or lit, "
            "rather than train two towers."
        )
    if not must:
        may.append("Ready to train.")
    return [*must, *may], not must


def _name(path: Path, image: ImageFile | str) -> str:
    """An image as the folder knows it."""
    return str(image).removeprefix(str(path)).lstrip("/\\")


def _some(items: Iterable[str]) -> Some:
    count, first = 0, []
    for count, item in enumerate(items, 1):
        if count <= _SHOWN:
            first.append(item)
    return Some(count, first)


def _some_line(label: str, some: Some) -> list[str]:
    if not some.count:
        return []
    return [f"{label}: {some.count:,}, such as", *(f"  {name}" for name in some.first)]
