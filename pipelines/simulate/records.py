"""Rows of the ticket system: events, and the state of a ticket at the end of each day it changed.

Rows still carry codes and seconds; words, formats and files are in `extracts`.
"""

import numpy as np
import polars as pl

from pipelines.simulate.company import DAY, MONITORING, STATUSES
from pipelines.simulate.demand import Ints
from pipelines.simulate.fates import Bools, Slot
from pipelines.simulate.tickets import Tickets

EVENT_TYPES = (
    "created", "status_changed", "assigned", "priority_changed", "public_reply",
    "requester_reply", "internal_note",
)
ACTORS = ("agent", "requester", "system")
NONE = -1

_REPLIES = (
    Slot.FIRST_REPLY, Slot.PENDING_REPLY, Slot.REPLY, Slot.SOLVED_REPLY, Slot.REOPEN_REPLY,
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


def make_rows(tickets: Tickets, end_instant: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events and daily states of tickets, as far as they happened before `end_instant`.

    Both are grouped by ticket in time order and have a column `day` (days since 1970-01-01).
    """
    order = np.argsort(tickets.fate, axis=1, kind="stable")
    sorted_fate = np.take_along_axis(tickets.fate, order, axis=1)
    row, rank = np.nonzero(sorted_fate < end_instant)
    slot, at = order[row, rank], sorted_fate[row, rank]
    work = tickets.work
    starts = slot == Slot.CREATED
    moved = slot == Slot.REASSIGNED
    status = STATUS_AFTER[slot]
    priority = np.where(
        slot == Slot.PRIORITY_CHANGED, tickets.second_priority[row], work.priority[row]
    )
    has_priority = starts | (slot == Slot.PRIORITY_CHANGED)
    has_team = starts | (slot == Slot.ASSIGNED) | moved
    team = np.where(moved, tickets.second_team[row], work.team[row])
    agent = np.where(moved, tickets.second_agent[row], np.where(starts, NONE, work.agent[row]))
    holder = _carried(agent, has_team)
    actor = ACTOR[slot]
    is_monitored = starts & (work.channel[row] == MONITORING)
    actor = np.where(is_monitored, ACTORS.index("system"), actor)
    events = pl.DataFrame(
        {
            "day": (at // DAY).astype(np.int32),
            "number": tickets.number[row],
            "rank": rank.astype(np.int8),
            "at": at,
            "type": EVENT_TYPE[slot].astype(np.int8),
            "actor": actor.astype(np.int8),
            "status": status.astype(np.int8),
            "priority": np.where(has_priority, priority, NONE).astype(np.int8),
            "team": np.where(has_team & ~starts, team, NONE).astype(np.int8),
            "agent": np.where(actor == 0, holder, NONE).astype(np.int16),
        }
    )
    is_last = np.append((row[1:] != row[:-1]) | (at[1:] // DAY != at[:-1] // DAY), True)
    is_solved = (slot == Slot.SOLVED) | (slot == Slot.SOLVED_AGAIN)
    is_closed = (slot == Slot.CLOSED) | (slot == Slot.CLOSED_AGAIN)
    reopens = starts | (slot == Slot.REOPENED)
    replied = slot == Slot.FIRST_REPLY

    def state(values: Ints, is_set: Bools) -> Ints:
        at_day_end: Ints = _carried(values, is_set)[is_last]
        return at_day_end

    kept = row[is_last]
    states = pl.DataFrame(
        {
            "day": (at[is_last] // DAY).astype(np.int32),
            "number": tickets.number[kept],
            "type": tickets.ticket_type[kept].astype(np.int8),
            "status": state(status, status >= 0).astype(np.int8),
            "priority": state(priority, has_priority).astype(np.int8),
            "service": work.service[kept].astype(np.int8),
            "category": tickets.category[kept].astype(np.int16),
            "team": state(team, has_team).astype(np.int8),
            "agent": holder[is_last].astype(np.int16),
            "channel": work.channel[kept].astype(np.int8),
            "customer": tickets.customer[kept],
            "tier": work.tier[kept].astype(np.int8),
            "title": tickets.title[kept].astype(np.int16),
            "created": work.created[kept],
            "replied": state(np.where(replied, at, NONE), starts | replied),
            "solved": state(np.where(is_solved, at, NONE), reopens | is_solved),
            "closed": state(np.where(is_closed, at, NONE), reopens | is_closed),
            "due": tickets.due[kept],
            "updated": at[is_last],
        }
    )
    return events, states


