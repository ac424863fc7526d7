"""Opening-hours calendars as the seeds state them, read into objects.

Only what a calendar says about a local date belongs here; turning that into instants is
`pipelines/warehouse/calendars.py`. The seeds in `dbt_project/seeds` are the home of hours,
holidays and exceptions; nothing about a particular calendar is written in Python.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.errors import CalendarError

Span = tuple[int, int]
"""Half-open pair of seconds: of local wall time since midnight, or since the epoch."""

Row = dict[str, str]

DAY_SECONDS = 86_400
_LATEST_CLOSE = 2 * DAY_SECONDS


@dataclass(frozen=True)
class Hours:
    """An opening piece in local wall time, in force on dates in [valid_from, valid_until)."""

    span: Span
    iso_dow: int | None = None
    valid_from: date = date.min
    valid_until: date = date.max


@dataclass(frozen=True)
class Calendar:
    """When a service is open, on local dates in [known_from, known_until) of one time zone.

    Exceptions beat make-up days beat holidays beat weekly hours. Hours that cross midnight
    belong to the date on which they begin.
    """

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

    @property
    def crosses_midnight(self) -> bool:
        """Whether hours of one date may reach into the next."""
        spans = [hours.span for hours in (*self.weekly, *self.holiday_hours)]
        spans += [span for pieces in self.exceptions.values() for span in pieces]
        return any(closes > DAY_SECONDS for _, closes in spans)


@dataclass(frozen=True)
class _Seeds:
    """Rows of the seed files, by what they speak of."""

    weekly: Mapping[str, list[Row]]
    exceptions: Mapping[str, list[Row]]
    holiday_hours: Mapping[str, list[Row]]
    holiday_sets: Mapping[str, Row]
    holidays: Mapping[str, list[Row]]


def read_calendars(seeds_dir: Path) -> dict[str, list[Calendar]]:
    """Every calendar of the seeds, in their order; raises CalendarError for a broken seed.

    A calendar has one version per row of calendars.csv, in order of time: its zone or its set of
    holidays may change on a date.
    """
    rows = _by(read_rows(seeds_dir / "calendars.csv"), "calendar_id")
    hours = {
        name: _by(read_rows(seeds_dir / f"calendar_{name}.csv"), "calendar_id")
        for name in ("weekly_hours", "exceptions", "holiday_hours")
    }
    for calendar_id in (calendar_id for by_id in hours.values() for calendar_id in by_id):
        if calendar_id not in rows:
            raise CalendarError(
                f"calendar '{calendar_id}' has hours in {seeds_dir} but no row in "
                "calendars.csv; add it there or remove its hours."
            )
    seeds = _Seeds(
        hours["weekly_hours"],
        hours["exceptions"],
        hours["holiday_hours"],
        {row["holiday_set"]: row for row in read_rows(seeds_dir / "holiday_sets.csv")},
        _by(read_rows(seeds_dir / "holidays.csv"), "holiday_set"),
    )
    return {
        calendar_id: _joined([_calendar(row, seeds) for row in versions])
        for calendar_id, versions in rows.items()
    }


def _joined(versions: list[Calendar]) -> list[Calendar]:
    versions = sorted(versions, key=lambda version: version.known_from)
    for earlier, later in pairwise(versions):
        if earlier.known_until != later.known_from:
            raise CalendarError(
                f"calendar '{later.calendar_id}' is known until {earlier.known_until} and again "
                f"from {later.known_from}: its rows in calendars.csv, and the dates its holidays "
                "are known for, must follow one another without a gap or an overlap."
            )
    return versions


def _calendar(row: Row, seeds: _Seeds) -> Calendar:
    calendar_id, holiday_set = row["calendar_id"], row["holiday_set"]
    if holiday_set and holiday_set not in seeds.holiday_sets:
        raise CalendarError(
            f"calendar '{calendar_id}' keeps the holidays of '{holiday_set}', which has no row "
            "in holiday_sets.csv; add one with the dates it is known for."
        )
    known = seeds.holiday_sets.get(holiday_set, {"known_from": "", "known_until": ""})
    known_from = max(_date_or(text, date.min) for text in (row["valid_from"], known["known_from"]))
    known_until = min(
        _date_or(text, date.max) for text in (row["valid_until"], known["known_until"])
    )
    special = seeds.holidays.get(holiday_set, [])
    exceptions: dict[date, tuple[Span, ...]] = {}
    for exception in seeds.exceptions.get(calendar_id, []):
        day = date.fromisoformat(exception["date"])
        pieces = (_span(exception),) if exception["opens"] or exception["closes"] else ()
        exceptions[day] = exceptions.get(day, ()) + pieces
    return Calendar(
        calendar_id=calendar_id,
        zone=_zone_of(row),
        weekly=tuple(map(_hours, seeds.weekly.get(calendar_id, []))),
        exceptions=exceptions,
        holidays=frozenset(
            date.fromisoformat(h["date"]) for h in special if h["kind"] == "holiday"
        ),
        holiday_hours=tuple(map(_hours, seeds.holiday_hours.get(calendar_id, []))),
        make_up_days={
            date.fromisoformat(h["date"]): int(h["works_as_iso_dow"])
            for h in special
            if h["kind"] == "workday"
        },
        known_from=known_from,
        known_until=known_until,
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
    if not 0 <= opens < closes <= _LATEST_CLOSE:
        raise CalendarError(
            f"calendar '{row['calendar_id']}' opens {row['opens']!r} and closes "
            f"{row['closes']!r}: closing must follow opening, by the end of the next day; write "
            "30:00 for six in the morning of the next day."
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
    seconds = rest[0] if rest else 0
    if not (0 <= minutes < 60 and 0 <= seconds < 60):
        raise CalendarError(f"'{text}' in a calendar seed is no time of day; write HH:MM.")
    return hours * 3600 + minutes * 60 + seconds


@cache
def _zone(name: str) -> ZoneInfo:
    """The zone by the rules of the installed tzdata: the system's own may be older or newer."""
    with resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def _zone_of(row: Row) -> ZoneInfo:
    try:
        return _zone(row["timezone"])
    except (OSError, ValueError) as error:
        raise CalendarError(
            f"calendar '{row['calendar_id']}' names the time zone {row['timezone']!r}, which "
            "does not exist; use an IANA name such as Asia/Shanghai."
        ) from error


def _date_or(text: str, default: date) -> date:
    return date.fromisoformat(text) if text else default


def read_rows(path: Path) -> list[Row]:
    """Rows of a seed as they stand in its file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups
