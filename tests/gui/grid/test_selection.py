import numpy as np
import pytest

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


@pytest.mark.parametrize(("left", "next_id"), [([1, 2, 4, 5], 4), ([1, 2, 5], 5), ([1, 2], 2), ([], None)])
def test_where_the_photo_with_the_keyboard_went_its_neighbour_has_it(
    left: list[int], next_id: int | None
) -> None:
    selection = over(1, 2, 3, 4, 5)
    selection.only(2)
    selection.follow(np.array(left, dtype=np.int64), closing=True)
    assert selection.ids.tolist() == ([] if next_id is None else [next_id])
    assert selection.current == (None if next_id is None else left.index(next_id))


def test_a_neighbour_is_not_selected_beside_others() -> None:
    selection = over(1, 2, 3, 4)
    selection.only(0)
    selection.toggle(1)
    selection.follow(np.array([1, 3, 4], dtype=np.int64), closing=True)
    assert selection.ids.tolist() == [1]
    assert selection.current == 1
