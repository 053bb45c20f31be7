import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photosearch.core.errors import KnownError
from photosearch.store import albums
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file


@pytest.fixture
def ids(writer: Writer, folder: Folder) -> list[int]:
    return writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(5)], MODEL)


def test_an_album_keeps_the_order_it_is_given(writer: Writer, reader: Reader, ids: list[int]) -> None:
    a, b, c, d, _ = ids
    album = writer.create_album("  Best \n of ")
    writer.add_to_album(album, [c, a])
    writer.add_to_album(album, [d, c, b, b])
    assert reader.album_photos(album)[0].tolist() == [c, a, d, b]
    writer.order_album(album, [b, a])
    assert reader.album_photos(album)[0].tolist() == [b, a, c, d]
    writer.remove_from_album(album, [a, d])
    assert reader.album_photos(album)[0].tolist() == [b, c]
    assert [(known.name, known.photos) for known in reader.albums()] == [("Best of", 2)]


changes = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "order"]), st.lists(st.integers(0, 4), max_size=5)),
    max_size=8,
)


@given(changes=changes)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changes_leave_the_album_that_a_list_would_be(
    writer: Writer, reader: Reader, ids: list[int], changes: list[tuple[str, list[int]]]
) -> None:
    album = writer.create_album("Law")
    held: list[int] = []
    for change, places in changes:
        chosen = [ids[place] for place in places]
        if change == "add":
            writer.add_to_album(album, chosen)
            held = list(dict.fromkeys(held + chosen))
        elif change == "remove":
            writer.remove_from_album(album, chosen)
            held = [id_ for id_ in held if id_ not in chosen]
        else:
            writer.order_album(album, chosen)
            held = list(dict.fromkeys([id_ for id_ in chosen if id_ in held] + held))
        assert reader.album_photos(album)[0].tolist() == held
    writer.delete_album(album)


def test_a_deleted_album_leaves_its_photos(writer: Writer, reader: Reader, ids: list[int]) -> None:
    album = writer.create_album("Gone")
    writer.add_to_album(album, ids)
    writer.delete_album(album)
    assert reader.albums() == []
    assert reader.album_photos(album)[0].size == 0
    assert reader.living().tolist() == ids
    assert writer.create_album("Gone") != album


def test_names_are_given_once(writer: Writer, reader: Reader) -> None:
    album = writer.create_album("Dogs")
    cats = writer.create_album("Cats")
    with pytest.raises(KnownError, match="an album Dogs already"):
        writer.create_album("Dogs")
    with pytest.raises(KnownError, match="an album Dogs already"):
        writer.rename_album(cats, " Dogs")
    writer.rename_album(album, "Dogs")
    writer.rename_album(cats, "狗")
    assert [known.name for known in reader.albums()] == ["Dogs", "狗"]


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "a name"), (" \n", "a name"), ("x" * 201, "at most 200")]
)
def test_names_that_are_none(writer: Writer, name: str, sentence: str) -> None:
    for make in (writer.create_album, lambda name: writer.save_search(name, "dogs")):
        with pytest.raises(KnownError, match=sentence):
            make(name)


def test_an_album_or_a_photo_that_is_gone(writer: Writer, ids: list[int]) -> None:
    for change in (writer.add_to_album, writer.remove_from_album, writer.order_album):
        with pytest.raises(KnownError, match="album is gone"):
            change(99, ids)
    with pytest.raises(KnownError, match="album is gone"):
        writer.rename_album(99, "Dogs")
    with pytest.raises(KnownError, match="not in the library"):
        writer.add_to_album(writer.create_album("Dogs"), [99])


def test_saved_searches(writer: Writer, reader: Reader) -> None:
    dogs = writer.save_search("Dogs", "dogs date:2023")
    assert writer.save_search("Dogs", "dogs date:2024") == dogs
    writer.save_search("Cats", '"a \udcff cat"')
    assert [(s.name, s.text) for s in reader.saved_searches()] == [
        ("Cats", '"a ? cat"'),
        ("Dogs", "dogs date:2024"),
    ]
    writer.rename_search(dogs, " Puppies ")
    writer.undo()
    assert [search.name for search in reader.saved_searches()] == ["Cats", "Dogs"]
    writer.redo()
    assert [(s.name, s.text) for s in reader.saved_searches()][1] == ("Puppies", "dogs date:2024")
    with pytest.raises(KnownError, match="a saved search Cats already"):
        writer.rename_search(dogs, "Cats")
    with pytest.raises(KnownError, match="saved search is gone"):
        writer.rename_search(99, "Birds")
    writer.delete_search(dogs)
    assert [search.name for search in reader.saved_searches()] == ["Cats"]


def test_recent_searches_are_few_and_the_latest_first(
    writer: Writer, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(albums, "RECENT", 3)
    for text in ("a", "b", "c", "a", "d"):
        writer.remember_search(text)
    assert reader.recent_searches() == ["d", "a", "c"]
    writer.clear_searches()
    assert reader.recent_searches() == []
