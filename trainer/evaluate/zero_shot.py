"""Zero-shot classification: photos told apart by nothing but the names of their classes.

A class is the mean of its name's embeddings in several templates, each L2-normed, then normed again (Radford
et al., Learning Transferable Visual Models From Natural Language Supervision, 2021, section 3.1.4).
"""

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.core.reading import decode_json, read_regular
from photosearch.core.vectors import l2_normed
from trainer.evaluate.class_texts import clip_templates, with_article
from trainer.evaluate.recall import best_own_ranks, hits
from trainer.models.folders import LARGEST_JSON

# "{}" is the name, "{a}" the name with its article.
TEMPLATES = {
    "name": ("{}",),
    "photo": ("a photo of {a}",),
    "ensemble": (
        "{a}",
        "a photo of {a}",
        "a photo of the {}",
        "a picture of {a}",
        "a snapshot with {a} in it",
        "a close-up of {a}",
        "a photo of {a} from far away",
        "a blurry photo of {a}",
        "a dark photo of {a}",
        "a bright photo of {a}",
        "a black and white photo of {a}",
        "a photo of part of {a}",
        "a photo of a small {}",
        "a photo of a large {}",
        "many of them: a photo of {}",
        "there is {a} in the picture",
        "{a} in the background",
        "{a} outdoors",
        "{a} indoors",
        "this is {a}",
    ),
}
CLIP = "clip"  # the 80 of CLIP's own, `clip_templates`
CONFUSIONS = 10  # pairs of classes reported

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class ClassedPhotos:
    """Photos, and which classes each of them shows."""

    images: list[Path]
    classes: list[str]
    shows: NDArray[np.bool_]  # (images, classes); a photo may show several
    unlabelled: int = 0  # photos of the folder that are left out, for nobody says what they show


def read_class_folders(folder: Path, classes: Sequence[str] | None = None) -> ClassedPhotos:
    """One sub-folder a class, named like it; "golden_retriever" is read as "golden retriever".

    Raises:
        KnownError: there are no such folders, or no photos in them.
    """
    if not folder.is_dir():
        raise KnownError(f"{folder} is not a folder; name one with a folder of photos for each class.")
    photos = _photos(folder)
    named = {name: [_spoken(Path(name).parts[0])] for name in photos if "/" in name}
    if not named:
        raise KnownError(
            f"{folder} has no folders with photos, one a class; or name the labels with --labels."
        )
    return _classed(folder, named, classes, len(photos) - len(named))


def read_class_labels(labels: Path, folder: Path, classes: Sequence[str] | None = None) -> ClassedPhotos:
    """A table of labels: JSON {file: name or names}, or CSV with the header filename,label.

    Raises:
        KnownError: the table or a photo is missing, or it is no such table.
    """
    try:
        text = read_regular(labels, LARGEST_JSON).decode("utf-8-sig")
    except OSError:
        raise KnownError(f"There are no labels at {labels}.") from None
    except UnicodeDecodeError:
        raise KnownError(f"{labels} is not UTF-8; save it in UTF-8.") from None
    named = _csv_labels(labels, text) if labels.suffix.lower() == ".csv" else _json_labels(labels, text)
    for name in named:
        if not (folder / name).is_file():
            raise KnownError(f"{labels.name} names {name}, which is not in {folder}.")
    return _classed(folder, named, classes, len(set(_photos(folder)) - named.keys()))


