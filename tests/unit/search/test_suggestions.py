import os

from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.errors import QueryError
from photosearch.core.tags import Tag, shipped
from photosearch.core.towns import Town
from photosearch.search.query import parse
from photosearch.search.suggestions import PhotoNames, Suggester
from photosearch.store.rows import Album, Count, FolderCount, SavedSearch
from photosearch.store.tags import TagCount
from photosearch.store.towns import TownCount

YEARS = [Count("2024", 30), Count("2023", 22)]
CAMERAS = [Count("Canon EOS R6", 40), Count("Pixel 8", 12)]

TOWNS = [
    TownCount(Town(1, "Lisbon", "里斯本", "Portugal", "葡萄牙"), 5),
    TownCount(Town(2, "Porto", "波尔图", "Portugal", "葡萄牙"), 3),
]


def suggester(*folders: tuple[bytes, int]) -> Suggester:
    return Suggester(
        PhotoNames(YEARS, [FolderCount(*folder, away=False) for folder in folders], CAMERAS, TOWNS),
        [Album(1, "Best of 2023", 9)],
        [SavedSearch(1, "Dogs at sea", "dogs +sea")],
        ["dogs on a beach", "snow"],
    )


SUGGESTER = suggester((b"/p", 52), (b"/p/Dune days", 7), (b"/p/work", 45), (b"/p/\xff\n", 1))


def texts(typed: str, most: int = 8) -> list[str]:
    return [suggestion.text for suggestion in SUGGESTER.suggestions(typed, most)]


def test_an_empty_field_offers_former_searches() -> None:
    assert texts("", most=3) == ["dogs +sea", "dogs on a beach", "snow"]
    assert texts("", most=1) == ["dogs +sea"]


def test_an_empty_field_offers_some_of_each_kind() -> None:
    kinds = [suggestion.kind for suggestion in SUGGESTER.suggestions("", 24)]
    assert kinds == [
        "saved",
        *["recent"] * 2,
        *["date"] * 2,
        *["folder"] * 3,
        "album",
        *["camera"] * 2,
        *["place"] * 3,
    ]


def test_a_word_may_become_a_former_search_a_filter_or_a_value() -> None:
    assert texts("do") == ["dogs +sea", "dogs on a beach"]
    assert texts("dogs or") == ["dogs orientation:"]
    assert texts("sea du") == ['sea folder:"Dune days"']
    assert texts("sea 20") == ["sea date:2024", "sea date:2023", 'sea album:"Best of 2023"']
    assert texts("beach") == ["dogs on a beach"]
    assert texts("a w") == []
    assert texts("sea pix") == ['sea camera:"Pixel 8"']
    assert texts("sea vid") == ["sea type:video"]
    assert texts("portr") == ["orientation:portrait"]
    assert texts("vi") == []


def test_a_part_of_the_library_is_suggested_what_it_has() -> None:
    """However many names with more photos stand before it."""
    own = suggester(*((b"/p/%d days" % day, 90) for day in range(5)), (b"/p/last days", 7))
    has = {'folder:"last days"': 2, "date:2024": 1}

    def found(typed: str) -> list[tuple[str, int | None]]:
        return [
            (each.text, each.photos) for each in own.suggestions(typed, 9, within=lambda f: has.get(f, 0))
        ]

    assert found("red days") == [('red folder:"last days"', 2)]
    assert found("folder:") == [('folder:"last days"', 2)]
    assert found("last days red")[0] == ('folder:"last days" red', 2)
    assert found("")[3:] == [("date:2024", 1), ('folder:"last days"', 2)]


def test_several_words_may_be_a_name_or_end_it() -> None:
    assert texts("sunset best of 20")[0] == 'sunset album:"Best of 2023"'
    assert texts("sunset -dune d") == ['sunset -folder:"Dune days"']
    assert texts("canon eos") == ['camera:"Canon EOS R6"']
    assert texts('"canon eos') == []


def test_a_name_before_other_words_is_one_too() -> None:
    assert texts("work dogs") == ["folder:work dogs"]
    assert texts("dune days dogs") == ['folder:"Dune days" dogs']
    assert texts("the work dogs run") == ["the folder:work dogs run"]
    assert texts("-work dogs") == ["-folder:work dogs"]
    assert texts("2024 dogs") == ["date:2024 dogs"]
    assert texts("working dogs") == texts("dune dogs") == texts("work: dogs") == []
    assert texts("work sunset 20") == [
        *(f"work sunset {end}" for end in ("date:2024", "date:2023", 'album:"Best of 2023"')),
        "folder:work sunset 20",
    ]


