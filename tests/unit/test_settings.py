from pathlib import Path

import pytest

from photosearch import i18n, setting_kinds, settings
from photosearch.core.errors import KnownError


def test_the_page_says_what_is_declared() -> None:
    assert (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8") == settings.page()


@pytest.mark.parametrize("setting", settings.SETTINGS.values(), ids=lambda setting: setting.key)
def test_every_default_is_allowed(setting: setting_kinds.Setting) -> None:
    assert setting.allows(setting.default) or isinstance(setting, setting_kinds.Model)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_setting_has_a_title_and_help(language: str) -> None:
    i18n.use(language)
    assert all(text() for s in settings.SETTINGS.values() for text in (s.title, s.help))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("device", "tpu"),
        ("threads", "-1"),
        ("threads", "65"),
        ("threads", "²"),
        ("backups", ""),
        ("nothing", "1"),
    ],
)
def test_what_makes_no_sense_is_refused(key: str, value: str) -> None:
    with pytest.raises(KnownError):
        settings.checked(key, value)


def test_a_kept_value_that_makes_no_sense_any_more_is_the_default() -> None:
    assert settings.value("device", "tpu") == "auto"
    assert settings.value("device", None) == "auto"
    assert settings.value("device", "cpu") == "cpu"
