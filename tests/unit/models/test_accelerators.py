"""Which accelerators are offered to be chosen."""

import pytest

from photosearch import settings
from photosearch.models.accelerators import conceivable, conceivable_in


@pytest.mark.parametrize(
    ("system", "machine", "makers", "offered"),
    [
        ("darwin", "arm64", [], {"mps"}),
        ("darwin", "x86_64", [], set()),
        ("linux", "x86_64", [], {"cuda"}),
        ("linux", "x86_64", ["0x10de", "0x8086"], {"cuda", "xpu"}),
        ("win32", "AMD64", [], {"cuda", "xpu"}),
    ],
)
def test_what_no_such_computer_has_is_not_offered(
    system: str, machine: str, makers: list[str], offered: set[str]
) -> None:
    assert conceivable_in(system, machine, makers) == offered


def test_what_this_computer_may_have_can_be_set() -> None:
    assert conceivable() < settings.ACCELERATORS
    assert all(settings.SETTINGS[settings.DEVICE].allows(device) for device in settings.ACCELERATORS)
