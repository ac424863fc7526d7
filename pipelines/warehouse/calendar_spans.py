"""When a calendar is open, as seconds since the epoch, and what its clock shows.

All time-zone work of the warehouse happens here, with zoneinfo, because engines resolve the
gaps and folds of daylight saving differently; SQL afterwards only adds integers.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from pipelines.errors import CalendarError
from pipelines.warehouse.calendar_seeds import DAY_SECONDS, Calendar, Span

# No zone changed its offset twice within six hours since 1970; a test reads them all. On the day
# a calendar moves to another zone its clock may.
_SAMPLE_SECONDS = 6 * 3600
_MOVING_SAMPLE_SECONDS = 15 * 60
_FOREVER = 10**12

Clock = tuple[tuple[int, ZoneInfo], ...]
"""Zones by the second from which each is in force, in order of time."""


def open_spans(versions: Sequence[Calendar], start: date, end: date) -> list[Span]:
    """Merged opening spans of all versions of a calendar on local dates around start … end.

    A local time in a daylight-saving gap moves forward by the gap; an ambiguous one is the
    first occurrence; a local date that a zone left out (Samoa, 2011-12-30) has no hours.
    """
    spans: list[Span] = []
    for version in versions:
        first = max(start - timedelta(days=3), version.known_from)
        last = min(end + timedelta(days=2), version.known_until - timedelta(days=1))
        for day in _days(first, last):
            pieces = version.spans_on(day)
            if not pieces or not _exists(day, version.zone):
                continue
            for opens, closes in pieces:
                span = (to_utc(day, opens, version.zone), to_utc(day, closes, version.zone))
                if span[0] < span[1]:
                    spans.append(span)
    return _merge(spans)


def known_span(versions: Sequence[Calendar]) -> Span:
    """The seconds a calendar speaks for: whole local days with known holidays.

    The night of the day before the first known one is unknown too, where hours cross midnight.
    """
    first, last = versions[0], versions[-1]
    begins = first.known_from
    if begins > date.min and first.crosses_midnight:
        begins += timedelta(days=1)
    return (
        to_utc(begins, 0, first.zone) if begins > date.min else -_FOREVER,
        to_utc(last.known_until, 0, last.zone) if last.known_until < date.max else _FOREVER,
    )


def clock(versions: Sequence[Calendar]) -> Clock:
    """The zones of a calendar; a new one is in force from its own midnight."""
    return tuple(
        (to_utc(version.known_from, 0, version.zone) if number else -_FOREVER, version.zone)
        for number, version in enumerate(versions)
    )


@cache
def offsets_of_day(zones: Clock, day_s: int) -> tuple[int, int, int]:
    """Offset before, offset after, and the second of the change (the day's start if none)."""
    is_moving = any(0 <= since - day_s <= DAY_SECONDS for since, _ in zones)
    step = _MOVING_SAMPLE_SECONDS if is_moving else _SAMPLE_SECONDS
    samples = range(day_s, day_s + DAY_SECONDS + 1, step)
    offsets = [_offset(zones, at) for at in samples]
    changes = [
        _change_between(zones, left, right)
        for (left, right), (old, new) in zip(pairwise(samples), pairwise(offsets), strict=True)
        if old != new
    ]
    changes = [at for at in changes if at < day_s + DAY_SECONDS]
    if len(changes) > 1:
        names = " / ".join(zone.key for _, zone in zones)
        raise CalendarError(
            f"time zone {names} changes its offset twice on the UTC day "
            f"{datetime.fromtimestamp(day_s, UTC):%Y-%m-%d}; business_days holds one change a "
            "day: let the new zone of the calendar begin a day earlier or later."
        )
    return (
        (offsets[0], _offset(zones, changes[0]), changes[0])
        if changes
        else (
            offsets[0],
            offsets[0],
            day_s,
        )
    )


def to_utc(day: date, wall_seconds: int, zone: ZoneInfo) -> int:
    """Second since the epoch of a local wall time, which may lie past midnight."""
    wall = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=wall_seconds)
    return int(wall.replace(tzinfo=zone, fold=0).timestamp())


def _exists(day: date, zone: ZoneInfo) -> bool:
    return datetime.fromtimestamp(to_utc(day, 0, zone), zone).date() == day


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for opens, closes in sorted(spans):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return merged


def _change_between(zones: Clock, left: int, right: int) -> int:
    """First second after `left` with the offset that holds at `right`."""
    new = _offset(zones, right)
    while right - left > 1:
        middle = (left + right) // 2
        left, right = (left, middle) if _offset(zones, middle) == new else (middle, right)
    return right


def _offset(zones: Clock, at_s: int) -> int:
    zone = next(zone for since, zone in reversed(zones) if since <= at_s)
    offset = datetime.fromtimestamp(at_s, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _days(start: date, end: date) -> Iterator[date]:
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        yield date.fromordinal(ordinal)
