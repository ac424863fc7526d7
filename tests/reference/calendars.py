"""Opening hours the slow way: every opening of every day as a pair of instants, summed one by one.

Reads the calendar seeds by itself and shares no code with the warehouse. Instants are whole
microseconds since 1970 UTC. What tickets make of this time is not here.
"""

import csv
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

Row = Mapping[str, str]

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - instants are UTC without a zone, as in the warehouse
DAY_US = 86_400_000_000


def to_us(instant: datetime) -> int:
    """Microseconds since 1970 of an instant in UTC without zone."""
    return (instant - EPOCH) // MICROSECOND


def from_us(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def read_seed(seeds: Path, name: str) -> list[Row]:
    with (seeds / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_force(row: Row, day: date) -> bool:
    """Whether a row with half-open validity counts on a day; an empty end is open."""
    return (not row.get("valid_from") or date.fromisoformat(row["valid_from"]) <= day) and (
        not row.get("valid_until") or day < date.fromisoformat(row["valid_until"])
    )


@dataclass(repr=False)  # it is large, and pytest prints what a failing test was given
class ReferenceCalendar:
    """One calendar: its openings, sorted and merged, and its clock."""

    zones: list[Row]
    openings: list[tuple[int, int]]
    starts: list[int] = field(init=False)
    ends: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = [start for start, _ in self.openings]
        self.ends = [end for _, end in self.openings]

    def open_us(self, start: int, end: int) -> int:
        """Open time between two instants: what each opening shares with them, added up."""
        total = 0
        for number in range(bisect_right(self.ends, start), bisect_left(self.starts, end)):
            opens, closes = self.openings[number]
            total += min(closes, end) - max(opens, start)
        return total

    def reached_at(self, start: int, wanted: int) -> int | None:
        """First instant from `start` on with so much open time behind it; None after the end."""
        if wanted <= 0:
            return start
        for number in range(bisect_right(self.ends, start), len(self.openings)):
            opens, closes = self.openings[number]
            opens = max(opens, start)
            if closes - opens >= wanted:
                return opens + wanted
            wanted -= closes - opens
        return None

    def local(self, instant: int) -> datetime:
        """What the wall clock shows; a zone holds from the midnight of its own first day."""
        shown = from_us(instant).replace(tzinfo=UTC)
        for row in reversed(self.zones):
            local = shown.astimezone(ZoneInfo(row["timezone"])).replace(tzinfo=None)
            if not row.get("valid_from") or date.fromisoformat(row["valid_from"]) <= local.date():
                return local
        raise ValueError(f"no zone of the calendar holds at {shown}")

    def local_date(self, instant: int) -> date:
        return self.local(instant).date()


def read_calendars(seeds: Path, first: date, last: date) -> dict[str, ReferenceCalendar]:
    """Every calendar of the seeds, with its openings on the UTC days first … last.

    A calendar ends where the days of its holiday set are not known yet.
    """
    named: dict[str, list[Row]] = {}
    for row in read_seed(seeds, "calendars"):
        named.setdefault(row["calendar_id"], []).append(row)
    rules = {
        name: read_seed(seeds, name)
        for name in ("calendar_weekly_hours", "calendar_exceptions", "calendar_holiday_hours")
    }
    holidays = {(row["holiday_set"], row["date"]): row for row in read_seed(seeds, "holidays")}
    known = {row["holiday_set"]: row for row in read_seed(seeds, "holiday_sets")}
    bounds = (_midnight(first), _midnight(last) + DAY_US)
    calendars = {}
    for name, zones in named.items():
        own = {seed: [r for r in rows if r["calendar_id"] == name] for seed, rows in rules.items()}
        spans: list[tuple[int, int]] = []
        for number in range(-1, (last - first).days + 2):
            day = first + timedelta(days=number)
            zone = next((row for row in zones if in_force(row, day)), None)
            if zone is not None and _is_known(known.get(zone["holiday_set"], {}), day):
                spans += _openings(own, holidays, zone, day)
        merged = (_within(span, bounds) for span in _merged(sorted(spans)))
        calendars[name] = ReferenceCalendar(zones, [(a, b) for a, b in merged if a < b])
    return calendars


def _midnight(day: date) -> int:
    return to_us(datetime.combine(day, time()))


def _within(span: tuple[int, int], bounds: tuple[int, int]) -> tuple[int, int]:
    return max(span[0], bounds[0]), min(span[1], bounds[1])


def _is_known(holiday_set: Row, day: date) -> bool:
    known = {
        "valid_from": holiday_set.get("known_from", ""),
        "valid_until": holiday_set.get("known_until", ""),
    }
    return in_force(known, day)


def _openings(
    own: Mapping[str, list[Row]], holidays: Mapping[tuple[str, str], Row], zone: Row, day: date
) -> Iterator[tuple[int, int]]:
    """The openings that begin on a local day: exception, make-up day, holiday, weekly hours."""
    holiday = holidays.get((zone["holiday_set"], day.isoformat()))
    exceptions = [row for row in own["calendar_exceptions"] if row["date"] == day.isoformat()]
    weekday = day.isoweekday()
    rows = own["calendar_weekly_hours"]
    if exceptions:
        rows = exceptions
    elif holiday is not None and holiday["kind"] == "workday":
        weekday = int(holiday["works_as_iso_dow"])
    elif holiday is not None:
        rows = own["calendar_holiday_hours"]
    for row in rows:
        if int(row.get("iso_dow", weekday)) != weekday or not in_force(row, day):
            continue
        if row["opens"]:
            opens = _instant(day, row["opens"], ZoneInfo(zone["timezone"]))
            closes = _instant(day, row["closes"], ZoneInfo(zone["timezone"]))
            if closes > opens:
                yield opens, closes


def _instant(day: date, wall: str, zone: ZoneInfo) -> int:
    """The instant a wall clock of the zone shows a time; 30:00 is six in the morning after.

    `fold=0` is the rule of the formulas: a time the clocks skip moves forward by the gap, of a
    time they show twice the first is meant.
    """
    hours, minutes, *seconds = (int(part) for part in wall.split(":"))
    local = datetime.combine(
        day + timedelta(days=hours // 24),
        time(hours % 24, minutes, seconds[0] if seconds else 0),
        tzinfo=zone,
    )
    return to_us(local.astimezone(UTC).replace(tzinfo=None))


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sorted spans without overlap; those that touch become one."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current
