"""Periods of days relative to the snapshot's data time, and what each is compared with.

No clock is read here: today is the day the data ends.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.metrics.model import Grain

PRESETS = ("yesterday", "last_7d", "last_4w", "last_13w", "mtd", "last_month", "ytd")
DEFAULT_PRESET = "last_4w"
SPARKLINE_POINTS = 13
_DAY = timedelta(days=1)
_WEEKS_OF_YEAR = timedelta(weeks=52)
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


EVER = Period(date(1900, 1, 1), date(2999, 12, 31))  # for what is open now, whenever it began


def last_full_day(as_of: datetime, timezone: str) -> date:
    """The last day that had wholly passed at `as_of`; 23:59:59 counts as the day's end."""
    local = as_of.astimezone(ZoneInfo(timezone)) + timedelta(seconds=1)
    return local.date() - _DAY


def resolve(code: str, last_day: date) -> Period | None:
    """The days a period code of the URL stands for; None where the code is not one."""
    match = _RANGE.fullmatch(code)
    if match:
        return _explicit(match[1], match[2])
    month_start = last_day.replace(day=1)
    sunday = last_day - timedelta(days=(last_day.weekday() + 1) % 7)
    return {
        "yesterday": Period(last_day, last_day),
        "last_7d": Period(last_day - 6 * _DAY, last_day),
        "last_4w": Period(sunday - 27 * _DAY, sunday),
        "last_13w": Period(sunday - 90 * _DAY, sunday),
        "mtd": Period(month_start, last_day),
        "last_month": _last_full_month(last_day),
        "ytd": Period(last_day.replace(month=1, day=1), last_day),
    }.get(code)


def period_code(period: Period) -> str:
    """The code of the URL for these very days."""
    return "..".join((str(period.start), str(period.end)))


def previous(code: str, period: Period) -> Period:
    """The like period before: the same number of days, or of the month or year before."""
    if code == "last_month":
        return _last_full_month(period.start - _DAY)
    if code == "mtd":
        start = (period.start - _DAY).replace(day=1)
        return Period(start, min(start + (period.days - 1) * _DAY, period.start - _DAY))
    if code == "ytd":
        start = period.start.replace(year=period.start.year - 1)
        return Period(start, start + (period.days - 1) * _DAY)
    return Period(period.start - period.days * _DAY, period.start - _DAY)


def previous_year(code: str, period: Period) -> Period:
    """The like period a year before: the same weekdays, or the same dates of months and years."""
    if code == "last_month":
        start = _year_before(period.start)
        return Period(start, bucket_end(start, "month"))
    if code in ("mtd", "ytd"):
        return Period(_year_before(period.start), _year_before(period.end))
    return Period(period.start - _WEEKS_OF_YEAR, period.end - _WEEKS_OF_YEAR)


def auto_grain(period: Period) -> Grain:
    """Grain that gives a chart of this period some 7 to 40 points."""
    if period.days <= 35:
        return "day"
    return "week" if period.days <= 200 else "month"


def sparkline_span(period: Period, last_day: date) -> tuple[Grain, Period]:
    """The last 13 full buckets up to the period's end, in a grain that fits its length."""
    end = min(period.end, last_day)
    if period.days <= 7:
        return "day", Period(end - (SPARKLINE_POINTS - 1) * _DAY, end)
    if period.days <= 91 and period != _last_full_month(period.end):
        sunday = end - timedelta(days=(end.weekday() + 1) % 7)
        return "week", Period(sunday - timedelta(days=7 * SPARKLINE_POINTS - 1), sunday)
    last = _last_full_month(end)
    start = last.start
    for _ in range(SPARKLINE_POINTS - 1):
        start = (start - _DAY).replace(day=1)
    return "month", Period(start, last.end)


def bucket_end(start: date, grain: Grain) -> date:
    """Last day of the bucket that begins at `start`."""
    if grain == "day":
        return start
    if grain == "week":
        return start + 6 * _DAY
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, 1) - _DAY


def buckets(first: date, end: date, grain: Grain) -> list[date]:
    """First days of the buckets from the one that begins at `first` to the one that holds `end`."""
    found = [first]
    while (following := bucket_end(found[-1], grain) + _DAY) <= end:
        found.append(following)
    return found


def _explicit(start: str, end: str) -> Period | None:
    try:
        period = Period(date.fromisoformat(start), date.fromisoformat(end))
    except ValueError:
        return None
    return period if period.start <= period.end else None


def _year_before(day: date) -> date:
    """The same date a year before; of 29 February the day before it."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def _last_full_month(last_day: date) -> Period:
    after = last_day + _DAY
    end = after.replace(day=1) - _DAY
    return Period(end.replace(day=1), end)
