"""The reference tables of business time: published worked examples through the project's SQL
(sources beside the numbers), days on which clocks change, and what the tables hold."""

import struct
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import CalendarError
from pipelines.settings import Settings
from pipelines.warehouse.calendar_seeds import DAY_SECONDS
from pipelines.warehouse.calendars import write_business_days
from tests.reference.calendar_files import (
    ALL_DAYS,
    WORKDAYS,
    Elsewhere,
    Seeds,
    Week,
    business_time,
    one_calendar,
    write_seeds,
)

HOUR = 3600
NINE_TO_FIVE: Week = {day: [("09:00", "17:00")] for day in WORKDAYS}
ROUND_THE_CLOCK: Week = {day: [("00:00", "24:00")] for day in ALL_DAYS}
BIZ: Week = {
    **{day: [("09:00", "17:00")] for day in ("mon", "wed", "fri")},
    **{day: [("10:00", "16:00")] for day in ("tue", "thu")},
    "sat": [("11:00", "14:30")],
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def open_seconds(home: Path, seeds: Seeds, start: str, end: str) -> float:
    """Business seconds of calendar c between two instants, by the project's SQL."""
    instants = [utc(start), utc(end)]
    first, last = (
        at.date() + timedelta(days=days) for at, days in zip(instants, (-2, 2), strict=True)
    )
    from_us, until_us = business_time(home, seeds, first, last).open_us("c", instants)
    assert from_us is not None
    assert until_us is not None
    return (until_us - from_us) / 1_000_000


# Published worked examples: (zone, week, start, end, seconds, source)
PUBLISHED: list[tuple[str, Week, str, str, int, str]] = [
    (
        "UTC",
        BIZ,
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
        {"mon": [("00:00", "24:00")]},
        "2014-04-06T12:00:00Z",
        "2016-04-06T12:00:00Z",
        9_072_000,
        "Intrepidd/working_hours: 24 h Mondays over two years",
    ),
    (
        "UTC",
        {"mon": [("07:00", "12:00"), ("13:00", "18:00")]},
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
        {"sun": [("08:00", "21:00")]},
        "2020-03-29T01:00:00Z",
        "2020-03-30T00:00:00Z",
        46_800,
        "Intrepidd/working_hours: spring change of clocks",
    ),
    (
        "Europe/Paris",
        {"sun": [("08:00", "21:00")]},
        "2002-10-27T06:00:00Z",
        "2021-10-30T00:00:00Z",
        46_425_600,
        "Intrepidd/working_hours: nineteen years of Sundays",
    ),
    (
        "Europe/Paris",
        {"sun": [("00:00", "24:00")]},
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
        {"mon": [("09:00", "17:00")], "fri": [("09:00", "17:00")], "sat": [("10:00", "15:00")]},
        "2010-12-24T15:00:00Z",
        "2010-12-27T11:00:00Z",
        32_400,
        "bokmann/business_time: Saturday hours",
    ),
]


@pytest.mark.parametrize("case", PUBLISHED, ids=[case[-1] for case in PUBLISHED])
def test_published_worked_examples(
    case: tuple[str, Week, str, str, int, str], tmp_path: Path
) -> None:
    zone, week, start, end, seconds, _ = case
    assert open_seconds(tmp_path, one_calendar(zone, week), start, end) == seconds


# Hand-computed: (zone, week, start, end, seconds, why)
BY_HAND: list[tuple[str, Week, str, str, int, str]] = [
    (
        "Asia/Kathmandu",
        {"mon": [("09:00", "10:00")]},
        "2026-03-02T03:00:00Z",
        "2026-03-02T03:45:00Z",
        1800,
        "Kathmandu is UTC+5:45: nine o'clock is 03:15 UTC",
    ),
    (
        "Pacific/Chatham",
        {"sun": [("01:00", "05:00")]},
        "2026-04-03T00:00:00Z",
        "2026-04-06T00:00:00Z",
        5 * HOUR,
        "Chatham goes from +13:45 to +12:45 at 03:45 on 2026-04-05: the hour is lived twice",
    ),
    (
        "Australia/Lord_Howe",
        {"sun": [("00:00", "24:00")]},
        "2026-04-03T00:00:00Z",
        "2026-04-07T00:00:00Z",
        24 * HOUR + 1800,
        "Lord Howe's clocks go back by half an hour on 2026-04-05",
    ),
    (
        "Australia/Lord_Howe",
        {"sun": [("00:00", "24:00")]},
        "2026-10-02T00:00:00Z",
        "2026-10-06T00:00:00Z",
        24 * HOUR - 1800,
        "and forward by half an hour on 2026-10-04",
    ),
    (
        "Africa/Casablanca",
        {"sun": [("00:00", "24:00")]},
        "2026-02-13T00:00:00Z",
        "2026-02-17T00:00:00Z",
        25 * HOUR,
        "Casablanca goes back by an hour for Ramadan on 2026-02-15",
    ),
    (
        "Pacific/Apia",
        {"fri": [("09:00", "17:00")]},
        "2011-12-24T12:00:00Z",
        "2012-01-07T00:00:00Z",
        8 * HOUR,
        "Samoa left out Friday 2011-12-30: of two Fridays one was lived",
    ),
    (
        "Pacific/Apia",
        ROUND_THE_CLOCK,
        "2011-12-30T00:00:00Z",
        "2011-12-31T00:00:00Z",
        24 * HOUR,
        "around the clock the day Samoa left out costs nothing",
    ),
    (
        "Asia/Pyongyang",
        {"fri": [("00:00", "24:00")]},
        "2015-08-13T00:00:00Z",
        "2015-08-17T00:00:00Z",
        24 * HOUR + 1800,
        "Pyongyang went back by half an hour at the end of Friday 2015-08-14",
    ),
    (
        "Asia/Pyongyang",
        {"fri": [("00:00", "24:00")]},
        "2018-05-03T00:00:00Z",
        "2018-05-07T00:00:00Z",
        24 * HOUR - 1800,
        "and forward again at the end of Friday 2018-05-04",
    ),
    (
        "Europe/Paris",
        {"sat": [("22:00", "30:00")]},
        "2026-03-28T00:00:00Z",
        "2026-03-30T00:00:00Z",
        7 * HOUR,
        "a night of eight hours on the clock has seven when clocks go forward",
    ),
    (
        "Europe/Paris",
        {"sun": [("02:15", "02:45")]},
        "2026-03-28T00:00:00Z",
        "2026-03-30T00:00:00Z",
        1800,
        "both ends in the gap move forward by an hour",
    ),
    (
        "Europe/Paris",
        {"sun": [("01:30", "02:30")]},
        "2026-10-24T00:00:00Z",
        "2026-10-26T00:00:00Z",
        3600,
        "the first 02:30 of the fold is the close",
    ),
    (
        "UTC",
        {day: [(f"{h:02}:00", f"{h:02}:30") for h in range(24)] for day in ALL_DAYS},
        "2026-03-01T00:00:00Z",
        "2026-03-02T00:15:00Z",
        12 * HOUR + 900,
        "twenty-four pieces a day",
    ),
    (
        "UTC",
        {"mon": [("09:00", "12:00"), ("11:00", "13:00"), ("13:00", "14:00")]},
        "2026-03-02T00:00:00Z",
        "2026-03-03T00:00:00Z",
        5 * HOUR,
        "pieces that overlap or touch count once",
    ),
    (
        "America/New_York",
        NINE_TO_FIVE,
        "2016-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
        2609 * 8 * HOUR,
        "a ticket open for ten years: 2,609 days from Monday to Friday in 2016 to 2025",
    ),
]


@pytest.mark.parametrize("case", BY_HAND, ids=[case[-1] for case in BY_HAND])
def test_examples_by_hand(case: tuple[str, Week, str, str, int, str], tmp_path: Path) -> None:
    zone, week, start, end, seconds, _ = case
    assert open_seconds(tmp_path, one_calendar(zone, week), start, end) == seconds


def offset_changes(zone: str) -> list[int]:
    """Seconds since the epoch at which a zone changes its offset, from its TZif file (RFC 8536)."""
    data = resources.files("tzdata.zoneinfo").joinpath(*zone.split("/")).read_bytes()
    header = struct.Struct(">4s16x6l")
    _, is_ut, is_std, leaps, times, types, chars = header.unpack_from(data)
    at = header.size + times * 5 + types * 6 + chars + leaps * 8 + is_std + is_ut
    _, _, _, _, times, types, _ = header.unpack_from(data, at)  # the part with 64-bit times
    at += header.size
    instants = struct.unpack_from(f">{times}q", data, at)
    kinds = struct.unpack_from(f">{times}B", data, at + times * 8)
    offsets = [
        struct.unpack_from(">l", data, at + times * 9 + kind * 6)[0] for kind in range(types)
    ]
    changes = zip(instants[1:], pairwise(kinds), strict=True) if times > 1 else []
    return [at for at, (old, new) in changes if offsets[old] != offsets[new]]


def test_no_zone_changes_its_offset_twice_on_a_utc_day() -> None:
    """What business_days relies on, from 1970 to 2040, and its samples of six hours.

    The files list every change, or end with a rule of two changes a year, months apart.
    """
    listed = resources.files("tzdata").joinpath("zones").read_text("ascii")
    first, last = (int(utc(f"{year}-01-01T00:00:00Z").timestamp()) for year in (1970, 2041))
    close = []
    for zone in listed.split():
        changes = [at for at in offset_changes(zone) if first <= at < last]
        close += [
            (zone, earlier, later)
            for earlier, later in pairwise(changes)
            if earlier // DAY_SECONDS == later // DAY_SECONDS or later - earlier <= 6 * HOUR
        ]
    assert len(listed.split()) > 400
    assert close == []


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


def days_of(folder: Path, seeds: Seeds, start: date, end: date) -> pl.DataFrame:
    """The rows of calendar c in business_days."""
    write_seeds(folder, seeds)
    home = Elsewhere(home=folder)
    write_business_days(home, start, end)
    return pl.read_parquet(home.reference_dir / "business_days.parquet")


@pytest.mark.parametrize(
    ("zone", "closes", "first", "last"),
    [
        # 2026-12-31 UTC runs into the first hours of 2027 in Shanghai, whose holidays are unknown
        ("Asia/Shanghai", "18:00", date(2026, 12, 26), date(2026, 12, 30)),
        # 2026-12-26 UTC begins on the evening of the unknown 25th in New York
        ("America/New_York", "18:00", date(2026, 12, 27), date(2026, 12, 31)),
        # a night that may begin on the unknown 25th reaches into the 26th
        ("UTC", "30:00", date(2026, 12, 27), date(2026, 12, 31)),
    ],
)
def test_a_calendar_does_not_speak_for_dates_without_published_holidays(
    tmp_path: Path, zone: str, closes: str, first: date, last: date
) -> None:
    known = {"holiday_set": "h", "known_from": "2026-12-26", "known_until": "2027-01-01"}
    seeds = one_calendar(
        zone, {day: [("09:00", closes)] for day in ALL_DAYS}, holidays=[], holiday_sets=[known]
    )
    dates = days_of(tmp_path, seeds, date(2026, 12, 20), date(2027, 1, 10))["utc_date"]
    assert (dates.min(), dates.max()) == (first, last)


def test_a_calendar_moves_to_another_zone_on_a_date(tmp_path: Path) -> None:
    week = {day: [("09:00", "17:00")] for day in ALL_DAYS}
    here = {"calendar_id": "c", "timezone": "Asia/Shanghai", "valid_until": "2026-03-02"}
    there = {"calendar_id": "c", "timezone": "Europe/Paris", "valid_from": "2026-03-02"}
    seeds = {**one_calendar("UTC", week), "calendars": [there, here]}
    days = days_of(tmp_path, seeds, date(2026, 3, 1), date(2026, 3, 3)).to_dicts()
    # 09:00 is 01:00 UTC in Shanghai, 08:00 UTC in Paris; Paris begins at its midnight, 23:00 UTC
    opens = [datetime.fromtimestamp(day["piece_1_open_us"] / 1_000_000, UTC).hour for day in days]
    assert opens == [1, 8, 8]
    assert [day["open_seconds_before"] for day in days] == [0, 8 * HOUR, 16 * HOUR]
    assert (days[0]["offset_before_seconds"], days[0]["offset_after_seconds"]) == (28_800, 3600)
    moved = datetime.fromtimestamp(days[0]["offset_changes_at_us"] / 1_000_000, UTC)
    assert moved == utc("2026-03-01T23:00:00Z")


def test_a_move_on_the_day_clocks_change_is_refused(tmp_path: Path) -> None:
    # Paris changes at 01:00 UTC on 2026-03-29; London begins an hour before, at 00:00 UTC
    here = {"calendar_id": "c", "timezone": "Europe/Paris", "valid_until": "2026-03-29"}
    there = {"calendar_id": "c", "timezone": "Europe/London", "valid_from": "2026-03-29"}
    seeds = {**one_calendar("UTC", NINE_TO_FIVE), "calendars": [here, there]}
    assert len(days_of(tmp_path, seeds, date(2026, 3, 28), date(2026, 3, 30))) == 3
    there["timezone"] = "America/Noronha"  # begins at 02:00 UTC, when Paris has changed
    with pytest.raises(CalendarError, match="offset twice on the UTC day 2026-03-29"):
        days_of(tmp_path, seeds, date(2026, 3, 28), date(2026, 3, 30))


def test_more_pieces_than_three_widen_the_file(tmp_path: Path) -> None:
    week: Week = {"mon": [(f"0{hour}:00", f"0{hour}:30") for hour in (1, 3, 5, 7, 9)]}
    write_seeds(tmp_path, one_calendar("UTC", week))
    home = Elsewhere(home=tmp_path)
    assert write_business_days(home, date(2026, 3, 2), date(2026, 3, 3)) == 5
    days = pl.read_parquet(home.reference_dir / "business_days.parquet")
    assert days["open_seconds_before"].to_list() == [0, 5 * 1800]
    assert {"piece_5_open_us", "piece_5_close_us"} <= set(days.columns)


def test_a_range_that_ends_before_it_starts_is_refused(home: Settings) -> None:
    with pytest.raises(CalendarError, match="end lies before the start"):
        write_business_days(home, date(2026, 3, 2), date(2026, 3, 1))
