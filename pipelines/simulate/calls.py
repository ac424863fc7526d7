"""Calls to the hot line and the IT desk: arrivals, queueing, and who answered how long.

Waiting follows the square-root staffing formula of Halfin and Whitt for each half hour, with
callers who lose patience: P(wait) = 1 / (1 + b*Phi(b)/phi(b)), b = (agents - load)/sqrt(load).
"""

from dataclasses import dataclass, fields
from math import sqrt

import numpy as np
import polars as pl

from pipelines.simulate.company import (
    DAY,
    HOUR,
    PHONE,
    QUEUE_INDEX,
    QUEUES,
    SERVICES,
    TEAM_INDEX,
    TEAMS,
)
from pipelines.simulate.demand import Demand, Floats, Ints
from pipelines.simulate.fates import Bools
from pipelines.simulate.stories import OUTAGE_CALL_FACTOR, Span
from pipelines.simulate.tickets import CHANNEL_MIX, Tickets, draw_agents, draw_teams

OUTCOMES = ("answered", "abandoned", "ivr_only", "failed", "callback")
CALLBACK = OUTCOMES.index("callback")
HALF_HOUR = HOUR // 2
LINKED_SHARE = 0.85
STAFFING = 1.0
PATIENCE_SECONDS = 240
IMPATIENT_SECONDS = 75
OVERLOAD_WAITS = 5
IVR_ONLY, FAILED, TRANSFERRED, HELD = 0.09, 0.003, 0.07, 0.22
HIDDEN, ASKS_CALLBACK, CALLED_BACK_SECONDS = 0.04, 0.12, 40 * 60
ABANDONED_CALLED_BACK, REQUESTED_CALLED_BACK = 0.45, 0.93

QUEUE_OF_SERVICE = np.array([QUEUE_INDEX[s.queue] if s.queue else -1 for s in SERVICES])
CALLS_PER_TICKET = np.array([service.calls_per_ticket for service in SERVICES])
PHONE_SHARE = CHANNEL_MIX[:, PHONE] / CHANNEL_MIX.sum(axis=1)
TALK = np.array([queue.talk_seconds for queue in QUEUES])
WRAP = np.array([queue.wrap_seconds for queue in QUEUES])
TEAM_MIX = np.array([[queue.teams.get(team.id, 0.0) for team in TEAMS] for queue in QUEUES])
NIGHT_TEAM = np.array([TEAM_INDEX[q.night_team] if q.night_team else -1 for q in QUEUES])
PACE = np.array([team.pace for team in TEAMS])


@dataclass(frozen=True)
class _Arrivals:
    """Callers at the moment they reach the queue; `ticket` is a row of the tickets or -1."""

    at: Ints
    queue: Ints
    ticket: Ints
    customer: Ints


def _expected(demand: Demand, first: int, last: int) -> tuple[Floats, Floats]:
    """Calls without a ticket, and all calls, expected per day, hour and queue."""
    hourly = demand.hourly(first, last)
    other = np.zeros((last - first, 24, len(QUEUES)))
    linked = np.zeros_like(other)
    for service, queue in enumerate(QUEUE_OF_SERVICE):
        if queue >= 0:
            other[:, :, queue] += hourly[:, service] * CALLS_PER_TICKET[service]
            linked[:, :, queue] += hourly[:, service] * PHONE_SHARE[service] * LINKED_SHARE
    return other, other + linked


def _outage_factor(span: Span, first: int, last: int) -> Floats:
    """How many times the usual calls reach the IT desk, per day and half hour."""
    factor = np.ones((last - first, 48, len(QUEUES)))
    begins, ends = span.outage_window()
    day = begins // DAY - span.first_day - first
    if 0 <= day < last - first:
        half_hours = np.arange(48) * HALF_HOUR
        is_in = (half_hours + HALF_HOUR > begins % DAY) & (half_hours < ends % DAY)
        factor[day, is_in, QUEUE_INDEX["it_desk"]] = OUTAGE_CALL_FACTOR
    return factor


