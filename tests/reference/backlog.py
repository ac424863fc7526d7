"""The backlog day by day: every ticket is looked at on every day of its segment.

A ticket is in the backlog of a day if it is open at the end of it; flows are counted from the
changes of status. Nothing is carried from one day to the next, so that the identity
closing = opening + created - resolved + reopened - cancelled is a finding, not a construction.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from tests.reference.lives import BACKLOG, WITHDRAWN, Life
from tests.reference.tickets import Facts

SEGMENT = (
    "source",
    "calendar_id",
    "site_key",
    "team_key",
    "service_key",
    "channel",
    "priority",
    "customer_tier",
    "ticket_type",
)
Segment = tuple[str, ...]
FLOWS = ("created_count", "resolved_count", "reopened_count", "cancelled_count")


def backlog_days(lives: Iterable[tuple[Life, Facts]]) -> Iterator[Facts]:
    """A row per segment and local day on which a ticket was open or moved, up to the last day of
    its source."""
    segments: dict[Segment, list[Life]] = {}
    for life, facts in lives:
        segments.setdefault(tuple(facts[name] for name in SEGMENT), []).append(life)
    last_days = _last_days(segments)
    for segment, members in sorted(segments.items(), key=lambda item: item[0]):
        clock = members[0].seeds.calendars[segment[SEGMENT.index("calendar_id")]]
        first = min(clock.local_date(life.created) for life in members)
        last = last_days[segment[0]]
        flows: Counter[tuple[date, str]] = Counter()
        for life in members:
            for flow_day, name, amount in _flows(life):
                flows[flow_day, name] += amount
        closing = Counter(day for life in members for day in _open_days(life, last))
        day = first
        while day <= last:
            counts = {name: flows[day, name] for name in FLOWS} | {
                "opening_count": closing[day - timedelta(days=1)],
                "closing_count": closing[day],
            }
            if any(counts.values()):
                yield dict(zip(SEGMENT, segment, strict=True)) | {"backlog_date": day} | counts
            day += timedelta(days=1)


def _last_days(segments: dict[Segment, list[Life]]) -> dict[str, date]:
    """The last day of every source: the latest one its calendars show at the cut-off."""
    days: dict[str, date] = {}
    for (source, calendar_id, *_), members in segments.items():
        day = members[0].seeds.calendars[calendar_id].local_date(members[0].cutoff)
        days[source] = max(days.get(source, day), day)
    return days


def _steps(life: Life) -> list[tuple[date, str, str]]:
    """Local day, status before and status after of everything that moves the backlog."""
    clock = life.seeds.calendars[life.calendar_id]
    return [(clock.local_date(c.at), c.before, c.after) for c in life.changes]


def _open_days(life: Life, last: date) -> Iterator[date]:
    """The days at whose end the ticket is open."""
    clock = life.seeds.calendars[life.calendar_id]
    steps = _steps(life)
    stays = zip(
        [clock.local_date(life.created), *(day for day, _, _ in steps)],
        ["new", *(after for _, _, after in steps)],
        [*(day for day, _, _ in steps), last + timedelta(days=1)],
        strict=True,
    )
    for start, status, end in stays:
        if status in BACKLOG:
            for number in range((end - start).days):
                yield start + timedelta(days=number)


def _flows(life: Life) -> Iterator[tuple[date, str, int]]:
    """Day, flow and amount; a withdrawn ticket taken up again is a withdrawal less."""
    clock = life.seeds.calendars[life.calendar_id]
    yield clock.local_date(life.created), "created_count", 1
    for day, before, after in _steps(life):
        if before in BACKLOG and after not in BACKLOG:
            yield day, "cancelled_count" if after in WITHDRAWN else "resolved_count", 1
        elif before in WITHDRAWN and after in BACKLOG:
            yield day, "cancelled_count", -1
        elif before not in BACKLOG and after in BACKLOG:
            yield day, "reopened_count", 1
