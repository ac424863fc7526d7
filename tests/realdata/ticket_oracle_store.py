"""The oracle files of tickets as extracts of a raw store and rows of a copied project's seeds.

Every file, or case of it, is a source and tenant of its own.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integration.raw_store import write_raw
from tests.realdata.oracle_files import event_row
from tests.reference.calendar_files import Elsewhere
from tests.reference.examples import utc

Document = dict[str, Any]
AS_OF = utc("2026-03-20T00:00:00")
START = utc("2026-03-02T00:00:00")
MODES = {"cumulative": "cumulative_over_schedules", "at_event": "last_schedule_only"}


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
        metrics: tuple[str, ...] = ("resolution", "requester_wait")
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
