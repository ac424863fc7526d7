"""Bars: side by side, as a funnel, stacked to a whole, by size with running share, around zero."""

from collections.abc import Sequence

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
from dashboards.drawing import Drawing, Spec, either, kept, mark, nominal, of_rows, quantitative
from dashboards.rows import Row, bar_words, trend_words

_ROW_HEIGHT = 30
_WHOLE = {"domain": [0, 1]}
BETTER, WORSE = "#0072B2", "#D55E00"


def bars(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Horizontal bars in the order given, with the value and n beside each."""
    if anything(view, rows):
        show(view, _bars(view, rows, unit), rows, unit, bar_words(view, rows), switch)


def funnel(view: View, rows: Sequence[Row], switch: Switch, words: str) -> None:
    """What is left at each stage, a bar per stage and the first on top; values are counts."""
    if anything(view, rows):
        show(view, _bars(view, rows, "count"), rows, "count", words, switch)


def _bars(view: View, rows: Sequence[Row], unit: str) -> Drawing:
    data, _ = frame(rows, unit)
    series = series_of(rows)
    largest = max(0.0, float(data["value"].max() or 0))  # type: ignore[arg-type]
    room = _room([str(label) for label in data["label"]])
    scale = {"domainMax": largest * room} if largest else {"zero": True}
    encoding: Spec = {
        "y": place_axis(rows),
        "x": quantitative("value", axis=None, scale=scale),
        "tooltip": tooltip(view),
    }
    if len(series) > 1:
        encoding["yOffset"] = nominal("series", sort=series)
    per_place = _ROW_HEIGHT if len(series) == 1 else 28 * len(series)
    return of_rows(
        # A bar without a value has no length, but its label says why.
        data.with_columns(pl.col("value").fill_null(0)),
        encoding=encoding,
        layer=[
            {"mark": mark("bar", cornerRadiusEnd=2), "encoding": {"color": colour(rows)}},
            _labels("label"),
        ],
        height=30 + legend_height(rows) + per_place * len(places_of(rows)),
    )


def shares(view: View, rows: Sequence[Row], switch: Switch, colours: Sequence[str]) -> None:
    """Horizontal bars of shares that make a whole, stacked; a colour per series."""
    if not anything(view, rows):
        return
    data, _ = frame(rows, "ratio")
    order = {series: place for place, series in enumerate(series_of(rows))}
    axis = {"format": ".0%", "tickCount": 5}
    drawing = of_rows(
        data.with_columns(pl.col("series").replace_strict(order).alias("order")),
        mark=mark("bar"),
        encoding={
            "y": place_axis(rows),
            "x": quantitative("value", title=None, stack="zero", scale=_WHOLE, axis=axis),
            "order": quantitative("order"),
            "color": colour(rows, colours),
            "tooltip": tooltip(view),
        },
        height=80 + legend_height(rows) + _ROW_HEIGHT * len(places_of(rows)),
    )
    show(view, drawing, rows, "ratio", bar_words(view, rows), switch)


def parts_over_time(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Bars of parts on top of each other, over time."""
    if not anything(view, rows):
        return
    data, scale_key = frame(rows, unit)
    drawing = of_rows(
        data,
        mark=mark("bar", binSpacing=0, width={"band": 0.8}),
        encoding={
            "x": time_axis(rows),
            "y": value_axis(view, unit, scale_key, {"zero": True}),
            "color": colour(rows),
            "tooltip": tooltip(view),
        },
        height=230 + legend_height(rows),
    )
    show(view, drawing, rows, unit, trend_words(view, rows), switch)


def pareto(view: View, rows: Sequence[Row], switch: Switch, words: str) -> None:
    """Bars by size over the running share of the whole, drawn pale behind them.

    A row's value is its share, `high` the running share, its text says both.
    """
    if not anything(view, rows):
        return
    data, _ = frame(rows, "ratio")
    scale = {"domain": [0, _room([row.text for row in rows])]}
    running = {"x": quantitative("high", axis=None, scale=scale)}
    own = {"x": quantitative("value", axis=None, scale=scale)}
    drawing = of_rows(
        data,
        encoding={"y": place_axis(rows), "tooltip": tooltip(view)},
        layer=[
            {"mark": mark("bar", color=QUIET, opacity=0.3), "encoding": running},
            {"mark": mark("bar", color=COLOURS[0], cornerRadiusEnd=2, size=12), "encoding": own},
            _labels("text", **running),
        ],
        height=30 + _ROW_HEIGHT * len(rows),
    )
    show(view, drawing, rows, "ratio", words, switch)


def differences(
    view: View, rows: Sequence[Row], switch: Switch, words: str, rises_is_good: bool | None
) -> None:
    """Bars to either side of zero; blue is better, orange worse, one blue where neither is."""
    if not anything(view, rows):
        return
    data, _ = frame(rows, "score")
    largest = float(data["value"].abs().max() or 0) or 1.0  # type: ignore[arg-type]
    room = largest * 1.9
    above, below = (BETTER, WORSE) if rises_is_good else (WORSE, BETTER)
    if rises_is_good is None:
        above = below = COLOURS[0]
    right = _labels("text") | {"transform": kept("datum.value >= 0")}
    left = _labels("text") | {"transform": kept("datum.value < 0")}
    left["mark"] = left["mark"] | {"align": "right", "dx": -5}
    bar_colour = {"color": either("datum.value >= 0", above, below)}
    drawing = of_rows(
        data,
        encoding={
            "y": place_axis(rows),
            "x": quantitative("value", axis=None, scale={"domain": [-room, room]}),
            "tooltip": tooltip(view),
        },
        layer=[{"mark": mark("bar"), "encoding": bar_colour}, right, left],
        height=30 + _ROW_HEIGHT * len(rows),
    )
    show(view, drawing, rows, "score", words, switch)


def _labels(column: str, **encoding: Spec) -> Spec:
    """A layer of texts beside the ends of bars."""
    beside = mark("text", align="left", dx=5, fontSize=12, color=ink())
    return {"mark": beside, "encoding": {"text": nominal(column), **encoding}}


def _room(labels: Sequence[str]) -> float:
    """How much longer than the longest bar the axis is, so that labels fit on a phone."""
    return 1.2 + 0.06 * max(text_width(label) for label in labels)
