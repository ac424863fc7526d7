"""Dots: dumbbells, the importance–performance quadrants, the funnel plot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
from dashboards.charts.labels import DISTANCE, FONT_SIZE, Side, Spot, readable
from dashboards.data import View
from dashboards.exports import Exported, chart_rows
from dashboards.rows import Row, table_rows
from pipelines.metrics.funnel import Funnel
from pipelines.metrics.importance import Quadrants

_HEIGHT = 320
_LEAST_HEIGHT = 225  # what axes and title leave of it
_EDGE = 28  # pixels between the outermost points and the edge of the plot
_CHOSEN = "chosen"
# Where a name stands: how its text is aligned, and its shift to the right and down.
_SHIFTS: dict[Side, tuple[Literal["center", "left", "right"], int, int]] = {
    "above": ("center", 0, -DISTANCE),
    "below": ("center", 0, DISTANCE),
    "right": ("left", DISTANCE, 0),
    "left": ("right", -DISTANCE, 0),
}


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
    width = 340  # beside another module
    plane = _Plane(
        _around(data["low"].to_list(), width),
        _around(data["value"].to_list(), _LEAST_HEIGHT),
        width,
    )
    x = plane.across("low", texts("satisfaction.performance")).axis(tickCount=5)
    y = plane.up("value", texts("satisfaction.importance")).axis(tickCount=5)
    dots = alt.Chart(data).mark_circle(size=90, opacity=1)
    dots = dots.encode(x=x, y=y, color=colour(rows), tooltip=tooltip(view))
    cross = pl.DataFrame({"x": [found.performance], "y": [found.importance]})
    lines = alt.Chart(cross).mark_rule(color=QUIET, strokeDash=[4, 4])
    chart = (
        lines.encode(x=plane.across("x"))
        + lines.encode(y=plane.up("y"))
        + dots
        + _names(rows, plane, found.importance)
    )
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

    plane = _funnel_plane(plot)
    limits = _funnel_limits(plot.found, plane, view.texts("column.n"))
    # What lies furthest outside comes last in the rows and is named first.
    names = _names(list(reversed(plot.rows)), plane, plot.found.overall)
    chart = limits + names + _funnel_members(view, plot, plane)
    chart = chart.properties(height=_HEIGHT + legend_height(plot.rows))
    show_either(
        view,
        lambda: st.altair_chart(chart, key=key, alt=words, on_select=choose),
        table_rows(view, plot.rows),
        words,
        switch,
        Exported(chart_rows(view, plot.rows, "ratio"), chart),
    )


@dataclass(frozen=True)
class _Plane:
    """The values that the axes reach from and to, and the least pixels the plot is wide.

    Names are placed for that size; a phone, where it is smaller, has the tooltip and the table.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    width: int

    def across(self, column: str, title: Any = alt.Undefined) -> alt.X:
        return alt.X(f"{column}:Q", title=title, scale=alt.Scale(domain=self.x, nice=False))

    def up(self, column: str, title: Any = alt.Undefined) -> alt.Y:
        return alt.Y(f"{column}:Q", title=title, scale=alt.Scale(domain=self.y, nice=False))

    def spot(self, x: float, y: float, name: str) -> Spot:
        left, right = self.x
        return Spot(self.width * (x - left) / (right - left), self.height_of(y), name)

    def height_of(self, y: float) -> float:
        """Pixels above the bottom of the plot."""
        bottom, top = self.y
        return _LEAST_HEIGHT * (y - bottom) / (top - bottom)


def _around(values: Sequence[float], pixels: int) -> tuple[float, float]:
    """From the least to the largest value, with an edge."""
    least, most = min(values), max(values)
    edge = ((most - least) or 1) * _EDGE / (pixels - 2 * _EDGE)
    return least - edge, most + edge


def _funnel_plane(plot: FunnelPlot) -> _Plane:
    curve = plot.found.curve
    ends = curve.select("low_95", "high_95", "low_998", "high_998").to_numpy().ravel().tolist()
    shares = [row.value for row in plot.rows if row.value is not None]
    largest = float(curve["n"].to_list()[-1])
    return _Plane((0, largest), _around([*ends, *shares], _LEAST_HEIGHT), 700)


def _funnel_limits(found: Funnel, plane: _Plane, size_title: str) -> Any:
    """Dotted 95 % and dashed 99.8 % limits, and the overall share."""
    x = plane.across("n", size_title).axis(format=",d", tickCount=5)
    curve = alt.Chart(found.curve).encode(x=x)
    lines = [
        curve.mark_line(color=QUIET, strokeDash=dash).encode(
            y=plane.up(f"{side}_{level}", None).axis(format=".0%", tickCount=5)
        )
        for level, dash in (("95", [2, 3]), ("998", [6, 3]))
        for side in ("low", "high")
    ]
    overall = alt.Chart(pl.DataFrame({"y": [found.overall]})).mark_rule(color=QUIET)
    return alt.layer(*lines, overall.encode(y=plane.up("y", None)))


def _funnel_members(view: View, plot: FunnelPlot, plane: _Plane) -> Any:
    data, _ = frame(plot.rows, "ratio")
    dots = (
        alt.Chart(data)
        .mark_point(size=110, filled=True, opacity=1)
        .encode(
            x=plane.across("low"),
            y=plane.up("value"),
            color=colour(plot.rows, plot.colours),
            shape=alt.Shape("series:N", scale=alt.Scale(domain=series_of(plot.rows))),
            tooltip=tooltip(view),
        )
    )
    return dots.add_params(alt.selection_point(name=_CHOSEN, fields=["code"]))


def _names(rows: Sequence[Row], plane: _Plane, middle: float) -> Any:
    """The names that can be read, those of the first rows before others."""
    data, _ = frame(rows, "score")
    spots = [plane.spot(row.low or 0, row.value or 0, str(row.place)) for row in rows]
    sides = readable(spots, plane.width, _LEAST_HEIGHT, plane.height_of(middle))
    base = alt.Chart(data.with_columns(pl.Series("side", sides, pl.String))).encode(
        x=plane.across("low"),
        y=plane.up("value"),
        text="place:N",
        opacity=alt.condition(f"width >= {plane.width}", alt.value(1), alt.value(0)),
    )
    layers = []
    for side, (align, right, down) in _SHIFTS.items():
        own = base.transform_filter(f"datum.side == '{side}'")
        layers.append(
            own.mark_text(align=align, dx=right, dy=down, fontSize=FONT_SIZE, color=ink())
        )
    return alt.layer(*layers)
