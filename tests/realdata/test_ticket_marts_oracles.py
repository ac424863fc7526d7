"""The whole oracle files of tickets through the dbt project: one build, read from its marts.

Every file, or case of it, is a source and tenant of its own; promises and calendars that the files
need are added to the seeds of a copy of the project.
"""

import csv
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.metrics.compiler import Compiler, Request
from pipelines.settings import Settings
from tests.integration.raw_store import write_empty_raw, write_raw
from tests.realdata.oracle_files import event_row, oracle
from tests.reference.calendar_files import Elsewhere
from tests.reference.company import build_marts
from tests.reference.examples import utc

pytestmark = [pytest.mark.realdata, pytest.mark.xdist_group("dbt")]

Document = dict[str, Any]
Warehouse = duckdb.DuckDBPyConnection
FILES = {
    "lives": "ticket_lifecycle_zendesk_definitions",
    "attainment": "ticket_sla_attainment",
    "pause": "ticket_sla_clock_pause_zammad",
    "schedules": "ticket_sla_two_schedules_dbt_zendesk",
    "survival": "ticket_km_censored_resolution_time",
    "percentiles": "ticket_percentile_definitions",
}
AS_OF = utc("2026-03-20T00:00:00")
START = utc("2026-03-02T00:00:00")
MODES = {"cumulative": "cumulative_over_schedules", "at_event": "last_schedule_only"}
DURATIONS = ("first_reply", "first_resolution", "full_resolution")
WAITS = ("requester_wait", "agent_wait", "on_hold")


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def add_rows(home: Path, seed: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Append rows to a seed of the copied project."""
    path = Elsewhere(home=home).dbt_dir / "seeds" / f"{seed}.csv"
    columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, columns, lineterminator="\n").writerows(rows)


def promised(tenant: str, metric: str, seconds: int, **more: str) -> dict[str, object]:
    row = {"policy_id": f"{tenant}_{metric}", "tenant": tenant, "metric": metric}
    return row | {"target_seconds": seconds, "hours_basis": "calendar"} | more


def write_source(
    home: Path,
    source: str,
    tickets: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]] = (),
    extracted_at: datetime = AS_OF,
) -> None:
    """Tickets and events as one extract; events are numbered in the order they are told."""
    numbered = [dict(event) | {"event_id": str(number)} for number, event in enumerate(events)]
    exported = extracted_at.isoformat()
    write_raw(home, "ticket", tickets, source, extracted_at=exported)
    write_raw(home, "ticket_event", numbered, source, extracted_at=exported)


def write_lives(home: Path, document: Document) -> None:
    tickets, events = [], []
    for ticket in document["tickets"]:
        at = utc(ticket["events"][0][1])
        tickets.append({"ticket_id": ticket["id"], "status": "open", "created_at": at})
        events += [event_row(ticket["id"], event) for event in ticket["events"]]
    write_source(home, "lives", tickets, events)


def write_attainment(home: Path, document: Document) -> None:
    as_of = utc(document["as_of"])
    tickets = []
    for case in document["tickets"]:
        created_at = as_of - timedelta(minutes=case["elapsed_min"])
        row = {"ticket_id": str(case["id"]), "created_at": created_at, "status": "open"}
        if case["closed"]:
            row |= {"status": "closed", "resolved_at": as_of}
        tickets.append(row | {"priority": f"p{case['target_min']}"})
    write_source(home, "attainment", tickets, extracted_at=as_of)
    add_rows(home, "sla_policies", [promised("attainment", "resolution", 3600, priority="p60")])


def write_pauses(home: Path, document: Document) -> None:
    """A clock from the beginning is that of the resolution, one from later on that of the next
    reply, which a requester starts after an answer; the extract is made when the case ends."""
    kinds = {"pending close": "pending"}
    for number, case in enumerate(document["cases"]):
        source, end = f"pause_{number}", case.get("end", 240)
        told: list[tuple[float, dict[str, Any]]] = [(case["start"], {"event_type": "created"})]
        told += [
            (at, {"event_type": "status_changed", "status": kinds.get(status, status)})
            for status, at, _ in document["timeline"]
        ]
        metrics = ("resolution", "requester_wait")
        if case["start"] > 0:
            metrics = ("next_reply",)
            told += [
                (case["start"] - 1, {"event_type": "public_reply", "actor_type": "agent"}),
                (case["start"], {"event_type": "requester_reply", "actor_type": "requester"}),
            ]
        events = [
            event | {"ticket_id": "1", "event_at": minute(at)} for at, event in told if at <= end
        ]
        ticket = {"ticket_id": "1", "status": "open", "created_at": START}
        write_source(home, source, [ticket], events, minute(end))
        span = 60 * case.get("span", 1)
        policies = [promised(source, name, span, pausing_statuses="pending") for name in metrics]
        add_rows(home, "sla_policies", policies)


def write_schedules(home: Path, document: Document) -> None:
    """Two calendars in UTC; the ticket's second event names the other one."""
    given = document["input"]
    for number in ("1", "2"):
        pieces = given[f"schedule_{number}_minutes_of_week_utc"]
        calendar = f"schedule_{number}"
        names = {"label": calendar, "label_zh": calendar, "timezone": "UTC"}
        add_rows(home, "calendars", [{"calendar_id": calendar} | names])
        add_rows(home, "calendar_weekly_hours", [opening(calendar, *piece) for piece in pieces])
    told = (
        ("created", "created", "schedule_1"),
        ("schedule_changed", "internal_note", "schedule_2"),
        ("first_public_agent_reply", "public_reply", None),
    )
    events = [
        {
            "ticket_id": "1",
            "event_at": utc(given[at]),
            "event_type": kind,
            "actor_type": "agent",
            "calendar_id": calendar,
        }
        for at, kind, calendar in told
    ]
    ticket = {"ticket_id": "1", "status": "open", "created_at": utc(given["created"])}
    for mode in MODES:
        write_source(home, mode, [ticket], events)
        more = {"hours_basis": "business", "schedule_mode": mode}
        add_rows(home, "sla_policies", [promised(mode, "first_reply", 86_400, **more)])


def opening(calendar: str, opens: int, closes: int) -> dict[str, object]:
    """A piece of a week that begins on Sunday; it may end on the day after."""
    day = opens // 1440
    clock = [f"{m // 60:02}:{m % 60:02}" for m in (opens - 1440 * day, closes - 1440 * day)]
    return {
        "calendar_id": calendar,
        "iso_dow": day or 7,
        "opens": clock[0],
        "closes": clock[1],
    }


def survival_cases(document: Document) -> list[tuple[str, list[int], list[int], int]]:
    """Name, times, events and median: the first time with at most half unsolved, where the file
    does not say it (only those cases list all their steps)."""
    cases = []
    for case in document["cases"]:
        expected = case["expected"]
        steps = (int(time) for time, survival in expected["survival"].items() if survival <= 0.5)
        cases.append(
            (case["name"], case["time"], case["event"], expected.get("median", min(steps)))
        )
    trap = document["extra_trap"]
    return [*cases, (trap["name"], trap["time"], trap["event"], trap["lifelines_median"])]


def write_survival(home: Path, document: Document) -> None:
    """One hour per unit of time; everybody is followed to the same instant."""
    for case, (_, times, events, _) in enumerate(survival_cases(document)):
        tickets = [
            {"ticket_id": str(number), "created_at": AS_OF - timedelta(hours=time)}
            | ({"status": "closed", "resolved_at": AS_OF} if solved else {"status": "open"})
            for number, (time, solved) in enumerate(zip(times, events, strict=True))
        ]
        write_source(home, f"survival_{case}", tickets)


def write_percentiles(home: Path, document: Document) -> None:
    closed = {"status": "closed", "created_at": START}
    tickets = [
        closed | {"ticket_id": str(value), "resolved_at": minute(value)}
        for value in document["data"]
    ]
    write_source(home, "percentiles", tickets)


@pytest.fixture(scope="module")
def documents(shared_oracles: Path) -> dict[str, Document]:
    return {name: oracle(shared_oracles, file) for name, file in FILES.items()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, documents: dict[str, Document]) -> Path:
    """All files in one store, built with every data test of the project."""
    path = tmp_path_factory.mktemp("oracles")
    shutil.copytree(Settings().dbt_dir, Elsewhere(home=path).dbt_dir)
    write_empty_raw(path)
    writers = (
        *(write_lives, write_attainment, write_pauses),
        *(write_schedules, write_survival, write_percentiles),
    )
    for write, name in zip(writers, FILES, strict=True):
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
