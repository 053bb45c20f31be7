"""What belongs together is found, its best first; what does not is left alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image, ImageEnhance

from photosearch.core.errors import Cancelled
from photosearch.search.alike import Codes, codes_of, joined, pairs_of
from photosearch.search.stacks import Stack, joined_stacks, stacks_of
from tests.helpers.photos import sample_photos
from tests.helpers.stacked import Shown, compressed, cut, photos_of


@pytest.fixture(scope="module")
def scenes() -> list[Image.Image]:
    found = [Image.open(path).convert("RGB") for path in sample_photos()]
    return [image.resize((450, round(450 * image.height / image.width))) for image in found]


def stacks(*shown: Shown) -> list[Stack]:
    return stacks_of(photos_of(shown))


EDITS = {
    "compressed": lambda photo: compressed(photo, 40),
    "half": lambda photo: photo.resize((photo.width // 2, photo.height // 2)),
    "brighter": lambda photo: ImageEnhance.Brightness(photo).enhance(1.2),
    "darker": lambda photo: ImageEnhance.Brightness(photo).enhance(0.8),
    "grey": lambda photo: photo.convert("L").convert("RGB"),
    "cut in the middle": lambda photo: cut(photo, 0.5, 0.5),
    "cut at a corner": lambda photo: cut(photo, 0, 1),
    "cut below": lambda photo: photo.crop((0, 0, photo.width, round(photo.height * 0.9))),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_copy_lies_below_its_photo(scenes, edit):
    shown = [Shown(scene, f"/a/{at}.jpg", at) for at, scene in enumerate(scenes)]
    shown += [Shown(edit(scene), f"/b/{at}-edited.jpg", at, file_size=500) for at, scene in enumerate(scenes)]
    count = len(scenes)
    assert sorted(stacks(*shown)) == [Stack("copies", (at + 1, at + 1 + count)) for at in range(count)]


def test_other_photos_are_no_copies_however_near_their_vectors(scenes):
    assert stacks(*(Shown(scene, f"/{at}.jpg") for at, scene in enumerate(scenes))) == []


def test_the_best_copy_is_the_largest_and_then_the_one_with_a_time_and_the_most_bytes(scenes):
    small, whole = scenes[0].resize((200, 150)), scenes[0]
    found = stacks(
        Shown(small, "/small.jpg", file_size=9000),
        Shown(compressed(whole, 40), "/shared.jpg", file_size=300),
        Shown(whole, "/whole.jpg", file_size=900),
        Shown(whole, "/untimed.jpg", taken=5.0, file_size=100),
    )
    assert found == [Stack("copies", (4, 3, 2, 1))]


def test_pixels_go_before_what_the_person_said_and_a_drive_that_is_here_before_all(scenes):
    whole, small = Shown(scenes[0], "/a.jpg"), Shown(scenes[0].resize((90, 90)), "/b.jpg", noted=True)
    assert stacks(small, whole) == [Stack("copies", (2, 1))]
    assert stacks(small, replace(whole, away=True)) == [Stack("copies", (1, 2))]


def test_a_sound_copy_goes_before_a_damaged_one_whatever_was_said_of_it(scenes):
    whole = Shown(scenes[0], "/a.jpg", noted=True, damaged=True)
    assert stacks(whole, Shown(scenes[0].resize((90, 90)), "/b.jpg")) == [Stack("copies", (2, 1))]


def test_photos_of_other_times_are_no_copies(scenes):
    first = Shown(scenes[1], "/cat.jpg", taken=1000.0)
    later = Shown(compressed(scenes[1], 60), "/cat-edited.jpg", taken=1600.0)
    assert stacks(first, later) == []
    assert stacks(first, replace(later, taken=1000.5)) == [Stack("copies", (1, 2))]


@pytest.mark.parametrize("taken", [1000.0, np.nan], ids=["with a time", "without"])
def test_shots_that_are_numbered_are_never_called_copies(scenes, taken):
    """However still the camera stood: no picture is offered for the trash that exists only once."""
    first = Shown(scenes[1], "/img_0001.jpg", taken=taken)
    second = replace(first, path="/img_0002.jpg", image=compressed(scenes[1], 70))
    assert all(stack.kind == "burst" for stack in stacks(first, second))
    assert [stack.kind for stack in stacks(first, replace(second, path="/img_0001 (2).jpg"))] == ["copies"]


def test_a_burst_is_what_follows_within_seconds_and_is_alike_sharpest_first(scenes):
    frames = [
        Shown(cut(scenes[1], 0.1 * at, 0.5, 0.98), f"/{at}.jpg", taken=1000.0 + at, sharpness=sharpness)
        for at, sharpness in enumerate((50, 80, 60))
    ]
    other = Shown(scenes[2], "/3.jpg", scene=9, taken=1001.0)
    late = Shown(scenes[1], "/4.jpg", taken=1010.0)
    assert stacks(*frames, other, late) == [Stack("burst", (2, 3, 1))]
    assert stacks(*frames, other, replace(late, taken=1003.9)) == [Stack("burst", (2, 3, 1, 5))]


def test_a_raw_file_and_its_picture_are_one_shot(scenes):
    raw = Shown(scenes[3], "/day/DSC_1.NEF", taken=1000.0, raw=True, file_size=9000)
    picture = Shown(scenes[3], "/day/dsc_1.JPG", taken=1000.0)
    assert stacks(raw, picture) == [Stack("raw", (2, 1))]
    assert stacks(raw, replace(picture, taken=np.nan)) == [Stack("raw", (2, 1))]
    assert stacks(raw, replace(picture, path="/other/dsc_1.jpg")) == []  # and no copies of one another
    assert stacks(raw, replace(picture, taken=9000.0)) == []  # the counter began anew


def test_of_copies_only_the_best_is_in_another_stack_too(scenes):
    raw = Shown(scenes[3], "/1.nef", taken=1000.0, raw=True)
    picture = Shown(scenes[3], "/1.jpg", taken=1000.0)
    small = Shown(scenes[3].resize((120, 80)), "/1-small.jpg", taken=1000.0)
    found = stacks(raw, picture, small)
    assert found == [Stack("copies", (2, 3)), Stack("raw", (2, 1))]
    assert joined_stacks(found) == [(2, 3, 1)]


def test_stacks_that_share_a_photo_are_one():
    copies, raw, burst = Stack("copies", (5, 6)), Stack("raw", (2, 1)), Stack("burst", (3, 2, 5))
    assert joined_stacks([copies, raw, burst, Stack("burst", (8, 7))]) == [(3, 2, 1, 5, 6), (8, 7)]
    assert joined_stacks([]) == []


def test_small_steps_join_no_chain(scenes):
    """Each is like the next, and the last is nothing like the first."""
    steps = [Image.blend(scenes[1], scenes[5].resize(scenes[1].size), step / 10) for step in range(11)]
    shown = [Shown(step, f"/{'abcdefghijk'[at]}.jpg", file_size=1000 - at) for at, step in enumerate(steps)]
    photos = photos_of(shown)
    for stack in stacks_of(photos):
        ends = np.array(stack.ids) - 1
        assert np.ptp(ends) <= 4
        assert 1 < len(stack.ids) < len(shown)


def test_pictures_of_one_colour_are_like_nothing():
    black = [Shown(Image.new("RGB", (64, 48 + at)), f"/{chr(97 + at)}.jpg") for at in range(4)]
    assert stacks(*black) == []


def test_nothing_has_no_stacks():
    assert stacks() == []


def test_the_work_can_be_ended_and_tells_how_far_it_is(scenes):
    photos = photos_of([Shown(scenes[0], f"/{at}.jpg") for at in range(3)])
    told: list[float] = []
    stacks_of(photos, told.append)
    assert told == sorted(told) and all(0 <= done <= 1 for done in told) and told

    def end(done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        stacks_of(photos, end)


@settings(max_examples=25, deadline=None)
@given(count=st.integers(0, 40), seed=st.integers(0, 2**16), columns=st.integers(1, 50))
def test_each_pair_that_may_be_alike_is_found_once(count, seed, columns):
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((count, 40)).astype(np.float16)
    codes = codes_of(vectors, random.integers(0, 2**63, count))
    codes = Codes(codes.bits, 38)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("photosearch.search.alike._ROWS", 7)
        patch.setattr("photosearch.search.alike._COLUMNS", columns)
        pairs = joined(pairs_of(codes))
    found = sorted(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    different = np.unpackbits(codes.bits[:, None] ^ codes.bits[None], axis=2).sum(axis=2)
    expected = np.argwhere(np.triu(different <= 38, 1)).tolist()
    assert found == sorted(map(tuple, expected))
    for row in range(count):
        alike = codes.are_alike(row, np.arange(count))
        assert alike.tolist() == (different[row] <= 38).tolist()
