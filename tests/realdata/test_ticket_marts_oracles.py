"""The whole oracle files of tickets through the dbt project: one build, read from its marts.

Every file, or case of it, is a source and tenant of its own; promises and calendars that the files
need are added to the seeds of a copy of the project.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.metrics.compiled import Request
from pipelines.metrics.compiler import Compiler
from pipelines.settings import Settings
from tests.integration.raw_store import write_empty_raw
from tests.realdata.oracle_files import oracle
from tests.realdata.ticket_oracle_store import (
    AS_OF,
    MODES,
    Document,
    minute,
    survival_cases,
    write_attainment,
    write_lives,
    write_pauses,
    write_percentiles,
    write_schedules,
    write_survival,
)
from tests.reference.calendar_files import Elsewhere
from tests.reference.company import build_marts
from tests.reference.examples import utc

pytestmark = [pytest.mark.realdata, pytest.mark.xdist_group("dbt")]

Warehouse = duckdb.DuckDBPyConnection
FILES: dict[str, tuple[str, Callable[[Path, Document], None]]] = {
    "lives": ("ticket_lifecycle_zendesk_definitions", write_lives),
    "attainment": ("ticket_sla_attainment", write_attainment),
    "pause": ("ticket_sla_clock_pause_zammad", write_pauses),
    "schedules": ("ticket_sla_two_schedules_dbt_zendesk", write_schedules),
    "survival": ("ticket_km_censored_resolution_time", write_survival),
    "percentiles": ("ticket_percentile_definitions", write_percentiles),
}
DURATIONS = ("first_reply", "first_resolution", "full_resolution")
WAITS = ("requester_wait", "agent_wait", "on_hold")


@pytest.fixture(scope="module")
def documents(shared_oracles: Path) -> dict[str, Document]:
    return {name: oracle(shared_oracles, file) for name, (file, _) in FILES.items()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, documents: dict[str, Document]) -> Path:
    """All files in one store, built with every data test of the project."""
    path = tmp_path_factory.mktemp("oracles")
    shutil.copytree(Settings().dbt_dir, Elsewhere(home=path).dbt_dir)
    write_empty_raw(path)
    for name, (_, write) in FILES.items():
        write(path, documents[name])
    first_day = utc(documents["schedules"]["input"]["created"]).date() - timedelta(days=7)
    arguments = ("--exclude-resource-type", "unit_test")
    build_marts(path, AS_OF, *arguments, days=(first_day, date(2026, 12, 31)))
    return path


@pytest.fixture(scope="module")
def warehouse(home: Path) -> Iterator[Warehouse]:
    with duckdb.connect(str(home / "build" / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def compiler(home: Path) -> Compiler:
    return Compiler((home / "target" / "semantic_manifest.json").read_text(encoding="utf-8"))


def table(warehouse: Warehouse, mart: str, source: str, order: str) -> list[dict[str, Any]]:
    cursor = warehouse.execute(
        f"select * from marts.{mart} where source = ? order by {order}",
        [source],
    )
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def figures(warehouse: Warehouse, compiler: Compiler, metric: str, source: str) -> dict[str, Any]:
    """A KPI of one source over all time, with the numbers it is made of."""
    query = compiler.compile(Request((metric,), filtered=("source",)))
    cursor = warehouse.execute(query.sql, {"members_0": [source]})
    names = [column[0] for column in cursor.description or []]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def seconds_of(minutes: float | None) -> int | None:
    return None if minutes is None else round(60 * minutes)


def test_lives(warehouse: Warehouse, documents: dict[str, Document]) -> None:
    found = {row["ticket_id"]: row for row in table(warehouse, "fct_tickets", "lives", "ticket_id")}
    replies = table(warehouse, "fct_ticket_replies", "lives", "turn_opened_at")
    tickets = documents["lives"]["tickets"]
    assert len(found) == len(tickets) == 8
    for ticket in tickets:
        name, expected, row = ticket["id"], ticket["expected"], found[ticket["id"]]
        for duration in (*DURATIONS, *WAITS):
            for key in (f"{duration}_min", f"{duration}_min_closed_intervals"):
                if key in expected:
                    seconds = seconds_of(expected[key])
                    assert row[f"{duration}_calendar_seconds"] == seconds, (name, key)
        assert row["agent_reply_count"] == expected["agent_replies"], name
        assert row["reopen_count"] == expected["reopens"], name
        assert row["is_open"] == expected["is_open"], name
        # an open ticket is in no denominator of the file either: T4 is not judged at all
        assert row["is_one_touch"] == (None if row["is_open"] else expected["one_touch"]), name
        waited = [
            reply["reply_calendar_seconds"]
            for reply in replies
            if reply["ticket_key"] == row["ticket_key"] and reply["reply_kind"] == "next"
        ]
        next_replies = expected.get("next_replies_min", [])
        assert waited == [seconds_of(minutes) for minutes in next_replies], name


def test_rates_of_the_lives(
    warehouse: Warehouse, compiler: Compiler, documents: dict[str, Document]
) -> None:
    expected = documents["lives"]["aggregates"]
    reopened = figures(warehouse, compiler, "tickets_reopened_ratio", "lives")
    assert reopened["tickets_reopened_count"] == expected["reopened"]
    assert reopened["tickets_ever_resolved_count"] == expected["ever_solved"]
    rate = expected["reopen_rate_of_ever_solved"]
    assert reopened["tickets_reopened_ratio"] == pytest.approx(rate, rel=1e-12)
    touched = figures(warehouse, compiler, "tickets_one_touch_ratio", "lives")
    assert touched["tickets_one_touch_ratio"] == pytest.approx(expected["one_touch_rate"])
    parts = compiler.parts("tickets_one_touch_ratio")[1:]
    assert [touched[part] for part in parts] == [
        expected["one_touch"],
        expected["one_touch_denominator"],
    ]
    resolved = figures(warehouse, compiler, "tickets_resolved_count", "lives")
    assert resolved["tickets_resolved_count"] == expected["currently_solved"]


def test_attainment(
    warehouse: Warehouse, compiler: Compiler, documents: dict[str, Document]
) -> None:
    document = documents["attainment"]
    targets = table(warehouse, "fct_sla_targets", "attainment", "ticket_key")
    states = {row["ticket_key"].split(":")[1]: row["state"] for row in targets}
    words = {"in progress": "running", "no SLA": None}
    for case in document["tickets"]:
        state = case["state"].split(":")[0].split(" (")[0]
        assert states.get(str(case["id"])) == words.get(state, state), case["id"]
    judged = figures(warehouse, compiler, "sla_resolution_met_ratio", "attainment")
    expected = document["expected"]
    assert judged["sla_resolution_met_ratio"] == expected["attainment"]
    assert judged["sla_resolution_met_count"] == expected["met"]
    assert judged["sla_resolution_judged_count"] == expected["met"] + expected["breached"]


def test_pauses(warehouse: Warehouse, documents: dict[str, Document]) -> None:
    checked = 0
    for number, case in enumerate(documents["pause"]["cases"]):
        targets = table(warehouse, "fct_sla_targets", f"pause_{number}", "metric")
        told = {row["metric"] for row in targets}
        started = {"next_reply"} if case["start"] > 0 else {"resolution", "requester_wait"}
        assert told == started, case["name"]
        for row in targets:
            if case["op"] == "due":
                assert row["due_at"] == minute(case["expected"]), (case["name"], row["metric"])
            else:
                assert row["elapsed_seconds"] == 60 * case["expected"], (case["name"], row)
            checked += 1
    assert checked == 11  # four cases of the beginning with two metrics each, three later ones


@pytest.mark.parametrize("mode", MODES)
def test_schedules(warehouse: Warehouse, documents: dict[str, Document], mode: str) -> None:
    expected = documents["schedules"]["expected_exact_minutes"]
    (target,) = table(warehouse, "fct_sla_targets", mode, "metric")
    assert target["schedule_mode"] == mode
    # to the microsecond, of which a double of 86,400 s loses none
    assert target["used_ratio"] * 86_400 == pytest.approx(60 * expected[MODES[mode]], abs=1e-6)
    assert target["elapsed_seconds"] == seconds_of(expected[MODES[mode]])
    (ticket,) = table(warehouse, "fct_tickets", mode, "ticket_id")
    # durations of tickets always count each stretch by its own calendar
    cumulative = seconds_of(expected[MODES["cumulative"]])
    assert ticket["first_reply_business_seconds"] == cumulative


def test_survival(warehouse: Warehouse, compiler: Compiler, documents: dict[str, Document]) -> None:
    cases = survival_cases(documents["survival"])
    assert len(cases) == 7
    for number, (name, times, events, median) in enumerate(cases):
        source = f"survival_{number}"
        survived = table(warehouse, "mart_service_desk__resolution_survival", source, "slice")
        (row,) = (row for row in survived if row["slice"] == "all")
        assert row["median_resolution_calendar_seconds"] == 3600 * median, name
        assert (row["ticket_count"], row["resolved_count"]) == (len(times), sum(events)), name
        metric = figures(warehouse, compiler, "resolution_calendar_km_p50", source)
        assert metric["resolution_calendar_km_p50"] == 3600 * median, name


def test_percentiles(
    warehouse: Warehouse, compiler: Compiler, documents: dict[str, Document]
) -> None:
    """The SQL of the median metric, and the same with the other levels of the file in it."""
    query = compiler.compile(Request(("resolution_calendar_p50",), filtered=("source",)))
    assert query.sql.count("PERCENTILE_CONT(0.5)") == 1
    levels = documents["percentiles"]["linear_type7"]
    assert len(levels) == 4
    for level, minutes in levels.items():
        sql = query.sql.replace("PERCENTILE_CONT(0.5)", f"PERCENTILE_CONT({level})")
        cursor = warehouse.execute(sql, {"members_0": ["percentiles"]})
        names = [column[0] for column in cursor.description or []]
        (row,) = cursor.fetchall()
        found = row[names.index("resolution_calendar_p50")]
        assert found == pytest.approx(60 * minutes, rel=1e-12), level
