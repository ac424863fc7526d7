"""The reference implementation against published and hand-computed examples.

What proves the marts has to be proven first: by numbers that come from neither.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_dbt import LIVED, LIVES
from tests.reference.examples import counted, promise, utc, weekly, world
from tests.reference.replies import replies
from tests.reference.survival import median_of
from tests.reference.targets import target_facts
from tests.reference.tickets import by_requester, ticket_facts

DAY = "2026-03-02T"
MINUTE_US = 60_000_000


def rows_of_lives() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    tickets = [
        {"ticket_id": name, "status": "open", "created_at": f"{DAY}{events[0][0]}:00"}
        for name, events in LIVES.items()
    ]
    events = [
        {
            "ticket_id": name,
            "event_at": f"{DAY}{time}:00",
            "event_type": kind,
            "actor_type": actor,
            "status": status,
        }
        for name, life in LIVES.items()
        for time, kind, actor, status in life
    ]
    return tickets, events


def test_durations_of_the_lives(tmp_path: Path) -> None:
    """Zendesk article 4408834848154 on eight histories; the minutes stand beside them."""
    found, known = counted(tmp_path, world(), "2026-03-20T00:00:00", *rows_of_lives())
    for name, (reply, first, full, count, reopened) in LIVED.items():
        facts = ticket_facts(found[name], known, {})
        told = [
            facts[f"{measure}_calendar_seconds"]
            for measure in ("first_reply", "first_resolution", "full_resolution")
        ]
        assert told == [None if m is None else m * 60 for m in (reply, first, full)], name
        assert (facts["agent_reply_count"], facts["reopen_count"]) == (count, reopened), name


def test_waits_of_the_lives(tmp_path: Path) -> None:
    """Requester wait, agent wait and on-hold in minutes: T5 is new 09:00-09:15, on hold to 10:15,
    open to 10:30; T3 waits 10 minutes, then 30 after its reopening; T4 is open again, which is
    not over."""
    found, known = counted(tmp_path, world(), "2026-03-20T00:00:00", *rows_of_lives())
    waited = {
        "T1": (30, 0, 0),
        "T2": (65, 100, 0),
        "T3": (40, 0, 0),
        "T4": (30, 0, 0),
        "T5": (90, 0, 60),
        "T6": (40, 0, 0),
        "T8": (10, 0, 0),
    }
    for name, minutes in waited.items():
        facts = ticket_facts(found[name], known, {})
        told = [facts[f"{w}_calendar_seconds"] for w in ("requester_wait", "agent_wait", "on_hold")]
        assert told == [60 * m for m in minutes], name


def test_replies_and_rates_of_the_lives(tmp_path: Path) -> None:
    found, known = counted(tmp_path, world(), "2026-03-20T00:00:00", *rows_of_lives())
    facts = {name: ticket_facts(life, known, by_requester([])) for name, life in found.items()}
    touched = {name: f["is_one_touch"] for name, f in facts.items()}
    # one-touch 3 of 5: not solved (T4, T7) and not replied (T8) do not count
    assert {n for n, one in touched.items() if one} == {"T1", "T5", "T6"}
    assert {n for n, one in touched.items() if one is None} == {"T4", "T7", "T8"}
    assert {n for n, f in facts.items() if f["is_unreplied"]} == {"T7", "T8"}
    assert [reply.replied is not None for reply in replies(found["T2"])] == [True, True]
    # the turn of 12:00 waits for a reply
    assert [reply.replied is not None for reply in replies(found["T4"])] == [True, False]


@pytest.mark.parametrize(("mode", "seconds"), [("cumulative", 57_608), ("at_event", 41_408)])
def test_clock_over_two_schedules(tmp_path: Path, mode: str, seconds: int) -> None:
    """dbt_zendesk DECISIONLOG "Business Time Metrics": 960.1333 minutes summed over both, 690.1333
    by the last alone (its printed 959.46 and 689.46 write 1 min 25 s as 1.25)."""
    first = [(720 + 1440 * d, 1560 + 1440 * d) for d in range(7)]
    second = [(2340 + 1440 * d, 2910 + 1440 * d) for d in range(5)]
    calendars = {
        "first": weekly("2020-09-27T00:00:00", first),
        "second": weekly("2020-09-27T00:00:00", second),
    }
    more = {"hours_basis": "business", "schedule_mode": mode}
    seeds = world([promise("first_reply", 60_000, **more)], calendars)
    ticket = {"ticket_id": "1", "status": "open", "created_at": "2020-09-29T17:01:38"}
    events = [
        {"event_at": at, "event_type": kind, "actor_type": "agent", "calendar_id": calendar}
        for at, kind, calendar in (
            ("2020-09-29T17:01:38", "created", "first"),
            ("2020-09-30T19:01:25", "internal_note", "second"),
            ("2020-09-30T19:01:46", "public_reply", None),
        )
    ]
    rows = [event | {"ticket_id": "1", "status": "new"} for event in events]
    found, known = counted(tmp_path, seeds, "2020-10-02T00:00:00", [ticket], rows)
    (target,) = target_facts(found["1"], known)
    assert (target["elapsed_seconds"], target["state"]) == (seconds, "met")


def test_clock_that_pauses(tmp_path: Path) -> None:
    """Zammad's escalation specs restated: new 0-60, open 60-90, paused 90-120, closed at 120:
    90 minutes count; 100 minutes from creation run out 10 minutes after the closing."""
    seeds = world([promise("resolution", 6000, pausing_statuses="pending")])
    ticket = {"ticket_id": "1", "status": "open", "created_at": f"{DAY}08:00:00"}
    steps = (("08:00", "new"), ("09:00", "open"), ("09:30", "pending"), ("10:00", "closed"))
    events = [
        {"ticket_id": "1", "event_at": f"{DAY}{at}:00", "event_type": "status_changed", "status": s}
        for at, s in steps
    ]
    found, known = counted(tmp_path, seeds, f"{DAY}12:00:00", [ticket], events)
    (target,) = target_facts(found["1"], known)
    assert (target["elapsed_seconds"], target["state"]) == (5400, "met")
    assert target["due_at"] == utc(f"{DAY}10:10:00")


def test_attainment_counts_open_breaches(tmp_path: Path) -> None:
    """60 minutes promised, cut off at 12:00: at the target is met, a second later breached, open
    past it breached; met 2, breached 2, running 1. Closed tickets alone would say 2 of 3."""
    seeds = world([promise("resolution", 3600)])
    solved = ["08:59:59.940000", "09:00:00", "09:00:01", None, None]
    created = ["08:00:00", "08:00:00", "08:00:00", "10:59:00", "11:30:00"]
    tickets = [
        {
            "ticket_id": str(number),
            "status": "solved" if at else "open",
            "created_at": f"{DAY}{start}",
            "resolved_at": f"{DAY}{at}" if at else None,
        }
        for number, (start, at) in enumerate(zip(created, solved, strict=True))
    ]
    found, known = counted(tmp_path, seeds, f"{DAY}12:00:00", tickets)
    states = [next(iter(target_facts(life, known)))["state"] for life in found.values()]
    assert states == ["met", "met", "breached", "breached", "running"]


@pytest.mark.parametrize(
    ("times", "censored", "median"),
    [
        # 6-MP arm, Freireich 1963: 23 weeks
        (
            [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
            {3, 5, 7, 8, 11, 12, 13, 16, 17, 18, 19, 20},
            23,
        ),
        # maintained arm, Miller 1981: 31 weeks
        ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], {2, 5, 8, 10}, 31),
        # S(2) is exactly one half: the first time at which at most half are left
        ([1, 2, 3, 4], set(), 2),
        # more than half never solved
        ([1, 2, 3, 4, 5], {1, 2, 3, 4}, None),
    ],
)
def test_median_of_open_and_closed(
    times: list[int], censored: set[int], median: int | None
) -> None:
    observed = [(time, number not in censored) for number, time in enumerate(times)]
    assert median_of(observed) == median
