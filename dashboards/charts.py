"""Charts: trend, bars, dumbbell. Each has a sentence that says the same, and a table.

Colours are Okabe–Ito's; numbers come formatted, so that a chart and its table agree. What is
drawn is asked for by the pages, in `dashboards.rows`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.data import View
from dashboards.i18n import literal
from dashboards.rows import Row, bar_words, table_rows, trend_words
from dashboards.units import axis_format, axis_scale

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_TICKS = 7
_LEGEND_WIDTH = 34
_ROW_HEIGHT = 30
_ROOM_FOR_LABELS = 1.5


@dataclass(frozen=True)
class Switch:
    """Where the switch between chart and table goes, and the name that keeps its state."""

    corner: DeltaGenerator
    key: str


def trend(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Lines over time, hollow points where a bucket is partial."""
    if not _anything(view, rows):
        return
    frame, scale_key = _frame(rows, unit)
    base = alt.Chart(frame).encode(
        x=_time_axis(rows),
        y=_value_axis(view, unit, scale_key, alt.Y, alt.Scale(zero=unit == "count")),
        color=_colour(rows),
        tooltip=_tooltip(view),
    )
    line = base.mark_line(strokeWidth=2)
    full = base.mark_point(size=30, filled=True, opacity=1).transform_filter("!datum.is_partial")
    partial = base.mark_point(size=44, filled=False).transform_filter("datum.is_partial")
    chart = (line + full + partial).properties(height=230 + _legend_height(rows))
    _show(view, chart, rows, trend_words(view, rows), switch)


def bars(view: View, rows: Sequence[Row], unit: str, switch: Switch) -> None:
    """Horizontal bars in the order given, with the value and n beside each."""
    if not _anything(view, rows):
        return
    frame, _ = _frame(rows, unit)
    series = _series(rows)
    largest = max(0.0, float(frame["value"].max() or 0))  # type: ignore[arg-type]
    scale = alt.Scale(domainMax=largest * _ROOM_FOR_LABELS) if largest else alt.Scale(zero=True)
    # A bar without a value has no length, but its label says why.
    base = alt.Chart(frame.with_columns(pl.col("value").fill_null(0))).encode(
        y=_place_axis(rows),
        x=alt.X("value:Q", axis=None, scale=scale),
        tooltip=_tooltip(view),
    )
    if len(series) > 1:
        base = base.encode(yOffset=alt.YOffset("series:N", sort=series))
    marks = base.mark_bar(cornerRadiusEnd=2).encode(color=_colour(rows))
    labels = base.mark_text(align="left", dx=5, fontSize=12).encode(text="label:N")
    per_place = _ROW_HEIGHT if len(series) == 1 else 28 * len(series)
    height = 30 + _legend_height(rows) + per_place * len(_places(rows))
    _show(view, (marks + labels).properties(height=height), rows, bar_words(view, rows), switch)


def dumbbell(view: View, rows: Sequence[Row], unit: str, switch: Switch, words: str) -> None:
    """A dot per series and place, those of one place joined by a line."""
    if not _anything(view, rows):
        return
    frame, scale_key = _frame(rows, unit)
    x = _value_axis(view, unit, scale_key, alt.X, alt.Scale(zero=False, padding=24))
    base = alt.Chart(frame).encode(y=_place_axis(rows))
    rule = base.mark_rule(strokeWidth=3, color="#8A94A0").encode(
        x=alt.X("min(value):Q"), x2="max(value):Q"
    )
    dots = base.mark_circle(size=130, opacity=1).encode(
        x=x, color=_colour(rows), tooltip=_tooltip(view)
    )
    chart = (rule + dots).properties(height=50 + _legend_height(rows) + 38 * len(_places(rows)))
    _show(view, chart, rows, words, switch)


def _anything(view: View, rows: Sequence[Row]) -> bool:
    """Whether there is something to draw; says why not where there is nothing."""
    if any(row.value is not None for row in rows):
        return True
    if rows:
        st.info(view.texts("state.withheld"))
    else:
        filtered = any(view.filters.members.values())
        st.info(view.texts("state.empty_filtered" if filtered else "state.empty"))
    return False


