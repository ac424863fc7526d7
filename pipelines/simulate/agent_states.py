"""What the agents of the call centre do all day: the states their telephones log.

An agent talks, holds and wraps up one call after the other, waits in between, takes a break in a
longer lull, and signs out in a long one. Calls themselves are drawn in `calls`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulate.calls import Calls
from pipelines.simulate.company import AGENT_IDS, DAY, QUEUES
from pipelines.simulate.demand import Ints

STATES = ("available", "talk", "hold", "wrap", "break")
AVAILABLE, TALK, HOLD, WRAP, BREAK = range(len(STATES))
SIGNED_OUT_AFTER = 30 * 60
BREAK_AFTER, BREAK_SECONDS = 15 * 60, 8 * 60
MARGIN = 2 * 60
LINES = tuple(dict.fromkeys(queue.line for queue in QUEUES))
LINE_OF_QUEUE = np.array([LINES.index(queue.line) for queue in QUEUES])
# Further apart than any two instants of a simulation, so that one running maximum serves all.
_APART = 10**11


@dataclass(frozen=True)
class AgentStates:
    """States of some days, none over midnight; codes index `company` tuples, `STATES`, `LINES`."""

    agent: Ints
    team: Ints
    line: Ints
    state: Ints
    started: Ints
    ended: Ints

    def frame(self, number: int) -> pl.DataFrame:
        """One column per field, `number` counted from the one given, and `day`."""
        return pl.DataFrame(
            {
                "day": (self.started // DAY).astype(np.int32),
                "number": np.arange(number, number + len(self.agent)),
                "agent": self.agent,
                "team": self.team,
                "line": self.line,
                "state": self.state,
                "started": self.started,
                "ended": self.ended,
            }
        )


def nobody_busy() -> Ints:
    """Since when each agent is free: always."""
    return np.zeros(len(AGENT_IDS), dtype=np.int64)


def make_states(calls: Calls, free_from: Ints) -> tuple[AgentStates, Ints]:
    """The states around answered calls, and from when on each agent is free again.

    A call that reaches a busy agent begins when the one before is wrapped up.
    """
    rows = np.flatnonzero(calls.agent >= 0)
    asked = calls.started[rows] + calls.ivr[rows] + calls.wait[rows]
    rows = rows[np.lexsort((asked, calls.agent[rows]))]
    agent = calls.agent[rows]
    asked = np.maximum((calls.started + calls.ivr + calls.wait)[rows], free_from[agent])
    work = np.stack([calls.talk[rows], calls.hold[rows], calls.wrap[rows]])
    length = work.sum(axis=0)
    before = np.cumsum(length) - length
    begins = np.maximum.accumulate(asked - before + agent * _APART) - agent * _APART + before
    ends = begins + length
    parts = _work(begins, work) + _lulls(agent, begins, ends, free_from)
    state, place, started, ended = (np.concatenate(column) for column in zip(*parts, strict=True))
    is_last = np.append(agent[1:] != agent[:-1], True)[: len(agent)]
    free = free_from.copy()
    free[agent[is_last]] = ends[is_last] + MARGIN
    kept = ended > started
    columns = (
        agent[place],
        calls.team[rows][place],
        LINE_OF_QUEUE[calls.queue[rows]][place],
        state,
        started,
        ended,
    )
    return _cut_at_midnight(*(column[kept] for column in columns)), free


_Part = tuple[Ints, Ints, Ints, Ints]


def _part(state: int, place: Ints, started: Ints, ended: Ints) -> _Part:
    return np.full(len(place), state), place, started, ended


def _work(begins: Ints, work: Ints) -> list[_Part]:
    """Talk, hold and wrap-up of each call, one after the other."""
    edges = begins + np.concatenate([np.zeros((1, len(begins)), np.int64), work.cumsum(axis=0)])
    places = np.arange(len(begins))
    return [_part(TALK + n, places, edges[n], edges[n + 1]) for n in range(len(work))]


def _lulls(agent: Ints, begins: Ints, ends: Ints, free_from: Ints) -> list[_Part]:
    """What lies between the calls: waiting, a break and waiting, or signed out but for a margin."""
    places = np.arange(len(agent))
    follows = np.append(False, agent[1:] == agent[:-1])[: len(agent)]
    previous = np.where(follows, np.roll(ends, 1), free_from[agent])
    gap = begins - previous
    is_away = ~follows | (gap > SIGNED_OUT_AFTER)
    has_break = ~is_away & (gap > BREAK_AFTER)
    back = previous + np.where(has_break, BREAK_SECONDS, 0)
    signed_in = np.maximum(begins - MARGIN, previous)
    leaves = np.flatnonzero(np.append(is_away[1:], True)[: len(agent)])
    return [
        _part(BREAK, places[has_break], previous[has_break], back[has_break]),
        _part(AVAILABLE, places, np.where(is_away, signed_in, back), begins),
        _part(AVAILABLE, leaves, ends[leaves], ends[leaves] + MARGIN),
    ]


def _cut_at_midnight(
    agent: Ints, team: Ints, line: Ints, state: Ints, started: Ints, ended: Ints
) -> AgentStates:
    """The states with those over midnight in two, by agent in order of time."""
    midnight = (started // DAY + 1) * DAY
    over = ended > midnight
    agent, team, line, state = (np.append(c, c[over]) for c in (agent, team, line, state))
    ended, started = (
        np.append(np.minimum(ended, midnight), ended[over]),
        np.append(started, midnight[over]),
    )
    order = np.lexsort((started, agent))
    return AgentStates(*(column[order] for column in (agent, team, line, state, started, ended)))
