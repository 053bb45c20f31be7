"""Where long work stands, in words and as a bar."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QProgressBar

from photosearch import i18n
from photosearch.core.extra_messages import FetchProgress
from photosearch.core.model_messages import Adding
from photosearch.core.progress import Progress
from photosearch.core.stage_messages import StageState
from photosearch.extras import GPU, Fetchable
from photosearch.i18n import tr, tr_n, translated
from photosearch.models import offers

_LEAST_RATE = 0.05  # that is not said as 0.0


def show_share(bar: QProgressBar, progress: Progress) -> None:
    """Show progress in a bar; without a share while folders are walked, as the total still grows."""
    bar.setRange(0, 0 if progress.state == "scanning" else max(progress.total, 1))
    bar.setValue(progress.done)


def show_fetched(bar: QProgressBar, progress: FetchProgress) -> None:
    """Show in a bar how far something is fetched; without a share where what is left is not known."""
    bar.setRange(0, 1000 if progress.total_bytes else 0)
    bar.setValue(1000 * progress.bytes // max(1, progress.total_bytes))


def show_added(bar: QProgressBar, adding: Adding) -> None:
    """Show in a bar how far a model is downloaded; without a share while something else is done with it."""
    bar.setRange(0, 1000 if adding.total else 0)
    bar.setValue(1000 * adding.done // max(1, adding.total))


def progress_text(progress: Progress) -> str:
    """Return in a line what the engine does and how long it will take."""
    if progress.state == "scanning" and not progress.total:
        return tr("Looking through your folders…")
    parts = [tr("Reading photos: {done} of {total}", done=progress.done, total=progress.total)]
    if progress.state == "paused":
        parts.append(tr("paused"))
    else:
        if progress.images_per_second >= _LEAST_RATE:
            parts.append(tr("{rate} a second", rate=_rate(progress.images_per_second)))
        if progress.seconds_left is not None:
            parts.append(time_left(progress.seconds_left))
    if progress.failed:
        parts.append(tr("{n} could not be read", n=progress.failed))
    return "  ·  ".join(parts)


def extra_title(extra: Fetchable) -> str:
    """Return what an extra is for, as its rows are headed."""
    return tr("Support for torch") if extra is GPU else tr("Support for videos")


def fetch_text(progress: FetchProgress, package: str) -> str:
    """Return in a line how far the fetching or removing of an extra is."""
    match progress.stage:
        case "finding":
            return tr("Fetching {package}: finding what it needs…", package=package)
        case "installing":
            return tr("Fetching {package}: unpacking…", package=package)
        case "removing":
            return tr("Removing {package}…", package=package)
    return tr(
        "Fetching {package}: {done} of {total}",
        package=package,
        done=size_text(progress.bytes),
        total=size_text(progress.total_bytes),
    )


def adding_text(adding: Adding) -> str:
    """Return in a line which model is taken in and how far that is."""
    name = source_name(adding.source)
    if adding.phase == "asking":
        return tr("Asking the hub for {name}…", name=name)
    if adding.total:
        done, total = size_text(adding.done), size_text(adding.total)
        return tr("Downloading {name}: {done} of {total}", name=name, done=done, total=total)
    return tr("Adding {name}: {step}", name=name, step=_step(adding))


def show_stage(bar: QProgressBar, stage: StageState) -> None:
    """Show in a bar how far a stage is, or how far it has got ready."""
    share = stage.prepared if stage.prepared < 1 else stage.done / max(1, stage.total)
    bar.setRange(0, 1000)
    bar.setValue(int(1000 * share))


def stage_text(stage: StageState) -> str:
    """Return in a line, where its name stands beside it, how a stage stands."""
    if stage.sentence:
        return translated(stage.sentence)
    if stage.phase in ("off", "done"):
        return tr_n("{n} photo", "{n} photos", stage.done)
    if stage.prepared < 1:
        return tr("getting ready: {percent} %", percent=int(100 * stage.prepared))
    parts = [tr("{done} of {total}", done=stage.done, total=stage.total)]
    if stage.images_per_second >= _LEAST_RATE:
        parts.append(tr("{rate} a second", rate=_rate(stage.images_per_second)))
    if stage.seconds_left is not None:
        parts.append(time_left(stage.seconds_left))
    if stage.phase == "paused":
        parts.append(tr("paused"))
    elif stage.phase == "waits":
        parts.append(tr("waits for other work"))
    return "  ·  ".join(parts)


def source_name(source: str) -> str:
    """Return what a model that is taken in is called: its folder, its name in the catalogue, else its id."""
    if Path(source).is_absolute():
        return Path(source).name
    known = offers.named(source)
    return known.name if known else source


def coming_text(adding: Adding) -> str:
    """Return in a line, where the model's name stands above it, how far taking it in is."""
    if not adding.total:
        return _step(adding)
    parts = [tr("{done} of {total}", done=size_text(adding.done), total=size_text(adding.total))]
    if adding.bytes_a_second:
        parts.append(tr("{size} a second", size=size_text(round(adding.bytes_a_second))))
        parts.append(time_left((adding.total - adding.done) / adding.bytes_a_second))
    elif adding.done < adding.total:
        parts.append(tr("waiting for the hub…"))
    return "  ·  ".join(parts)


def _step(adding: Adding) -> str:
    """What is done besides downloading."""
    steps = {
        "copying": tr("copying it…"),
        "loading": tr("loading it…"),
        "building": tr("building it…"),
        "calibrating": tr("calibrating it…"),
        "exporting": tr("preparing it for this computer…"),
        "checking": tr("checking that it works…"),
    }
    return steps.get(adding.stage, tr("beginning…"))


def size_text(size: int) -> str:
    """Return a number of bytes in the decimal unit that suits it, as disks are sold."""
    return QLocale(i18n.language()).formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def _rate(images_per_second: float) -> str:
    return f"{images_per_second:,.0f}" if images_per_second >= 10 else f"{images_per_second:.1f}"


def time_left(seconds: float) -> str:
    """Return in words how long so many seconds are."""
    if seconds < 45:
        return tr("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return tr_n("{n} minute left", "{n} minutes left", max(1, minutes))
    return tr_n("{n} hour left", "{n} hours left", round(minutes / 60))
