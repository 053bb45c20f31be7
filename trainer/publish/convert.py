"""A whole model of the hub as a checkpoint, with what no hub has: a bank for photos' bias, and a label."""

from pathlib import Path

import msgspec
import torch

from photosearch.core.errors import KnownError, Sentence
from photosearch.models import offers
from photosearch.models.config import ModelConfig
from photosearch.models.torch import checkpoint
from photosearch.models.torch.encoder import best_device
from trainer.adapt.general_words import CHINESE_PHRASES, general_phrases
from trainer.data.dataset import read_dataset
from trainer.evaluate.calibrate import calibrate_model, label_of_scale
from trainer.evaluate.embed import embed_images, embed_texts
from trainer.evaluate.photos import refuse_unreadable
from trainer.models.build import load_any
from trainer.models.folders import CARD
from trainer.publish.stages import OnStage


def convert(
    source: str, fetched: Path, folder: Path, data: Path | None, on_stage: OnStage
) -> tuple[Sentence, ...]:
    """Write the checkpoint; -> what the model's user should know of it.

    Args:
        source: a folder in the hub's format, or an id of the hub
        fetched: the folder of its files
        data: photos with captions, on whose validation part the label is fitted

    Raises:
        KnownError: see `publish`.
    """
    pairs = read_dataset(data).val if data else None
    on_stage("building")
    built = load_any(str(fetched))
    hub_id = "" if Path(source).is_dir() else source
    origin = _completed(built.config, hub_id)
    model = built.model.to(best_device())
    on_stage("calibrating")
    bank, _ = embed_texts(model, built.tokenizer, bank_texts(origin.languages))
    model.set_bank(torch.from_numpy(bank).to(model.bank.device))
    notes: list[Sentence] = []
    if pairs is None:
        calibration = label_of_scale(model.scale.item(), None if model.bias is None else model.bias.item())
        notes.append(
            Sentence(
                "How sure it is of a hit was not calibrated on known answers; it is fitted on your photos, "
                "once it has read some."
            )
        )
    else:
        images, unreadable = embed_images(model, built.config.preprocessing, pairs.images)
        refuse_unreadable(unreadable, pairs.images)
        fitted = calibrate_model(model, built.tokenizer, pairs, images)
        if fitted is None:
            raise KnownError("The captions of {data} name too few things to fit a label on.", data=data)
        calibration = fitted
    metrics = {"calibrated_on": len(pairs.images) if pairs else 0}  # photos with known answers
    config = msgspec.structs.replace(
        origin,
        name=Path(hub_id.partition("@")[0] or source).name,
        calibration=calibration,
        metrics=metrics,
        source=hub_id,
    )
    config = checkpoint.save(folder, model.cpu(), config, built.tokenizer_bytes)
    on_stage("exporting")
    if reason := _reason_not_to_export(folder):
        notes.append(Sentence("It could not be exported and runs in torch alone: {reason}", reason=reason))
    (folder / CARD).write_text(_card(config, source, notes), encoding="utf-8")
    return tuple(notes)


def _completed(config: ModelConfig, hub_id: str) -> ModelConfig:
    """With what the program's catalogue knows of a model of the hub, where its own files do not say it."""
    known = offers.named(hub_id) if hub_id else None
    if known is None:
        return config
    languages = config.languages or tuple(code for code in known.languages if code != offers.ANY)
    return msgspec.structs.replace(config, licence=config.licence or known.licence, languages=languages)


def bank_texts(languages: tuple[str, ...]) -> tuple[str, ...]:
    """What a photo's bias is taken over: general phrases in those languages that there are any in.

    Args:
        languages: codes of those that the model reads
    """
    codes = {code.partition("-")[0] for code in languages}
    chinese = general_phrases(CHINESE_PHRASES) if "zh" in codes else ()
    return (*(general_phrases() if "en" in codes or not chinese else ()), *chinese)


def _reason_not_to_export(folder: Path) -> Sentence | None:
    """Write the exports of a checkpoint, or say what is in the way."""
    try:
        from photosearch.models.torch.export import export

        export(folder)
    except ModuleNotFoundError as error:
        return Sentence("{package} is not installed.", package=error.name)
    except KnownError as error:
        return error.sentence
    return None


def _card(config: ModelConfig, source: str, notes: list[Sentence]) -> str:
    family = config.hub.transformers["model_type"] if config.hub else "open_clip"
    size = config.preprocessing.size
    lines = [
        f"# {config.name}",
        "",
        f"A dual encoder for finding photos by sentences: a model of the hub, of the family {family}, "
        f"{config.dim} dimensions, photos of {size} x {size} pixels, sentences of up to "
        f"{config.max_tokens} tokens.",
        "",
        f"Taken from {Path(source).name if Path(source).is_dir() else source} as it is, without training. "
        f"Each photo's bias is that to {config.bank:,} general phrases.",
        "",
        f"Licence: {config.licence or 'unknown'}.",
        *(line for note in notes for line in ("", str(note))),
    ]
    return "\n".join(lines) + "\n"