def _arrive(
    generator: np.random.Generator,
    demand: Demand,
    tickets: Tickets,
    days: tuple[int, int],
    other: Floats,
    customers: int,
) -> _Arrivals:
    """Callers without a ticket, Poisson per half hour, and those whose call became a ticket."""
    first, last = days
    rates = np.repeat(other, 2, axis=1) / 2 * _outage_factor(demand.span, first, last)
    counts = generator.poisson(rates)
    bins, queue = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), len(QUEUES))
    at = (demand.span.first_day + first) * DAY + bins * HALF_HOUR
    at = at + generator.integers(0, HALF_HOUR, len(at))
    work = tickets.work
    is_called = (work.channel == PHONE) & (QUEUE_OF_SERVICE[work.service] >= 0)
    rows = np.flatnonzero(is_called & (generator.random(len(tickets)) < LINKED_SHARE))
    callers = (generator.random(len(at)) ** 1.6 * customers).astype(np.int64)
    return _Arrivals(
        at=np.concatenate([at, work.created[rows]]),
        queue=np.concatenate([queue, QUEUE_OF_SERVICE[work.service[rows]]]),
        ticket=np.concatenate([np.full(len(at), -1), rows]),
        customer=np.concatenate([callers, tickets.customer[rows]]),
    )


def _standard_normal_ratio(values: Floats) -> Floats:
    """Phi(x)/phi(x), with Phi by the logistic approximation (error below 0.01)."""
    distribution = 1 / (1 + np.exp(-1.5976 * values - 0.070566 * values**3))
    ratio: Floats = distribution / (np.exp(-(values**2) / 2) / sqrt(2 * np.pi))
    return ratio