def read_lines(path: Path) -> list[str]:
    """The lines of a text file that are not empty.

    Raises:
        KnownError: it cannot be read, or has none.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise KnownError(f"{path} cannot be read as text in UTF-8: {error}.") from None
    found = [line for line in lines if line]
    if not found:
        raise KnownError(f"{path} is empty.")
    return found


def read_templates(name: str) -> tuple[str, ...]:
    """Templates by the name of a set, or from a file with one a line.

    Raises:
        KnownError: there are none, or one is without a place for the class.
    """
    if name == CLIP:
        return clip_templates()
    found = TEMPLATES.get(name) or tuple(read_lines(Path(name)))
    for template in found:
        try:
            said = [template.format(word, a=word) for word in ("\0", "\1")]
        except (KeyError, IndexError, ValueError, AttributeError):
            said = ["", ""]
        if said[0] == said[1]:
            raise KnownError(f"The template {template!r} must name the class once as {{}} or {{a}}.")
    return found


def class_vectors(encode: Encode, classes: Sequence[str], templates: Sequence[str]) -> NDArray[np.float32]:
    """(C, D), L2-normed.

    Args:
        encode: sentences to embeddings (B, D), L2-normed
    """
    sentences = [template.format(name, a=with_article(name)) for name in classes for template in templates]
    vectors = encode(sentences).reshape(len(classes), len(templates), -1).mean(axis=1)  # (C, D)
    return l2_normed(vectors)


def classify(scores: NDArray[np.float32], photos: ClassedPhotos) -> dict[str, Any]:
    """The figures of scores (images, classes).

    A photo that shows several classes is right when any of them is found; ties count against the model.

    Returns:
        {"top1", "top5"} in percent, "per_class" {name: {"images", "recall"}}, and "confusions", the pairs
        mistaken most often, [{"shown", "taken_for", "images"}]
    """
    ranks = best_own_ranks(scores, photos.shows)
    right = hits(ranks, 1)
    per_class = {}
    for number, name in enumerate(photos.classes):
        of_class = photos.shows[:, number]
        if of_class.any():
            recall = round(100 * float(right[of_class].mean()), 2)
            per_class[name] = {"images": int(of_class.sum()), "recall": recall}
    mistaken: Counter[tuple[str, str]] = Counter()
    for row in np.flatnonzero(~right):
        others = np.where(photos.shows[row], -np.inf, scores[row])
        taken_for = photos.classes[int(np.argmax(others))]
        mistaken.update(
            (photos.classes[int(shown)], taken_for) for shown in np.flatnonzero(photos.shows[row])
        )
    return {
        "top1": round(100 * float(right.mean()), 2),
        "top5": round(100 * float(hits(ranks, 5).mean()), 2),
        "per_class": per_class,
        "confusions": [
            {"shown": shown, "taken_for": taken_for, "images": count}
            for (shown, taken_for), count in mistaken.most_common(CONFUSIONS)
        ],
    }


def measure_zero_shot(name: str, photos: ClassedPhotos, templates: Sequence[str]) -> dict[str, Any]:
    """Classify photos with a model, and say what the templates gain over the bare name.

    Args:
        name: the model, as `trainer.evaluate.embed.open_model` takes it
    Returns:
        as `classify`, with "images", "classes", "templates", "unreadable" and "unlabelled" photos left out,
        "bare_name" {"top1", "top5"}, and "gain" {"top1", "top5"} in points
    Raises:
        KnownError: there is no such model, or no photo can be read.
    """
    from trainer.evaluate.embed import embed_images, embed_texts, open_model

    opened = open_model(name)
    images, unreadable = embed_images(opened.model, opened.config.preprocessing, photos.images)
    if not len(images):
        raise KnownError("None of the photos can be read.")
    readable = np.setdiff1d(np.arange(len(photos.images)), unreadable)
    left = [photos.images[i] for i in readable]
    photos = replace(photos, images=left, shows=photos.shows[readable])

    def encode(sentences: Sequence[str]) -> NDArray[np.float32]:
        return embed_texts(opened.model, opened.tokenizer, sentences, opened.lesson)[0]

    def figures(some: Sequence[str]) -> dict[str, Any]:
        return classify(images @ class_vectors(encode, photos.classes, some).T, photos)

    found, bare = figures(templates), figures(TEMPLATES["name"])
    tops = ("top1", "top5")
    return {
        "images": len(photos.images),
        "classes": len(photos.classes),
        "templates": len(templates),
        "unreadable": len(unreadable),
        "unlabelled": photos.unlabelled,
        **found,
        "bare_name": {top: bare[top] for top in tops},
        "gain": {top: round(found[top] - bare[top], 2) for top in tops},
    }


def _photos(folder: Path) -> list[str]:
    """The photos below a folder, by their paths in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PHOTO_EXTENSIONS)
    return [path.relative_to(folder).as_posix() for path in files if path.is_file()]


def _classed(
    folder: Path, named: dict[str, list[str]], classes: Sequence[str] | None, unlabelled: int
) -> ClassedPhotos:
    shown = sorted({name for names in named.values() for name in names})
    if classes is None:
        classes = shown
    elif unknown := [name for name in shown if name not in classes]:
        raise KnownError(
            f"{len(unknown)} label(s) are not among the classes, the first is {unknown[0]!r}; add them."
        )
    if len(classes) < 2:
        raise KnownError("There is one class only; nothing can be told apart.")
    column = {name: i for i, name in enumerate(classes)}
    shows = np.zeros((len(named), len(classes)), dtype=np.bool_)
    for row, names in enumerate(named.values()):
        shows[row, [column[name] for name in names]] = True
    return ClassedPhotos([folder / name for name in named], list(classes), shows, unlabelled)


def _json_labels(labels: Path, text: str) -> dict[str, list[str]]:
    try:
        found = decode_json(text, dict[str, str | list[str]])
    except msgspec.DecodeError as error:
        raise KnownError(f"{labels} is not JSON of the form {{file: label or labels}}: {error}.") from None
    named = {name: [label] if isinstance(label, str) else label for name, label in found.items()}
    return _some(labels, {name: [label for label in some if label.strip()] for name, some in named.items()})


def _csv_labels(labels: Path, text: str) -> dict[str, list[str]]:
    rows = list(csv.reader(text.splitlines()))
    if not rows or [field.strip().lower() for field in rows[0]] != ["filename", "label"]:
        raise KnownError(f"The first line of {labels} must be `filename,label`.")
    named: dict[str, list[str]] = {}
    for number, fields in enumerate(rows[1:], 2):
        if not fields:
            continue
        if len(fields) != 2 or not all(field.strip() for field in fields):
            raise KnownError(f"Line {number} of {labels} is not a filename and a label.")
        named.setdefault(fields[0].strip(), []).append(fields[1].strip())
    return _some(labels, named)


def _some(labels: Path, named: dict[str, list[str]]) -> dict[str, list[str]]:
    found = {name: some for name, some in named.items() if some}
    if not found:
        raise KnownError(f"{labels} labels no photo.")
    return found


def _spoken(folder_name: str) -> str:
    return " ".join(folder_name.replace("_", " ").replace("-", " ").split())
