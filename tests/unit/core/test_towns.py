import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.core.towns import largest_towns, town_at

PLACES = {
    "Eiffel Tower": (48.8584, 2.2945, "Paris, France", "法国巴黎"),
    "Camden Town, a part of a city": (51.539, -0.1426, "London, United Kingdom", "英国伦敦"),
    "Versailles, beside one": (48.8049, 2.1204, "Versailles, France", "法国 Versailles"),
    "West Lake": (30.2431, 120.1503, "Hangzhou, China", "中国杭州"),
    "Yokohama": (35.4437, 139.638, "Yokohama, Japan", "日本横滨"),
    "a village in the Alps": (46.624, 8.0414, "Grindelwald, Switzerland", "瑞士格林德瓦"),
    "a city that is its country": (1.2868, 103.8545, "Singapore", "新加坡"),
    "far from towns": (23.4, 9.0, "Algeria", "阿尔及利亚"),
    "beyond the date line": (-16.85, -179.97, "Fiji", "斐济"),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_town_and_country_of_a_place(place: str) -> None:
    latitude, longitude, english, chinese = PLACES[place]
    town = town_at(latitude, longitude)
    assert town and (town.said("en"), town.said("zh_CN")) == (english, chinese)


@pytest.mark.parametrize("place", [(30.0, -40.0), (0.0, 0.0), (90.0, 0.0), (-90.0, 180.0)])
def test_at_sea_and_at_the_poles_there_is_none(place: tuple[float, float]) -> None:
    assert town_at(*place) is None


@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
@settings(max_examples=100, deadline=None)
def test_any_place_has_a_town_with_a_country_or_none(latitude: float, longitude: float) -> None:
    town = town_at(latitude, longitude)
    assert town is None or (town.country and town.country_zh and town.said("en") and town.said("zh"))


@given(latitude=st.floats(-80, 80))
@settings(max_examples=30, deadline=None)
def test_the_date_line_divides_nothing(latitude: float) -> None:
    assert town_at(latitude, 180.0) == town_at(latitude, -180.0)


def test_of_towns_in_a_region_the_largest_are_told_first() -> None:
    found = largest_towns(38.0, 44.0, -10.0, 4.0, 3)
    assert [placed.town.own_name("en") for placed in found[:2]] == ["Madrid", "Barcelona"]
    assert found[0].town.own_name("zh_CN") == "马德里"
    assert (round(found[0].latitude, 1), round(found[0].longitude, 1)) == (40.4, -3.7)
    assert largest_towns(29.0, 31.0, -41.0, -39.0, 3) == []
