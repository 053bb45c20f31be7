"""One HTML page about training runs: curves, figures side by side, and single queries with their photos.

Import `write_report` from here, and `finished_run` to compare runs without a page.
"""

from collections.abc import Sequence
from pathlib import Path

import jinja2

from photosearch.core.errors import KnownError
from trainer.report.finished_run import read_runs
from trainer.report.page import page_values

HERE = Path(__file__).resolve().parent


def write_report(folders: Sequence[Path], out: Path) -> None:
    """Write a page that needs nothing beside itself: no network, no script.

    The first run is the one that others are compared with.

    Raises:
        KnownError: a folder is not a run's, or the page cannot be written.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,  # captions, names and paths come from anywhere
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("page.html").render(page_values(read_runs(folders)))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(page.encode("utf-8", "replace"))  # a path may hold bytes that are not Unicode
    except OSError as error:
        raise KnownError(f"The report cannot be written to {out}: {error.strerror}.") from error
