"""Rows of the ticket system: events, and the state of a ticket at the end of each day it changed.

Rows still carry codes and seconds; words, formats and files are in `extracts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulate.company import DAY, MONITORING, STATUSES
from pipelines.simulate.demand import Ints
from pipelines.simulate.fates import Bools, Slot
from pipelines.simulate.journeys import NONE
from pipelines.simulate.tickets import Tickets

EVENT_TYPES = (
    "created",
    "status_changed",
    "assigned",
    "priority_changed",
    "public_reply",
    "requester_reply",
    "internal_note",
    "stage_changed",
    "acknowledged",
    "arrived",
    "escalated",
    "called_back",
)
STAGES = (
    "recorded", "classified", "remote", "on_site", "third_party", "escalated", "callback",
)  # fmt: skip
ACTORS = ("agent", "requester", "system")

_REPLIES = (
    Slot.FIRST_REPLY,
    Slot.PENDING_REPLY,
    Slot.REPLY,
    Slot.SOLVED_REPLY,
    Slot.REOPEN_REPLY,
)
_ASSIGNMENTS = (Slot.ASSIGNED, Slot.REASSIGNED, Slot.RETURNED)
_TYPE_OF = {
    Slot.CREATED: "created",
    Slot.ASSIGNED: "assigned",
    Slot.REASSIGNED: "assigned",
    Slot.PRIORITY_CHANGED: "priority_changed",
    Slot.NOTE: "internal_note",
    Slot.PENDING_ANSWERED: "requester_reply",
    Slot.REQUESTER_REPLY: "requester_reply",
    Slot.REOPEN_REQUEST: "requester_reply",
    Slot.ACKNOWLEDGED: "acknowledged",
    Slot.REMOTE: "stage_changed",
    Slot.ON_SITE: "stage_changed",
    Slot.THIRD_PARTY: "stage_changed",
    Slot.ARRIVED: "arrived",
    Slot.RETURNED: "assigned",
    Slot.ESCALATED: "escalated",
    Slot.CALLED_BACK: "called_back",
} | dict.fromkeys(_REPLIES, "public_reply")
_STATUS_AFTER = {
    Slot.CREATED: "new",
    Slot.ASSIGNED: "open",
    Slot.PENDING: "pending",
    Slot.PENDING_OVER: "open",
    Slot.HOLD: "on_hold",
    Slot.HOLD_OVER: "open",
    Slot.SOLVED: "solved",
    Slot.CLOSED: "closed",
    Slot.REOPENED: "open",
    Slot.SOLVED_AGAIN: "solved",
    Slot.CLOSED_AGAIN: "closed",
    Slot.CANCELLED: "cancelled",
    Slot.DELETED: "deleted",
    Slot.DISPOSED: "closed",
}
_STAGE_AFTER = {
    Slot.CREATED: "recorded",
    Slot.ASSIGNED: "classified",
    Slot.REMOTE: "remote",
    Slot.ON_SITE: "on_site",
    Slot.THIRD_PARTY: "third_party",
    Slot.ESCALATED: "escalated",
    Slot.CALLED_BACK: "callback",
}
_BY_SYSTEM = (Slot.PENDING_OVER, Slot.CLOSED, Slot.REOPENED, Slot.CLOSED_AGAIN, Slot.DELETED)
_BY_REQUESTER = (Slot.CREATED, Slot.PENDING_ANSWERED, Slot.REQUESTER_REPLY, Slot.REOPEN_REQUEST)


def _code_of_slot(told: Mapping[Slot, str], names: tuple[str, ...]) -> Ints:
    return np.array([names.index(told[slot]) if slot in told else NONE for slot in Slot])


EVENT_TYPE = np.array([EVENT_TYPES.index(_TYPE_OF.get(s, "status_changed")) for s in Slot])
STATUS_AFTER = _code_of_slot(_STATUS_AFTER, STATUSES)
STAGE_AFTER = _code_of_slot(_STAGE_AFTER, STAGES)
_ACTOR_OF = dict.fromkeys(_BY_SYSTEM, "system") | dict.fromkeys(_BY_REQUESTER, "requester")
ACTOR = np.array([ACTORS.index(_ACTOR_OF.get(s, "agent")) for s in Slot])


def carried(values: Ints, is_set: Bools) -> Ints:
    """Each row's value or the last one set before it; the first row of a ticket is always set."""
    index = np.maximum.accumulate(np.where(is_set, np.arange(len(values)), 0))
    return values[index]


@dataclass(frozen=True)
class Happenings:
    """Everything that happened, by ticket in time order; `row` is a row of the tickets."""

    row: Ints
    slot: Ints
    rank: Ints
    at: Ints
    starts: Bools
    moves: Bools

    @property
    def has_priority(self) -> Bools:
        rows: Bools = self.starts | (self.slot == Slot.PRIORITY_CHANGED)
        return rows

    @property
    def has_team(self) -> Bools:
        rows: Bools = self.starts | np.isin(self.slot, _ASSIGNMENTS)
        return rows

    @property
    def is_last_of_day(self) -> Bools:
        day = self.at // DAY
        return np.append((self.row[1:] != self.row[:-1]) | (day[1:] != day[:-1]), True)


