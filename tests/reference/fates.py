"""What may happen to one random ticket, and what its source's row says of it at an instant.

Traps are drawn on purpose and often; a fate need not be sensible, only deliverable.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.reference.schedules import (
    CHANNELS,
    PRIORITIES,
    SCHEDULES,
    SERVICES,
    SITES,
    TARGETS,
    TEAMS,
    TIERS,
    TYPES,
)

Row = dict[str, Any]
AGENTS = ("ann", "bo", "cai", "dee", "eli")
STAGES = ("recorded", "classified", "remote", "on_site", "third_party")
SOLVED = ("solved", "closed")
# from each status the next ones with their weights
NEXT: Mapping[str, tuple[Sequence[str], Sequence[int]]] = {
    "new": (("open", "pending", "on_hold", "solved", "closed", "cancelled"), (9, 3, 2, 4, 1, 1)),
    "open": (
        ("pending", "on_hold", "solved", "closed", "cancelled", "open", "new"),
        (5, 3, 9, 2, 1, 1, 1),
    ),
    "pending": (("open", "solved", "on_hold", "closed", "cancelled"), (10, 6, 2, 1, 1)),
    "on_hold": (("open", "solved", "pending", "cancelled"), (12, 6, 2, 1)),
    "solved": (("closed", "open", "pending", "new", "cancelled", "solved"), (8, 8, 1, 1, 1, 1)),
    "closed": (("closed", "open", "on_hold", "solved", "deleted"), (4, 5, 1, 1, 1)),
    "cancelled": (("cancelled", "open", "solved", "deleted"), (4, 4, 2, 1)),
    "deleted": (("deleted",), (1,)),
}
KINDS = {
    "status_changed": 35,
    "public_reply": 18,
    "requester_reply": 15,
    "assigned": 10,
    "priority_changed": 6,
    "stage_changed": 4,
    "acknowledged": 4,
    "escalated": 3,
    "arrived": 3,
    "called_back": 4,
    "internal_note": 5,
}


@dataclass
class Fate:
    """All that will ever have happened to a ticket. `is_early`: delivered before it happened."""

    ticket_id: str
    created_at: datetime
    described: Row
    events: list[Row]
    solved_at: datetime | None
    is_early: bool = False


def fate(
    chance: random.Random,
    ticket_id: str,
    earlier: Sequence[Fate],
    as_of: datetime,
    never_told: frozenset[str],
) -> Fate:
    """A random ticket; now and then the return of an earlier one within about seven days."""
    described = _described(chance)
    created_at = as_of - timedelta(seconds=int(chance.betavariate(1, 4) * 3 * 365 * 86_400))
    if earlier and chance.random() < 0.2:
        previous = chance.choice(earlier[-200:])
        described |= {name: previous.described[name] for name in ("customer_id", "service_id")}
        gap = chance.choice((0, 7 * 86_400, 7 * 86_400 + 1, chance.randrange(9 * 86_400)))
        created_at = (previous.solved_at or previous.created_at) + timedelta(seconds=gap)
    if chance.random() < 0.02:
        created_at = as_of + timedelta(seconds=chance.randrange(5 * 86_400))
    if chance.random() < 0.3:
        created_at += timedelta(microseconds=chance.randrange(1_000_000))
    events = [
        event
        for event in _events(chance, ticket_id, created_at)
        if event["event_type"] not in never_told
    ]
    solved = [event["event_at"] for event in events if event.get("status") in SOLVED]
    solved_at = max(solved[0], created_at) if solved else None
    return Fate(ticket_id, created_at, described, events, solved_at)


def _maybe(chance: random.Random, share: float, value: Any) -> Any:
    return value if chance.random() < share else None


def _described(chance: random.Random) -> Row:
    """The ticket's own columns; each may be missing."""
    # one due time does not lie whole seconds after the creation
    due_after = chance.choice((600, 3599.3, 86_400, 10 * 86_400))
    return {
        "ticket_type": _maybe(chance, 0.95, chance.choice(TYPES)),
        "disposition": _maybe(chance, 0.06, chance.choice(("merged", "duplicate", "spam", "test"))),
        "service_id": _maybe(chance, 0.92, chance.choice((*SERVICES, "unlisted"))),
        "site_id": _maybe(chance, 0.6, chance.choice(SITES)),
        "channel": _maybe(chance, 0.95, chance.choice(CHANNELS)),
        "customer_id": _maybe(chance, 0.92, f"c{chance.randrange(400)}"),
        "customer_tier": _maybe(chance, 0.7, chance.choice(TIERS)),
        "priority": _maybe(chance, 0.9, chance.choice(PRIORITIES)),
        "team_id": _maybe(chance, 0.85, chance.choice(TEAMS)),
        "agent_id": _maybe(chance, 0.7, chance.choice(AGENTS)),
        "calendar_id": _maybe(chance, 0.15, chance.choice(SCHEDULES[:10])[0]),
        "due_after": _maybe(chance, 0.3, timedelta(seconds=due_after)),
    }


