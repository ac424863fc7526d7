"""Promises: when their clocks start and stop, what counts, how they stand, when they run out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.reference.calendars import Row, from_us, to_us
from tests.reference.lives import BACKLOG, SOLVED, WITHDRAWN, Interval, Life, segment
from tests.reference.raw import Extracts
from tests.reference.replies import messages
from tests.reference.tickets import SECOND_US, Facts, last_solution

COUNTED = {
    "requester_wait": frozenset({"new", "open", "on_hold"}),
    "agent_work": frozenset({"new", "open"}),
}
DESCRIBED = (
    "source",
    "site_key",
    "team_key",
    "agent_key",
    "service_key",
    "ticket_type",
    "channel",
    "customer_tier",
    "created_at",
    "created_date",
)
# a promise that names `solved` as a pause means every status outside the backlog
_PAUSES = {
    "pending": {"pending"},
    "on_hold": {"on_hold"},
    "solved": SOLVED | WITHDRAWN,
}


@dataclass(frozen=True)
class Clock:
    """One running of one promise's clock; `stop` is None while it runs."""

    metric: str
    instance_number: int
    start: int
    stop: int | None
    is_void: bool = False


@dataclass(frozen=True)
class Promise:
    """What was promised when the clock started."""

    policy_id: str
    target_us: int
    hours_basis: str
    pauses: frozenset[str]
    mode: str
    pausing_statuses: str = ""


def clocks(life: Life, known: Extracts) -> Iterator[Clock]:
    """Every clock that a ticket may have started, whether or not anything was promised.

    What a source never tells starts no clock that waits for it.
    """
    solved = last_solution(life)
    first = life.solutions[0].at if life.is_timed and life.solutions else None
    tells_replies = known.tells(life.row, "public_reply")
    replied = [m.at for m in messages(life) if m.is_reply] if tells_replies else []
    if tells_replies or known.tells(life.row, "acknowledged"):
        taken_up = [event.at for event in life.events if event.kind == "acknowledged"]
        yield Clock("acknowledgement", 1, life.created, _earliest(taken_up + replied, first))
    if tells_replies:
        yield Clock("first_reply", 1, life.created, _earliest(replied, first))
        yield from _turns(life)
        yield from _updates(life)
    if known.tells(life.row, "arrived"):
        arrived = [event.at for event in life.events if event.kind == "arrived"]
        is_void = not arrived and life.is_solved
        stop = life.solutions[-1].at if is_void else next(iter(arrived), None)
        yield Clock("arrival", 1, life.created, stop, is_void)
    yield Clock("resolution", 1, life.created, solved)
    if life.is_traced:
        yield Clock("requester_wait", 1, life.created, solved)
        yield Clock("agent_work", 1, life.created, solved)
    if solved is not None and known.tells(life.row, "called_back"):
        called = [e.at for e in life.events if e.kind == "called_back" and e.at >= solved]
        yield Clock("callback", 1, solved, called[0] if called else None)


def _earliest(instants: list[int], first_solution: int | None) -> int | None:
    return min([*instants, *([] if first_solution is None else [first_solution])], default=None)


def _steps(life: Life) -> list[tuple[int, int, str]]:
    """Replies, requests and solutions in order: place, instant, what."""
    steps = [(m.order, m.at, "reply" if m.is_reply else "request") for m in messages(life)]
    steps += [(change.order, change.at, "solution") for change in life.solutions]
    return sorted(steps)


def _turns(life: Life) -> Iterator[Clock]:
    """A request after a reply or a solution, until the next reply or solution; a message that
    itself solves the ticket asks for nothing."""
    solving = {change.order for change in life.solutions}
    started: int | None = None
    is_answered, instance = False, 0
    for order, at, what in _steps(life):
        if what == "request":
            if is_answered and started is None and order not in solving:
                started = at
            continue
        is_answered = True
        if started is not None:
            instance += 1
            yield Clock("next_reply", instance, started, at)
        started = None
    if started is not None:
        yield Clock("next_reply", instance + 1, started, None)


def _updates(life: Life) -> Iterator[Clock]:
    """Each reply to a ticket that stays in the backlog promises another, until the solution; one
    that is followed by either in the same instant promises nothing."""
    steps = [step for step in _steps(life) if step[2] != "request"]
    instance = 0
    for number, (order, at, what) in enumerate(steps):
        stop = steps[number + 1][1] if number + 1 < len(steps) else None
        if what == "reply" and life.states[order].status in BACKLOG and stop != at:
            instance += 1
            yield Clock("periodic_update", instance, at, stop)


def promise_of(life: Life, clock: Clock) -> Promise | None:
    """The promise in force where and when the clock starts."""
    interval = life.from_instant(clock.start)
    day = life.seeds.calendars[interval.calendar_id].local_date(clock.start)
    row = life.seeds.policy_of(clock.metric, segment(life, interval.state), day)
    if row is not None:
        return _promised(row)
    due = life.row["due_at"]
    if clock.metric == "resolution" and due is not None:
        return Promise(
            "source_due_at", to_us(due) - life.created, "calendar", frozenset(), "cumulative"
        )
    return None


