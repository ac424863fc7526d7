"""Every published example of business time that lies beside the project, by the project's SQL."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.warehouse.calendar_seeds import read_rows
from tests.reference.calendar_files import (
    WEEKDAYS,
    WORKDAYS,
    Seeds,
    business_time,
    one_calendar,
)
from tests.reference.sql_macros import BusinessTime, render

pytestmark = pytest.mark.realdata

Piece = tuple[str, str]
MICROSECOND = timedelta(microseconds=1)


def without(pieces: list[Piece], breaks: list[Piece]) -> list[Piece]:
    """Opening pieces less breaks; times are HH:MM, so that text sorts as time."""
    for begins, ends in breaks:
        pieces = [
            part
            for opens, closes in pieces
            for part in ((opens, min(closes, begins)), (max(opens, ends), closes))
            if part[0] < part[1]
        ]
    return pieces


def seeds_of(schedule: Mapping[str, Any]) -> Seeds:
    """Our seeds of a schedule: breaks and overrides are exceptions with the hours that remain."""
    week = schedule["hours"]
    names = {number: name for name, number in WEEKDAYS.items()}
    overrides = schedule.get("overrides", {})
    replaced = {day: list(map(tuple, pieces)) for day, pieces in overrides.items()}
    for day, breaks in schedule.get("breaks", {}).items():
        usual = week.get(names[date.fromisoformat(day).isoweekday()], [])
        replaced[day] = without(list(map(tuple, usual)), breaks)
    exceptions = [
        {"calendar_id": "c", "date": day, "opens": opens, "closes": closes}
        for day, pieces in replaced.items()
        for opens, closes in (pieces or [("", "")])
    ]
    holidays = [
        {"holiday_set": "h", "date": day, "kind": "holiday"} for day in schedule.get("holidays", [])
    ]
    return one_calendar(schedule["tz"], week, calendar_exceptions=exceptions, holidays=holidays)


def answer(home: Path, case: Mapping[str, Any]) -> float | datetime | None:
    """Seconds within two instants, or the instant that many seconds away, as the case asks."""
    if case["op"] == "resolve_local":
        return resolved(home, case)
    start = datetime.fromisoformat(case["start"])
    end = datetime.fromisoformat(case.get("end") or case["expected"])
    first, last = (day.astimezone(UTC).date() for day in (min(start, end), max(start, end)))
    reach = timedelta(days=8)
    sql = business_time(home, seeds_of(case["schedule"]), first - reach, last + reach)
    from_us, until_us = sql.open_us("c", [start, end])
    assert from_us is not None
    assert until_us is not None
    if case["op"].startswith("within"):
        # no duration where time runs backwards: the model's null is the library's nought
        return (until_us - from_us) / 1_000_000 if end >= start else 0
    if case["op"] == "before":
        return sql.instants("c", [from_us - case["seconds"] * 1_000_000])[0]
    if case["seconds"]:
        return sql.instants("c", [from_us + case["seconds"] * 1_000_000])[0]
    return opening_after(sql, from_us)


def resolved(home: Path, case: Mapping[str, Any]) -> datetime | None:
    """The instant of a local time: the opening of a calendar that opens then, once."""
    day, opens = case["local"].split("T")
    closes = f"{int(opens[:2]) + 2:02}{opens[2:]}"
    once = {"calendar_id": "c", "date": day, "opens": opens, "closes": closes}
    seeds = one_calendar(case["tz"], {}, calendar_exceptions=[once])
    around = (date.fromisoformat(day) + timedelta(days=number) for number in (-2, 2))
    return opening_after(business_time(home, seeds, *around), 0)


def opening_after(sql: BusinessTime, open_us: int) -> datetime | None:
    """Nought seconds after: the next opening lies just before the next open microsecond."""
    (following,) = sql.instants("c", [open_us + 1])
    return following and following - MICROSECOND


LIBRARIES = [("zendesk_biz", 14), ("working_hours_gem", 32), ("business_time_gem", 11)]


@pytest.mark.parametrize(("library", "count"), LIBRARIES)
def test_schedules_of_ticket_libraries(
    library: str, count: int, shared_oracles: Path, tmp_path: Path
) -> None:
    text = (shared_oracles / f"ticket_business_hours_{library}.json").read_text("utf-8")
    cases = json.loads(text)["cases"]
    assert len(cases) == count
    wrong = {}
    for case in cases:
        # one library counts the wall clock; ours is elapsed time
        expected = case.get("elapsed_seconds", case.get("expected_seconds"))
        wanted = expected if expected is not None else datetime.fromisoformat(case["expected"])
        found = answer(tmp_path, case)
        if found != wanted:
            wrong[case["name"]] = (found, wanted)
    assert wrong == {}


def test_chinese_working_days(shared_oracles: Path, tmp_path: Path) -> None:
    """2007 to 2026: each of 7,305 days is open or not as the State Council's notices say."""
    seeds = Settings().dbt_dir / "seeds"
    holidays = [
        {**row, "holiday_set": "h"}
        for row in read_rows(seeds / "holidays.csv")
        if row["holiday_set"] == "CN"
    ]
    office = one_calendar(
        "Asia/Shanghai", {day: [("09:00", "17:00")] for day in WORKDAYS}, holidays=holidays
    )
    first, after = date(2007, 1, 1), date(2027, 1, 1)
    sql = business_time(tmp_path, office, first - timedelta(days=1), after)
    days = [first + timedelta(days=number) for number in range((after - first).days + 1)]
    midnights = [datetime(d.year, d.month, d.day, tzinfo=ZoneInfo("Asia/Shanghai")) for d in days]
    positions = sql.open_us("c", midnights)
    opened = [
        day
        for day, here, there in zip(days, positions, positions[1:], strict=False)
        if there and here is not None and there - here == 8 * 3600 * 1_000_000
    ]
    with (shared_oracles / "ticket_cn_statutory_days_2007_2026.csv").open(encoding="utf-8") as file:
        kinds = {row["date"]: row["kind"] for row in csv.DictReader(file)}
    told = [
        day
        for day in days[:-1]
        if kinds.get(str(day), "") == "makeup_workday"
        or (day.weekday() < 5 and kinds.get(str(day)) != "off")
    ]
    assert len(days[:-1]) == 7_305
    assert opened == told
    with (shared_oracles / "ticket_cn_workday_counts.csv").open(encoding="utf-8") as file:
        counts = {int(row["year"]): int(row["workdays"]) for row in csv.DictReader(file)}
    assert Counter(day.year for day in opened) == counts


def test_durations_are_elapsed_time_not_boundaries(shared_oracles: Path) -> None:
    cases = json.loads((shared_oracles / "duckdb_datediff_trap.json").read_text("utf-8"))["cases"]
    assert len(cases) == 3
    for case in cases:
        instants = [f"timestamp '{case[end]}'" for end in ("a", "b")]
        from_us, until_us = (f'{{{{ epoch_us("{instant}") }}}}' for instant in instants)
        elapsed = render(f"{until_us} - ({from_us})")
        trap = f"date_diff('{case['unit']}', {instants[0]}, {instants[1]})"
        with duckdb.connect() as connection:
            row = connection.execute(f"select {elapsed}, {trap}").fetchone()
        assert row == (case["elapsed_seconds"] * 1_000_000, case["date_diff"])
