"""Figures as rows of a chart: where each stands, what it says, and the sentence they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboards.cards import value_text
from dashboards.data import Point, View
from dashboards.periods import bucket_end, buckets
from dashboards.units import MISSING, format_value
from pipelines.metrics.model import Grain
from pipelines.metrics.shares import pareto


@dataclass(frozen=True)
class Row:
    """One mark: its place on the axis, its series, its value and how that is written.

    `low` and `high` are the bounds of an interval, or a second measure where a chart says so;
    `code` is what a click on the mark means; `is_small` says that few cases are behind it.
    """

    place: date | str
    series: str
    value: float | None
    text: str
    n: str
    is_partial: bool = False
    low: float | None = None
    high: float | None = None
    code: str = ""
    denominator: float | None = None
    is_small: bool = False


def rows_by_period(view: View, points: Sequence[Point], series: str, grain: Grain) -> list[Row]:
    """Rows of a trend; a bucket that the period or the data cut off is marked as partial.

    A bucket without a figure has a row without a value: missing is not zero, and not skipped.
    """
    end = min(view.period.end, view.last_day)
    found = {point.period: point for point in points if point.period is not None}
    if not found:
        return []
    rows = []
    for start in buckets(min(found), max(end, max(found)), grain):
        partial = start < view.period.start or bucket_end(start, grain) > end
        if start in found:
            rows.append(_row(view, found[start], start, series, partial))
        else:
            rows.append(Row(start, series, None, MISSING, "", partial))
    return rows


def rows_by_member(view: View, points: Sequence[Point], dimension: str, series: str) -> list[Row]:
    """Rows of bars, one per member of a dimension."""
    return [_row(view, p, view.member(dimension, p.members[0]), series, False) for p in points]


def rows_by_pair(view: View, points: Sequence[Point], dimensions: tuple[str, str]) -> list[Row]:
    """Rows of a heat map: the first dimension down the side, the second across."""
    down, across = dimensions
    return [
        _row(view, p, view.member(down, p.members[0]), view.member(across, p.members[1]), False)
        for p in points
    ]


def rows_of_shares(view: View, points: Sequence[Point], dimension: str, limit: int) -> list[Row]:
    """Rows of a Pareto chart: the share as value, the running share as `high`, both in words."""
    found = pareto(
        pl.DataFrame(
            {
                "member": [point.members[0] for point in points],
                "count": [point.figure.value for point in points],
            },
            schema_overrides={"member": pl.String, "count": pl.Float64},
        )
    )
    texts = view.texts
    return [
        Row(
            place=view.member(dimension, row["member"]),
            series=texts("words.running_share"),
            value=row["share"],
            text=texts(
                "words.pareto",
                count=format_value(row["count"], "count", texts),
                running=format_value(row["cumulative_share"], "ratio", texts),
            ),
            n="",
            high=row["cumulative_share"],
        )
        for row in found.head(limit).to_dicts()
    ]


def largest_first(rows: Sequence[Row], limit: int) -> list[Row]:
    """The rows with the largest values."""
    return sorted(rows, key=lambda r: -1.0 if r.value is None else r.value, reverse=True)[:limit]


def table_rows(view: View, rows: Sequence[Row]) -> pl.DataFrame:
    """The chart as a table: place, series, value, n."""
    columns = {
        "place": [str(row.place) for row in rows],
        "series": [row.series for row in rows],
        "value": [row.text for row in rows],
        "n": [row.n for row in rows],
    }
    return pl.DataFrame({view.texts(f"column.{k}"): values for k, values in columns.items()})


def trend_words(view: View, rows: Sequence[Row]) -> str:
    """First and last full value of every series."""
    parts = []
    for series in dict.fromkeys(row.series for row in rows):
        full = [r for r in rows if r.series == series and r.value is not None]
        full = [r for r in full if not r.is_partial] or full
        if full:
            parts.append(
                view.texts(
                    "words.trend",
                    series=series,
                    first=full[0].text,
                    first_day=full[0].place,
                    last=full[-1].text,
                    last_day=full[-1].place,
                )
            )
    if any(row.is_partial for row in rows):
        parts.append(view.texts("words.partial"))
    return view.texts("words.separator").join(parts)


def bar_words(view: View, rows: Sequence[Row]) -> str:
    """Highest and lowest of every series."""
    parts = []
    for series in dict.fromkeys(row.series for row in rows):
        shown = [r for r in rows if r.series == series and r.value is not None]
        if shown:
            highest = max(shown, key=lambda r: r.value or 0)
            lowest = min(shown, key=lambda r: r.value or 0)
            parts.append(
                view.texts(
                    "words.bars",
                    series=series,
                    high=highest.text,
                    high_place=highest.place,
                    low=lowest.text,
                    low_place=lowest.place,
                )
            )
    return view.texts("words.separator").join(parts)


def _row(view: View, point: Point, place: date | str, series: str, partial: bool) -> Row:
    n = None if point.figure.metric.unit == "count" else point.figure.denominator
    return Row(
        place=place,
        series=series,
        value=point.figure.value,
        text=value_text(view, point.figure),
        n="" if n is None else f"{n:,.0f}",
        is_partial=partial,
        low=point.figure.low,
        high=point.figure.high,
        denominator=n,
        is_small=point.figure.is_small,
    )
