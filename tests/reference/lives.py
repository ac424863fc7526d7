"""What happened to one ticket: its events in order, its states, its intervals.

Written from the definitions, with one loop per ticket and nothing clever. What is counted from a
life is in `tickets.py`, `replies.py`, `targets.py` and `backlog.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.reference.calendars import to_us
from tests.reference.raw import COLUMNS, NEVER, Extracts, Row
from tests.reference.seeds import Seeds

BACKLOG = frozenset({"new", "open", "pending", "on_hold"})
SOLVED = frozenset({"solved", "closed"})
WITHDRAWN = frozenset({"cancelled", "deleted"})


@dataclass(frozen=True)
class Event:
    """One thing that happened, at the earliest when the ticket was created; `is_told` by an event
    of the source, else by a column."""

    at: int
    kind: str
    actor: str | None = None
    status: str | None = None
    priority: str | None = None
    team: str | None = None
    agent: str | None = None
    stage: str | None = None
    calendar: str | None = None
    is_told: bool = True

    @property
    def holder(self) -> str | None:
        """Only creation and assignment name a holder; other events name who acted."""
        return self.agent if self.kind in ("created", "assigned") else None


@dataclass(frozen=True)
class State:
    """What is known of the ticket after an event."""

    status: str = "new"
    stage: str | None = None
    team: str | None = None
    agent: str | None = None
    priority: str | None = None
    calendar: str | None = None


@dataclass(frozen=True)
class Change:
    """The status turned from one value into another; `order` is the place among the events."""

    order: int
    at: int
    before: str
    after: str

    @property
    def is_solution(self) -> bool:
        return self.after in SOLVED and self.before not in SOLVED

    @property
    def is_reopening(self) -> bool:
        return self.before in SOLVED and self.after in BACKLOG


@dataclass(frozen=True)
class Interval:
    """Half-open stretch of a life in which nothing is told."""

    start: int
    end: int
    is_current: bool
    state: State
    calendar_id: str
    business_us: int


@dataclass(repr=False)  # it is large, and pytest prints what a failing test was given
class Life:
    """A ticket that counts. `is_traced`: its statuses come from events; `is_timed`: its solution
    has an instant."""

    key: tuple[str, str]
    row: Row
    seeds: Seeds
    created: int
    cutoff: int
    has_events: bool
    is_traced: bool
    is_timed: bool
    events: list[Event]
    states: list[State]
    changes: list[Change] = field(default_factory=list)
    intervals: list[Interval] = field(default_factory=list)

    @property
    def state(self) -> State:
        """The state at `as_of`."""
        return self.intervals[-1].state

    @property
    def calendar_id(self) -> str:
        return self.intervals[-1].calendar_id

    @property
    def is_open(self) -> bool:
        return self.state.status in BACKLOG

    @property
    def is_solved(self) -> bool:
        return self.state.status in SOLVED

    @property
    def solutions(self) -> list[Change]:
        return [change for change in self.changes if change.is_solution]

    @property
    def withdrawn(self) -> Change | None:
        """The change by which the ticket came to be withdrawn, if it still is."""
        if self.state.status not in WITHDRAWN:
            return None
        return next(
            c for c in reversed(self.changes) if c.after in WITHDRAWN and c.before not in WITHDRAWN
        )

    def business_us(self, start: int, end: int) -> int:
        """Open time between two instants, each interval on its own calendar."""
        total = 0
        for interval in self.intervals:
            if start <= interval.start and interval.end <= end:
                total += interval.business_us
            elif interval.start < end and start < interval.end:
                calendar = self.seeds.calendars[interval.calendar_id]
                total += calendar.open_us(max(start, interval.start), min(end, interval.end))
        return total

    def from_instant(self, instant: int) -> Interval:
        """The interval that starts at an instant or contains it."""
        return next(i for i in reversed(self.intervals) if i.start <= instant)


def lives(known: Extracts, seeds: Seeds) -> tuple[list[Life], dict[tuple[str, str], int]]:
    """The tickets that count, and by (source, reason) how many do not."""
    counted: list[Life] = []
    excluded: dict[tuple[str, str], int] = {}
    for key, row in known.tickets.items():
        reason, life = None, None
        if to_us(row["created_at"]) > known.as_of:
            reason = "created_after_as_of"
        else:
            life = _life(key, row, known, seeds)
            reason = "deleted" if life.state.status == "deleted" else row["disposition"]
        if reason is None and life is not None:
            counted.append(life)
        else:
            place = (row["_source"], str(reason))
            excluded[place] = excluded.get(place, 0) + 1
    return counted, excluded


def _life(key: tuple[str, str], row: Row, known: Extracts, seeds: Seeds) -> Life:
    created = to_us(row["created_at"])
    told = [_event(event, created) for event in sorted(known.events.get(key, []), key=_order)]
    has_events = bool(told)
    is_traced = any(event.status for event in told)
    if not is_traced:
        from_columns = [e for e in _from_columns(row, told) if e.at <= known.as_of]
        told = _merged(told, from_columns)
    is_timed = True
    left = row["status"] in SOLVED | WITHDRAWN and not is_traced
    if left and not row["resolved_at"] and not row["closed_at"]:
        known_at = to_us(row["updated_at"] or row["created_at"])
        at = max(created, known_at) if known_at <= known.as_of else created
        told = _merged(told, [Event(at, "status_changed", status=row["status"])])
        is_timed = False
    cutoff = known.cutoffs[row["_source"]]
    life = Life(key, row, seeds, created, cutoff, has_events, is_traced, is_timed, told, [])
    _follow(life)
    life.intervals = list(_intervals(life))
    return life


def _merged(told: list[Event], more: list[Event]) -> list[Event]:
    """By instant; in one instant the creation that a column tells first, other columns last."""
    return sorted(
        [*told, *more],
        key=lambda event: (event.at, event.is_told or event.kind not in ("created", "opened")),
    )


def _order(event: Row) -> tuple[object, ...]:
    """Order of a ticket's events: instant, creation first, older delivery first, place in it."""
    return (
        event["event_at"],
        event["event_type"] != "created",
        event["_extracted_at"] or NEVER,
        event["_record"],
        event["event_id"],
    )