def _queue(
    generator: np.random.Generator, arrivals: _Arrivals, all_calls: Floats, first_second: int
) -> tuple[Ints, Ints, Bools]:
    """Seconds in the queue, ringing included; seconds ringing; whether the caller gave up."""
    half_hour = (arrivals.at - first_second) // HALF_HOUR
    cell = half_hour * len(QUEUES) + arrivals.queue
    usual = (np.repeat(all_calls, 2, axis=1) / 2).ravel()
    seconds_per_call = np.tile(TALK + WRAP, len(usual) // len(QUEUES))
    planned = usual * seconds_per_call / HALF_HOUR
    agents = np.maximum(planned + STAFFING * np.sqrt(planned), 0.01)
    came = np.bincount(cell, minlength=len(usual))
    # A half hour with few calls says little about its load; a burst says all.
    trust = np.where(came > 2 * usual + 8, 1.0, usual / (usual + 5))
    load = np.maximum(usual + trust * (came - usual), 0.001) * seconds_per_call / HALF_HOUR
    slack = np.clip((agents - load) / np.sqrt(load), -4, 6)
    busy = np.where(slack <= 0, 1.0, 1 / (1 + slack * _standard_normal_ratio(slack)))
    overload = np.maximum(load / agents - 1, 0)
    leaving = np.maximum(agents - load, 0) / seconds_per_call + 1 / IMPATIENT_SECONDS
    mean_wait = (1 + OVERLOAD_WAITS * overload) / leaving
    size = len(cell)
    is_queued = generator.random(size) < busy[cell]
    wait = generator.exponential(1, size) * mean_wait[cell]
    patience = generator.exponential(PATIENCE_SECONDS, size)
    is_abandoned = is_queued & (patience < wait) & (arrivals.ticket < 0)
    ringing = 2 + 7 * generator.random(size)
    wait = np.where(is_queued, np.minimum(wait, patience + 30), 0) + ringing
    wait = np.where(is_abandoned, patience + 1, wait)
    ring = np.where(is_abandoned, 0, ringing)
    return wait.astype(np.int64), ring.astype(np.int64), is_abandoned


@dataclass(frozen=True)
class Calls:
    """Calls of some days in order of their start; codes index `company` tuples, -1 is none.

    `ticket` is a ticket number, `called_back` the instant of the call back or -1.
    """

    number: Ints
    started: Ints
    queue: Ints
    outcome: Ints
    team: Ints
    agent: Ints
    customer: Ints
    ticket: Ints
    ivr: Ints
    wait: Ints
    ring: Ints
    talk: Ints
    hold: Ints
    wrap: Ints
    called_back: Ints
    is_transferred: Bools
    is_hidden: Bools

    def __len__(self) -> int:
        return len(self.number)

    def frame(self) -> pl.DataFrame:
        """One column per field and `day` (days since 1970-01-01)."""
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return pl.DataFrame({"day": (self.started // DAY).astype(np.int32), **columns})


def make_calls(
    generator: np.random.Generator,
    demand: Demand,
    tickets: Tickets,
    days: tuple[int, int],
    customers: int,
    number: int,
) -> Calls:
    """The calls of days `days[0]`..`days[1]` (exclusive), numbered from `number`."""
    other, everything = _expected(demand, *days)
    arrivals = _arrive(generator, demand, tickets, days, other, customers)
    first_second = (demand.span.first_day + days[0]) * DAY
    wait, ring, is_abandoned = _queue(generator, arrivals, everything, first_second)
    outcome = _outcomes(generator, arrivals, is_abandoned)
    # A stream of its own, so that what is drawn after it stays as it was.
    afterwards = generator.spawn(1)[0]
    asks = (outcome == 1) & (afterwards.random(len(outcome)) < ASKS_CALLBACK)
    outcome = np.where(asks, CALLBACK, outcome)
    team, agent = _answerers(generator, demand.span, tickets, arrivals)
    talk, hold, wrap = _handling(generator, demand.span, arrivals, team, agent)
    size, is_linked = len(arrivals.at), arrivals.ticket >= 0
    ivr = 8 + generator.exponential(18, size).astype(np.int64)
    # A ticket is written towards the end of its call; files are cut by day, so the call stays in
    # the day of its ticket.
    before = np.where(is_linked, ivr + wait + (talk * 0.7).astype(np.int64), ivr)
    started = np.maximum(arrivals.at - before, arrivals.at // DAY * DAY)
    answered = outcome == 0
    ticket = tickets.number[arrivals.ticket[is_linked]]
    columns = {
        "started": started,
        "queue": arrivals.queue,
        "outcome": outcome,
        "team": np.where(answered, team, -1),
        "agent": np.where(answered, agent, -1),
        "customer": arrivals.customer,
        "ticket": np.concatenate([np.full(size - len(ticket), -1), ticket]),
        "ivr": ivr,
        "wait": np.where(outcome <= 1, wait, -1),
        "ring": np.where(answered, ring, -1),
        "talk": np.where(answered, talk, 0),
        "hold": np.where(answered, hold, 0),
        "wrap": np.where(answered, wrap, 0),
        "is_transferred": answered & (generator.random(size) < TRANSFERRED),
        "called_back": _called_back(afterwards, outcome, started + before),
        "is_hidden": afterwards.random(size) < HIDDEN,
    }
    order = np.argsort(started, kind="stable")
    numbers = np.arange(number, number + size, dtype=np.int64)
    return Calls(number=numbers, **{name: values[order] for name, values in columns.items()})


def _outcomes(generator: np.random.Generator, arrivals: _Arrivals, is_abandoned: Bools) -> Ints:
    """Codes of `OUTCOMES`; a call that became a ticket was answered."""
    is_linked = arrivals.ticket >= 0
    fate = generator.random(len(is_linked))
    outcome = np.where(is_abandoned, 1, 0)
    outcome = np.where(~is_linked & (fate < IVR_ONLY), 2, outcome)
    return np.where(~is_linked & (fate > 1 - FAILED), 3, outcome)


def _called_back(generator: np.random.Generator, outcome: Ints, left: Ints) -> Ints:
    """When callers who left the queue were called back, on the same day, or -1."""
    size = len(outcome)
    at = left + 60 + generator.exponential(CALLED_BACK_SECONDS, size).astype(np.int64)
    share = np.select(
        [outcome == 1, outcome == CALLBACK], [ABANDONED_CALLED_BACK, REQUESTED_CALLED_BACK], 0.0
    )
    is_called = (generator.random(size) < share) & (at // DAY == left // DAY)
    return np.where(is_called, at, -1)


def _answerers(
    generator: np.random.Generator, span: Span, tickets: Tickets, arrivals: _Arrivals
) -> tuple[Ints, Ints]:
    """Team and agent; a call that became a ticket was answered by the ticket's agent."""
    team = draw_teams(generator, span, TEAM_MIX, NIGHT_TEAM, arrivals.queue, arrivals.at)
    agent = draw_agents(generator, team)
    is_linked = arrivals.ticket >= 0
    team[is_linked] = tickets.work.team[arrivals.ticket[is_linked]]
    agent[is_linked] = tickets.work.agent[arrivals.ticket[is_linked]]
    return team, agent


def _handling(
    generator: np.random.Generator, span: Span, arrivals: _Arrivals, team: Ints, agent: Ints
) -> tuple[Ints, Ints, Ints]:
    """Seconds of talk, hold and wrap-up."""
    size = len(team)
    pace = PACE[team] * np.exp(0.10 * np.sin(agent * 12.9898))
    pace *= np.where(team == TEAM_INDEX["hot_3"], span.learning_factor(arrivals.at), 1.0)
    noise = np.exp(generator.normal(size=(2, size)) * 0.6 - 0.18)
    talk = TALK[arrivals.queue] * pace * noise[0]
    wrap = WRAP[arrivals.queue] * pace * noise[1]
    hold = np.where(generator.random(size) < HELD, generator.exponential(45, size) + 5, 0)
    return talk.astype(np.int64), hold.astype(np.int64), wrap.astype(np.int64)
