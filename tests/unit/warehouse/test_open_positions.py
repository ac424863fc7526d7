"""The inverse of business time: when a calendar has been open for so long."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.reference.calendar_files import WORKDAYS, business_time, one_calendar
from tests.reference.sql_macros import BusinessTime

SECOND = 1_000_000
HOUR = 3600 * SECOND


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> BusinessTime:
    """Open 09:00-12:00 and 13:30-18:00 UTC, 7.5 h a day, from Monday 2026-03-02 to Friday."""
    week = {day: [("09:00", "12:00"), ("13:30", "18:00")] for day in WORKDAYS}
    home: Path = tmp_path_factory.mktemp("office")
    return business_time(home, one_calendar("UTC", week), date(2026, 3, 2), date(2026, 3, 6))


@pytest.mark.parametrize(
    ("open_us", "expected"),
    [
        (0, "2026-03-02 00:00:00"),  # the calendar's first instant: nothing was open before
        (1, "2026-03-02 09:00:00.000001"),
        (3 * HOUR, "2026-03-02 12:00:00"),  # the close, not the opening after lunch
        (3 * HOUR + 1, "2026-03-02 13:30:00.000001"),
        (15 * HOUR // 2, "2026-03-02 18:00:00"),
        (15 * HOUR // 2 + 1, "2026-03-03 09:00:00.000001"),
        (24 * HOUR, "2026-03-05 10:30:00"),  # 3 × 7.5 h + 1.5 h: the end of a bucket
        (24 * HOUR + 1, "2026-03-05 10:30:00.000001"),
        (5 * 15 * HOUR // 2, "2026-03-06 18:00:00"),
        (5 * 15 * HOUR // 2 + 1, None),  # the calendar ends before
        (-1, None),
        (None, None),
    ],
)
def test_when_an_open_position_is_reached(
    office: BusinessTime, open_us: int | None, expected: str | None
) -> None:
    at = expected and datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert office.instants("c", [open_us]) == [at]


def test_every_quarter_hour_is_reached_where_it_was_counted(office: BusinessTime) -> None:
    first = datetime(2026, 3, 2, tzinfo=UTC)
    walked = [first + timedelta(minutes=15 * step) for step in range(5 * 24 * 4)]
    positions = office.open_us("c", walked)
    reached = office.instants("c", positions)
    assert office.open_us("c", [at for at in reached if at]) == positions
    assert all(at and at <= asked for at, asked in zip(reached, walked, strict=True))


def test_a_calendar_that_is_not_there_reaches_nothing(office: BusinessTime) -> None:
    assert office.instants("another", [HOUR]) == [None]