def _step(chance: random.Random, at: datetime) -> datetime:
    """The next instant: often the same one, sometimes a year later, sometimes on a full hour,
    sometimes after exactly as long as somebody promises."""
    if chance.random() < 0.06:
        return at + timedelta(seconds=chance.choice(TARGETS))
    units = (0, 1, 60, 3600, 86_400, 20 * 86_400)
    if chance.random() < 0.01:
        return at + timedelta(days=365)
    unit = chance.choices(units, (14, 12, 30, 26, 14, 3))[0]
    at += timedelta(seconds=unit * chance.randint(1, 45))
    if unit >= 60 and chance.random() < 0.12:
        half_hour = 30 * chance.randint(0, 1)
        at = at.replace(minute=half_hour, second=0, microsecond=0) + timedelta(hours=1)
    return at


def _events(chance: random.Random, ticket_id: str, created_at: datetime) -> list[Row]:
    """A life of about six events, up to twenty-five."""
    tells_status, tells_calendar = chance.random() < 0.93, chance.random() < 0.2
    rows: list[Row] = []
    at, status = created_at, "new"
    if chance.random() < 0.95:
        rows += _opening(chance, created_at)
    if chance.random() < 0.05:
        rows.append(_happened(chance, created_at - timedelta(seconds=chance.randint(1, 9000))))
    while len(rows) < 25 and chance.random() < 0.86:
        at = _step(chance, at)
        row = _happened(chance, at)
        if row["event_type"] == "status_changed" or chance.random() < 0.05:
            status = chance.choices(*NEXT[status])[0]
            row["status"] = status
        if tells_calendar and chance.random() < 0.3:
            row["calendar_id"] = chance.choice(SCHEDULES[:10])[0]
        rows.append(row)
        if chance.random() < 0.25 and row["event_type"] == "public_reply":
            rows.append({"event_at": at, "event_type": "status_changed", "actor_type": "agent"})
            status = rows[-1]["status"] = chance.choice(("pending", "solved"))
    for number, row in enumerate(rows):
        row |= {"event_id": f"{ticket_id}-{number}", "ticket_id": ticket_id}
        if not tells_status:
            row.pop("status", None)
    return rows


def _opening(chance: random.Random, created_at: datetime) -> list[Row]:
    """The creation, and the message an agent may open the ticket with."""
    actor = chance.choices(("requester", "agent", "system", None), (12, 6, 2, 1))[0]
    shift = timedelta(seconds=chance.choice((0, 0, 0, 0, 0, 0, 0, 2, -2)))
    created = {
        "event_at": created_at + shift,
        "event_type": "created",
        "actor_type": actor,
        "status": _maybe(chance, 0.8, chance.choice(("new", "new", "open", "pending"))),
        "priority": _maybe(chance, 0.4, chance.choice(PRIORITIES)),
        "team_id": _maybe(chance, 0.4, chance.choice(TEAMS)),
        "agent_id": _maybe(chance, 0.2, chance.choice(AGENTS)),
        "stage": _maybe(chance, 0.3, STAGES[0]),
    }
    if chance.random() > (0.6 if actor == "agent" else 0.05):
        return [created]
    message = {
        "event_at": created["event_at"] - timedelta(seconds=chance.choice((0, 0, 0, 3))),
        "event_type": "public_reply",
        "actor_type": "agent",
        "agent_id": chance.choice(AGENTS),
    }
    return [message, created] if chance.random() < 0.3 else [created, message]


