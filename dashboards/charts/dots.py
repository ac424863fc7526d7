"""Dots: dumbbells, the importance–performance quadrants, the funnel plot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from dashboards.charts.base import (
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
    show_either,
    tooltip,
    value_axis,
)
from dashboards.data import View
from dashboards.exports import Exported, chart_rows
from dashboards.rows import Row, table_rows
from pipelines.metrics.funnel import Funnel
from pipelines.metrics.importance import Quadrants

_HEIGHT = 320
_ROOM_FOR_NAMES = 340
_CHOSEN = "chosen"


def dumbbell(view: View, rows: Sequence[Row], unit: str, switch: Switch, words: str) -> None:
    """A dot per series and place, those of one place joined by a line."""
    if not anything(view, rows):
        return
    data, scale_key = frame(rows, unit)
    x = value_axis(view, unit, scale_key, alt.X, alt.Scale(zero=False, padding=24))
    base = alt.Chart(data).encode(y=place_axis(rows))
    rule = base.mark_rule(strokeWidth=3, color=QUIET).encode(
        x=alt.X("min(value):Q"), x2="max(value):Q"
    )
    dots = base.mark_circle(size=130, opacity=1).encode(
        x=x, color=colour(rows), tooltip=tooltip(view)
    )
    chart = (rule + dots).properties(height=50 + legend_height(rows) + 38 * len(places_of(rows)))
    show(view, chart, rows, unit, words, switch)


def quadrant_plot(
    view: View, found: Quadrants, rows: Sequence[Row], switch: Switch, words: str
) -> None:
    """Items by performance and importance around the cross; a row per item, its series a quadrant.

    A row's value is the importance and `low` the performance.
    """
    data, _ = frame(rows, "score")
    texts = view.texts
    plane = alt.Chart(data).encode(
        x=alt.X("low:Q", title=texts("satisfaction.performance"), scale=_near()).axis(tickCount=5),
        y=alt.Y("value:Q", title=texts("satisfaction.importance"), scale=_near()).axis(tickCount=5),
    )
    dots = plane.mark_circle(size=90, opacity=1).encode(color=colour(rows), tooltip=tooltip(view))
    names = _names(plane, found.importance)
    cross = pl.DataFrame({"x": [found.performance], "y": [found.importance]})
    lines = alt.Chart(cross).mark_rule(color=QUIET, strokeDash=[4, 4])
    chart = lines.encode(x="x:Q") + lines.encode(y="y:Q") + dots + names
    chart = chart.properties(height=_HEIGHT + legend_height(rows))
    show(view, chart, rows, "score", words, switch)


@dataclass(frozen=True)
class FunnelPlot:
    """What a funnel plot shows: limits, a row per member, and what a click on members does.

    A row's `low` is its n, its series where it stands, its `code` what a click hands on;
    `colours` are those of the series in their order.
    """

    found: Funnel
    rows: Sequence[Row]
    colours: Sequence[str]
    on_choice: Callable[[list[str]], None]


def funnel_plot(view: View, plot: FunnelPlot, switch: Switch, words: str) -> None:
    """Members by n and share within the limits that chance allows."""
    key = f"chart_{switch.key}"

    def choose() -> None:
        chosen = st.session_state[key].selection.get(_CHOSEN, [])
        plot.on_choice([row["code"] for row in chosen])

    chart = _funnel_limits(plot.found, view.texts("column.n")) + _funnel_members(view, plot)
    chart = chart.properties(height=_HEIGHT + legend_height(plot.rows))
    show_either(
        view,
        lambda: st.altair_chart(chart, key=key, alt=words, on_select=choose),
        table_rows(view, plot.rows),
        words,
        switch,
        Exported(chart_rows(view, plot.rows, "ratio"), chart),
    )


def _funnel_limits(found: Funnel, size_title: str) -> Any:
    """Dotted 95 % and dashed 99.8 % limits, and the overall share."""
    x = alt.X("n:Q", title=size_title, scale=alt.Scale(zero=True)).axis(format=",d", tickCount=5)
    curve = alt.Chart(found.curve).encode(x=x)
    lines = [
        curve.mark_line(color=QUIET, strokeDash=dash).encode(
            y=alt.Y(f"{side}_{level}:Q", title=None, scale=_near()).axis(format=".0%", tickCount=5)
        )
        for level, dash in (("95", [2, 3]), ("998", [6, 3]))
        for side in ("low", "high")
    ]
    overall = alt.Chart(pl.DataFrame({"y": [found.overall]})).mark_rule(color=QUIET)
    return alt.layer(*lines, overall.encode(y="y:Q"))


def _funnel_members(view: View, plot: FunnelPlot) -> Any:
    data, _ = frame(plot.rows, "ratio")
    members = alt.Chart(data).encode(x=alt.X("low:Q"), y=alt.Y("value:Q"))
    dots = members.mark_point(size=110, filled=True, opacity=1).encode(
        color=colour(plot.rows, plot.colours),
        shape=alt.Shape("series:N", scale=alt.Scale(domain=series_of(plot.rows))),
        tooltip=tooltip(view),
    )
    names = _names(members, plot.found.overall)
    return names + dots.add_params(alt.selection_point(name=_CHOSEN, fields=["code"]))


def _names(base: alt.Chart, middle: float) -> Any:
    """Names away from the middle, at two heights in turn from left to right, so that few meet.

    A phone has no room for them: there the tooltip and the table have the names.
    """
    is_wide = alt.condition(f"width > {_ROOM_FOR_NAMES}", alt.value(1), alt.value(0))
    ranked = base.transform_window(rank="row_number()", sort=[alt.SortField("low")])
    layers = [
        ranked.transform_filter(f"datum.rank % 2 == {turn} && datum.value {side} {middle}")
        .mark_text(dy=distance, fontSize=11, color=ink())
        .encode(text="place:N", opacity=is_wide)
        for side, turn, distance in ((">=", 0, -12), (">=", 1, -24), ("<", 0, 14), ("<", 1, 26))
    ]
    return alt.layer(*layers)


def _near() -> alt.Scale:
    return alt.Scale(zero=False, padding=28)
