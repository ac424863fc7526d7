"""Calendars as a person reads them: date by date on their clock, and where they end too soon."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from pipelines.errors import CalendarError
from pipelines.warehouse.calendar_seeds import Calendar, Span, read_calendars
from pipelines.warehouse.calendar_spans import open_spans, to_utc

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class LocalDay:
    """What is open on a local date, in seconds since the epoch; `version` is None if unknown."""

    date: date
    version: Calendar | None
    spans: tuple[Span, ...] = ()

    @property
    def open_seconds(self) -> int:
        """Seconds open on the date, as they are lived."""
        return sum(closes - opens for opens, closes in self.spans)

    def line(self) -> str:
        """One line for a person."""
        start = f"{self.date} {_WEEKDAYS[self.date.weekday()]}"
        if self.version is None:
            return f"{start}  not known: no holidays are published for this date"
        zone = self.version.zone
        ends = ((self._time(opens, zone), self._time(closes, zone)) for opens, closes in self.spans)
        pieces = "  ".join(map("-".join, ends)) or "closed"
        hours = f"{self.open_seconds / 3600:5.2f} h"
        return f"{start}  {zone.key}  {hours}  {pieces}  {_why(self.version, self.date)}".rstrip()

    def _time(self, at_s: int, zone: ZoneInfo) -> str:
        local = datetime.fromtimestamp(at_s, zone)
        return "24:00" if local.date() > self.date else f"{local:%H:%M}"


def _why(version: Calendar, day: date) -> str:
    if day in version.exceptions:
        return "(exception)"
    works_as = (version.make_up_days or {}).get(day)
    if works_as:
        return f"(make-up day, works as {_WEEKDAYS[works_as - 1]})"
    return "(holiday)" if day in version.holidays else ""


def local_days(seeds_dir: Path, calendar_id: str, start: date, end: date) -> list[LocalDay]:
    """The local dates start … end of a calendar, both included."""
    calendars = read_calendars(seeds_dir)
    if calendar_id not in calendars:
        raise CalendarError(
            f"there is no calendar '{calendar_id}'; calendars.csv has {', '.join(calendars)}."
        )
    spans = open_spans(calendars[calendar_id], start, end)
    return [
        _local_day(calendars[calendar_id], spans, start + timedelta(days=number))
        for number in range((end - start).days + 1)
    ]


def _local_day(versions: list[Calendar], spans: list[Span], day: date) -> LocalDay:
    for version in versions:
        if version.known_from <= day < version.known_until:
            first, last = (to_utc(at, 0, version.zone) for at in (day, day + timedelta(days=1)))
            clipped = ((max(opens, first), min(closes, last)) for opens, closes in spans)
            return LocalDay(day, version, tuple(span for span in clipped if span[0] < span[1]))
    return LocalDay(day, None)


_GAPS = """
select calendar_id, needed_from_date, needed_until_date, covered_from_date, covered_until_date
from intermediate.int_calendars__used where not is_covered order by calendar_id
"""


def calendar_gaps(working_path: Path) -> list[str]:
    """One sentence per calendar in use that does not speak for every day a build needs."""
    try:
        with duckdb.connect(str(working_path), read_only=True) as connection:
            rows = connection.execute(_GAPS).fetchall()
    except (duckdb.CatalogException, duckdb.IOException):
        return []  # the build stopped before it looked at calendars
    return [_gap(*row) for row in rows]


def _gap(
    calendar_id: str,
    needed_from: date | None,
    needed_until: date,
    covered_from: date | None,
    covered_until: date | None,
) -> str:
    if covered_from is None or covered_until is None:
        return (
            f"calendar '{calendar_id}' is in use but speaks for no day of the data; add it to "
            "calendars.csv, or correct its valid dates there and the known dates of its holidays "
            "in holiday_sets.csv."
        )
    if covered_until < needed_until:
        return (
            f"calendar '{calendar_id}' ends on {covered_until} but is needed until "
            f"{needed_until}, 90 days after the newest extract; run `kpi calendars refresh`, or "
            "find out its holidays and lengthen known_until in holiday_sets.csv (valid_until in "
            "calendars.csv)."
        )
    return (
        f"calendar '{calendar_id}' begins on {covered_from} but is needed from {needed_from}, its "
        "first event; lengthen known_from in holiday_sets.csv (valid_from in calendars.csv) and "
        "run `kpi calendars refresh`."
    )
