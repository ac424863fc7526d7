"""Periods relative to the data's end, and what each is compared with."""

from datetime import UTC, date, datetime

import pytest

from dashboards.periods import (
    Period,
    bucket_end,
    last_full_day,
    previous,
    previous_year,
    resolve,
    sparkline_span,
)

WEDNESDAY = date(2026, 9, 30)


def days(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("code", "period", "before"),
    [
        ("yesterday", days("2026-09-30", "2026-09-30"), days("2026-09-29", "2026-09-29")),
        ("last_7d", days("2026-09-24", "2026-09-30"), days("2026-09-17", "2026-09-23")),
        ("last_4w", days("2026-08-31", "2026-09-27"), days("2026-08-03", "2026-08-30")),
        ("last_13w", days("2026-06-29", "2026-09-27"), days("2026-03-30", "2026-06-28")),
        ("mtd", days("2026-09-01", "2026-09-30"), days("2026-08-01", "2026-08-30")),
        ("last_month", days("2026-09-01", "2026-09-30"), days("2026-08-01", "2026-08-31")),
        ("ytd", days("2026-01-01", "2026-09-30"), days("2025-01-01", "2025-09-30")),
        (
            "2026-09-10..2026-09-12",
            days("2026-09-10", "2026-09-12"),
            days("2026-09-07", "2026-09-09"),
        ),
    ],
)
def test_period_and_the_like_period_before(code: str, period: Period, before: Period) -> None:
    assert resolve(code, WEDNESDAY) == period
    assert previous(code, period) == before


def test_month_to_date_never_reaches_into_the_month_it_is_compared_from() -> None:
    march = days("2026-03-01", "2026-03-31")
    assert previous("mtd", march) == days("2026-02-01", "2026-02-28")


def test_last_month_is_the_last_whole_one() -> None:
    assert resolve("last_month", date(2026, 9, 29)) == days("2026-08-01", "2026-08-31")


@pytest.mark.parametrize("code", ["", "soon", "2026-09-30..2026-09-01", "2026-13-01..2026-13-02"])
def test_what_is_not_a_period(code: str) -> None:
    assert resolve(code, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), date(2026, 9, 30)),
        (datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), date(2026, 9, 30)),
        (datetime(2026, 9, 30, 15, 0, tzinfo=UTC), date(2026, 9, 29)),
        (datetime(2026, 9, 30, 19, 5, tzinfo=UTC), date(2026, 9, 30)),
    ],
)
def test_last_full_day_is_local(as_of: datetime, day: date) -> None:
    assert last_full_day(as_of, "Asia/Shanghai") == day


def test_sparkline_has_thirteen_full_buckets() -> None:
    assert sparkline_span(days("2026-08-31", "2026-09-27"), WEDNESDAY) == (
        "week",
        days("2026-06-29", "2026-09-27"),
    )
    assert sparkline_span(days("2026-09-30", "2026-09-30"), WEDNESDAY) == (
        "day",
        days("2026-09-18", "2026-09-30"),
    )
    assert sparkline_span(days("2026-09-01", "2026-09-30"), WEDNESDAY) == (
        "month",
        days("2025-09-01", "2026-09-30"),
    )


def test_buckets_end_before_the_next_begins() -> None:
    assert bucket_end(date(2026, 9, 28), "week") == date(2026, 10, 4)
    assert bucket_end(date(2026, 12, 1), "month") == date(2026, 12, 31)
    assert bucket_end(date(2026, 10, 1), "quarter") == date(2026, 12, 31)
    assert bucket_end(date(2024, 1, 1), "year") == date(2024, 12, 31)


@pytest.mark.parametrize(
    ("code", "period", "before"),
    [
        # 52 weeks: the same weekdays, so that no Sunday is held against a Monday
        ("last_4w", days("2026-08-31", "2026-09-27"), days("2025-09-01", "2025-09-28")),
        ("mtd", days("2026-09-01", "2026-09-30"), days("2025-09-01", "2025-09-30")),
        ("ytd", days("2024-01-01", "2024-02-29"), days("2023-01-01", "2023-02-28")),
        # a whole month is held against the whole month, whatever its length
        ("last_month", days("2025-02-01", "2025-02-28"), days("2024-02-01", "2024-02-29")),
    ],
)
def test_the_like_period_of_the_year_before(code: str, period: Period, before: Period) -> None:
    assert previous_year(code, period) == before
