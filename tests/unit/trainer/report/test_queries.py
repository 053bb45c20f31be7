from pathlib import Path

import numpy as np

from tests.helpers.photos import make_photo
from trainer.evaluate.recall import Protocol
from trainer.report.finished_run import Measured
from trainer.report.queries import best, changed, worst
from trainer.report.thumbnails import InlineThumbnails


def measured(texts: list[list[float]], image_of: list[int], photos: list[str] | None = None) -> Measured:
    """Three photos along three axes."""
    return Measured(
        photos=photos or ["a.jpg", "b.jpg", "c.jpg"],
        captions=[f"caption {i}" for i in range(len(texts))],
        image_of=np.array(image_of),
        images=np.eye(3, dtype=np.float32),
        texts=np.array(texts, dtype=np.float32),
        protocol=Protocol(),
    )


def test_the_worst_come_with_what_stood_before_them() -> None:
    found = worst(
        measured([[0.1, 0.5, 0.9], [0.1, 0.9, 0.2], [0.6, 0.5, 0.7]], [0, 1, 1]), InlineThumbnails()
    )
    assert [(query.caption, query.rank) for query in found] == [("caption 0", 3), ("caption 2", 3)]
    assert found[0].right.name == "a.jpg"
    assert [photo.name for photo in found[0].first] == ["c.jpg", "b.jpg"]


def test_the_best_are_found_first_by_the_widest_margin_one_a_photo() -> None:
    texts = [[0.9, 0.5, 0.1], [0.9, 0.2, 0.1], [0.1, 0.9, 0.8], [0.9, 0.1, 0.2]]
    found = best(measured(texts, [0, 0, 1, 2]), InlineThumbnails())
    assert [(query.caption, query.rank) for query in found] == [("caption 1", 1), ("caption 2", 1)]
    assert found[0].first == []


def test_what_changed_most_comes_first() -> None:
    before = measured([[0.1, 0.5, 0.9], [0.1, 0.9, 0.2], [0.3, 0.2, 0.9]], [0, 1, 2])
    after = measured([[0.9, 0.5, 0.1], [0.9, 0.5, 0.2], [0.3, 0.2, 0.9]], [0, 1, 2])
    gained, lost = changed(before, after, InlineThumbnails())
    assert [(query.caption, query.was, query.rank) for query in gained] == [("caption 0", 3, 1)]
    assert [(query.caption, query.was, query.rank) for query in lost] == [("caption 1", 1, 2)]


def test_photos_are_shown_small_and_their_absence_is_borne(tmp_path: Path) -> None:
    thumbnails = InlineThumbnails()
    photo = str(make_photo(tmp_path / "a.png", size=(900, 600)))
    assert thumbnails.whole(photo).startswith("data:image/jpeg;base64,")
    assert len(thumbnails.whole(photo)) < 20_000
    (tmp_path / "b.jpg").write_bytes(b"no photo")
    for absent in (str(tmp_path / "b.jpg"), str(tmp_path / "none.jpg"), "shard.tar/1.jpg", "a\0b"):
        assert thumbnails.whole(absent) == thumbnails.square(absent) == ""
