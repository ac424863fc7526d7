"""Business time second by second, written from the definitions and not from the product.

It goes from UTC to the wall clock and never back: a piece opens at the first second whose clock
shows its opening, or, where clocks leapt over that time, as much later as they leapt. It reads
seed rows itself and shares no line with `pipelines`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Rows = Sequence[Mapping[str, str]]
Seeds = Mapping[str, Rows]

_DAY = 86_400
_STEP = 30  # since 1970 every change of clocks fell on a half minute of UTC
_REACH_DAYS = 3


def open_seconds(seeds: Seeds, calendar_id: str, start: date, days: int) -> NDArray[np.bool_]:
    """Whether the calendar is open, for every second of `days` UTC days from `start`."""
    is_open = np.zeros(days * _DAY, dtype=bool)
    for version in _of(seeds, "calendars", calendar_id):
        wall = _wall(version["timezone"], start, days)
        shown = set((wall[::_STEP] // _DAY).tolist())
        for number in range(-_REACH_DAYS, days + _REACH_DAYS):
            day = start + timedelta(days=number)
            midnight = _epoch(day)
            if midnight // _DAY not in shown or not _speaks(seeds, version, day):
                continue
            for opens, closes in _pieces(seeds, version, day):
                left, right = (_first(wall, midnight + at) for at in (opens, closes))
                left, right = (at - _REACH_DAYS * _DAY for at in (left, right))
                is_open[max(left, 0) : max(right, 0)] = True
    return is_open


def _first(wall: NDArray[np.int64], shown: int) -> int:
    """Index of the first second whose clock shows a time; later by the leap if none does."""
    found = np.flatnonzero(wall == shown)
    if len(found):
        return int(found[0])
    leaps = np.flatnonzero((wall[:-1] < shown) & (wall[1:] > shown))
    if not len(leaps):
        return 0 if shown < wall[0] else len(wall)
    leap = int(wall[leaps[0] + 1] - wall[leaps[0]] - 1)
    return int(np.flatnonzero(wall == shown + leap)[0])


@lru_cache(maxsize=16)
def _wall(zone: str, start: date, days: int) -> NDArray[np.int64]:
    """Clock of the zone, as seconds since 1970-01-01 local, for every second around the days."""
    first = _epoch(start) - _REACH_DAYS * _DAY
    length = (days + 2 * _REACH_DAYS) * _DAY
    with resources.files("tzdata.zoneinfo").joinpath(*zone.split("/")).open("rb") as file:
        rules = ZoneInfo.from_file(file)
    offsets = []
    for at in range(first, first + length, _STEP):
        offset = datetime.fromtimestamp(at, rules).utcoffset()
        assert offset is not None
        offsets.append(int(offset.total_seconds()))
    seconds: NDArray[np.int64] = np.arange(first, first + length, dtype=np.int64)
    return seconds + np.repeat(np.array(offsets, dtype=np.int64), _STEP)


def _speaks(seeds: Seeds, version: Mapping[str, str], day: date) -> bool:
    if not _holds(version, day):
        return False
    known = [s for s in seeds["holiday_sets"] if s["holiday_set"] == version.get("holiday_set")]
    return all(_holds(row, day, "known") for row in known)


def _pieces(seeds: Seeds, version: Mapping[str, str], day: date) -> list[tuple[int, int]]:
    calendar_id, holiday_set = version["calendar_id"], version.get("holiday_set")
    special = [
        row
        for row in seeds.get("holidays", [])
        if row["holiday_set"] == holiday_set and row["date"] == str(day)
    ]
    excepted = [
        row for row in _of(seeds, "calendar_exceptions", calendar_id) if row["date"] == str(day)
    ]
    if excepted:
        rows = [row for row in excepted if row.get("opens")]
    elif any(row["kind"] == "workday" for row in special):
        rows = _on_weekday(seeds, calendar_id, int(special[0]["works_as_iso_dow"]), day)
    elif special:
        rows = [r for r in _of(seeds, "calendar_holiday_hours", calendar_id) if _holds(r, day)]
    else:
        rows = _on_weekday(seeds, calendar_id, day.isoweekday(), day)
    return [(_seconds(row["opens"]), _seconds(row["closes"])) for row in rows]


def _on_weekday(seeds: Seeds, calendar_id: str, iso_dow: int, day: date) -> list[Mapping[str, str]]:
    rows = _of(seeds, "calendar_weekly_hours", calendar_id)
    return [row for row in rows if int(row["iso_dow"]) == iso_dow and _holds(row, day)]


def _holds(row: Mapping[str, str], day: date, prefix: str = "valid") -> bool:
    since, until = row.get(f"{prefix}_from") or "0001-01-01", row.get(f"{prefix}_until") or "9999"
    return since <= str(day) < until


def _of(seeds: Seeds, name: str, calendar_id: str) -> list[Mapping[str, str]]:
    return [row for row in seeds.get(name, []) if row["calendar_id"] == calendar_id]


def _seconds(text: str) -> int:
    hours, minutes, *seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
