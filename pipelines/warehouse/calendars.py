"""Opening-hours calendars → `reference/business_days.parquet`, one row per calendar and UTC day.

All time-zone work of the warehouse happens here, with zoneinfo, because engines resolve the
gaps and folds of daylight saving differently; SQL afterwards only adds integers. Hours and
holidays themselves are seeds in `dbt_project/seeds`. What is done with the rows is SQL
(`dbt_project/macros/business_time.sql`).
"""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.errors import CalendarError
from pipelines.settings import Settings
from pipelines.warehouse.calendar_seeds import Calendar, Span, read_calendars

MIN_PIECES = 3
_DAY_SECONDS = 86_400
_MICROSECONDS = 1_000_000
_SAMPLE_SECONDS = 6 * 3600  # no zone ever changed its offset twice within six hours


def write_business_days(settings: Settings, start: date, end: date) -> int:
    """Write all calendars for the UTC days start … end, both included.

    Returns the number of pieces per day in the file: at least 3, more if a day needs them;
    dbt gets it as the variable `business_day_pieces`. The file appears whole or not at all.
    """
    if end < start:
        raise CalendarError(f"business days from {start} to {end}: the end lies before the start.")
    rows: list[dict[str, object]] = []
    pieces_by_row: list[list[Span]] = []
    for calendar in read_calendars(settings.dbt_dir / "seeds"):
        for row, pieces in _calendar_rows(calendar, start, end):
            rows.append(row)
            pieces_by_row.append(pieces)
    piece_count = max([MIN_PIECES, *map(len, pieces_by_row)])
    _write_parquet(
        _frame(rows, pieces_by_row, piece_count),
        settings.reference_dir / "business_days.parquet",
    )
    return piece_count


def _frame(
    rows: list[dict[str, object]], pieces_by_row: list[list[Span]], piece_count: int
) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {
        "calendar_id": pl.String(),
        "utc_date": pl.Date(),
        "open_seconds_before": pl.Int64(),
        "offset_before_seconds": pl.Int64(),
        "offset_after_seconds": pl.Int64(),
        "offset_changes_at_us": pl.Int64(),
    }
    for number in range(1, piece_count + 1):
        schema |= {f"piece_{number}_open_us": pl.Int64(), f"piece_{number}_close_us": pl.Int64()}
    for row, pieces in zip(rows, pieces_by_row, strict=True):
        day_us = row.pop("day_us")
        for index in range(piece_count):
            given = index < len(pieces)
            open_us = pieces[index][0] * _MICROSECONDS if given else day_us
            close_us = pieces[index][1] * _MICROSECONDS if given else day_us
            row |= {f"piece_{index + 1}_open_us": open_us, f"piece_{index + 1}_close_us": close_us}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _calendar_rows(
    calendar: Calendar, start: date, end: date
) -> Iterator[tuple[dict[str, object], list[Span]]]:
    """Rows of one calendar without their pieces, and the pieces beside them."""
    by_day = cut_by_utc_day(open_spans(calendar, start, end))
    open_seconds = 0
    for day in _days(start, end):
        day_s = _day_start(day)
        if not calendar.covers(day_s, day_s + _DAY_SECONDS):
            continue
        pieces = by_day.get(day_s, [])
        before, after, changes_at = _offsets_of_day(calendar.zone, day_s)
        row: dict[str, object] = {
            "calendar_id": calendar.calendar_id,
            "utc_date": day,
            "open_seconds_before": open_seconds,
            "offset_before_seconds": before,
            "offset_after_seconds": after,
            "offset_changes_at_us": changes_at * _MICROSECONDS,
            "day_us": day_s * _MICROSECONDS,
        }
        yield row, pieces
        open_seconds += sum(closes - opens for opens, closes in pieces)


def open_spans(calendar: Calendar, start: date, end: date) -> list[Span]:
    """Merged opening spans in seconds since the epoch of local dates around start … end.

    A local time in a daylight-saving gap moves forward by the gap; an ambiguous one is the
    first occurrence.
    """
    spans: list[Span] = []
    for day in _days(start - timedelta(days=3), end + timedelta(days=2)):
        for opens, closes in calendar.spans_on(day):
            span = (_to_utc(day, opens, calendar.zone), _to_utc(day, closes, calendar.zone))
            if span[0] < span[1]:
                spans.append(span)
    return _merge(spans)


def cut_by_utc_day(spans: Iterable[Span]) -> dict[int, list[Span]]:
    """Spans cut at UTC midnights, by the second the day starts."""
    by_day: dict[int, list[Span]] = {}
    for opens, closes in spans:
        at = opens
        while at < closes:
            day_s = at - at % _DAY_SECONDS
            until = min(closes, day_s + _DAY_SECONDS)
            by_day.setdefault(day_s, []).append((at, until))
            at = until
    return by_day


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for opens, closes in sorted(spans):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return merged


def _to_utc(day: date, wall_seconds: int, zone: ZoneInfo) -> int:
    wall = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=wall_seconds)
    return int(wall.replace(tzinfo=zone, fold=0).timestamp())


@cache
def _offsets_of_day(zone: ZoneInfo, day_s: int) -> tuple[int, int, int]:
    """Offset before, offset after, and the second of the change (the day's start if none)."""
    samples = range(day_s, day_s + _DAY_SECONDS + 1, _SAMPLE_SECONDS)
    changes = [
        _change_between(zone, left, right)
        for left, right in pairwise(samples)
        if _offset(zone, left) != _offset(zone, right)
    ]
    changes = [at for at in changes if at < day_s + _DAY_SECONDS]
    if len(changes) > 1:
        raise CalendarError(
            f"time zone {zone.key} changes its offset twice on the UTC day "
            f"{datetime.fromtimestamp(day_s, UTC):%Y-%m-%d}; business_days holds one change a day."
        )
    before = _offset(zone, day_s)
    return (before, _offset(zone, changes[0]), changes[0]) if changes else (before, before, day_s)


def _change_between(zone: ZoneInfo, left: int, right: int) -> int:
    """First second after `left` with the offset that holds at `right`."""
    new = _offset(zone, right)
    while right - left > 1:
        middle = (left + right) // 2
        left, right = (left, middle) if _offset(zone, middle) == new else (middle, right)
    return right


def _offset(zone: ZoneInfo, at_s: int) -> int:
    offset = datetime.fromtimestamp(at_s, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _days(start: date, end: date) -> Iterator[date]:
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _day_start(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.building")
    frame.write_parquet(building)
    with building.open("rb") as file:
        os.fsync(file.fileno())
    building.replace(path)
