"""A calendar date by date, as a person reviews it: open pieces on its own clock, and why."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

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
