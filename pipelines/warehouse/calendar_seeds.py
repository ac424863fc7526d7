"""Opening-hours calendars as the seeds state them, read into objects.

Only what a calendar says about a local date belongs here; turning that into instants is
`pipelines/warehouse/calendars.py`. The seeds in `dbt_project/seeds` are the home of hours,
holidays and exceptions; nothing about a particular calendar is written in Python.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.errors import CalendarError

Span = tuple[int, int]
"""Half-open pair of seconds: of local wall time since midnight, or since the epoch."""

Row = dict[str, str]


@dataclass(frozen=True)
class Hours:
    """An opening piece in local wall time, in force on dates in [valid_from, valid_until)."""

    span: Span
    iso_dow: int | None = None
    valid_from: date = date.min
    valid_until: date = date.max


@dataclass(frozen=True)
class Calendar:
    """When a service is open. Exceptions beat make-up days beat holidays beat weekly hours."""

    calendar_id: str
    zone: ZoneInfo
    weekly: tuple[Hours, ...]
    exceptions: Mapping[date, tuple[Span, ...]]
    holidays: frozenset[date] = frozenset()
    holiday_hours: tuple[Hours, ...] = ()
    make_up_days: Mapping[date, int] | None = None
    known_from: date = date.min
    known_until: date = date.max

    def spans_on(self, day: date) -> list[Span]:
        """Opening pieces of a local date, in seconds since its midnight."""
        if day in self.exceptions:
            return list(self.exceptions[day])
        iso_dow = (self.make_up_days or {}).get(day)
        if iso_dow is None and day in self.holidays:
            hours: Iterable[Hours] = self.holiday_hours
        else:
            wanted = iso_dow or day.isoweekday()
            hours = (h for h in self.weekly if h.iso_dow == wanted)
        return [h.span for h in hours if h.valid_from <= day < h.valid_until]

    def covers(self, start_s: int, end_s: int) -> bool:
        """Whether every local date touched by [start_s, end_s) lies in the known range."""
        first = datetime.fromtimestamp(start_s, self.zone).date()
        last = datetime.fromtimestamp(end_s - 1, self.zone).date()
        return self.known_from <= first and last < self.known_until


def read_calendars(seeds_dir: Path) -> list[Calendar]:
    """Every calendar of the seeds, in their order; raises CalendarError for a broken seed."""
    weekly = _read(seeds_dir / "calendar_weekly_hours.csv")
    exceptions = _read(seeds_dir / "calendar_exceptions.csv")
    holiday_hours = _read(seeds_dir / "calendar_holiday_hours.csv")
    holidays = _read(seeds_dir / "holidays.csv")
    rows = _read(seeds_dir / "calendars.csv")
    known = {row["calendar_id"] for row in rows}
    for row in (*weekly, *exceptions, *holiday_hours):
        if row["calendar_id"] not in known:
            raise CalendarError(
                f"calendar '{row['calendar_id']}' has hours in {seeds_dir} but no row in "
                "calendars.csv; add it there or remove its hours."
            )
    return [_calendar(row, weekly, exceptions, holiday_hours, holidays) for row in rows]


def _calendar(
    row: Row,
    weekly: list[Row],
    exceptions: list[Row],
    holiday_hours: list[Row],
    holidays: list[Row],
) -> Calendar:
    calendar_id, holiday_set = row["calendar_id"], row["holiday_set"]
    special = [h for h in holidays if holiday_set and h["holiday_set"] == holiday_set]
    closed_or_special: dict[date, tuple[Span, ...]] = {}
    for exception in (e for e in exceptions if e["calendar_id"] == calendar_id):
        day = date.fromisoformat(exception["date"])
        pieces = (_span(exception),) if exception["opens"] or exception["closes"] else ()
        closed_or_special[day] = closed_or_special.get(day, ()) + pieces
    return Calendar(
        calendar_id=calendar_id,
        zone=_zone(row),
        weekly=tuple(_hours(h) for h in weekly if h["calendar_id"] == calendar_id),
        exceptions=closed_or_special,
        holidays=frozenset(
            date.fromisoformat(h["date"]) for h in special if h["kind"] == "holiday"
        ),
        holiday_hours=tuple(_hours(h) for h in holiday_hours if h["calendar_id"] == calendar_id),
        make_up_days={
            date.fromisoformat(h["date"]): int(h["works_as_iso_dow"])
            for h in special
            if h["kind"] == "workday"
        },
        known_from=_date_or(row["known_from"], date.min),
        known_until=_date_or(row["known_until"], date.max),
    )


def _hours(row: Row) -> Hours:
    return Hours(
        span=_span(row),
        iso_dow=int(row["iso_dow"]) if "iso_dow" in row else None,
        valid_from=_date_or(row["valid_from"], date.min),
        valid_until=_date_or(row["valid_until"], date.max),
    )


def _span(row: Row) -> Span:
    opens, closes = _wall_seconds(row["opens"]), _wall_seconds(row["closes"])
    if not 0 <= opens < closes:
        raise CalendarError(
            f"calendar '{row['calendar_id']}' opens {row['opens']!r} and closes "
            f"{row['closes']!r}: closing must follow opening; write 30:00 for six in the "
            "morning of the next day."
        )
    return opens, closes


def _wall_seconds(text: str) -> int:
    """Seconds since local midnight of `HH:MM` or `HH:MM:SS`; hours may exceed 24."""
    try:
        hours, minutes, *rest = (int(part) for part in text.split(":"))
    except ValueError as error:
        raise CalendarError(
            f"'{text}' in a calendar seed is no time of day; write HH:MM."
        ) from error
    return hours * 3600 + minutes * 60 + (rest[0] if rest else 0)


def _zone(row: Row) -> ZoneInfo:
    try:
        return ZoneInfo(row["timezone"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CalendarError(
            f"calendar '{row['calendar_id']}' names the time zone {row['timezone']!r}, which "
            "does not exist; use an IANA name such as Asia/Shanghai."
        ) from error


def _date_or(text: str, default: date) -> date:
    return date.fromisoformat(text) if text else default


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
