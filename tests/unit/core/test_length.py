import pytest

from photosearch.core import length


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (83, "1:23"), (3599.9, "1:00:00"), (3723, "1:02:03")],
)
def test_as_it_is_shown(seconds: float, told: str) -> None:
    assert length.shown(seconds) == told


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("1.5", 1.5),
        ("1m30s", 90),
        ("2min", 120),
        ("2H", 7200),
        ("1h1m1s", 3661),
        ("1:30", 90),
        ("1:00:01", 3601),
        ("", None),
        ("long", None),
        ("m", None),
        ("-1", None),
        ("1:2:3:4", None),
    ],
)
def test_as_it_is_typed(text: str, seconds: float | None) -> None:
    assert length.typed(text) == seconds
