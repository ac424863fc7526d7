"""How long tickets take and what happens to them on the way.

A fate is a row of instants, one column per `Slot`, `ABSENT` where the thing never happens.
What the service desk does on the way is in `journeys`; turning fates into the rows of a source
system is in `records`.
"""

from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.company import (
    DAY,
    HOUR,
    PHONE,
    RESOLUTION_TARGET_SECONDS,
    RESPONSE_TARGET_SECONDS,
    SERVICE_INDEX,
    SERVICES,
    TEAM_INDEX,
    TEAMS,
)
from pipelines.simulate.demand import Floats, Ints
from pipelines.simulate.stories import POLICY_DATE, POLICY_PACE, Span
from pipelines.simulate.working_hours import Clocks, day_number

ABSENT = np.iinfo(np.int64).max
Bools = NDArray[np.bool_]

# Median time as a share of the target, by priority; e^SPREAD is one standard deviation.
RESPONSE_SHARES = np.array([0.42, 0.36, 0.32, 0.30])
RESOLUTION_SHARES = np.array([0.46, 0.38, 0.33, 0.30])
RESPONSE_SPREAD = 0.80
RESOLUTION_SPREAD = 0.85
TIER_PACE = np.array([0.52, 0.88, 1.0])
OUTAGE_REPLY_FACTOR = 2.5
CLOSES_AFTER_SECONDS = 3 * DAY
# Shares of tickets to which a thing happens; the first four need a resolution of some length.
NOTE, PENDING, HOLD, REQUESTER = 0.30, 0.16, 0.05, 0.28
REASSIGNED, PRIORITY_CHANGED, REPLY, SOLVED_REPLY = 0.06, 0.04, 0.30, 0.45
REOPENED, REOPENED_AFTER_CLOSING = 0.043, 0.10
CANCELLED, DELETED, NEVER_SOLVED = 0.015, 0.003, 0.004
LONG_ENOUGH_SECONDS = 1200


class Slot(IntEnum):
    """Things that can happen to a ticket, at most once each."""

    CREATED = 0
    ASSIGNED = auto()
    FIRST_REPLY = auto()
    NOTE = auto()
    REASSIGNED = auto()
    PRIORITY_CHANGED = auto()
    PENDING_REPLY = auto()
    PENDING = auto()
    PENDING_ANSWERED = auto()
    PENDING_OVER = auto()
    HOLD = auto()
    HOLD_OVER = auto()
    REPLY = auto()
    REQUESTER_REPLY = auto()
    SOLVED_REPLY = auto()
    SOLVED = auto()
    CLOSED = auto()
    REOPEN_REQUEST = auto()
    REOPENED = auto()
    REOPEN_REPLY = auto()
    SOLVED_AGAIN = auto()
    CLOSED_AGAIN = auto()
    CANCELLED = auto()
    DELETED = auto()
    ACKNOWLEDGED = auto()
    REMOTE = auto()
    ON_SITE = auto()
    ARRIVED = auto()
    THIRD_PARTY = auto()
    RETURNED = auto()
    ESCALATED = auto()
    CALLED_BACK = auto()
    DISPOSED = auto()


@dataclass(frozen=True)
class Work:
    """What decides how long tickets take; one entry per ticket, codes index `company` tuples."""

    created: Ints
    service: Ints
    channel: Ints
    priority: Ints
    tier: Ints
    team: Ints
    agent: Ints


PACE = np.array([team.pace for team in TEAMS])
SOLVED_AT_ONCE = np.array([service.solved_at_once for service in SERVICES])


def _pace(span: Span, work: Work) -> Floats:
    """How much longer than usual the tickets take: team, agent, tier and the stories."""
    pace = PACE[work.team] * TIER_PACE[work.tier] * np.exp(0.15 * np.sin(work.agent * 12.9898))
    learning = np.where(work.team == TEAM_INDEX["hot_3"], span.learning_factor(work.created), 1.0)
    hurries = (work.service == SERVICE_INDEX["mall_repair"]) & (
        work.created >= day_number(POLICY_DATE) * DAY
    )
    result: Floats = pace * learning * np.where(hurries, POLICY_PACE, 1.0)
    return result


