"""The model card: what a checkpoint is, from its own config."""

from pathlib import Path
from string import Template
from typing import Any

from photosearch.models.config import ModelConfig
from trainer.evaluate import KS

CARD = "MODEL_CARD.md"
TEMPLATE = Path(__file__).resolve().parent / "MODEL_CARD.template.md"


def write_card(folder: Path, config: ModelConfig) -> None:
    """Write `MODEL_CARD.md` into a checkpoint folder, with the figures of `config.metrics`."""
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
        train_images=f"{metrics['train_images']:,}",
        train_captions=f"{metrics['train_captions']:,}",
        val_images=f"{metrics['val']['images']:,}",
        val_captions=f"{metrics['val']['captions']:,}",
        seed=metrics["seed"],
        figures=_figures(metrics),
        slope=config.calibration.slope,
        minus_offset=-config.calibration.offset,
        strong=config.calibration.strong,
        likely=config.calibration.likely,
    )
    (folder / CARD).write_text(text, encoding="utf-8")


def _figures(metrics: dict[str, Any]) -> str:
    plain = metrics["plain_infonce"]
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
        _row("Heads with plain InfoNCE on the same features", plain, "val", "objects_map"),
    ]
    return "\n".join(rows)


def _row(label: str, metrics: dict[str, Any], recall: str, objects: str) -> str:
    ways = ["/".join(f"{metrics[recall][way][f'R@{k}']:.1f}" for k in KS) for way in ("t2i", "i2t")]
    score = f"{metrics[objects]:.1f}" if objects in metrics else "–"
    return f"| {label} | {ways[0]} | {ways[1]} | {score} |"
