"""One HTML page about training runs: curves, figures side by side, and single queries with their photos.

Import `write_report` from here, and `finished_run` to compare runs without a page.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import jinja2

from photosearch.core.writing import exported
from trainer.report.finished_run import read_runs
from trainer.report.page import page_values

HERE = Path(__file__).resolve().parent


def write_report(folders: Sequence[Path], out: Path) -> None:
    """Write a page that needs nothing beside itself: no network, no script.

    The first run is the one that others are compared with.

    Raises:
        KnownError: a folder is not a run's, the page cannot be written, or another kind of file is there.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,  # captions, names and paths come from anywhere
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("page.html").render(page_values(read_runs(folders)))
    with contextlib.suppress(OSError):  # the next line says why
        out.parent.mkdir(parents=True, exist_ok=True)
    with exported(out, _is_report) as file:
        file.write(page.encode("utf-8", "replace"))  # a path may hold bytes that are not Unicode


def _is_report(path: Path) -> bool:
    with path.open("rb") as file:
        return b"training report</title>" in file.read(1 << 16)
