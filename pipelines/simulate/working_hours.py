"""Days and working hours of the simulated company, as staff keep them.

The warehouse does not use this module: its calendars are seeds. Times are seconds of local
wall-clock time since 1970-01-01; China has kept one offset without summer time since 1991.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import chinese_calendar  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.company import DAY, HOUR, SERVICES

Seconds = NDArray[np.int64]

LAST_KNOWN_YEAR = max(day.year for day in chinese_calendar.constants.holidays)
FIRST_KNOWN_YEAR = min(day.year for day in chinese_calendar.constants.holidays)
EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=number)


@cache
def festival(day: date) -> str | None:
    """English name of the public holiday a day off belongs to; None on all other days."""
    if not FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR:
        return None
    is_off, name = chinese_calendar.get_holiday_detail(day)
    return name if is_off else None


@cache
def is_workday(day: date) -> bool:
    """Whether offices work, make-up days included; Monday to Friday where no notice is known."""
    if not FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR:
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))


def open_hours(calendar: str, day: date) -> tuple[tuple[float, float], ...]:
    """Opening hours of one day as pairs of hours."""
    holiday = festival(day)
    if calendar == "cn_mall":
        return ((10, 22),)
    if calendar == "cn_hospital":
        return ((8, 12),) if holiday else ((8, 17.5),)
    if calendar == "cn_library":
        first_of_holiday = holiday is not None and festival(day - timedelta(days=1)) != holiday
        return () if day.weekday() == 0 or first_of_holiday else ((9, 21),)
    if calendar == "cn_office":
        return ((9, 12), (13.5, 18)) if is_workday(day) else ()
    return ((0, 24),)


@dataclass(frozen=True)
class WorkingHours:
    """Open intervals in order; `opened` is the open time before each interval."""

    starts: Seconds
    ends: Seconds
    opened: Seconds

    def add(self, instants: Seconds, open_seconds: Seconds) -> Seconds:
        """The instants that lie `open_seconds` of open time after `instants`."""
        index = np.clip(np.searchsorted(self.starts, instants, side="right") - 1, 0, None)
        into = np.clip(np.minimum(instants, self.ends[index]) - self.starts[index], 0, None)
        target = self.opened[index] + into + open_seconds
        reached = self.opened + (self.ends - self.starts)
        found = np.minimum(np.searchsorted(reached, target), len(self.starts) - 1)
        result = self.starts[found] + np.minimum(target, reached[found]) - self.opened[found]
        later: Seconds = np.maximum(result, instants)
        return later


def working_hours(calendar: str, first: date, last: date) -> WorkingHours:
    """The open intervals of a calendar from `first` to `last`."""
    spans = [
        (day * DAY + round(opens * HOUR), day * DAY + round(closes * HOUR))
        for day in range(day_number(first), day_number(last) + 1)
        for opens, closes in open_hours(calendar, day_of(day))
    ]
    starts, ends = (np.array(bounds, dtype=np.int64) for bounds in zip(*spans, strict=True))
    lengths = ends - starts
    return WorkingHours(starts, ends, np.cumsum(lengths) - lengths)


@dataclass(frozen=True)
class Clocks:
    """The working hours of every service, addressed by service index."""

    hours: tuple[WorkingHours, ...]
    of_service: NDArray[np.int64]

    def add(self, services: NDArray[np.int64], instants: Seconds, open_seconds: Seconds) -> Seconds:
        """`WorkingHours.add` for rows of many services; the last axis may hold several offsets."""
        result = np.empty(np.broadcast_shapes(instants.shape, open_seconds.shape), dtype=np.int64)
        row_calendar = self.of_service[services]
        for index, hours in enumerate(self.hours):
            rows = row_calendar == index
            result[rows] = hours.add(instants[rows], open_seconds[rows])
        return result


def service_clocks(first: date, last: date) -> Clocks:
    """Clocks of all services, good for work that ends by `last`."""
    names = sorted({service.calendar for service in SERVICES})
    return Clocks(
        tuple(working_hours(name, first, last) for name in names),
        np.array([names.index(service.calendar) for service in SERVICES], dtype=np.int64),
    )