def test_a_name_is_shown_as_it_is_with_its_photos() -> None:
    (found,) = SUGGESTER.suggestions("dune", 8)
    assert (found.kind, found.shown, found.photos) == ("folder", "Dune days", 7)


def test_names_of_scripts_without_spaces_are_found_by_any_part() -> None:
    found = suggester((os.fsencode("/p/2023挪威"), 3)).suggestions("雪 挪", 8)
    assert [each.text for each in found] == ["雪 folder:2023挪威"]


def test_folders_of_one_name_are_told_apart_by_where_they_lie() -> None:
    norways = suggester((b"/p/2023/Norway", 3), (b"/p/2019/Norway", 5), (b"/p/Norwich", 1))
    found = norways.suggestions("norw", 8)
    assert [each.text for each in found] == ["folder:Norwich", "folder:2019/Norway", "folder:2023/Norway"]


def test_the_value_of_a_filter_may_have_spaces() -> None:
    assert texts('x album:"best of') == ['x album:"Best of 2023"']


def test_a_key_is_completed_with_what_the_library_holds() -> None:
    assert texts("x camera:can") == ['x camera:"Canon EOS R6"']
    assert texts("-folder:") == ["-folder:p", "-folder:work", '-folder:"Dune days"']
    assert texts("folder:work") == []
    assert texts('album:"be') == ['album:"Best of 2023"']
    assert texts("after:20") == ["after:2024", "after:2023"]
    assert texts("date:last-w") == ["date:last-week"]
    assert texts("type:")[0] == "type:video"
    assert texts("type:h") == ["type:heic", "type:heif"]
    assert [s.photos for s in SUGGESTER.suggestions("date:202", 8)] == [30, 22]


def test_towns_are_suggested_in_the_language_of_the_window_whichever_is_typed() -> None:
    assert texts("place:lis") == texts("地点:里") == ['place:"Lisbon, Portugal"']
    towns = ['place:"Lisbon, Portugal"', 'place:"Porto, Portugal"']
    assert texts("place:portugal") == ["place:Portugal", *towns]
    assert 'dogs place:"Lisbon, Portugal"' in texts("dogs lis")
    assert 'place:"Lisbon, Portugal" at night' in texts("lisbon at night")
    assert "place:Portugal at night" in texts("葡萄牙 at night")
    found = SUGGESTER.suggestions("place:p", 8, "zh_CN")
    assert [(each.text, each.photos) for each in found] == [
        ("place:葡萄牙", 8),
        ("place:葡萄牙里斯本", 5),
        ("place:葡萄牙波尔图", 3),
    ]
    found = SUGGESTER.suggestions("海边 里斯本", 8, "zh_CN")
    assert "海边 place:葡萄牙里斯本" in [each.text for each in found]


def test_a_city_that_is_its_country_is_suggested_once() -> None:
    towns = [TownCount(Town(3, "Singapore", "新加坡", "Singapore", "新加坡"), 4)]
    found = Suggester(PhotoNames([], [], [], towns)).suggestions("sing", 8)
    assert [(each.text, each.photos) for each in found] == [("place:Singapore", 4)]


@given(st.text(max_size=30))
def test_any_beginning_can_be_completed(typed: str) -> None:
    for suggestion in SUGGESTER.suggestions(typed, 20):
        assert suggestion.text != typed
        if suggestion.kind in ("folder", "camera", "album", "value"):
            try:
                parse(typed)
            except QueryError:
                continue
            assert parse(suggestion.text)


def test_tags_are_suggested_by_all_their_names_in_the_language_of_the_reader() -> None:
    listed = {tag.name: tag for tag in shipped()}
    tags = [TagCount(listed["dog"], 30), TagCount(listed["hot dog"], 2), TagCount(Tag("Rusty"), 1)]
    tags.append(TagCount(Tag("tent of my own"), 0))
    some = Suggester(PhotoNames([], [], [], [], tags))

    def texts(typed: str, language: str = "en") -> list[str]:
        return [suggestion.text for suggestion in some.suggestions(typed, 8, language)]

    assert texts("tag:") == ["tag:dog", 'tag:"hot dog"', "tag:Rusty"]
    assert texts("snow pup") == ["snow tag:dog"]
    assert texts("狗", "zh_CN")[:1] == ["tag:狗"]
    assert texts("标签：热", "zh_CN") == ["tag:热狗"]
    assert texts("rus") == ["tag:Rusty"]
