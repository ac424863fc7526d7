"""Rows of the ticket system: events, and the state of a ticket at the end of each day it changed.

Rows still carry codes and seconds; words, formats and files are in `extracts`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulate.company import DAY, MONITORING, STATUSES
from pipelines.simulate.demand import Ints
from pipelines.simulate.fates import Bools, Slot
from pipelines.simulate.tickets import Tickets

EVENT_TYPES = (
    "created",
    "status_changed",
    "assigned",
    "priority_changed",
    "public_reply",
    "requester_reply",
    "internal_note",
)
ACTORS = ("agent", "requester", "system")
NONE = -1

_REPLIES = (
    Slot.FIRST_REPLY,
    Slot.PENDING_REPLY,
    Slot.REPLY,
    Slot.SOLVED_REPLY,
    Slot.REOPEN_REPLY,
)
_TYPE_OF = {
    Slot.CREATED: "created",
    Slot.ASSIGNED: "assigned",
    Slot.REASSIGNED: "assigned",
    Slot.PRIORITY_CHANGED: "priority_changed",
    Slot.NOTE: "internal_note",
    Slot.PENDING_ANSWERED: "requester_reply",
    Slot.REQUESTER_REPLY: "requester_reply",
    Slot.REOPEN_REQUEST: "requester_reply",
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
}
_BY_SYSTEM = (Slot.PENDING_OVER, Slot.CLOSED, Slot.REOPENED, Slot.CLOSED_AGAIN, Slot.DELETED)
_BY_REQUESTER = (Slot.CREATED, Slot.PENDING_ANSWERED, Slot.REQUESTER_REPLY, Slot.REOPEN_REQUEST)

EVENT_TYPE = np.array([EVENT_TYPES.index(_TYPE_OF.get(s, "status_changed")) for s in Slot])
STATUS_AFTER = np.array(
    [STATUSES.index(_STATUS_AFTER[s]) if s in _STATUS_AFTER else NONE for s in Slot]
)
_ACTOR_OF = dict.fromkeys(_BY_SYSTEM, "system") | dict.fromkeys(_BY_REQUESTER, "requester")
ACTOR = np.array([ACTORS.index(_ACTOR_OF.get(s, "agent")) for s in Slot])


def _carried(values: Ints, is_set: Bools) -> Ints:
    """Each row's value or the last one set before it; the first row of a ticket is always set."""
    index = np.maximum.accumulate(np.where(is_set, np.arange(len(values)), 0))
    return values[index]


@dataclass(frozen=True)
class _Happenings:
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
        rows: Bools = self.starts | self.moves | (self.slot == Slot.ASSIGNED)
        return rows

    @property
    def is_last_of_day(self) -> Bools:
        day = self.at // DAY
        return np.append((self.row[1:] != self.row[:-1]) | (day[1:] != day[:-1]), True)


def _happenings(fate: Ints, end_instant: int) -> _Happenings:
    order = np.argsort(fate, axis=1, kind="stable")
    instants = np.take_along_axis(fate, order, axis=1)
    row, rank = np.nonzero(instants < end_instant)
    slot = order[row, rank]
    return _Happenings(
        row, slot, rank, instants[row, rank], slot == Slot.CREATED, slot == Slot.REASSIGNED
    )


def make_rows(tickets: Tickets, end_instant: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events and daily states of tickets, as far as they happened before `end_instant`.

    Both are grouped by ticket in time order and have a column `day` (days since 1970-01-01).
    """
    past = _happenings(tickets.fate, end_instant)
    work, row = tickets.work, past.row
    priority = np.where(
        past.slot == Slot.PRIORITY_CHANGED, tickets.second_priority[row], work.priority[row]
    )
    team = np.where(past.moves, tickets.second_team[row], work.team[row])
    agent = np.where(past.moves, tickets.second_agent[row], work.agent[row])
    holder = _carried(np.where(past.starts, NONE, agent), past.has_team)
    return (
        _events(tickets, past, priority, team, holder),
        _states(tickets, past, priority, team, holder),
    )


def _events(
    tickets: Tickets, past: _Happenings, priority: Ints, team: Ints, holder: Ints
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
            "priority": np.where(past.has_priority, priority, NONE).astype(np.int8),
            "team": np.where(past.has_team & ~past.starts, team, NONE).astype(np.int8),
            "agent": np.where(actor == ACTORS.index("agent"), holder, NONE).astype(np.int16),
        }
    )


def _states(
    tickets: Tickets, past: _Happenings, priority: Ints, team: Ints, holder: Ints
) -> pl.DataFrame:
    slot, at, work = past.slot, past.at, tickets.work
    is_solved = (slot == Slot.SOLVED) | (slot == Slot.SOLVED_AGAIN)
    is_closed = (slot == Slot.CLOSED) | (slot == Slot.CLOSED_AGAIN)
    is_replied = slot == Slot.FIRST_REPLY
    clears = past.starts | (slot == Slot.REOPENED)
    is_last = past.is_last_of_day
    kept = past.row[is_last]
    status = STATUS_AFTER[slot]

    def state(values: Ints, is_set: Bools) -> Ints:
        at_day_end: Ints = _carried(values, is_set)[is_last]
        return at_day_end

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
            "updated": at[is_last],
        }
    )
