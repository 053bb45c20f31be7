import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch import i18n
from photosearch.core.search_messages import HitGroup
from photosearch.gui.grid.sections import Month, Section, by_day, by_groups, days_name, month_name, months
from photosearch.store.rows import Count


def test_a_month_of_thin_days_is_one_section() -> None:
    days = [Count("2024-07-14", 2), Count("2024-07-12", 5), Count("2024-06-30", 40), Count("2024-06-02", 1)]
    june = [Section(7, day="2024-06-30"), Section(47, day="2024-06-02")]
    assert by_day(days) == [Section(0, day="2024-07"), *june]
    assert by_day([Count("2024-07-14", 2)]) == [Section(0, day="2024-07-14")]
    back = [section.day for section in by_day(days[::-1])]
    assert back == ["2024-06-02", "2024-06-30", "2024-07"]


@given(st.lists(st.integers(1, 9), max_size=40))
def test_sections_cover_all_days_in_order(sizes: list[int]) -> None:
    days = [Count(f"2024-{7 - n // 28:02}-{28 - n % 28:02}", size) for n, size in enumerate(sizes)]
    sections = by_day(days)
    starts = [section.start for section in sections]
    assert starts == sorted(set(starts))
    assert set(starts) <= {sum(sizes[:n]) for n in range(len(sizes))}
    assert [section.day for section in sections] == sorted((s.day for s in sections), reverse=True)


def test_months_are_those_that_a_timeline_goes_through() -> None:
    days = ["2024-07-14", "2024-07-03", "2023-12-01"]
    sections = [Section(n, day=day) for n, day in enumerate(days)]
    assert months(sections) == [Month(2024, 7, 0), Month(2023, 12, 2)]
    assert months(sections[::-1]) == [Month(2023, 12, 0), Month(2024, 7, 1)]
    assert months([*sections[1:], sections[0]]) == []  # results by relevance
    assert months([Section(0, "Best")]) == []
    new_first = [Section(0, "New"), *(section._replace(start=section.start + 1) for section in sections)]
    assert months(new_first) == [Month(2024, 7, 1), Month(2023, 12, 3)]
    assert months([]) == []


def test_groups_of_results_are_headed_by_day_or_folder() -> None:
    groups = [HitGroup(b"2024-07-14", 0), HitGroup(b"/photos/Pelican Cove", 3), HitGroup(b"/", 5)]
    sections = by_groups(groups)
    assert [section.start for section in sections] == [0, 3, 5]
    assert [section.heading for section in sections] == ["Sunday, July 14, 2024", "Pelican Cove", "/"]


@pytest.mark.parametrize(
    ("language", "headings"),
    [("en", ["Lisbon, Portugal", "Place not known"]), ("zh_CN", ["葡萄牙里斯本", "地点未知"])],
)
def test_groups_of_towns_are_headed_in_the_window_s_language(language: str, headings: list[str]) -> None:
    i18n.use(language)
    lisbon = HitGroup(b"2267057", 0, ("Lisbon, Portugal", "葡萄牙里斯本"))
    sections = by_groups([lisbon, HitGroup(b"", 2, ("", ""))])
    assert [section.heading for section in sections] == headings


@pytest.mark.parametrize(
    ("language", "day", "span", "months", "years", "month"),
    [
        (
            "en",
            "Sunday, July 14, 2024",
            "July 3 – 14, 2024",
            "May 30 – July 14, 2024",
            "May 2019 – July 2024",
            "July 2024",
        ),
        (
            "zh_CN",
            "2024年7月14日星期日",
            "2024年7月3日至14日",
            "2024年5月30日至7月14日",
            "2019年5月至2024年7月",
            "2024年7月",
        ),
    ],
)
def test_dates_are_written_in_the_language_of_the_program(
    language: str, day: str, span: str, months: str, years: str, month: str
) -> None:
    i18n.use(language)
    assert days_name("2024-07-14", "2024-07-14") == day
    assert days_name("2024-07-14", "2024-07-03") == span
    assert days_name("2024-07-14", "2024-05-30") == months
    assert days_name("2024-07-14", "2019-05-30") == years
    assert month_name(2024, 7) == month
    assert days_name("no day", "no day") == "no day"