def _show(view: View, chart: Any, rows: Sequence[Row], words: str, switch: Switch) -> None:
    """Chart or table, the sentence, and the switch between them."""
    if switch.corner.toggle(view.texts("chart.as_table"), key=f"table_{switch.key}"):
        st.dataframe(table_rows(view, rows), hide_index=True, alt=words)
    else:
        st.altair_chart(chart, key=f"chart_{switch.key}", alt=words)
    st.caption(literal(words))


def _frame(rows: Sequence[Row], unit: str) -> tuple[pl.DataFrame, str | None]:
    """Rows in the axis's unit, and the text key of that unit."""
    divisor, scale_key = axis_scale([r.value for r in rows if r.value is not None], unit)
    columns: dict[str, list[Any]] = {
        "place": [r.place for r in rows],
        "place_text": [str(r.place) for r in rows],
        "series": [r.series for r in rows],
        "value": [None if r.value is None else r.value / divisor for r in rows],
        "text": [r.text for r in rows],
        "n": [r.n for r in rows],
        "label": [f"{r.text} · n={r.n}" if r.n else r.text for r in rows],
        "is_partial": [r.is_partial for r in rows],
    }
    return pl.DataFrame(columns, schema_overrides={"value": pl.Float64}), scale_key


def _series(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.series for row in rows))


def _places(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(str(row.place) for row in rows))


def _time_axis(rows: Sequence[Row]) -> alt.X:
    """Numeric dates, and few enough ticks that their labels do not touch."""
    days = sorted({row.place for row in rows if isinstance(row.place, date)})
    form = "%m-%d" if days[0].year == days[-1].year else "%Y-%m-%d"
    step = -(-len(days) // _TICKS)
    ticks = [alt.DateTime(year=d.year, month=d.month, date=d.day) for d in days[::step]]
    return alt.X("place:T", title=None).axis(
        format=form, values=ticks, labelOverlap=True, grid=False
    )


def _place_axis(rows: Sequence[Row]) -> alt.Y:
    return alt.Y("place:N", title=None, sort=_places(rows)).axis(
        labelLimit=170, ticks=False, domain=False, labelPadding=6
    )


def _value_axis(
    view: View, unit: str, scale_key: str | None, channel: Any, scale: alt.Scale
) -> Any:
    title = view.texts(scale_key) if scale_key else None
    return channel("value:Q", title=title, scale=scale).axis(
        format=axis_format(unit),
        tickCount=5,
        titleFontWeight="normal",
        tickMinStep=_tick_step(unit),
    )


def _tick_step(unit: str) -> int | alt.utils.schemapi.UndefinedType:
    return 1 if unit == "count" else alt.Undefined


def _colour(rows: Sequence[Row]) -> alt.Color:
    series = _series(rows)
    legend = alt.Legend(orient="top", title=None, labelLimit=340, columns=_legend_columns(series))
    scale = alt.Scale(domain=series, range=list(COLOURS[: len(series)]))
    return alt.Color("series:N", scale=scale, legend=legend if len(series) > 1 else None)


def _legend_columns(series: Sequence[str]) -> int:
    """Side by side where the names are short; a Chinese character counts as two."""
    widths = [sum(2 if ord(c) > 0x2E80 else 1 for c in name) for name in series]
    return len(series) if sum(widths) <= _LEGEND_WIDTH else 1


def _legend_height(rows: Sequence[Row]) -> int:
    series = _series(rows)
    lines = -(-len(series) // _legend_columns(series))
    return 24 * lines if len(series) > 1 else 0


def _tooltip(view: View) -> list[alt.Tooltip]:
    names = {"place_text": "place", "series": "series", "text": "value", "n": "n"}
    return [
        alt.Tooltip(f"{column}:N", title=view.texts(f"column.{key}"))
        for column, key in names.items()
    ]
