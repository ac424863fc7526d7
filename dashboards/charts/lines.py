"""Lines over time or over the hours of a day; gaps stay gaps."""

from collections.abc import Sequence

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
from dashboards.drawing import Spec, kept, mark, nominal, of_rows, quantitative
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
    marked = {
        "y": value_axis(view, unit, scale_key, {"zero": unit == "count"}),
        "color": colour(rows),
        "tooltip": tooltip(view),
    }
    full, partial = mark("point", size=30, filled=True, opacity=1), mark("point", size=44)
    layers: list[Spec] = [
        {"mark": mark("line", strokeWidth=2), "encoding": marked},
        {"mark": full, "encoding": marked, "transform": kept("!datum.is_partial")},
        {
            "mark": partial | {"filled": False},
            "encoding": marked,
            "transform": kept("datum.is_partial"),
        },
    ]
    if len(series_of(rows)) == 1 and any(row.low is not None for row in rows):
        band = {"y": quantitative("low"), "y2": {"field": "high"}, "color": colour(rows)}
        layers.insert(0, {"mark": mark("area", opacity=0.18), "encoding": band})
    drawing = of_rows(
        data,
        encoding={"x": time_axis(rows)},
        layer=layers,
        height=_HEIGHT + legend_height(rows),
    )
    show(view, drawing, rows, unit, trend_words(view, rows), switch)


def day_curve(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Steps over the half hours of a day, one line per series."""
    if not anything(view, rows):
        return
    data, scale_key = frame(rows, unit)
    drawing = of_rows(
        data,
        mark=mark("line", strokeWidth=2, interpolate="step-after"),
        encoding={
            "x": hour_axis(rows),
            "y": value_axis(view, unit, scale_key, {"zero": True}),
            "color": colour(rows),
            "tooltip": tooltip(view),
        },
        height=_HEIGHT + legend_height(rows),
    )
    show(view, drawing, rows, unit, bar_words(view, rows), switch)


def hour_axis(rows: Sequence[Row]) -> Spec:
    """Hours from left to right, few of them named."""
    hours = sorted(places_of(rows))
    step = max(1, -(-len(hours) // _HOUR_TICKS))
    axis = {"values": hours[::step], "labelAngle": 0, "ticks": False, "grid": False}
    return nominal("place", title=None, sort=hours, axis=axis | {"labelOverlap": True})