def _happened(chance: random.Random, at: datetime) -> Row:
    """One event of any kind; any kind may tell a team, a priority or a stage by the way."""
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    actors: Mapping[str, tuple[Sequence[str | None], Sequence[int]]] = {
        "public_reply": (("agent", "system", None), (16, 3, 1)),
        "requester_reply": (("requester", None), (9, 1)),
    }
    actor = chance.choices(*actors.get(kind, (("agent", "system", "requester"), (6, 2, 1))))[0]
    row: Row = {"event_at": at, "event_type": kind, "actor_type": actor}
    if kind == "assigned" or chance.random() < 0.06:
        row["team_id"] = _maybe(chance, 0.8, chance.choice(TEAMS))
    if kind in ("assigned", "public_reply", "internal_note"):
        row["agent_id"] = _maybe(chance, 0.8, chance.choice(AGENTS))
    if kind == "priority_changed" or chance.random() < 0.03:
        row["priority"] = chance.choice(PRIORITIES)
    if kind == "stage_changed" or chance.random() < 0.02:
        row["stage"] = chance.choice(STAGES)
    return row


def row_at(chance: random.Random, life: Fate, made_at: datetime, has_events: bool) -> Row:
    """The ticket's row in an extract: what its source knows then, told by columns."""
    past = [e for e in life.events if e["event_at"] <= made_at or life.is_early]
    past.sort(key=lambda event: max(event["event_at"], life.created_at))
    row = {name: value for name, value in life.described.items() if name != "due_after"}
    row |= {"ticket_id": life.ticket_id, "created_at": life.created_at, "status": "open"}
    if life.described["due_after"]:
        row["due_at"] = life.created_at + life.described["due_after"]
    for event in past:
        for name in ("status", "priority", "team_id", "calendar_id"):
            row[name] = event.get(name) or row.get(name)
    last = max([life.created_at, *(event["event_at"] for event in past)])
    row["updated_at"] = _maybe(chance, 0.93, last)
    if not has_events:
        row |= _columns(chance, life, past, row["status"])
    return row


def _columns(chance: random.Random, life: Fate, past: list[Row], status: str) -> Row:
    """First reply, solution and the rest as columns; a solution may be without its time."""

    def instants(kind: str, values: Sequence[str] = ()) -> list[datetime]:
        return [
            max(event["event_at"], life.created_at)
            for event in past
            if event["event_type"] == kind and (not values or event.get("status") in values)
        ]

    columns: Row = {}
    for column, kind in (
        ("acknowledged_at", "acknowledged"),
        ("first_replied_at", "public_reply"),
        ("arrived_at", "arrived"),
    ):
        columns[column] = min(instants(kind), default=None)
    solved = [
        max(event["event_at"], life.created_at) for event in past if event.get("status") in SOLVED
    ]
    if status not in SOLVED or not solved or chance.random() < 0.08:
        return columns
    columns["resolved_at"] = _maybe(chance, 0.9, solved[-1])
    if status == "closed":
        columns["closed_at"] = solved[-1] + timedelta(seconds=chance.choice((0, 5, 90_000)))
    called = [at for at in instants("called_back") if at >= solved[-1]]
    columns["called_back_at"] = min(called, default=None)
    return columns


def told_by_columns(row: Row) -> list[Row]:
    """The events that say what the columns of a ticket say."""
    told: list[tuple[str, str, Row]] = [
        ("created", "created_at", {"status": "open", "actor_type": "requester"}),
        ("acknowledged", "acknowledged_at", {}),
        ("public_reply", "first_replied_at", {"actor_type": "agent"}),
        ("arrived", "arrived_at", {}),
    ]
    if row["status"] in SOLVED:
        column = "resolved_at" if row.get("resolved_at") else "closed_at"
        told.append(("status_changed", column, {"status": row["status"]}))
    told.append(("called_back", "called_back_at", {}))
    events = [
        {"event_type": kind, "event_at": row[column], "ticket_id": row["ticket_id"]} | more
        for kind, column, more in told
        if row.get(column)
    ]
    if not any(row.get(column) for column in ("resolved_at", "closed_at")):
        left = {"event_type": "status_changed", "status": row["status"]}
        at = max(row["updated_at"] or row["created_at"], row["created_at"])
        events.append(left | {"event_at": at, "ticket_id": row["ticket_id"]})
    for number, event in enumerate(events):
        event["event_id"] = f"{row['ticket_id']}-{number}"
    return events
