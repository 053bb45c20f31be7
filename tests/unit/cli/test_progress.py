import pytest

from photosearch.cli.progress import line
from photosearch.core.progress import Progress


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (Progress("idle"), "warming up …"),
        (Progress("scanning"), "looking for photos …"),
        (Progress("paused", done=5, total=10), "paused at 5 of 10 photos"),
        (Progress("indexing", done=5, total=7000, images_per_second=82.3), "5 of 7,000 photos · 82/s"),
        (
            Progress("indexing", done=5, total=7000, failed=2, images_per_second=82.3, seconds_left=85.0),
            "5 of 7,000 photos · 82/s · 2 failed · 1 min 25 s left",
        ),
    ],
)
def test_a_line_says_where_the_job_stands(progress: Progress, shown: str) -> None:
    assert line(progress) == shown
