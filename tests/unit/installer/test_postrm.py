"""What Debian's package says once it is gone."""

import subprocess

import pytest

from installer.linux.layout import HERE


def said(*arguments: str) -> str:
    command = ["sh", str(HERE / "postrm"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("action", ["remove", "purge"])
def test_it_names_what_stays(action: str) -> None:
    assert "~/.local/share/PhotoSearch" in said(action)
    assert "~/.config/PhotoSearch" in said(action)


def test_an_upgrade_takes_nothing_away() -> None:
    assert said("upgrade", "99.0") == ""
