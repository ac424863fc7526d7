"""Bars: side by side, as a funnel, stacked to a whole, by size with running share, around zero."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from dashboards.charts.base import (
    COLOURS,
    QUIET,
    Switch,
    anything,
    colour,
    frame,
    ink,
    legend_height,
    place_axis,
    places_of,
    series_of,
    show,
    text_width,
    time_axis,
    tooltip,
    value_axis,
)
from dashboards.data import View
from dashboards.rows import Row, bar_words, trend_words

_ROW_HEIGHT = 30
BETTER, WORSE = "#0072B2", "#D55E00"


def bars(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Horizontal bars in the order given, with the value and n beside each."""
    if anything(view, rows):
        show(view, _bars(view, rows, unit), rows, unit, bar_words(view, rows), switch)


def funnel(view: View, rows: Sequence[Row], switch: Switch, words: str) -> None:
    """What is left at each stage, a bar per stage and the first on top; values are counts."""
    if anything(view, rows):
        show(view, _bars(view, rows, "count"), rows, "count", words, switch)


def _bars(view: View, rows: Sequence[Row], unit: str) -> Any:
    data, _ = frame(rows, unit)
    series = series_of(rows)
    largest = max(0.0, float(data["value"].max() or 0))  # type: ignore[arg-type]
    room = _room([str(label) for label in data["label"]])
    scale = alt.Scale(domainMax=largest * room) if largest else alt.Scale(zero=True)
    # A bar without a value has no length, but its label says why.
    base = alt.Chart(data.with_columns(pl.col("value").fill_null(0))).encode(
        y=place_axis(rows),
        x=alt.X("value:Q", axis=None, scale=scale),
        tooltip=tooltip(view),
    )
    if len(series) > 1:
        base = base.encode(yOffset=alt.YOffset("series:N", sort=series))
    marks = base.mark_bar(cornerRadiusEnd=2).encode(color=colour(rows))
    labels = base.mark_text(align="left", dx=5, fontSize=12, color=ink()).encode(text="label:N")
    per_place = _ROW_HEIGHT if len(series) == 1 else 28 * len(series)
    height = 30 + legend_height(rows) + per_place * len(places_of(rows))
    return (marks + labels).properties(height=height)


def shares(view: View, rows: Sequence[Row], switch: Switch, colours: Sequence[str]) -> None:
    """Horizontal bars of shares that make a whole, stacked; a colour per series."""
    if not anything(view, rows):
        return
    data, _ = frame(rows, "ratio")
    series = series_of(rows)
    order = data.with_columns(
        pl.col("series").replace_strict({s: i for i, s in enumerate(series)}).alias("order")
    )
    base = alt.Chart(order).encode(
        y=place_axis(rows),
        x=alt.X("value:Q", title=None, stack="zero", scale=alt.Scale(domain=[0, 1])).axis(
            format=".0%", tickCount=5
        ),
        order=alt.Order("order:Q"),
        tooltip=tooltip(view),
    )
    chart = base.mark_bar().encode(color=colour(rows, colours))
    height = 80 + legend_height(rows) + _ROW_HEIGHT * len(places_of(rows))
    show(view, chart.properties(height=height), rows, "ratio", bar_words(view, rows), switch)


def parts_over_time(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Bars of parts on top of each other, over time."""
    if not anything(view, rows):
        return
    data, scale_key = frame(rows, unit)
    chart = (
        alt.Chart(data)
        .mark_bar(binSpacing=0, width={"band": 0.8})
        .encode(
            x=time_axis(rows),
            y=value_axis(view, unit, scale_key, alt.Y, alt.Scale(zero=True)),
            color=colour(rows),
            tooltip=tooltip(view),
        )
        .properties(height=230 + legend_height(rows))
    )
    show(view, chart, rows, unit, trend_words(view, rows), switch)


def pareto(view: View, rows: Sequence[Row], switch: Switch, words: str) -> None:
    """Bars by size over the running share of the whole, drawn pale behind them.

    A row's value is its share, `high` the running share, its text says both.
    """
    if not anything(view, rows):
        return
    data, _ = frame(rows, "ratio")
    scale = alt.Scale(domain=[0, _room([row.text for row in rows])])
    base = alt.Chart(data).encode(y=place_axis(rows), tooltip=tooltip(view))
    running = base.mark_bar(color=QUIET, opacity=0.3).encode(
        x=alt.X("high:Q", axis=None, scale=scale)
    )
    own = base.mark_bar(color=COLOURS[0], cornerRadiusEnd=2, size=12).encode(
        x=alt.X("value:Q", axis=None, scale=scale)
    )
    labels = base.mark_text(align="left", dx=5, fontSize=12, color=ink()).encode(
        x=alt.X("high:Q", axis=None, scale=scale), text="text:N"
    )
    height = 30 + _ROW_HEIGHT * len(rows)
    show(view, (running + own + labels).properties(height=height), rows, "ratio", words, switch)


def differences(
    view: View, rows: Sequence[Row], switch: Switch, words: str, rises_is_good: bool | None
) -> None:
    """Bars to either side of zero; blue is better, orange worse, one blue where neither is."""
    if not anything(view, rows):
        return
    data, _ = frame(rows, "score")
    largest = float(data["value"].abs().max() or 0) or 1.0  # type: ignore[arg-type]
    room = largest * 1.9
    base = alt.Chart(data).encode(y=place_axis(rows), tooltip=tooltip(view))
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[-room, room]))
    above, below = (BETTER, WORSE) if rises_is_good else (WORSE, BETTER)
    if rises_is_good is None:
        above = below = COLOURS[0]
    marks = base.mark_bar().encode(
        x=x, color=alt.condition("datum.value >= 0", alt.value(above), alt.value(below))
    )
    right = base.transform_filter("datum.value >= 0").mark_text(
        align="left", dx=5, fontSize=12, color=ink()
    )
    left = base.transform_filter("datum.value < 0").mark_text(
        align="right", dx=-5, fontSize=12, color=ink()
    )
    chart = marks + right.encode(x=x, text="text:N") + left.encode(x=x, text="text:N")
    chart = chart.properties(height=30 + _ROW_HEIGHT * len(rows))
    show(view, chart, rows, "score", words, switch)


def _room(labels: Sequence[str]) -> float:
    """How much longer than the longest bar the axis is, so that labels fit on a phone."""
    return 1.2 + 0.06 * max(text_width(label) for label in labels)
