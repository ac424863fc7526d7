"""Lateness and omissions from a ledger made by hand; the calendar stands beside the expectation."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from pipelines.quality.results import EXTRACT_SCHEMA
from pipelines.settings import Settings
from pipelines.warehouse.deliveries import deliveries, lateness

DAY = 86_400
SETTINGS = Settings(home=Path("none"), timezone="Asia/Shanghai")
NONE = pl.DataFrame(schema=dict.fromkeys(("source", "entity", "absence"), pl.String()))
TIMES = ("extracted_at", "last_event_at", "ingested_at")


def contracts(frequency: int | None) -> Any:
    """One contract that promises an extract every so many seconds, with a quarter of grace."""
    allowed = None if frequency is None else frequency * 5 // 4
    one = SimpleNamespace(key=("s", "call"), frequency_seconds=frequency, allowed_seconds=allowed)
    return SimpleNamespace(sources={("s", "call"): one})


def made(day: int, hour: int = 1, **values: Any) -> dict[str, Any]:
    """An extract of September, made at an hour in Shanghai."""
    at = datetime(2026, 9, day, hour) - timedelta(hours=8)  # noqa: DTZ001 - the ledger is naive UTC
    entry = {
        "source": "s",
        "entity": "call",
        "extract_id": f"{day}-{hour}",
        "outcome": "loaded",
        "rows_read": 10,
        "rows_accepted": 10,
        "rows_quarantined": 0,
        "extracted_at": at,
        "last_event_at": at - timedelta(hours=2),
        "ingested_at": at,
    }
    return entry | values


def ledger(*entries: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        list(entries), schema_overrides=dict.fromkeys(TIMES, pl.Datetime("us")), orient="row"
    )


def verdict(day: int, rule: str = "volume", *, is_met: bool = False) -> dict[str, Any]:
    told = dict.fromkeys(EXTRACT_SCHEMA) | {"source": "s", "entity": "call", "severity": "warn"}
    return told | {"extract_id": f"{day}-1", "rule": rule, "is_met": is_met}


def states(
    frequency: int | None, as_of: datetime, *entries: dict[str, Any], verdicts: Any = ()
) -> dict[int, str]:
    told = pl.DataFrame(list(verdicts), schema=EXTRACT_SCHEMA)
    days = deliveries(SETTINGS, contracts(frequency), ledger(*entries), told, NONE, as_of)
    return {day.day: state for day, state in days.select("day", "state").iter_rows()}


def shanghai(day: int, hour: int) -> datetime:
    return datetime(2026, 9, day, hour, tzinfo=UTC) - timedelta(hours=8)


def test_a_day_without_its_extract_is_missing() -> None:
    """Daily: the 3rd and 4th are missing; a refused file came, on the 5th."""
    refused = made(5, outcome="refused", rows_read=0, rows_accepted=0)
    bad = made(6, rows_accepted=9, rows_quarantined=1)
    found = states(
        DAY, shanghai(7, 2), made(1), made(2), refused, bad, made(7), verdicts=[verdict(7)]
    )
    assert found == {
        1: "loaded",
        2: "loaded",
        3: "missing",
        4: "missing",
        5: "refused",
        6: "quarantined",
        7: "warned",
    }


@pytest.mark.parametrize(
    ("hour", "state"), [(6, "quiet"), (7, "quiet"), (8, "missing")], ids=["due", "limit", "late"]
)
def test_the_last_day_is_missing_when_it_is_late(hour: int, state: str) -> None:
    """Last made on the 2nd at 01:00; a day and a quarter of it later is the 3rd, 07:00."""
    assert states(DAY, shanghai(3, hour), made(2)) == {2: "loaded", 3: state}


def test_a_weekly_source_may_be_silent_for_a_week() -> None:
    """Made on the 1st and 8th: the 15th and all after it are missing until it comes."""
    found = states(7 * DAY, shanghai(17, 12), made(1), made(8))
    assert {day for day, state in found.items() if state == "missing"} == {15, 16, 17}
    assert found[9] == "quiet"


@pytest.mark.parametrize("absence", ["unreached", "waiting"])
def test_a_source_that_brings_nothing_says_why(absence: str) -> None:
    """Daily until the 2nd, asked on the 4th: the 3rd is missing, of the 4th the reason is known.

    A source that has never delivered has that one day.
    """
    told = pl.DataFrame(schema=EXTRACT_SCHEMA)
    absences = pl.DataFrame(
        [("s", "call", absence), ("s", "new", absence)], schema=NONE.schema, orient="row"
    )
    entries, as_of = ledger(made(1), made(2)), shanghai(4, 12)
    days = deliveries(SETTINGS, contracts(DAY), entries, told, absences, as_of)
    found = [(entity, day.day, state) for entity, day, state in days.select(
        "entity", "day", "state").iter_rows()]  # fmt: skip
    assert found == [
        ("call", 1, "loaded"),
        ("call", 2, "loaded"),
        ("call", 3, "missing"),
        ("call", 4, absence),
        ("new", 4, absence),
    ]
    assert days.row(-1, named=True)["rows_read"] == 0


def test_a_refused_file_is_worse_than_one_that_waits() -> None:
    told = pl.DataFrame(schema=EXTRACT_SCHEMA)
    waits = pl.DataFrame([("s", "call", "waiting")], schema=NONE.schema, orient="row")
    entries = ledger(made(1, outcome="refused"))
    days = deliveries(SETTINGS, contracts(DAY), entries, told, waits, shanghai(1, 12))
    assert days["state"].to_list() == ["refused"]


def test_nothing_is_missing_where_nothing_was_promised() -> None:
    assert set(states(None, shanghai(9, 12), made(1)).values()) == {"loaded", "quiet"}


def test_days_are_local_and_ninety() -> None:
    """23:30 UTC of the 1st is the 2nd in Shanghai; of 100 days the last 90 are told."""
    old = made(1, extracted_at=datetime(2026, 6, 1, 23, 30))  # noqa: DTZ001
    told = pl.DataFrame(schema=EXTRACT_SCHEMA)
    days = deliveries(SETTINGS, contracts(DAY), ledger(old), told, NONE, shanghai(9, 12))
    assert days.height == 90
    assert days["day"].max() == date(2026, 9, 9)
    assert states(None, shanghai(3, 12), made(1, extracted_at=None, last_event_at=None)) == {
        1: "loaded",
        2: "quiet",
        3: "quiet",
    }


def test_several_extracts_and_rules_of_a_day_are_counted() -> None:
    told = pl.DataFrame(
        [verdict(1), verdict(1), verdict(1, "drift"), verdict(1, "null_rise", is_met=True)],
        schema=EXTRACT_SCHEMA,
    )
    both = ledger(made(1), made(1, hour=3, rows_accepted=8, rows_quarantined=2))
    days = deliveries(SETTINGS, contracts(DAY), both, told, NONE, shanghai(1, 4))
    row = days.row(0, named=True)
    assert (row["files_loaded"], row["rows_read"], row["rows_quarantined"]) == (2, 20, 2)
    assert row["warnings_count"] == 2, "a rule judged again counts once"


@pytest.mark.parametrize(("hour", "late"), [(7, 0), (8, 3_600)])
def test_lateness_counts_from_what_was_allowed(hour: int, late: int) -> None:
    """Made on the 2nd at 01:00, expected on the 3rd at 01:00, allowed until 07:00."""
    entries = ledger(made(1), made(2), made(3, outcome="refused"))
    told = pl.DataFrame(schema=EXTRACT_SCHEMA)
    promised, as_of = contracts(DAY), shanghai(3, hour)
    days = deliveries(SETTINGS, promised, entries, told, NONE, as_of)
    row = lateness(promised, entries, days, as_of).row(0, named=True)
    assert row["expected_at"] == shanghai(3, 1).replace(tzinfo=None)
    assert (row["late_seconds"], row["is_late"]) == (late, late > 0)
    assert (row["files_loaded"], row["files_refused"]) == (2, 1)


def test_without_a_promise_nobody_is_late() -> None:
    entries, told = ledger(made(1)), pl.DataFrame(schema=EXTRACT_SCHEMA)
    days = deliveries(SETTINGS, contracts(None), entries, told, NONE, shanghai(30, 1))
    row = lateness(contracts(None), entries, days, shanghai(30, 1)).row(0, named=True)
    assert (row["expected_at"], row["late_seconds"], row["is_late"]) == (None, None, None)
