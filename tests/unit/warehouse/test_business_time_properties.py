"""Business time of random calendars, by the project's SQL, against seconds counted one by one.

Zones and dates are chosen for trouble: quarter-hour zones, half-hour and two-hour daylight saving,
gaps at midnight, zones that changed their rules, a date that was left out.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipelines.errors import CalendarError
from tests.reference.business_time import open_seconds
from tests.reference.calendar_files import Seeds, business_time
from tests.reference.sql_macros import BusinessTime

DAYS = 4
SECOND = 1_000_000

# zone, a UTC day on which its clocks change
TROUBLE = [
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2018, 10, 28)),
    ("Africa/Monrovia", date(1972, 1, 7)),
    ("America/Caracas", date(2016, 5, 1)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/St_Johns", date(2006, 10, 29)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("Asia/Gaza", date(2026, 3, 28)),
    ("Asia/Kathmandu", date(1985, 12, 31)),
    ("Asia/Pyongyang", date(2015, 8, 14)),
    ("Asia/Pyongyang", date(2018, 5, 4)),
    ("Asia/Shanghai", date(1991, 9, 14)),
    ("Australia/Lord_Howe", date(2026, 4, 4)),
    ("Australia/Lord_Howe", date(2026, 10, 3)),
    ("Europe/Dublin", date(2026, 10, 25)),
    ("Europe/Paris", date(2026, 3, 29)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Chatham", date(2026, 4, 4)),
    ("Pacific/Chatham", date(2026, 9, 26)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("UTC", date(2026, 3, 1)),
]

seconds_of_day = st.one_of(
    st.integers(0, 24 * 4 - 1).map(lambda quarter: quarter * 900),
    st.integers(0, 86_399),
)


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@st.composite
def pieces(draw: st.DrawFn) -> dict[str, str]:
    opens = draw(seconds_of_day)
    length = draw(st.sampled_from([1, 1800, 8 * 3600, 86_400]) | st.integers(1, 86_400))
    return {"calendar_id": "c", "opens": clock(opens), "closes": clock(opens + length)}


def dates(around: date) -> st.SearchStrategy[date]:
    return st.integers(-2, DAYS + 1).map(lambda number: around + timedelta(days=number))


def bounds(draw: st.DrawFn, start: date) -> dict[str, str]:
    """A validity that begins, ends or does neither near the days looked at."""
    edge = str(draw(dates(start)))
    return draw(st.sampled_from([{}, {}, {"valid_from": edge}, {"valid_until": edge}]))


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Seeds, date]:
    """Seeds of one calendar `c`, and the first of the UTC days to look at."""
    zone, around = draw(st.sampled_from(TROUBLE))
    start = around - timedelta(days=draw(st.integers(0, DAYS - 1)))
    weekly = [
        {**piece, **bounds(draw, start), "iso_dow": str(weekday)}
        for weekday in range(1, 8)
        for piece in draw(st.lists(pieces(), max_size=3))
    ]
    special = draw(st.dictionaries(dates(start), st.integers(0, 7), max_size=3))
    holidays = [
        {
            "holiday_set": "h",
            "date": str(day),
            "kind": "workday" if works_as else "holiday",
            "works_as_iso_dow": str(works_as) if works_as else "",
        }
        for day, works_as in special.items()
    ]
    excepted = draw(st.lists(st.tuples(dates(start), st.none() | pieces()), max_size=2))
    exceptions = [
        {"calendar_id": "c", **(piece or {}), "date": str(day)} for day, piece in excepted
    ]
    hours = [{**piece, **bounds(draw, start)} for piece in draw(st.lists(pieces(), max_size=2))]
    version = {"calendar_id": "c", "timezone": zone, "holiday_set": "h"}
    versions = [version]
    if draw(st.booleans()):
        moves = str(draw(dates(start)))
        other = draw(st.sampled_from(sorted({name for name, _ in TROUBLE})))
        versions = [
            {**version, "valid_until": moves},
            {**version, "timezone": other, "valid_from": moves},
        ]
    seeds = {
        "calendars": versions,
        "calendar_weekly_hours": weekly,
        "calendar_exceptions": exceptions,
        "calendar_holiday_hours": hours,
        "holiday_sets": [{"holiday_set": "h"}],
        "holidays": holidays,
    }
    return seeds, start


@given(
    calendar=calendars(), marks=st.lists(st.integers(0, DAYS * 86_400 * SECOND - 1), max_size=20)
)
@settings(deadline=None, max_examples=60)
def test_business_time_of_random_calendars(calendar: tuple[Seeds, date], marks: list[int]) -> None:
    seeds, start = calendar
    is_open = open_seconds(seeds, "c", start, DAYS)
    with TemporaryDirectory() as home:
        try:
            sql = business_time(Path(home), seeds, start, start + timedelta(days=DAYS - 1))
        except CalendarError as error:
            # a new zone that begins on the day its clocks change is refused, and says so
            assert "changes its offset twice" in str(error)
            assume(False)
        event("open at times" if is_open.any() and not is_open.all() else "always one or the other")
        edges = np.flatnonzero(np.diff(is_open)) + 1
        asked = sorted({*marks, *(int(at) * SECOND + by for at in edges for by in (-1, 0, 1))})
        positions = counted_as_the_reference_counts(sql, is_open, start, asked)
        reached_at_the_first_instant(sql, is_open, start, asked, positions)


def counted_as_the_reference_counts(
    sql: BusinessTime, is_open: NDArray[np.bool_], start: date, asked: list[int]
) -> list[int]:
    """Equal to the second count; hence additive, monotone, and still while closed."""
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    positions = sql.open_us("c", [midnight + timedelta(microseconds=at) for at in asked])
    before = np.concatenate([[0], np.cumsum(is_open)])
    counted = [
        int(before[at // SECOND]) * SECOND + (at % SECOND if is_open[at // SECOND] else 0)
        for at in asked
    ]
    assert positions == counted
    assert counted == sorted(counted)
    return counted


def reached_at_the_first_instant(
    sql: BusinessTime,
    is_open: NDArray[np.bool_],
    start: date,
    asked: list[int],
    positions: list[int],
) -> None:
    """F of the inverse gives the position back, at its first instant; beyond the last is null."""
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    end = int(is_open.sum()) * SECOND
    reached = sql.instants("c", [*positions, end, end + 1])
    assert reached.pop() is None
    instants = [at for at in reached if at]
    assert len(instants) == len(reached)
    # the end of the last day is reached, but belongs to the next day, which is not in the table
    inside = [at for at in instants if at < midnight + timedelta(days=DAYS)]
    assert sql.open_us("c", inside) == [*positions, end][: len(inside)]
    for at, instant in zip(asked, instants, strict=False):
        assert instant <= midnight + timedelta(microseconds=at)
    for instant in instants:
        if instant > midnight:
            last = int((instant - midnight) / timedelta(microseconds=1)) - 1
            assert is_open[last // SECOND], "the microsecond before the first instant is open"


@given(
    known=st.tuples(st.integers(-1, DAYS), st.integers(0, DAYS + 1)),
    zone=st.sampled_from(sorted({name for name, _ in TROUBLE})),
)
@settings(deadline=None, max_examples=20)
def test_a_calendar_speaks_for_the_utc_days_it_knows_whole(
    known: tuple[int, int], zone: str
) -> None:
    start = date(2026, 3, 1)
    known_from, known_until = (start + timedelta(days=number) for number in known)
    seeds: Seeds = {
        "calendars": [{"calendar_id": "c", "timezone": zone, "holiday_set": "h"}],
        "holiday_sets": [
            {"holiday_set": "h", "known_from": str(known_from), "known_until": str(known_until)}
        ],
    }
    with TemporaryDirectory() as home:
        sql = business_time(Path(home), seeds, start, start + timedelta(days=DAYS - 1))
        midnights = [
            datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=number) for number in range(DAYS)
        ]
        spoken = [at is not None for at in sql.open_us("c", midnights)]

    def is_known(at: datetime) -> bool:
        return known_from <= at.astimezone(ZoneInfo(zone)).date() < known_until

    quarters = [timedelta(minutes=15 * number) for number in range(96)]
    assert spoken == [all(is_known(day + quarter) for quarter in quarters) for day in midnights]
