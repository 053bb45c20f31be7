import dataclasses
import re

import pytest

from photosearch.gui.widgets import theme
from photosearch.paths import resources


def _blocks() -> list[tuple[str, dict[str, str]]]:
    """What stands before each block of page.css that says colours, and these."""
    sheet = (resources() / "page" / "page.css").read_text("utf-8")
    found = [
        (before.strip(), dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", inside)))
        for before, inside in re.findall(r"([^{}]+){([^{}]*)}", sheet)
    ]
    return [(before, colours) for before, colours in found if "bg" in colours]


@pytest.mark.parametrize(
    ("place", "colours"),
    [(0, theme.LIGHT), (1, theme.DARK), (2, theme.DARKROOM)],
    ids=["light", "dark", "room"],
)
def test_page_has_the_colours_of_the_window(place: int, colours: theme.Theme) -> None:
    wanted = {name.replace("_", "-"): value for name, value in dataclasses.asdict(colours).items()}
    assert _blocks()[place][1] == wanted
