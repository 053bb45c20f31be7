"""The window's entry, as far as it goes without a window."""

import sys

import pytest

from photosearch.cli import gui
from photosearch.core.errors import KnownError


def test_a_library_that_qt_lacks_names_the_packages_to_install() -> None:
    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    explained = gui.explained(error)
    assert isinstance(explained, KnownError)
    assert "libEGL.so.1" in str(explained)
    assert "apt-get install libegl1 libgl1 " in str(explained)


def test_a_missing_qt_names_what_to_install() -> None:
    explained = gui.explained(ModuleNotFoundError("No module named 'PySide6'", name="PySide6"))
    assert isinstance(explained, KnownError)
    assert "pip install PySide6-Essentials" in str(explained)


def test_an_import_error_of_our_own_stays_a_bug() -> None:
    error = ImportError("cannot import name 'Grid'", name="photosearch.gui.grid.grid")
    assert gui.explained(error) is error


def test_without_a_display_no_window_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(KnownError, match="no display"):
        gui.check_display()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    gui.check_display()


@pytest.mark.skipif(sys.platform != "linux", reason="displays are of X11")
def test_a_display_that_has_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":7777")
    monkeypatch.setattr(gui, "missing_libraries", lambda more: [])
    with pytest.raises(KnownError, match=":7777 does not answer"):
        gui.check_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    gui.check_display()
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with pytest.raises(KnownError, match=":7777 does not answer"):
        gui.check_display()


def test_a_display_is_of_no_use_without_the_platforms_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(gui, "X11_LIBRARIES", ("libnowhere.so.9",))
    monkeypatch.setattr(gui, "QT_LIBRARIES", ())
    with pytest.raises(KnownError, match=r"lacks libnowhere\.so\.9"):
        gui.check_display()
