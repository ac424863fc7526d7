"""Lines over time or over the hours of a day; gaps stay gaps."""

from collections.abc import Sequence

import altair as alt

from dashboards.charts.base import (
    Switch,
    anything,
    colour,
    frame,
    legend_height,
    places_of,
    series_of,
    show,
    time_axis,
    tooltip,
    value_axis,
)
from dashboards.data import View
from dashboards.rows import Row, bar_words, trend_words

_HEIGHT = 230
_HOUR_TICKS = 8


def trend(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Lines over time: hollow points where a bucket is partial, a band where there is an interval.

    A row without a value breaks its line. The band is drawn for a single series only.
    """
    if not anything(view, rows):
        return
    data, scale_key = frame(rows, unit)
    base = alt.Chart(data).encode(x=time_axis(rows))
    marked = base.encode(
        y=value_axis(view, unit, scale_key, alt.Y, alt.Scale(zero=unit == "count")),
        color=colour(rows),
        tooltip=tooltip(view),
    )
    line = marked.mark_line(strokeWidth=2)
    full = marked.mark_point(size=30, filled=True, opacity=1).transform_filter("!datum.is_partial")
    partial = marked.mark_point(size=44, filled=False).transform_filter("datum.is_partial")
    chart = line + full + partial
    if len(series_of(rows)) == 1 and any(row.low is not None for row in rows):
        chart = base.mark_area(opacity=0.18).encode(
            y=alt.Y("low:Q"), y2="high:Q", color=colour(rows)
        ) + chart  # fmt: skip
    show(
        view,
        chart.properties(height=_HEIGHT + legend_height(rows)),
        rows,
        unit,
        trend_words(view, rows),
        switch,
    )


def day_curve(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Steps over the half hours of a day, one line per series."""
    if not anything(view, rows):
        return
    data, scale_key = frame(rows, unit)
    chart = (
        alt.Chart(data)
        .mark_line(strokeWidth=2, interpolate="step-after")
        .encode(
            x=hour_axis(rows),
            y=value_axis(view, unit, scale_key, alt.Y, alt.Scale(zero=True)),
            color=colour(rows),
            tooltip=tooltip(view),
        )
        .properties(height=_HEIGHT + legend_height(rows))
    )
    show(view, chart, rows, unit, bar_words(view, rows), switch)


def hour_axis(rows: Sequence[Row]) -> alt.X:
    """Hours from left to right, few of them named."""
    hours = sorted(places_of(rows))
    step = max(1, -(-len(hours) // _HOUR_TICKS))
    return alt.X("place:N", title=None, sort=hours).axis(
        values=hours[::step], labelAngle=0, ticks=False, grid=False, labelOverlap=True
    )