def _event(row: Row, created: int) -> Event:
    return Event(
        max(to_us(row["event_at"]), created),
        row["event_type"],
        row["actor_type"],
        row["status"],
        row["priority"],
        row["team_id"],
        row["agent_id"],
        row["stage"],
        row["calendar_id"],
    )


def _from_columns(row: Row, told: list[Event]) -> Iterator[Event]:
    """What the columns of a ticket say where no event tells a status."""
    kinds = {event.kind for event in told}
    kind = "opened" if "created" in kinds else "created"
    yield Event(to_us(row["created_at"]), kind, status="open", is_told=False)
    for kind, column in COLUMNS.items():
        if row[column] and kind not in kinds:
            actor = "agent" if kind == "public_reply" else None
            yield Event(to_us(row[column]), kind, actor, is_told=False)
    resolved = row["resolved_at"] or row["closed_at"]
    if row["status"] in SOLVED and resolved:
        yield Event(to_us(resolved), "status_changed", status=row["status"], is_told=False)


def _follow(life: Life) -> None:
    """Carry what was told from event to event; note every change of the status."""
    state = _before_anything(life)
    for order, event in enumerate(life.events):
        after = State(
            event.status or state.status,
            event.stage or state.stage,
            event.team or state.team,
            event.holder or state.agent,
            event.priority or state.priority,
            event.calendar or state.calendar,
        )
        if after.status != state.status:
            life.changes.append(Change(order, event.at, state.status, after.status))
        life.states.append(after)
        state = after


def _before_anything(life: Life) -> State:
    """What holds from creation: what is told first (where that may be carried back), else what
    the ticket's row says."""
    row, events = life.row, life.events
    priority = next((e for e in events if e.priority), None)
    known = row["priority"]
    if priority is not None:
        known = None if priority.kind == "priority_changed" else priority.priority
    return State(
        "new",
        None,
        next((e.team for e in events if e.team), row["team_id"]),
        None if any(e.holder for e in events) else row["agent_id"],
        known,
        next((e.calendar for e in events if e.calendar), row["calendar_id"]),
    )


def _intervals(life: Life) -> Iterator[Interval]:
    instants = sorted({life.created} | {event.at for event in life.events})
    state, number = _before_anything(life), 0
    for start, following in zip(instants, [*instants[1:], None], strict=True):
        while number < len(life.events) and life.events[number].at <= start:
            state = life.states[number]
            number += 1
        end = max(start, life.cutoff) if following is None else following
        calendar_id = state.calendar or life.seeds.calendar_of(segment(life, state))
        business = life.seeds.calendars[calendar_id].open_us(start, end)
        yield Interval(start, end, following is None, state, calendar_id, business)


def segment(life: Life, state: State) -> dict[str, str | None]:
    """What assignments and policies look at."""
    row = life.row
    return {
        "tenant": row["_tenant"],
        "source": row["_source"],
        "service_id": row["service_id"],
        "team_id": state.team,
        "site_id": row["site_id"] or life.seeds.sites.get((row["_tenant"], row["service_id"])),
        "ticket_type": row["ticket_type"],
        "priority": state.priority,
        "customer_tier": row["customer_tier"],
        "channel": row["channel"],
    }
