import numpy as np
import pytest

from photosearch.core.query import InFolder
from photosearch.store.folders import FileChoice
from photosearch.store.reader import Reader
from photosearch.store.rows import Count, Folder, FolderCount
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file

DATES = ["2023-06-01T08:00:00", "2024-01-31T23:59:59", "2023-06-01T09:00:00", "2022-12-31T00:00:00"]


def commit(writer: Writer, folder: Folder) -> list[int]:
    paths = [b"/photos/a/0.jpg", b"/photos/a/b/1.jpg", b"/photos/2.jpg", b"/photos/c/3.jpg"]
    return writer.commit(
        [
            indexed_file(
                seed,
                folder_id=folder.folder_id,
                path=path,
                taken_at=DATES[seed],
                camera="Canon" if seed else None,
            )
            for seed, path in enumerate(paths)
        ],
        MODEL,
    )


def test_days_are_in_step_with_the_timeline(writer: Writer, reader: Reader, folder: Folder) -> None:
    a, b, c, d = commit(writer, folder)
    assert reader.timeline()[0].tolist() == [b, c, a, d]
    assert reader.days() == [Count("2024-01-31", 1), Count("2023-06-01", 2), Count("2022-12-31", 1)]
    within = reader.matching([InFolder(paths_bytes=(b"/photos/a",))])
    assert reader.timeline(within)[0].tolist() == [b, a]
    assert reader.days(within) == [Count("2024-01-31", 1), Count("2023-06-01", 1)]
    writer.forget([b"/photos/a/b/1.jpg"])
    assert reader.days()[0] == Count("2023-06-01", 2)