def _promised(row: Row) -> Promise:
    pauses: set[str] = set()
    for name in row["pausing_statuses"].split():
        pauses |= _PAUSES[name]
    return Promise(
        row["policy_id"],
        int(row["target_seconds"]) * SECOND_US,
        row["hours_basis"],
        frozenset(pauses),
        row["schedule_mode"] or "cumulative",
        row["pausing_statuses"],
    )


def target_facts(life: Life, known: Extracts, facts: Facts | None = None) -> Iterator[Facts]:
    """A row per ticket, metric and instance for which something was promised; with the ticket's
    own facts, where they are given, beside it."""
    described = {name: facts[name] for name in DESCRIBED} if facts else {}
    for clock in clocks(life, known):
        promise = promise_of(life, clock)
        if promise is not None:
            yield described | judged(life, clock, promise)


def judged(life: Life, clock: Clock, promise: Promise) -> Facts:
    """How a promise stands: what its clock has counted until it was stopped or read."""
    end = clock.stop
    withdrawn = life.withdrawn
    state = "cancelled" if clock.is_void else None
    if withdrawn is not None and (clock.stop is None or clock.stop > withdrawn.at):
        state, end = "cancelled", withdrawn.at
    elif clock.stop is None and life.is_solved and not life.is_timed:
        state, end = "unknown", life.solutions[-1].at
    end = max(clock.start, life.cutoff if end is None else end)
    spans = list(_counting(life, clock, promise, end))
    elapsed = sum(measure(start, stop) for start, stop, measure, _ in spans)
    if state is None and elapsed > promise.target_us:
        state = "breached"
    state = state or ("running" if clock.stop is None else "met")
    due = None
    if state not in ("cancelled", "unknown"):
        due = _due(life, clock, promise, spans, end, state)
    return {
        "ticket_key": f"{life.row['_tenant']}:{life.row['ticket_id']}",
        "metric": clock.metric,
        "instance_number": clock.instance_number,
        "policy_id": promise.policy_id,
        "hours_basis": promise.hours_basis,
        "schedule_mode": promise.mode,
        "pausing_statuses": promise.pausing_statuses,
        "priority": life.from_instant(clock.start).state.priority or "unknown",
        "calendar_id": life.from_instant(end).calendar_id,
        "state": state,
        "is_met": {"met": True, "breached": False}.get(state),
        "started_at": from_us(clock.start),
        "ended_at": from_us(end),
        "due_at": None if due is None else from_us(due),
    } | _amounts(promise.target_us, None if state == "unknown" else elapsed, state)


def _amounts(target: int, elapsed: int | None, state: str) -> Facts:
    """Seconds promised, used and left; the band of the share used."""
    used = None if elapsed is None else elapsed // SECOND_US
    return {
        "target_seconds": target // SECOND_US,
        "elapsed_seconds": used,
        "remaining_seconds": target // SECOND_US - used
        if used is not None and state == "running"
        else None,
        "used_ratio": None if elapsed is None else elapsed / target,
        "used_band": None if elapsed is None else used_band(elapsed, target),
    }


def used_band(elapsed: int, target: int) -> str:
    """At-risk bands of the share used."""
    bounds = ((50, "under_50"), (75, "50_to_75"), (90, "75_to_90"))
    for percent, band in bounds:
        if 100 * elapsed < percent * target:
            return band
    return "90_to_100" if elapsed <= target else "over_100"


Measure = Callable[[int, int], int]
Reach = Callable[[int, int], int | None]


def _by_clock(start: int, end: int) -> int:
    return end - start


def _after(start: int, wanted: int) -> int | None:
    return start + wanted


def _time_of(life: Life, promise: Promise, end: int, interval: Interval) -> tuple[Measure, Reach]:
    """How an interval's time is measured, and how far an amount of it reaches."""
    if promise.hours_basis == "calendar":
        return _by_clock, _after
    chosen = life.from_instant(end) if promise.mode == "at_event" else interval
    calendar = life.seeds.calendars[chosen.calendar_id]
    return calendar.open_us, calendar.reached_at


def _counts(clock: Clock, promise: Promise, interval: Interval) -> bool:
    status = interval.state.status
    return status not in promise.pauses and status in COUNTED.get(clock.metric, {status})


def _counting(
    life: Life, clock: Clock, promise: Promise, end: int
) -> Iterator[tuple[int, int, Measure, Reach]]:
    """The stretches of a clock's life that count."""
    for interval in life.intervals:
        start, stop = max(interval.start, clock.start), min(interval.end, end)
        if start < stop and _counts(clock, promise, interval):
            yield start, stop, *_time_of(life, promise, end, interval)


def _due(
    life: Life, clock: Clock, promise: Promise, spans: list[Any], end: int, state: str
) -> int | None:
    """The instant at which the time counted reaches the target; unknown while the clock pauses
    before it."""
    wanted = promise.target_us
    for start, stop, measure, reach in spans:
        if measure(start, stop) >= wanted:
            reached: int | None = reach(start, wanted)
            return reached
        wanted -= measure(start, stop)
    interval = life.from_instant(end)
    if state == "running" and not _counts(clock, promise, interval):
        return None
    return _time_of(life, promise, end, interval)[1](end, wanted)
