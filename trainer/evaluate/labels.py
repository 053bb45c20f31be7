"""How true labels are, by where they come from: a model's own scale, photos alone, or known answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration
from photosearch.models.confidence import Kind, levels, of_kind
from photosearch.models.fitting import fit_labels, spreads
from trainer.data.image_file import ImageFile
from trainer.data.pairs import Pairs
from trainer.evaluate.calibrate import Answers, calibration_of, fit, known_answers, label_of_scale
from trainer.evaluate.embed import Opened, embed_images, embed_queries, embed_texts, image_bias
from trainer.evaluate.objects import LabelledPhotos
from trainer.evaluate.photos import Vectors, refuse_unreadable


def how_true(answers: Answers, label: Calibration) -> dict[str, Any]:
    """How true a label is, as the program gives it.

    Args:
        label: of the kind of these queries

    Returns:
        {"strong" and "likely": {"hits", "right"}, "found": the part of the photos that are right for a query
        that is likely or strong, mean of the queries}
    """
    strong, likely = levels(label)
    possible, sure = answers.scores >= likely, answers.scores >= strong

    def hits(chosen: NDArray[np.bool_]) -> dict[str, Any]:
        right = answers.right[chosen].mean().item() if chosen.any() else None
        return {"hits": int(chosen.sum()), "right": right}

    wanted = answers.right.sum(axis=1)
    found = (possible & answers.right).sum(axis=1)[wanted > 0] / wanted[wanted > 0]
    return {"strong": hits(sure), "likely": hits(possible & ~sure), "found": found.mean().item()}


def compare_labels(
    opened: Opened, pairs: Pairs, phrases: Sequence[str], objects: LabelledPhotos | None = None
) -> dict[str, Any]:
    """Three ways to a model's labels, each held to known answers; its bank is of `phrases`, as a hub model's.

    Args:
        pairs: photos on whose captions known answers are fitted, and counted
        objects: photos on which nothing is fitted but what takes photos alone

    Returns:
        by kind of query, and of "objects", by way ("scale", "photos", "answers"): {"strong_from",
        "likely_from", and what `how_true` gives}; by kind also "standard": {"slope", "offset"}, the label by
        known answers for scores with mean 0 and deviation 1

    Raises:
        KnownError: a photo cannot be read.
    """
    model, prompts = opened.model, opened.config.calibration.prompts

    def encode(texts: Sequence[str]) -> Vectors:
        return embed_texts(model, opened.tokenizer, texts, opened.lesson)[0]

    bank = encode(phrases)
    model.set_bank(torch.from_numpy(bank).to(model.bank.device))
    offset = None if model.bias is None else model.bias.item()
    by_scale = label_of_scale(model.scale.item(), offset)

    images = _embedded(opened, pairs.images)
    bias = image_bias(model, images)
    answers = known_answers(pairs, images, bias, encode, prompts)
    known = {kind: fit(*some) for kind, some in answers.items()}
    by_photos = fit_labels(bank, images, bias, by_scale)
    by_answers = calibration_of(known, prompts)
    by_texts, between_photos = spreads(bank, images, bias)
    found: dict[str, Any] = {}
    for kind, some in answers.items():
        found[kind] = _ways(some, kind, {"scale": by_scale, "photos": by_photos, "answers": by_answers})
        spread = between_photos if kind == "pictures" else by_texts
        found[kind]["standard"] = msgspec.to_builtins(spread.standard(known[kind]))
    if objects:
        photos = _embedded(opened, objects.images)
        bias = image_bias(model, photos)
        queries = embed_queries(objects.categories, encode, prompts)
        by_photos = fit_labels(bank, photos, bias, by_scale)
        found["objects"] = _ways(
            Answers(queries @ photos.T - bias, objects.shows),
            "short",
            {"scale": by_scale, "photos": by_photos, "answers": by_answers},
        )
    return found


def _ways(answers: Answers, kind: Kind, ways: Mapping[str, Calibration | None]) -> dict[str, Any]:
    found = {}
    for way, calibration in ways.items():
        if calibration is None:
            continue
        label = of_kind(calibration, kind)
        strong, likely = levels(label)
        found[way] = {"strong_from": strong, "likely_from": likely, **how_true(answers, label)}
    return found


def _embedded(opened: Opened, images: Sequence[ImageFile]) -> Vectors:
    vectors, unreadable = embed_images(opened.model, opened.config.preprocessing, images)
    refuse_unreadable(unreadable, images)
    return vectors