def happenings(fate: Ints, end_instant: int) -> Happenings:
    """What happened before `end_instant`."""
    order = np.argsort(fate, axis=1, kind="stable")
    instants = np.take_along_axis(fate, order, axis=1)
    row, rank = np.nonzero(instants < end_instant)
    slot = order[row, rank]
    return Happenings(
        row, slot, rank, instants[row, rank], slot == Slot.CREATED, slot == Slot.REASSIGNED
    )


def make_rows(tickets: Tickets, past: Happenings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events and daily states of tickets, as far as they happened.

    Both are grouped by ticket in time order and have a column `day` (days since 1970-01-01).
    """
    work, row = tickets.work, past.row
    priority = np.where(
        past.slot == Slot.PRIORITY_CHANGED, tickets.second_priority[row], work.priority[row]
    )
    team = np.where(past.moves, tickets.second_team[row], work.team[row])
    agent = np.where(past.moves, tickets.second_agent[row], work.agent[row])
    holder = carried(np.where(past.starts, NONE, agent), past.has_team)
    return (
        _events(tickets, past, priority, team, holder),
        _states(tickets, past, priority, team, holder),
    )


def _events(
    tickets: Tickets, past: Happenings, priority: Ints, team: Ints, holder: Ints
) -> pl.DataFrame:
    is_monitored = past.starts & (tickets.work.channel[past.row] == MONITORING)
    actor = np.where(is_monitored, ACTORS.index("system"), ACTOR[past.slot])
    return pl.DataFrame(
        {
            "day": (past.at // DAY).astype(np.int32),
            "number": tickets.number[past.row],
            "rank": past.rank.astype(np.int8),
            "at": past.at,
            "type": EVENT_TYPE[past.slot].astype(np.int8),
            "actor": actor.astype(np.int8),
            "status": STATUS_AFTER[past.slot].astype(np.int8),
            "stage": STAGE_AFTER[past.slot].astype(np.int8),
            "priority": np.where(past.has_priority, priority, NONE).astype(np.int8),
            "team": np.where(past.has_team & ~past.starts, team, NONE).astype(np.int8),
            "agent": np.where(actor == ACTORS.index("agent"), holder, NONE).astype(np.int16),
        }
    )


def _states(
    tickets: Tickets, past: Happenings, priority: Ints, team: Ints, holder: Ints
) -> pl.DataFrame:
    slot, at, work = past.slot, past.at, tickets.work
    is_solved = (slot == Slot.SOLVED) | (slot == Slot.SOLVED_AGAIN)
    is_closed = np.isin(slot, (Slot.CLOSED, Slot.CLOSED_AGAIN, Slot.DISPOSED))
    is_disposed = slot == Slot.DISPOSED
    is_replied = slot == Slot.FIRST_REPLY
    clears = past.starts | (slot == Slot.REOPENED)
    is_last = past.is_last_of_day
    kept = past.row[is_last]
    status = STATUS_AFTER[slot]

    def state(values: Ints, is_set: Bools) -> Ints:
        at_day_end: Ints = carried(values, is_set)[is_last]
        return at_day_end

    def found(codes: Ints, when: Bools) -> Ints:
        return state(np.where(when, codes[past.row], NONE), past.starts | when).astype(np.int8)

    return pl.DataFrame(
        {
            "day": (at[is_last] // DAY).astype(np.int32),
            "number": tickets.number[kept],
            "type": tickets.ticket_type[kept].astype(np.int8),
            "status": state(status, status >= 0).astype(np.int8),
            "priority": state(priority, past.has_priority).astype(np.int8),
            "service": work.service[kept].astype(np.int8),
            "category": tickets.category[kept].astype(np.int16),
            "team": state(team, past.has_team).astype(np.int8),
            "agent": holder[is_last].astype(np.int16),
            "channel": work.channel[kept].astype(np.int8),
            "customer": tickets.customer[kept],
            "tier": work.tier[kept].astype(np.int8),
            "title": tickets.title[kept].astype(np.int16),
            "created": work.created[kept],
            "replied": state(np.where(is_replied, at, NONE), past.starts | is_replied),
            "solved": state(np.where(is_solved, at, NONE), clears | is_solved),
            "closed": state(np.where(is_closed, at, NONE), clears | is_closed),
            "due": tickets.due[kept],
            "disposition": found(tickets.findings.disposition, is_disposed),
            "cause": found(tickets.findings.cause, is_solved),
            "is_justified": found(tickets.findings.is_justified, is_solved),
            "updated": at[is_last],
        }
    )
