"""What every chart has: the switch to a table, the sentence, axes, colours, tooltips.

Colours are Okabe–Ito's; numbers come formatted, so that a chart and its table agree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from dashboards.data import View
from dashboards.drawing import Drawing, Spec, draw, nominal, quantitative, temporal
from dashboards.exports import (
    PAPER_INK,
    SCREEN_INK,
    Content,
    Covers,
    Exported,
    chart_rows,
    export_control,
)
from dashboards.i18n import literal
from dashboards.modules import Corner
from dashboards.rows import Row, table_rows
from dashboards.units import axis_format, axis_scale

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
QUIET = "#8A94A0"  # lines that carry no value, on light and on dark
_TICKS = 7
_LEGEND_WIDTH = 26
# Vega's words for: broken at the last space of the first letters, where there is one.
_FIRST = "slice(datum.label, 0, 27)"
_TWO_LINES = (
    f"length(datum.label) > 26 && lastindexof({_FIRST}, ' ') > 0 "
    f"? [slice(datum.label, 0, lastindexof({_FIRST}, ' ')), "
    f"slice(datum.label, lastindexof({_FIRST}, ' ') + 1)] : datum.label"
)


@dataclass(frozen=True)
class Switch:
    """Where the switch between chart and table goes, its name, and what the figures cover."""

    corner: Corner
    key: str
    covers: Covers = "period"


def anything(view: View, rows: Sequence[Row]) -> bool:
    """Whether there is something to draw; says why not where there is nothing."""
    if any(row.value is not None for row in rows):
        return True
    if rows:
        st.info(view.texts("state.withheld"))
    else:
        filtered = any(view.filters.members.values())
        st.info(view.texts("state.empty_filtered" if filtered else "state.empty"))
    return False


def show(
    view: View, drawing: Drawing, rows: Sequence[Row], unit: str, words: str, switch: Switch
) -> None:
    """A chart or its table, the sentence, the switch between them, and their files."""
    table, content = table_rows(view, rows), chart_rows(view, rows, unit)
    show_either(view, drawing, table, words, switch, content)


def show_either(
    view: View,
    drawing: Drawing,
    table: pl.DataFrame,
    words: str,
    switch: Switch,
    content: Callable[[], Content],
    on_select: Callable[[], None] | None = None,
) -> None:
    """A chart or a table of the same, the sentence, the switch between them, and their files."""
    is_table = switch.corner.place.toggle(view.texts("chart.as_table"), key=f"table_{switch.key}")
    export_control(view, switch, Exported(content, drawing))
    if is_table:
        st.dataframe(table, hide_index=True, alt=words)
    else:
        draw(drawing, f"chart_{switch.key}", words, on_select)
    st.caption(literal(words))


def frame(rows: Sequence[Row], unit: str) -> tuple[pl.DataFrame, str | None]:
    """Rows in the axis's unit, and the text key of that unit."""
    divisor, scale_key = axis_scale([r.value for r in rows if r.value is not None], unit)

    def scaled(value: float | None) -> float | None:
        return None if value is None else value / divisor

    columns: dict[str, list[Any]] = {
        "place": [r.place for r in rows],
        "place_text": [str(r.place) for r in rows],
        "series": [r.series for r in rows],
        "value": [scaled(r.value) for r in rows],
        "low": [scaled(r.low) for r in rows],
        "high": [scaled(r.high) for r in rows],
        "text": [r.text for r in rows],
        "n": [r.n for r in rows],
        "label": [f"{r.text} · n={r.n}" if r.n else r.text for r in rows],
        "is_partial": [r.is_partial for r in rows],
        "code": [r.code for r in rows],
    }
    numbers = dict.fromkeys(("value", "low", "high"), pl.Float64)
    return pl.DataFrame(columns, schema_overrides=numbers), scale_key


def ink() -> str:
    """The colour of text inside charts, which Streamlit's theme leaves alone."""
    return SCREEN_INK if st.context.theme.type == "dark" else PAPER_INK


def series_of(rows: Sequence[Row]) -> list[str]:
    """The series in their order."""
    return list(dict.fromkeys(row.series for row in rows))


def places_of(rows: Sequence[Row]) -> list[str]:
    """The places in their order."""
    return list(dict.fromkeys(str(row.place) for row in rows))


def time_axis(rows: Sequence[Row]) -> Spec:
    """Numeric dates, and few enough ticks that their labels do not touch."""
    days = sorted({row.place for row in rows if isinstance(row.place, date)})
    form = "%m-%d" if days[0].year == days[-1].year else "%Y-%m-%d"
    step = -(-len(days) // _TICKS)
    axis = {"format": form, "values": day_ticks(days[::step]), "labelOverlap": True, "grid": False}
    return temporal("place", title=None, axis=axis)


def day_ticks(days: Sequence[date]) -> list[Spec]:
    """Places of ticks, a day each."""
    return [{"year": d.year, "month": d.month, "date": d.day} for d in days]


def place_axis(rows: Sequence[Row]) -> Spec:
    """Places down the side, in their order; a long name takes two lines."""
    axis = {
        "labelLimit": 170, "ticks": False, "domain": False, "labelPadding": 6,
        "labelOverlap": False, "labelExpr": _TWO_LINES,
    }  # fmt: skip
    return nominal("place", title=None, sort=places_of(rows), axis=axis)


def value_axis(view: View, unit: str, scale_key: str | None, scale: Spec) -> Spec:
    """Values in their unit, on either axis."""
    axis: Spec = {"format": axis_format(unit), "tickCount": 5, "titleFontWeight": "normal"}
    if unit == "count":
        axis["tickMinStep"] = 1
    title = view.texts(scale_key) if scale_key else None
    return quantitative("value", title=title, scale=scale, axis=axis)


def colour(rows: Sequence[Row], colours: Sequence[str] = COLOURS) -> Spec:
    """A colour per series; a legend where there are several."""
    series = series_of(rows)
    legend = {"orient": "top", "title": None, "labelLimit": 340}
    legend["columns"] = _legend_columns(series)
    scale = {"domain": series, "range": list(colours[: len(series)])}
    return nominal("series", scale=scale, legend=legend if len(series) > 1 else None)


def legend_height(rows: Sequence[Row]) -> int:
    """Pixels that the legend takes from the chart."""
    series = series_of(rows)
    lines = -(-len(series) // _legend_columns(series))
    return 24 * lines if len(series) > 1 else 0


def tooltip(view: View) -> list[Spec]:
    """Place, series, value and n, as the table has them."""
    return told(view, {"place_text": "place", "series": "series", "text": "value", "n": "n"})


def told(view: View, columns: Mapping[str, str]) -> list[Spec]:
    """Lines of a tooltip: columns of the rows, and the columns whose names they go by."""
    return [nominal(c, title=view.texts(f"column.{named}")) for c, named in columns.items()]


def _legend_columns(series: Sequence[str]) -> int:
    """Side by side where the names are short."""
    return len(series) if sum(map(text_width, series)) <= _LEGEND_WIDTH else 1


def text_width(text: str) -> int:
    """Letters that a text is wide; a Chinese character counts as two."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)