def is_outage(span: Span, work: Work) -> Bools:
    """Whether a ticket belongs to the outage."""
    begins, ends = span.outage_window()
    is_network = work.service == SERVICE_INDEX["it_network"]
    result: Bools = is_network & (work.created >= begins) & (work.created < ends)
    return result


def draw_durations(generator: np.random.Generator, span: Span, work: Work) -> tuple[Ints, Ints]:
    """Open seconds to the first reply and to the solution."""
    size = len(work.created)
    pace = _pace(span, work)
    noise = np.exp(generator.normal(size=(2, size)) * [[RESPONSE_SPREAD], [RESOLUTION_SPREAD]])
    usual_reply = RESPONSE_TARGET_SECONDS[work.priority] * RESPONSE_SHARES[work.priority]
    usual_solution = RESOLUTION_TARGET_SECONDS[work.priority] * RESOLUTION_SHARES[work.priority]
    reply = usual_reply * pace * noise[0]
    solution = usual_solution * pace * noise[1]
    at_once = (work.channel == PHONE) & (generator.random(size) < SOLVED_AT_ONCE[work.service])
    reply = np.where(at_once, 20 + 60 * generator.random(size) * pace, reply)
    solution = np.where(at_once, reply + 60 + 240 * noise[1] * pace, solution)
    outage = is_outage(span, work)
    reply = np.where(outage, reply * OUTAGE_REPLY_FACTOR, reply)
    restored = span.outage_window()[1] - work.created + generator.exponential(2400, size)
    solution = np.where(outage, np.maximum(solution, restored), solution)
    reply = np.maximum(reply, 15)
    solution = np.maximum(solution, reply + 60)
    return reply.astype(np.int64), solution.astype(np.int64)


def draw_fates(
    generator: np.random.Generator, clocks: Clocks, work: Work, reply: Ints, solution: Ints
) -> Ints:
    """The instants of every slot, tickets in rows."""
    size = len(work.created)
    fate = np.full((size, len(Slot)), ABSENT, dtype=np.int64)
    offsets, happens = _draw_offsets(generator, reply, solution)
    slots = list(offsets)
    instants = clocks.add(
        work.service, work.created[:, None], np.stack([offsets[slot] for slot in slots], axis=1)
    )
    for column, slot in enumerate(slots):
        fate[:, slot] = np.where(happens.get(slot, True), instants[:, column], ABSENT)
    fate[:, Slot.CREATED] = work.created
    for slot, base, seconds in (
        (Slot.PENDING, Slot.PENDING_REPLY, 1),
        (Slot.PENDING_OVER, Slot.PENDING_ANSWERED, 1),
        (Slot.CLOSED, Slot.SOLVED, CLOSES_AFTER_SECONDS),
    ):
        fate[:, slot] = _after(fate[:, base], seconds)
    says_so = generator.random(size) < SOLVED_REPLY
    fate[:, Slot.SOLVED_REPLY] = np.where(says_so, fate[:, Slot.SOLVED] - 1, ABSENT)
    _draw_reopening(generator, clocks, work, fate, solution)
    _draw_endings(generator, clocks, work, fate, solution)
    return fate


def _after(instants: Ints, seconds: int) -> Ints:
    return np.where(instants == ABSENT, ABSENT, instants + seconds)


