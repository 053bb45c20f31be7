import numpy as np

from photosearch.gui.grid.selection import Selection


def over(*ids: int) -> Selection:
    selection = Selection()
    selection.follow(np.array(ids, dtype=np.int64))
    return selection


def test_a_range_grows_and_shrinks_around_where_it_began() -> None:
    selection = over(*range(10))
    selection.only(4)
    selection.extend(7)
    selection.extend(2)
    assert selection.ids.tolist() == [2, 3, 4]
    assert selection.current == 2


def test_toggling_keeps_the_rest() -> None:
    selection = over(*range(5))
    selection.only(1)
    selection.toggle(3)
    selection.toggle(1)
    assert selection.ids.tolist() == [3]


def test_it_follows_photos_to_other_places() -> None:
    selection = over(1, 2, 3, 4)
    selection.only(1)
    selection.toggle(3)
    selection.follow(np.array([9, 4, 3, 2], dtype=np.int64))
    assert selection.ids.tolist() == [4, 2]
    assert selection.current == 1


def test_photos_that_went_are_no_longer_selected() -> None:
    selection = over(1, 2)
    selection.only(0)
    selection.follow(np.array([2, 5], dtype=np.int64))
    assert selection.ids.tolist() == []
    assert selection.current is None
