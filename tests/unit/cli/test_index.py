from photosearch.cli.index import sentence
from photosearch.core.progress import IndexReport


def test_the_report_names_only_what_happened() -> None:
    assert sentence(IndexReport(indexed=1200, seconds=10.0, images_per_second=120.0)) == (
        "Indexed 1,200 photos in 10.0 s (120 a second)."
    )
    assert sentence(IndexReport(unchanged=12, moved=1, failed=3, seconds=0.25)) == (
        "Indexed 0 photos in 0.2 s; 12 unchanged, 1 moved, 3 failed (photosearch status says why)."
    )