def _draw_offsets(
    generator: np.random.Generator, reply: Ints, solution: Ints
) -> tuple[dict[Slot, Ints], dict[Slot, Bools]]:
    """Open seconds from creation to each slot before the solution, and whether it happens."""
    size = len(reply)
    work = solution - reply
    chance = generator.random((8, size))
    place = generator.random((9, size))
    is_long = work > LONG_ENOUGH_SECONDS

    def between(earliest: float, latest: float, row: int) -> Ints:
        share = earliest + (latest - earliest) * place[row]
        offset: Ints = reply + (work * share).astype(np.int64)
        return offset

    offsets = {
        Slot.ASSIGNED: 1 + (reply * (0.1 + 0.5 * place[0])).astype(np.int64),
        Slot.FIRST_REPLY: reply,
        Slot.NOTE: between(0.05, 0.95, 1),
        Slot.REASSIGNED: between(0.05, 0.50, 2),
        Slot.PRIORITY_CHANGED: between(0.02, 0.40, 3),
        Slot.PENDING_REPLY: between(0.05, 0.25, 4),
        Slot.PENDING_ANSWERED: between(0.30, 0.55, 5),
        Slot.HOLD: between(0.60, 0.72, 6),
        Slot.HOLD_OVER: between(0.76, 0.93, 7),
        Slot.REQUESTER_REPLY: between(0.10, 0.45, 8),
        Slot.REPLY: between(0.50, 0.90, 8),
        Slot.SOLVED: solution,
    }
    pending, hold = is_long & (chance[1] < PENDING), is_long & (chance[2] < HOLD)
    happens = {
        Slot.NOTE: is_long & (chance[0] < NOTE),
        Slot.PENDING_REPLY: pending,
        Slot.PENDING_ANSWERED: pending,
        Slot.HOLD: hold,
        Slot.HOLD_OVER: hold,
        Slot.REASSIGNED: is_long & (chance[3] < REASSIGNED),
        Slot.PRIORITY_CHANGED: is_long & (chance[4] < PRIORITY_CHANGED),
        Slot.REQUESTER_REPLY: is_long & (chance[5] < REQUESTER),
        Slot.REPLY: is_long & (chance[6] < REPLY),
    }
    return offsets, happens


def _draw_reopening(
    generator: np.random.Generator, clocks: Clocks, work: Work, fate: Ints, solution: Ints
) -> None:
    """Some requesters come back, most before the ticket closes; fills the reopening slots."""
    size = len(solution)
    rows = np.flatnonzero(generator.random(size) < REOPENED)
    is_late = generator.random(len(rows)) < REOPENED_AFTER_CLOSING
    soon = 300 + generator.exponential(18 * HOUR, len(rows)) % (CLOSES_AFTER_SECONDS - 2 * HOUR)
    late = CLOSES_AFTER_SECONDS + HOUR + generator.exponential(DAY, len(rows))
    request = fate[rows, Slot.SOLVED] + np.where(is_late, late, soon).astype(np.int64)
    again = (solution[rows] * (0.3 + generator.random(len(rows)))).astype(np.int64) + 300
    reply = (again * (0.1 + 0.4 * generator.random(len(rows)))).astype(np.int64)
    answers = clocks.add(work.service[rows], request[:, None] + 2, np.stack([reply, again], axis=1))
    fate[rows, Slot.REOPEN_REQUEST] = request
    fate[rows, Slot.REOPENED] = request + 1
    fate[rows, Slot.REOPEN_REPLY] = answers[:, 0]
    fate[rows, Slot.SOLVED_AGAIN] = answers[:, 1]
    fate[rows, Slot.CLOSED_AGAIN] = answers[:, 1] + CLOSES_AFTER_SECONDS
    fate[rows[~is_late], Slot.CLOSED] = ABSENT


def _draw_endings(
    generator: np.random.Generator, clocks: Clocks, work: Work, fate: Ints, solution: Ints
) -> None:
    """Some tickets are cancelled, deleted or never solved; clears what no longer happens."""
    size = len(solution)
    chance = generator.random(size)
    cancelled = chance < CANCELLED
    deleted = (chance >= CANCELLED) & (chance < CANCELLED + DELETED)
    ended = clocks.add(
        work.service,
        work.created,
        1 + (solution * 0.9 * generator.random(size)).astype(np.int64),
    )
    for slot, rows in ((Slot.CANCELLED, cancelled), (Slot.DELETED, deleted)):
        hidden = fate[rows] >= ended[rows, None]
        fate[rows] = np.where(hidden, ABSENT, fate[rows])
        fate[rows, slot] = ended[rows]
    never = (chance >= 1 - NEVER_SOLVED)[:, None] & (np.arange(len(Slot)) >= Slot.SOLVED_REPLY)
    fate[never & (fate != ABSENT)] = ABSENT
