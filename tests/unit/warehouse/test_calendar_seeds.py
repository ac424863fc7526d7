"""What a calendar's seeds say about a date, and how broken seeds are named."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.errors import CalendarError
from pipelines.settings import Settings
from pipelines.warehouse.calendar_seeds import Calendar, Span, read_calendars
from tests.reference.calendar_files import WORKDAYS, Rows, one_calendar, weekly, write_seeds

HOUR = 3600
OFFICE = {day: [("09:00", "12:00"), ("13:30", "18:00")] for day in WORKDAYS}
OFFICE_DAY: list[Span] = [(9 * HOUR, 12 * HOUR), (13 * HOUR + 1800, 18 * HOUR)]


def read_one(folder: Path, **others: Rows) -> Calendar:
    return read_calendars(write_seeds(folder, one_calendar("Asia/Shanghai", OFFICE, **others)))[
        "c"
    ][0]


def test_precedence_exception_make_up_day_holiday_weekly(tmp_path: Path) -> None:
    saturday, monday = date(2026, 10, 10), date(2026, 10, 12)
    plain = read_one(tmp_path)
    assert (plain.spans_on(saturday), plain.spans_on(monday)) == ([], OFFICE_DAY)
    holidays = [{"holiday_set": "h", "date": str(monday), "kind": "holiday"}]
    closed = read_one(tmp_path, holidays=holidays)
    assert closed.spans_on(monday) == []
    hours = [{"calendar_id": "c", "opens": "08:00", "closes": "12:00"}]
    with_hours = read_one(tmp_path, holidays=holidays, calendar_holiday_hours=hours)
    assert with_hours.spans_on(monday) == [(8 * HOUR, 12 * HOUR)]
    make_up = {
        "holiday_set": "h",
        "date": str(saturday),
        "kind": "workday",
        "works_as_iso_dow": "1",
    }
    day_off = {"holiday_set": "h", "date": str(saturday), "kind": "holiday"}
    worked = read_one(tmp_path, holidays=[*holidays, day_off, make_up])
    assert worked.spans_on(saturday) == OFFICE_DAY
    off = [{"calendar_id": "c", "date": str(saturday), "reason": "stocktaking"}]
    excepted = read_one(tmp_path, holidays=[*holidays, make_up], calendar_exceptions=off)
    assert excepted.spans_on(saturday) == []


def test_a_partial_holiday_and_one_of_three_weeks(tmp_path: Path) -> None:
    eve = {"calendar_id": "c", "date": "2026-12-24", "opens": "09:00", "closes": "12:00"}
    weeks = [
        {"holiday_set": "h", "date": str(date(2026, 8, 3) + timedelta(days=day)), "kind": "holiday"}
        for day in range(21)
    ]
    subject = read_one(tmp_path, calendar_exceptions=[eve], holidays=weeks)
    assert subject.spans_on(date(2026, 12, 24)) == [(9 * HOUR, 12 * HOUR)]
    august = [date(2026, 8, day) for day in range(1, 32)]
    assert [day.day for day in august if subject.spans_on(day)] == [24, 25, 26, 27, 28, 31]


def test_hours_hold_from_and_until_their_dates(tmp_path: Path) -> None:
    hours = {"calendar_id": "c", "iso_dow": "1"}
    rows = [
        {**hours, "opens": "09:00", "closes": "12:00", "valid_until": "2026-03-09"},
        {**hours, "opens": "10:00:30", "closes": "12:00", "valid_from": "2026-03-09"},
    ]
    subject = read_one(tmp_path, calendar_weekly_hours=rows)
    assert subject.spans_on(date(2026, 3, 2)) == [(9 * HOUR, 12 * HOUR)]
    assert subject.spans_on(date(2026, 3, 9)) == [(10 * HOUR + 30, 12 * HOUR)]


@pytest.mark.parametrize("year", [2025, 2026])
def test_chinese_years_have_248_working_days(year: int) -> None:
    # State Council notices of 2024-11 and 2025-11 (国务院办公厅放假安排): 248 working days each
    (office,) = read_calendars(Settings().dbt_dir / "seeds")["cn_office"]
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    assert sum(bool(office.spans_on(day)) for day in days) == 248


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ({"opens": "18:00", "closes": "06:00"}, "write 30:00"),
        ({"opens": "18:00", "closes": "48:01"}, "by the end of the next day"),
        ({"opens": "9h", "closes": "18:00"}, "write HH:MM"),
        ({"opens": "9:75", "closes": "18:00"}, "write HH:MM"),
        ({"calendar_id": "d", "opens": "09:00", "closes": "18:00"}, "no row in calendars.csv"),
    ],
)
def test_broken_hours_are_named(tmp_path: Path, hours: dict[str, str], message: str) -> None:
    row = {"calendar_id": "c", "iso_dow": "1", **hours}
    with pytest.raises(CalendarError, match=message):
        read_one(tmp_path, calendar_weekly_hours=[row])


SHANGHAI = {"calendar_id": "c", "timezone": "Asia/Shanghai"}


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ([{"calendar_id": "c", "timezone": "Mars/Olympus"}], "IANA name"),
        ([{**SHANGHAI, "holiday_set": "x"}], "no row in holiday_sets.csv"),
        (
            [{**SHANGHAI, "valid_until": "2026-03-01"}, {**SHANGHAI, "valid_from": "2026-03-02"}],
            "known until 2026-03-01 and again from 2026-03-02",
        ),
        (
            [{**SHANGHAI, "valid_until": "2026-03-02"}, {**SHANGHAI, "valid_from": "2026-03-01"}],
            "without a gap or an overlap",
        ),
        ([SHANGHAI, SHANGHAI], "without a gap or an overlap"),
        (
            [
                {**SHANGHAI, "holiday_set": "h", "valid_until": "2026-03-01"},
                {**SHANGHAI, "valid_from": "2026-03-01"},
            ],
            "known until 2026-02-01",
        ),
    ],
)
def test_broken_calendars_are_named(tmp_path: Path, versions: Rows, message: str) -> None:
    seeds = {
        "calendars": versions,
        "calendar_weekly_hours": weekly(OFFICE),
        "holiday_sets": [{"holiday_set": "h", "known_until": "2026-02-01"}],
    }
    with pytest.raises(CalendarError, match=message):
        read_calendars(write_seeds(tmp_path, seeds))
