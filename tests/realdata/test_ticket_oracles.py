"""The reference implementation of tickets against the whole oracle files of its family."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.realdata.oracle_files import event_row, oracle
from tests.reference.calendars import read_calendars, to_us
from tests.reference.examples import counted, promise, utc, world
from tests.reference.replies import replies
from tests.reference.survival import median_of
from tests.reference.targets import Clock, Promise, judged, target_facts
from tests.reference.tickets import SECOND_US, ticket_facts

pytestmark = pytest.mark.realdata

DAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
HEADERS = {
    "calendars": "calendar_id,timezone,holiday_set",
    "calendar_weekly_hours": "calendar_id,iso_dow,opens,closes,valid_from,valid_until",
    "calendar_exceptions": "calendar_id,date,opens,closes",
    "calendar_holiday_hours": "calendar_id,opens,closes,valid_from,valid_until",
    "holiday_sets": "holiday_set,known_from,known_until",
    "holidays": "holiday_set,date,kind,works_as_iso_dow",
}


def write_schedule(folder: Path, schedule: dict[str, Any]) -> None:
    """A schedule of an oracle as calendar seeds."""
    tables: dict[str, list[str]] = {name: [header] for name, header in HEADERS.items()}
    tables["calendars"].append(f"c,{schedule['tz']},H")
    for day, pieces in schedule["hours"].items():
        for opens, closes in pieces:
            tables["calendar_weekly_hours"].append(f"c,{DAYS[day]},{opens},{closes},,")
    tables["holidays"] += [f"H,{day},holiday," for day in schedule.get("holidays", [])]
    for day, pieces in schedule.get("overrides", {}).items():
        tables["calendar_exceptions"] += [f"c,{day},{a},{b}" for a, b in pieces]
    for day, breaks in schedule.get("breaks", {}).items():
        weekday = date.fromisoformat(day).isoweekday()
        hours = [p for name, p in schedule["hours"].items() if DAYS[name] == weekday]
        for opens, closes in hours[0] if hours else []:
            edges = [opens, *(edge for pause in breaks for edge in pause), closes]
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                tables["calendar_exceptions"].append(f"c,{day},{start},{end}")
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", ["business_time_gem", "working_hours_gem", "zendesk_biz"])
def test_business_hours(shared_oracles: Path, tmp_path: Path, name: str) -> None:
    document = oracle(shared_oracles, f"ticket_business_hours_{name}")
    checked = 0
    for case in document["cases"]:
        if "schedule" not in case or "start" not in case:
            continue
        write_schedule(tmp_path, case["schedule"])
        instants = {n: utc_of(case[n]) for n in ("start", "end", "expected") if n in case}
        days = [day.date() for day in instants.values()]
        last = date(max(days).year + 1, 12, 31)
        calendar = read_calendars(tmp_path, date(min(days).year, 1, 1), last)["c"]
        at = {n: to_us(instant) for n, instant in instants.items()}
        if "end" in case:
            expected = case.get("elapsed_seconds", case.get("expected_seconds"))
            found: int | None = calendar.open_us(at["start"], at["end"]) // SECOND_US
        elif case["op"] == "after" and case.get("seconds"):
            expected = at["expected"]
            found = calendar.reached_at(at["start"], case["seconds"] * SECOND_US)
        else:
            continue
        assert found == expected, case["name"]
        checked += 1
    assert checked >= 7


def utc_of(text: str) -> Any:
    from datetime import UTC, datetime

    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def test_lifecycles(shared_oracles: Path, tmp_path: Path) -> None:
    document = oracle(shared_oracles, "ticket_lifecycle_zendesk_definitions")
    tickets, events = [], []
    for ticket in document["tickets"]:
        at = utc(ticket["events"][0][1])
        tickets.append({"ticket_id": ticket["id"], "status": "open", "created_at": at})
        events += [event_row(ticket["id"], event) for event in ticket["events"]]
    found, known = counted(tmp_path, world(), "2026-03-20T00:00:00", tickets, events)
    durations = ["first_reply", "first_resolution", "full_resolution"]
    durations += ["requester_wait", "agent_wait", "on_hold"]
    for ticket in document["tickets"]:
        life, expected = found[ticket["id"]], ticket["expected"]
        facts = ticket_facts(life, known, {})
        for name in durations:
            if f"{name}_min" in expected:
                minutes = expected[f"{name}_min"]
                seconds = None if minutes is None else 60 * minutes
                assert facts[f"{name}_calendar_seconds"] == seconds, (ticket["id"], name)
        assert facts["agent_reply_count"] == expected["agent_replies"]
        assert facts["reopen_count"] == expected["reopens"]
        assert facts["is_open"] == expected["is_open"]
        if facts["is_one_touch"] is not None or expected["one_touch"] is None:
            assert facts["is_one_touch"] == expected["one_touch"]
        if "next_replies_min" in expected:
            waited = [
                r.replied and (r.replied.at - r.turn.at) // 60_000_000
                for r in replies(life)
                if r.turn is not None
            ]
            assert waited == expected["next_replies_min"], ticket["id"]


def test_attainment(shared_oracles: Path, tmp_path: Path) -> None:
    document = oracle(shared_oracles, "ticket_sla_attainment")
    as_of = utc(document["as_of"])
    from datetime import timedelta

    tickets: list[dict[str, Any]] = []
    for case in document["tickets"]:
        elapsed = timedelta(minutes=case["elapsed_min"])
        row = {"ticket_id": str(case["id"]), "created_at": as_of - elapsed, "status": "open"}
        if case["closed"]:
            row |= {"status": "closed", "resolved_at": as_of}
        tickets.append(row | {"priority": "p1" if case["target_min"] else "p2"})
    seeds = world([promise("resolution", 3600, priority="p1")])
    found, known = counted(tmp_path, seeds, document["as_of"].removesuffix("Z"), tickets)
    states = [facts["state"] for life in found.values() for facts in target_facts(life, known)]
    expected = document["expected"]
    assert states.count("met") == expected["met"]
    assert states.count("breached") == expected["breached"]
    assert states.count("running") == expected["pending"]


def test_pausing_clock(shared_oracles: Path, tmp_path: Path) -> None:
    document = oracle(shared_oracles, "ticket_sla_clock_pause_zammad")
    base = utc("2026-03-02T00:00:00")
    statuses = {"pending close": "pending"}
    from datetime import timedelta

    def at(minute: int) -> Any:
        return base + timedelta(minutes=minute)

    events = [
        {
            "ticket_id": "1",
            "event_at": at(start),
            "event_type": "status_changed",
            "status": statuses.get(status, status),
        }
        for status, start, _ in document["timeline"]
    ]
    ticket = {"ticket_id": "1", "status": "open", "created_at": base}
    found, _ = counted(tmp_path, world(), "2026-03-20T00:00:00", [ticket], events)
    closed = document["timeline"][-1][1]
    for case in document["cases"]:
        start = max(case["start"], 0)
        clock = Clock(
            "resolution", 1, to_us(at(start)), to_us(at(min(case.get("end", closed), closed)))
        )
        target = Promise(
            "p", case.get("span", 1) * 60 * SECOND_US, "calendar", frozenset({"pending"}), ""
        )
        facts = judged(found["1"], clock, target)
        if case["op"] == "due":
            assert facts["due_at"] == at(case["expected"]), case["name"]
        else:
            assert facts["elapsed_seconds"] == 60 * case["expected"], case["name"]


def test_survival(shared_oracles: Path) -> None:
    document = oracle(shared_oracles, "ticket_km_censored_resolution_time")
    checked = 0
    for case in document["cases"]:
        observed = list(zip(case["time"], map(bool, case["event"]), strict=True))
        survival = case["expected"]["survival"]
        first = min((int(t) for t, s in survival.items() if s <= 0.5), default=None)
        median = case["expected"].get("median")
        if median is not None:
            assert median_of(observed) == median, case["name"]
            checked += 1
        found = median_of(observed)
        assert first is None or (found is not None and found <= first), case["name"]
    trap = document["extra_trap"]
    observed = list(zip(trap["time"], map(bool, trap["event"]), strict=True))
    assert median_of(observed) == trap["lifelines_median"]
    assert checked == 4
