"""Dates as cameras, telephones and programs write them."""

from datetime import date, timedelta

import pytest

from photosearch.decode.dates import Moment, moment


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2024:07:14 18:03:59", "2024-07-14T18:03:59"),
        (b"2024:07:14 18:03:59\0", "2024-07-14T18:03:59"),
        ("2024/07/14 18:03:59", "2024-07-14T18:03:59"),
        ("2024-07-14 18.03.59", "2024-07-14T18:03:59"),
        ("2024:07:14:18:03:59", "2024-07-14T18:03:59"),
        ("2024-07-14T18:03:59.123", "2024-07-14T18:03:59"),
        ("2024:07:14 18:03", "2024-07-14T18:03"),
        ("2008: 8: 5  9: 5: 3", "2008-08-05T09:05:03"),
        ("2008:8:5 9:5:3", "2008-08-05T09:05:03"),
        # Telephones that count hours from 1 to 24: half past midnight of that very day.
        ("2015:08:22 24:08:19", "2015-08-22T00:08:19"),
        ("2015:08:22 24:00:00", "2015-08-22T00:00:00"),
        ("2016:12:31 23:59:60", "2017-01-01T00:00:00"),
        ("2024:07:14", "2024-07-14"),
        ("20240714", "2024-07-14"),
        ("20240714 18:03:59", "2024-07-14T18:03:59"),
        ("2024:07:14   :  :  ", "2024-07-14"),
        ("2024:07:14 99:99:99", "2024-07-14"),
        ("1965", "1965"),
        ("1965:  :     :  :  ", "1965"),
        ("1965-08", "1965-08"),
        ("1965:08:00", "1965-08"),
        ("1965-00-00T00:00:00", "1965"),
        ("2018:10:10 14:15:38下午", "2018-10-10T14:15:38"),
        ("2018:10:10 02:15:38下午".encode(), "2018-10-10T14:15:38"),
        ("2018:10:10 下午 2:15:38".encode("gbk"), "2018-10-10T14:15:38"),
        ("2018:10:10 上午12:15:38", "2018-10-10T00:15:38"),
        ("2018:10:10 下午12:15:38", "2018-10-10T12:15:38"),
        ("2018年10月10日 下午2:15", "2018-10-10T14:15"),
        ("2018:10:10 02:15:38 PM", "2018-10-10T14:15:38"),
        ("2018:10:10 12:15:38 a.m.", "2018-10-10T00:15:38"),
        ("1980-01-01", "1980-01-01"),  # no clock says a day without a time
        ("2000:01:01 00:01:00", "2000-01-01T00:01:00"),
    ],
)
def test_what_is_a_date(written: object, at: str) -> None:
    assert moment(written) == Moment(at)


@pytest.mark.parametrize(
    "written",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024:13:01 00:00:00", "2023:02:29 00:00:00", "soon", "",
     "0001:01:01 00:00:00", "1601:01:01 00:00:00", b"\xff\xfe", 20240714, (2024, 7), None, "12:30:00",
     "2024 was a good year", "1999abc", "20241"],
)  # fmt: skip
def test_what_is_no_date(written: object) -> None:
    assert moment(written) is None


@pytest.mark.parametrize(
    "written",
    ["2002:12:08 12:00:00", "1980:01:01 00:00:13", "1980:01:01 11:12:13", "2000:01:01 00:00:00",
     "2000:01:01 00:00:44", "1970:01:01 01:00:00", "1904:01:01 00:00:00"],
)  # fmt: skip
def test_what_a_clock_says_that_nobody_set(written: str) -> None:
    assert moment(written) is None


def test_the_future_is_doubted_but_for_the_other_side_of_the_date_line() -> None:
    for days, known in ((0, True), (1, True), (2, False), (40, False), (4000, False)):
        day = (date.today() + timedelta(days=days)).isoformat()
        assert (moment(f"{day} 00:30:00") is not None) is known


@pytest.mark.parametrize(
    ("written", "offset", "expected"),
    [
        ("2024-07-14T18:03:59+02:00", None, "+02:00"),
        ("2024-07-14T18:03:59+02:00", "-03:00", "+02:00"),  # its own word
        ("2024-07-14T18:03:59Z", None, "+00:00"),
        ("2024-07-14T18:03:59-0330", None, "-03:30"),
        ("2024-07-14T18:03:59", "+05:45", "+05:45"),
        ("2024-07-14T18:03:59+25:00", None, None),
    ],
)
def test_time_zones(written: str, offset: str | None, expected: str | None) -> None:
    assert moment(written, offset) == Moment("2024-07-14T18:03:59", expected)
