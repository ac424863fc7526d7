"""Business days against an independent clock that walks every second bucket, and against
published worked examples (sources beside the numbers)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import CalendarError
from pipelines.settings import Settings
from pipelines.warehouse.calendar_seeds import Calendar, Hours, Span, read_calendars
from pipelines.warehouse.calendars import cut_by_utc_day, open_spans, write_business_days

HOUR = 3600
SEEDS = Settings().dbt_dir / "seeds"
Week = Mapping[str, Sequence[tuple[float, float]]]
DAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}


def calendar(
    zone: str,
    week: Week,
    exceptions: Mapping[date, tuple[Span, ...]] | None = None,
    holidays: frozenset[date] = frozenset(),
    make_up_days: Mapping[date, int] | None = None,
) -> Calendar:
    """A calendar with opening pieces in hours of local wall time by weekday."""
    weekly = tuple(
        Hours((int(opens * HOUR), int(closes * HOUR)), iso_dow=DAYS[day])
        for day, pieces in week.items()
        for opens, closes in pieces
    )
    return Calendar("test", ZoneInfo(zone), weekly, exceptions or {}, holidays, (), make_up_days)


def open_seconds(subject: Calendar, start: datetime, end: datetime) -> int:
    """Business seconds between two instants the way the SQL computes them: F(end) - F(start)."""
    spans = open_spans(subject, start.date(), end.date())
    by_day = cut_by_utc_day(spans)

    def until(instant: datetime) -> int:
        at = int(instant.timestamp())
        pieces = [piece for pieces in by_day.values() for piece in pieces]
        return sum(min(max(at - opens, 0), closes - opens) for opens, closes in pieces)

    return until(end) - until(start)


def is_open(subject: Calendar, at: int) -> bool:
    """The oracle: the wall clock of one second, looked up in the hours of its and earlier dates.

    Independent of the code under test: it goes from UTC to local time, never back.
    """
    local = datetime.fromtimestamp(at, subject.zone)
    for days_back in (0, 1):
        day = local.date() - timedelta(days=days_back)
        wall = local.hour * HOUR + local.minute * 60 + local.second + days_back * 24 * HOUR
        if any(opens <= wall < closes for opens, closes in subject.spans_on(day)):
            return True
    return False


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


OFFICE: Week = {d: [(9, 12), (13.5, 18)] for d in ("mon", "tue", "wed", "thu", "fri")}
NINE_TO_FIVE: Week = {d: [(9, 17)] for d in ("mon", "tue", "wed", "thu", "fri")}
NIGHT: Week = {d: [(18, 30)] for d in DAYS}
ROUND_THE_CLOCK: Week = {d: [(0, 24)] for d in DAYS}

SUBJECTS = {
    "Shanghai office with holidays": calendar(
        "Asia/Shanghai",
        OFFICE,
        holidays=frozenset({date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 5)}),
        make_up_days={date(2026, 10, 10): 1},
        exceptions={date(2026, 9, 30): ((9 * HOUR, 12 * HOUR),)},
    ),
    "Paris office": calendar("Europe/Paris", OFFICE),
    "Paris round the clock": calendar("Europe/Paris", ROUND_THE_CLOCK),
    "Kolkata half hour zone": calendar("Asia/Kolkata", NINE_TO_FIVE),
    "Lord Howe half hour daylight saving": calendar("Australia/Lord_Howe", OFFICE),
    "Lord Howe round the clock": calendar("Australia/Lord_Howe", ROUND_THE_CLOCK),
    "New York night shift": calendar("America/New_York", NIGHT),
    "Jerusalem bank": calendar(
        "Asia/Jerusalem",
        {d: [(7, 24)] for d in ("sun", "mon", "tue", "wed", "thu")}
        | {"fri": [(7, 14)], "sat": [(20, 24)]},
    ),
}


@pytest.mark.parametrize("name", sorted(SUBJECTS))
@settings(max_examples=25, deadline=None)
@given(
    start_minute=st.integers(0, 500 * 24 * 60),
    length_minutes=st.integers(0, 5 * 24 * 60),
)
def test_agrees_with_a_clock_that_walks_every_minute(
    name: str, start_minute: int, length_minutes: int
) -> None:
    # hours and changes of clocks fall on whole minutes, so that a minute is open or closed whole
    start = utc("2025-09-01T00:00:00Z") + timedelta(minutes=start_minute)
    end = start + timedelta(minutes=length_minutes)
    walked = sum(
        60
        for at in range(int(start.timestamp()), int(end.timestamp()), 60)
        if is_open(SUBJECTS[name], at)
    )
    assert open_seconds(SUBJECTS[name], start, end) == walked


@pytest.mark.parametrize("name", sorted(SUBJECTS))
@pytest.mark.parametrize(
    "around", ["2025-10-26T00:00:00Z", "2026-03-29T00:00:00Z", "2026-04-04T12:00:00Z"]
)
def test_agrees_on_the_days_clocks_change(name: str, around: str) -> None:
    start, end = utc(around) - timedelta(days=1), utc(around) + timedelta(days=2)
    walked = sum(
        60
        for at in range(int(start.timestamp()), int(end.timestamp()), 60)
        if is_open(SUBJECTS[name], at)
    )
    assert open_seconds(SUBJECTS[name], start, end) == walked


@given(
    marks=st.lists(st.integers(0, 60 * 24 * 3600), min_size=3, max_size=3).map(sorted),
    name=st.sampled_from(sorted(SUBJECTS)),
)
@settings(max_examples=60, deadline=None)
def test_business_time_adds_up(marks: list[int], name: str) -> None:
    a, b, c = (utc("2026-03-01T00:00:00Z") + timedelta(seconds=mark) for mark in marks)
    subject = SUBJECTS[name]
    whole = open_seconds(subject, a, c)
    assert whole == open_seconds(subject, a, b) + open_seconds(subject, b, c)
    assert 0 <= whole <= (c - a).total_seconds()


# Published worked examples: (zone, week, start, end, seconds, source)
PUBLISHED: list[tuple[str, Week, str, str, int, str]] = [
    (
        "UTC",
        {
            **{d: [(9, 17)] for d in ("mon", "wed", "fri")},
            **{d: [(10, 16)] for d in ("tue", "thu")},
            "sat": [(11, 14.5)],
        },
        "2006-01-01T00:00:00Z",
        "2006-01-08T00:00:00Z",
        142_200,
        "zendesk/biz, duration_within_spec: full week",
    ),
    (
        "UTC",
        NINE_TO_FIVE,
        "2014-04-13T09:10:24Z",
        "2014-04-14T09:10:24Z",
        624,
        "Intrepidd/working_hours, computation_spec: Sunday to Monday",
    ),
    (
        "UTC",
        {"mon": [(0, 24)]},
        "2014-04-06T12:00:00Z",
        "2016-04-06T12:00:00Z",
        9_072_000,
        "Intrepidd/working_hours: 24 h Mondays over two years",
    ),
    (
        "UTC",
        {"mon": [(7, 12), (13, 18)]},
        "2014-04-07T11:59:00Z",
        "2014-04-07T13:01:00Z",
        120,
        "Intrepidd/working_hours: lunch break",
    ),
    (
        "UTC",
        NINE_TO_FIVE,
        "2014-04-07T01:00:00-09:00",
        "2014-04-07T15:00:00-04:00",
        25_200,
        "Intrepidd/working_hours: offsets of the inputs",
    ),
    (
        "Europe/Paris",
        {"sun": [(8, 21)]},
        "2020-03-29T01:00:00Z",
        "2020-03-30T00:00:00Z",
        46_800,
        "Intrepidd/working_hours: spring change of clocks",
    ),
    (
        "Europe/Paris",
        {"sun": [(8, 21)]},
        "2002-10-27T06:00:00Z",
        "2021-10-30T00:00:00Z",
        46_425_600,
        "Intrepidd/working_hours: nineteen years of Sundays",
    ),
    (
        "Europe/Paris",
        {"sun": [(0, 24)]},
        "2020-10-24T22:00:00Z",
        "2020-10-25T23:00:00Z",
        90_000,
        "A Sunday of 25 elapsed hours; the gem counts 24 h of wall clock",
    ),
    (
        "UTC",
        NINE_TO_FIVE,
        "2012-02-01T10:00:00Z",
        "2012-02-09T11:00:00Z",
        176_400,
        "bokmann/business_time, test_calculating_business_duration: several days",
    ),
    (
        "UTC",
        {"mon": [(9, 17)], "fri": [(9, 17)], "sat": [(10, 15)]},
        "2010-12-24T15:00:00Z",
        "2010-12-27T11:00:00Z",
        32_400,
        "bokmann/business_time: Saturday hours",
    ),
]


@pytest.mark.parametrize("case", PUBLISHED, ids=[case[-1] for case in PUBLISHED])
def test_published_worked_examples(case: tuple[str, Week, str, str, int, str]) -> None:
    zone, week, start, end, seconds, _ = case
    assert open_seconds(calendar(zone, week), utc(start), utc(end)) == seconds


def test_an_exception_replaces_the_hours_of_its_date() -> None:
    # Intrepidd/working_hours, overrides: 10-12 and 14-17 on 2014-04-07; 09:00-14:00 holds 2 h
    subject = calendar(
        "UTC",
        {"mon": [(8, 18)]},
        exceptions={date(2014, 4, 7): ((10 * HOUR, 12 * HOUR), (14 * HOUR, 17 * HOUR))},
    )
    assert open_seconds(subject, utc("2014-04-07T09:00:00Z"), utc("2014-04-07T14:00:00Z")) == 7200


def test_precedence_exception_make_up_day_holiday_weekly() -> None:
    day = date(2026, 10, 10)  # a Saturday worked like a Monday
    plain = calendar("Asia/Shanghai", OFFICE)
    monday = [(9 * HOUR, 12 * HOUR), (int(13.5 * HOUR), 18 * HOUR)]
    assert plain.spans_on(day) == []
    assert plain.spans_on(date(2026, 10, 12)) == monday
    closed = replace(plain, holidays=frozenset({date(2026, 10, 12), day}))
    assert closed.spans_on(date(2026, 10, 12)) == []
    with_hours = replace(closed, holiday_hours=(Hours((8 * HOUR, 12 * HOUR)),))
    assert with_hours.spans_on(day) == [(8 * HOUR, 12 * HOUR)]
    worked = replace(with_hours, make_up_days={day: 1})
    assert worked.spans_on(day) == monday
    assert replace(worked, exceptions={day: ()}).spans_on(day) == []


def test_a_time_in_the_gap_moves_forward_and_an_ambiguous_one_is_the_first() -> None:
    # Paris 2021-03-28: 02:30 does not exist, it becomes 03:30 = 01:30 UTC
    spring = calendar("Europe/Paris", {"sun": [(2.5, 8)]})
    assert open_spans(spring, date(2021, 3, 28), date(2021, 3, 28))[0][0] == int(
        utc("2021-03-28T01:30:00Z").timestamp()
    )
    # Paris 2020-10-25: 02:30 happens twice, first at 00:30 UTC
    autumn = calendar("Europe/Paris", {"sun": [(2.5, 8)]})
    assert open_spans(autumn, date(2020, 10, 25), date(2020, 10, 25))[0][0] == int(
        utc("2020-10-25T00:30:00Z").timestamp()
    )


@pytest.mark.parametrize("year", [2025, 2026])
def test_chinese_years_have_248_working_days(year: int) -> None:
    # State Council notices of 2024-11 and 2025-11 (国务院办公厅放假安排): 248 working days each
    office = next(c for c in read_calendars(SEEDS) if c.calendar_id == "cn_office")
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    assert sum(bool(office.spans_on(day)) for day in days) == 248


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_the_file_holds_every_day_whole(home: Settings) -> None:
    assert write_business_days(home, date(2026, 9, 25), date(2026, 10, 12)) == 3
    days = pl.read_parquet(home.reference_dir / "business_days.parquet")
    assert days.null_count().sum_horizontal().item() == 0
    assert days.select("calendar_id", "utc_date").is_duplicated().sum() == 0
    office = days.filter(pl.col("calendar_id") == "cn_office").sort("utc_date")
    # 09:00-12:00 and 13:30-18:00 = 27,000 s; open 28-30 September, 8, 9, 10 (调休) and 12 October
    opened = office["open_seconds_before"].diff().drop_nulls().to_list()
    worked = [d for d, s in zip(office["utc_date"], opened, strict=False) if s]
    assert set(opened) == {0, 27_000}
    assert worked == [
        *(date(2026, 9, day) for day in (28, 29, 30)),
        *(date(2026, 10, day) for day in (8, 9, 10)),
    ]
    assert not list(home.reference_dir.glob(".*"))


def test_a_change_of_clocks_is_stored_with_its_instant(home: Settings) -> None:
    write_business_days(home, date(2026, 3, 26), date(2026, 3, 28))
    days = pl.read_parquet(home.reference_dir / "business_days.parquet")
    row = days.filter(calendar_id="il_bank", utc_date=date(2026, 3, 27)).to_dicts()[0]
    # Israel: Friday 2026-03-27 02:00 +02:00 becomes 03:00 +03:00, at 00:00 UTC
    assert (row["offset_before_seconds"], row["offset_after_seconds"]) == (10_800, 10_800)
    before = days.filter(calendar_id="il_bank", utc_date=date(2026, 3, 26)).to_dicts()[0]
    assert before["offset_after_seconds"] == 7200
    # San Francisco: Sunday 2026-03-08 02:00 -08:00 becomes 03:00 -07:00, at 10:00 UTC
    write_business_days(home, date(2026, 3, 8), date(2026, 3, 8))
    days = pl.read_parquet(home.reference_dir / "business_days.parquet")
    row = days.filter(calendar_id="us_sfo").to_dicts()[0]
    assert (row["offset_before_seconds"], row["offset_after_seconds"]) == (-28_800, -25_200)
    changed = datetime.fromtimestamp(row["offset_changes_at_us"] / 1_000_000, UTC)
    assert changed == utc("2026-03-08T10:00:00Z")


def test_a_calendar_does_not_speak_for_dates_without_published_holidays(home: Settings) -> None:
    write_business_days(home, date(2026, 12, 25), date(2027, 1, 10))
    days = pl.read_parquet(home.reference_dir / "business_days.parquet")
    last = days.group_by("calendar_id").agg(pl.col("utc_date").max())
    by_calendar = dict(last.iter_rows())
    # 2026-12-31 UTC runs into the first hours of 2027 in Shanghai, whose holidays are unknown
    assert by_calendar["cn_office"] == date(2026, 12, 30)
    assert by_calendar["cn_mall"] == date(2027, 1, 10)
    # 2027-01-01 UTC begins on the last evening of 2026 in New York and ends in 2027
    assert by_calendar["us_boston"] == date(2026, 12, 31)


def test_more_pieces_than_three_widen_the_file(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = {"mon": [(h, h + 0.5) for h in (1.0, 3.0, 5.0, 7.0, 9.0)]}
    subject = calendar("UTC", pieces)
    monkeypatch.setattr("pipelines.warehouse.calendars.read_calendars", lambda _: [subject])
    assert write_business_days(home, date(2026, 3, 2), date(2026, 3, 3)) == 5
    days = pl.read_parquet(home.reference_dir / "business_days.parquet")
    assert days["open_seconds_before"].to_list() == [0, 5 * 1800]
    assert {"piece_5_open_us", "piece_5_close_us"} <= set(days.columns)


def test_a_range_that_ends_before_it_starts_is_refused(home: Settings) -> None:
    with pytest.raises(CalendarError, match="end lies before the start"):
        write_business_days(home, date(2026, 3, 2), date(2026, 3, 1))


def write_seeds(folder: Path, weekly: str, calendars: str = "c,UTC,,,") -> Path:
    headers = {
        "calendars": "calendar_id,timezone,holiday_set,known_from,known_until",
        "calendar_weekly_hours": "calendar_id,iso_dow,opens,closes,valid_from,valid_until",
        "calendar_exceptions": "calendar_id,date,opens,closes,reason",
        "calendar_holiday_hours": "calendar_id,opens,closes,valid_from,valid_until",
        "holidays": "holiday_set,date,kind,name,name_zh,works_as_iso_dow",
    }
    bodies = {"calendars": calendars, "calendar_weekly_hours": weekly}
    for name, header in headers.items():
        (folder / f"{name}.csv").write_text(f"{header}\n{bodies.get(name, '')}\n")
    return folder


@pytest.mark.parametrize(
    ("weekly", "calendars", "message"),
    [
        ("c,1,18:00,06:00,,", "c,UTC,,,", "write 30:00"),
        ("c,1,9h,18:00,,", "c,UTC,,,", "write HH:MM"),
        ("d,1,09:00,18:00,,", "c,UTC,,,", "no row in calendars.csv"),
        ("c,1,09:00,18:00,,", "c,Mars/Olympus,,,", "IANA name"),
    ],
)
def test_broken_seeds_are_named(tmp_path: Path, weekly: str, calendars: str, message: str) -> None:
    with pytest.raises(CalendarError, match=message):
        read_calendars(write_seeds(tmp_path, weekly, calendars))


def test_hours_hold_from_and_until_their_dates(tmp_path: Path) -> None:
    weekly = "c,1,09:00,12:00,,2026-03-09\nc,1,10:00:30,12:00,2026-03-09,"
    (subject,) = read_calendars(write_seeds(tmp_path, weekly))
    assert subject.spans_on(date(2026, 3, 2)) == [(9 * HOUR, 12 * HOUR)]
    assert subject.spans_on(date(2026, 3, 9)) == [(10 * HOUR + 30, 12 * HOUR)]
