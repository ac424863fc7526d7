"""A strip of days per source: one cell a day, its colour and mark say what came.

Only drawing; what a day was is told by the snapshot's table `deliveries`.
"""

import altair as alt
import polars as pl
import streamlit as st

from dashboards.charts import Switch
from dashboards.charts.base import ink
from dashboards.data import View
from dashboards.exports import Content, Exported, export_control

# From fine to bad; Okabe–Ito, and bad days are taller, so that colour is not all there is.
STATES = {
    "loaded": "#B9D6E8",
    "quiet": "#ECEEF0",
    "quarantined": "#56B4E9",
    "warned": "#E69F00",
    "waiting": "#F0E442",
    "unreached": "#CC79A7",
    "missing": "#D55E00",
    "refused": "#490092",
}
_TALL = ("waiting", "unreached", "missing", "refused")
_ROW_HEIGHT = 54
_TICKS = 5


def strip(view: View, days: pl.DataFrame, words: str, switch: Switch) -> None:
    """Rows of `name`, `day`, `state` and counts; in the order given."""
    texts = view.texts
    shown = days.with_columns(
        pl.col("state").replace_strict({s: texts(f"delivery.{s}") for s in STATES}).alias("told"),
        pl.col("day").cast(pl.String).alias("day_text"),
        (pl.col("state").is_in(_TALL)).alias("is_tall"),
    )
    named = {c: texts(f"column.{c}") for c in ("name", "day", "told", "rows_read")}
    listed = shown.select(list(named)).rename(named)
    chart = _chart(view, shown)
    is_table = switch.corner.place.toggle(texts("chart.as_table"), key=f"table_{switch.key}")
    export_control(view, switch, Exported(lambda: Content(listed), chart, has_period=False))
    if is_table:
        st.dataframe(listed, hide_index=True, alt=words)
        return
    st.altair_chart(chart, key=f"chart_{switch.key}", alt=words)
    first, last = shown["day"].min(), shown["day"].max()
    st.caption(texts("data.days_span", first=first, last=last))


def _chart(view: View, shown: pl.DataFrame) -> alt.LayerChart:
    texts = view.texts
    names = shown["name"].unique(maintain_order=True).to_list()
    first = shown["day"].min()
    spread = shown["day"].unique().sort()
    ticks = [
        alt.DateTime(year=d.year, month=d.month, date=d.day)
        for d in spread.gather_every(max(1, -(-spread.len() // _TICKS)))
    ]
    y = alt.Y("name:N", sort=names, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    x = alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%m-%d", values=ticks))
    legend = alt.Legend(orient="top", title=None, columns=2, labelLimit=140, symbolType="square")
    colour = alt.Color(
        "told:N",
        legend=legend,
        scale=alt.Scale(
            domain=[texts(f"delivery.{s}") for s in STATES], range=list(STATES.values())
        ),
    )
    tooltip = [
        alt.Tooltip(f"{column}:N", title=texts(f"column.{key}"))
        for column, key in (
            ("name", "name"), ("day_text", "day"), ("told", "told"),
            ("rows_read", "rows_read"), ("rows_quarantined", "rows_quarantined"),
            ("warnings_count", "warnings_count"), ("files_refused", "files_refused"),
        )
    ]  # fmt: skip
    base = alt.Chart(shown).encode(y=y, color=colour, tooltip=tooltip)
    cells = (
        base.mark_bar(height=14, yOffset=12, binSpacing=0.4)
        .encode(x=x)
        .transform_filter("!datum.is_tall")
    )
    bad = (
        base.mark_bar(height=20, yOffset=9, binSpacing=0.4)
        .encode(x=x)
        .transform_filter("datum.is_tall")
    )
    labels = (
        alt.Chart(pl.DataFrame({"name": names, "day": [first] * len(names)}))
        .mark_text(align="left", dx=0, dy=-9, fontSize=12, color=ink())
        .encode(y=y, x="yearmonthdate(day):T", text="name:N")
    )
    drawn: alt.LayerChart = cells + bad + labels
    return drawn.properties(height=_ROW_HEIGHT * len(names) + 60)
