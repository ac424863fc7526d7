"""Dots: dumbbells, the importance–performance quadrants, the funnel plot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
from dashboards.drawing import (
    Drawing,
    Spec,
    either,
    kept,
    mark,
    nominal,
    of_rows,
    quantitative,
)
from dashboards.exports import chart_rows
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
    least, most = ({"aggregate": way, "field": "value"} for way in ("min", "max"))
    reach = {"x": least | {"type": "quantitative"}, "x2": most}
    dots = {
        "x": value_axis(view, unit, scale_key, {"zero": False, "padding": 24}),
        "color": colour(rows),
        "tooltip": tooltip(view),
    }
    drawing = of_rows(
        data,
        encoding={"y": place_axis(rows)},
        layer=[
            {"mark": mark("rule", strokeWidth=3, color=QUIET), "encoding": reach},
            {"mark": mark("circle", size=130, opacity=1), "encoding": dots},
        ],
        height=50 + legend_height(rows) + 38 * len(places_of(rows)),
    )
    show(view, drawing, rows, unit, words, switch)


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
    axis = {"tickCount": 5}
    dots = {
        "x": plane.across("low", title=texts("satisfaction.performance"), axis=axis),
        "y": plane.up("value", title=texts("satisfaction.importance"), axis=axis),
        "color": colour(rows),
        "tooltip": tooltip(view),
    }
    line = mark("rule", color=QUIET, strokeDash=[4, 4])
    cross = pl.DataFrame({"x": [found.performance], "y": [found.importance]})
    drawing = Drawing(
        {
            "layer": [
                {"data": {"name": "cross"}, "mark": line, "encoding": {"x": plane.across("x")}},
                {"data": {"name": "cross"}, "mark": line, "encoding": {"y": plane.up("y")}},
                {
                    "data": {"name": "rows"},
                    "mark": mark("circle", size=90, opacity=1),
                    "encoding": dots,
                },
                _names(plane),
            ],
            "height": _HEIGHT + legend_height(rows),
        },
        {"cross": cross, "rows": data, "names": _named(rows, plane, found.importance)},
    )
    show(view, drawing, rows, "score", words, switch)


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
    data, _ = frame(plot.rows, "ratio")
    # What lies furthest outside comes last in the rows and is named first.
    named = _named(list(reversed(plot.rows)), plane, plot.found.overall)
    overall = pl.DataFrame({"y": [plot.found.overall]})
    drawing = Drawing(
        {
            "layer": [
                *_funnel_limits(plane, view.texts("column.n")),
                _names(plane),
                _funnel_members(view, plot, plane),
            ],
            "height": _HEIGHT + legend_height(plot.rows),
        },
        {"limits": plot.found.curve, "overall": overall, "names": named, "rows": data},
    )
    show_either(
        view,
        drawing,
        table_rows(view, plot.rows),
        words,
        switch,
        chart_rows(view, plot.rows, "ratio"),
        choose,
    )


@dataclass(frozen=True)
class _Plane:
    """The values that the axes reach from and to, and the least pixels the plot is wide.

    Names are placed for that size; a phone, where it is smaller, has the tooltip and the table.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    width: int

    def across(self, column: str, **options: Any) -> Spec:
        return quantitative(column, scale={"domain": list(self.x), "nice": False}, **options)

    def up(self, column: str, **options: Any) -> Spec:
        return quantitative(column, scale={"domain": list(self.y), "nice": False}, **options)

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


def _funnel_limits(plane: _Plane, size_title: str) -> list[Spec]:
    """Dotted 95 % and dashed 99.8 % limits, and the overall share."""
    x = plane.across("n", title=size_title, axis={"format": ",d", "tickCount": 5})
    axis = {"format": ".0%", "tickCount": 5}
    lines: list[Spec] = [
        {
            "data": {"name": "limits"},
            "mark": mark("line", color=QUIET, strokeDash=dash),
            "encoding": {"x": x, "y": plane.up(f"{side}_{level}", title=None, axis=axis)},
        }
        for level, dash in (("95", [2, 3]), ("998", [6, 3]))
        for side in ("low", "high")
    ]
    overall = {"y": plane.up("y", title=None)}
    line = {"data": {"name": "overall"}, "mark": mark("rule", color=QUIET), "encoding": overall}
    return [*lines, line]


def _funnel_members(view: View, plot: FunnelPlot, plane: _Plane) -> Spec:
    return {
        "data": {"name": "rows"},
        "mark": mark("point", size=110, filled=True, opacity=1),
        "encoding": {
            "x": plane.across("low"),
            "y": plane.up("value"),
            "color": colour(plot.rows, plot.colours),
            "shape": nominal("series", scale={"domain": series_of(plot.rows)}),
            "tooltip": tooltip(view),
        },
        "params": [{"name": _CHOSEN, "select": {"type": "point", "fields": ["code"]}}],
    }


def _named(rows: Sequence[Row], plane: _Plane, middle: float) -> pl.DataFrame:
    """The rows and the side on which each name can be read, if it can: the first before others."""
    data, _ = frame(rows, "score")
    spots = [plane.spot(row.low or 0, row.value or 0, str(row.place)) for row in rows]
    sides = readable(spots, plane.width, _LEAST_HEIGHT, plane.height_of(middle))
    return data.with_columns(pl.Series("side", sides, pl.String))


def _names(plane: _Plane) -> Spec:
    """The names beside their points, a layer per side."""
    layers: list[Spec] = [
        {
            "mark": mark("text", align=align, dx=right, dy=down, fontSize=FONT_SIZE, color=ink()),
            "transform": kept(f"datum.side == '{side}'"),
        }
        for side, (align, right, down) in _SHIFTS.items()
    ]
    encoding = {
        "x": plane.across("low"),
        "y": plane.up("value"),
        "text": nominal("place"),
        "opacity": either(f"width >= {plane.width}", 1, 0),
    }
    return {"data": {"name": "names"}, "encoding": encoding, "layer": layers}