def test_photos_that_are_looked_up_one_by_one_come_as_among_all(
    writer: Writer, reader: Reader, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    dates = [f"{year}-0{month}-01T00:00:0{n}" for year in (9, 1999, 2024) for month in (1, 2) for n in (0, 1)]
    ids = writer.commit(
        [
            indexed_file(seed, folder_id=folder.folder_id, taken_at=f"{random.choice(dates):0>19}")
            for seed in range(60)
        ],
        MODEL,
    )
    writer.forget([b"/photos/%d.jpg" % seed for seed in range(0, 60, 7)])
    dated = {photo_id: details.dated_at for photo_id in ids if (details := reader.details(photo_id))}
    for most in (0, 1, 30, 60):
        within = random.permutation(ids)[:most]
        living = set(within.tolist()) & set(reader.living().tolist())
        expected = sorted(living, key=lambda photo_id: (dated[photo_id], photo_id), reverse=True)
        for few in (0, 1_000):
            monkeypatch.setattr("photosearch.store.browsing._FEW", few)
            (found, aspects), days = reader.timeline_and_days(within)
            assert found.tolist() == expected
            np.testing.assert_allclose(aspects, [(399 + photo_id) / 300 for photo_id in expected], rtol=1e-6)
            of_each = [day.value for day in days for _ in range(day.photos)]
            assert of_each == [dated[photo_id][:10] for photo_id in expected]


def test_recently_added_is_by_arrival(writer: Writer, reader: Reader, folder: Folder) -> None:
    ids = commit(writer, folder)
    found, aspects = reader.recently_added()
    assert found.tolist() == ids[::-1]
    np.testing.assert_allclose(aspects, [403 / 300, 402 / 300, 401 / 300, 400 / 300])


def test_years_and_cameras_are_of_living_photos(writer: Writer, reader: Reader, folder: Folder) -> None:
    commit(writer, folder)
    cameras, years = reader.cameras_and_years()
    assert cameras == [Count("Canon", 3)]
    assert years == [Count("2024", 1), Count("2023", 2), Count("2022", 1)]
    writer.remove_folder(b"/photos")
    assert reader.cameras_and_years() == ([], [])


def test_subfolders_count_what_lies_below(writer: Writer, reader: Reader, folder: Folder) -> None:
    commit(writer, folder)
    writer.add_folder(b"/Zebras", "")
    writer.add_folder(b"/empty", "")
    assert reader.subfolders() == [
        FolderCount(b"/empty", 0, False),
        FolderCount(b"/photos", 4, False),
        FolderCount(b"/photos/a", 2, False),
        FolderCount(b"/photos/a/b", 1, False),
        FolderCount(b"/photos/c", 1, False),
        FolderCount(b"/Zebras", 0, False),  # by its letters, large or small
    ]


def test_a_photo_with_copies_counts_once_in_each_folder(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    paths = (
        b"/photos/0.jpg",
        b"/photos/a/0.jpg",
        b"/photos/a/b/0.jpg",
        b"/photos/c/0.jpg",
        b"/photos/c/1.jpg",
    )
    files = [indexed_file(0, folder_id=folder.folder_id, path=path) for path in paths]
    writer.commit([*files, indexed_file(1, folder_id=folder.folder_id, path=b"/photos/c/2.jpg")], MODEL)
    assert {found.path: found.photos for found in reader.subfolders()} == {
        b"/photos": 2,
        b"/photos/a": 1,
        b"/photos/a/b": 1,
        b"/photos/c": 2,
    }


def test_colours(writer: Writer, reader: Reader, folder: Folder) -> None:
    a, b, *_ = commit(writer, folder)
    colours = reader.colours([b, 99, a])
    assert colours.dtype == np.uint8
    assert colours.tolist() == [[1, 100, 200], [128, 128, 128], [0, 100, 200]]
    assert reader.colours([]).shape == (0, 3)


def test_details(writer: Writer, reader: Reader, folder: Folder) -> None:
    file = indexed_file(
        7,
        folder_id=folder.folder_id,
        taken_at="2024-07-14T18:03:59",
        taken_from="exif",
        utc_offset="+02:00",
        camera="Canon EOS R5",
        lens="RF 35mm F1.8",
        iso=200,
        exposure_seconds=1 / 250,
        f_number=1.8,
        focal_length_mm=35.0,
        latitude=47.4979,
        longitude=19.0402,
        altitude_metres=105.5,
        rating=3,
        title="a title",
        caption="in the file",
        keywords=("cat", "海"),
        people=("Ana", "Béla"),
    )
    (photo_id,) = writer.commit([file], MODEL)
    details = reader.details(photo_id)
    assert details is not None
    assert details.facts == file.facts
    assert (details.dated_at, details.rating, details.favourite) == ("2024-07-14T18:03:59", 3, False)
    assert details.caption == "in the file"
    assert [(f.path, f.size, f.away) for f in details.files] == [(b"/photos/7.jpg", 1007, False)]
    writer.set_caption(photo_id, "mine")
    details = reader.details(photo_id)
    assert details is not None
    assert (details.caption, details.facts.caption) == ("mine", "in the file")
    assert reader.details(99) is None
    assert reader.photo_at(b"/photos/7.jpg") == photo_id
    assert reader.photo_at(b"/photos/8.jpg") is None


def test_paths_are_those_of_the_photos(writer: Writer, reader: Reader, folder: Folder) -> None:
    far = writer.add_folder(b"/far", "drive")
    first, second, gone = writer.commit(
        [
            indexed_file(1, folder_id=far.folder_id, path=b"/far/a.jpg"),
            indexed_file(2, folder_id=folder.folder_id),
            indexed_file(3, folder_id=folder.folder_id, path=b"/photos/gone.jpg"),
        ],
        MODEL,
    )
    writer.link(folder.folder_id, b"/photos/copy.jpg", 1, 1, first)
    writer.forget([b"/photos/gone.jpg"])
    assert reader.paths() == {first: b"/far/a.jpg", second: b"/photos/2.jpg"}
    (named,) = reader.photos([first], FileChoice([b"/photos"]))
    assert named.path_bytes == b"/photos/copy.jpg"
    writer.set_away(far.folder_id, True)
    (named,) = reader.photos([first], FileChoice([b"/far"]))
    assert named.path_bytes == b"/photos/copy.jpg"  # its drive is here
    photos = reader.photos([first, second, gone])
    assert reader.paths() == {photo.photo_id: photo.path_bytes for photo in photos}
    assert reader.paths()[first] == b"/photos/copy.jpg"
