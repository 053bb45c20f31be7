from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.errors import QueryError
from photosearch.search.query import parse
from photosearch.search.suggestions import suggestions
from photosearch.store.rows import Album, Count, Facets, SavedSearch

FACETS = Facets(
    folders=[],
    cameras=[Count("Canon EOS R6", 40), Count("Pixel 8", 12)],
    years=[Count("2024", 30), Count("2023", 22)],
    albums=[Album(1, "Best of 2023", 9)],
    saved_searches=[SavedSearch(1, "Dogs at sea", "dogs +sea")],
    recent_searches=["dogs on a beach", "snow"],
)
FOLDERS = [(b"/p", 52), (b"/p/Dune days", 7), (b"/p/work", 45), (b"/p/\xff\n", 1)]


def texts(typed: str, most: int = 8) -> list[str]:
    return [suggestion.text for suggestion in suggestions(typed, FACETS, FOLDERS, most)]


def test_an_empty_field_offers_former_searches() -> None:
    assert texts("", most=3) == ["dogs +sea", "dogs on a beach", "snow"]
    assert texts("", most=1) == ["dogs +sea"]


def test_an_empty_field_offers_some_of_each_kind() -> None:
    kinds = [suggestion.kind for suggestion in suggestions("", FACETS, FOLDERS, 24)]
    assert kinds == ["saved", *["recent"] * 2, *["date"] * 2, *["folder"] * 3, "album", *["camera"] * 2]


def test_a_word_may_become_a_former_search_a_filter_or_a_value() -> None:
    assert texts("do") == ["dogs +sea", "dogs on a beach"]
    assert texts("dogs or") == ["dogs orientation:"]
    assert texts("sea du") == ['sea folder:"Dune days"']
    assert texts("sea 2") == ["sea date:2024", "sea date:2023"]
    assert texts("sea pix") == ['sea camera:"Pixel 8"']


def test_a_key_is_completed_with_what_the_library_holds() -> None:
    assert texts("x camera:can") == ['x camera:"Canon EOS R6"']
    assert texts("-folder:") == ["-folder:p", '-folder:"Dune days"', "-folder:work"]
    assert texts("folder:work") == []
    assert texts('album:"be') == ['album:"Best of 2023"']
    assert texts("after:20") == ["after:2024", "after:2023"]
    assert texts("date:last-w") == ["date:last-week"]
    assert texts("type:h") == ["type:heic", "type:heif"]
    assert [s.photos for s in suggestions("date:202", FACETS, FOLDERS, 8)] == [30, 22]


@given(st.text(max_size=30))
def test_any_beginning_can_be_completed(typed: str) -> None:
    for suggestion in suggestions(typed, FACETS, FOLDERS, 20):
        assert suggestion.text != typed
        if suggestion.kind in ("folder", "camera", "album", "value"):
            try:
                parse(typed)
            except QueryError:
                continue
            assert parse(suggestion.text)
