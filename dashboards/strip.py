"""A strip of days per source: one cell a day, its colour and mark say what came.

Only drawing; what a day was is told by the snapshot's table `deliveries`.
"""

import polars as pl
import streamlit as st

from dashboards.charts import Switch
from dashboards.charts.base import day_ticks, ink, told
from dashboards.data import View
from dashboards.drawing import Drawing, Spec, draw, kept, mark, nominal, temporal
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
_GAP = {"binSpacing": 0.4}
_TOUCHING = {"paddingInner": 0, "paddingOuter": 0}


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
    drawing = _drawing(view, shown)
    is_table = switch.corner.place.toggle(texts("chart.as_table"), key=f"table_{switch.key}")
    export_control(view, switch, Exported(lambda: Content(listed), drawing))
    if is_table:
        st.dataframe(listed, hide_index=True, alt=words)
        return
    draw(drawing, f"chart_{switch.key}", words)
    first, last = shown["day"].min(), shown["day"].max()
    st.caption(texts("data.days_span", first=first, last=last))


def _drawing(view: View, shown: pl.DataFrame) -> Drawing:
    texts = view.texts
    names = shown["name"].unique(maintain_order=True).to_list()
    days = shown["day"].unique().sort()
    ticks = day_ticks(days.gather_every(max(1, -(-days.len() // _TICKS))).to_list())
    states = {"domain": [texts(f"delivery.{s}") for s in STATES], "range": list(STATES.values())}
    legend = {"orient": "top", "title": None, "columns": 2, "labelLimit": 140}
    columns = {
        "name": "name", "day_text": "day", "told": "told", "rows_read": "rows_read",
        "rows_quarantined": "rows_quarantined", "warnings_count": "warnings_count",
        "files_refused": "files_refused",
    }  # fmt: skip
    cell = {
        "color": nominal("told", scale=states, legend=legend | {"symbolType": "square"}),
        "tooltip": told(view, columns),
    }
    fine, bad = mark("bar", height=14, yOffset=12), mark("bar", height=20, yOffset=9)
    layers: list[Spec] = [
        {"mark": fine | _GAP, "transform": kept("!datum.is_tall"), "encoding": cell},
        {"mark": bad | _GAP, "transform": kept("datum.is_tall"), "encoding": cell},
    ]
    label = {
        "data": {"name": "names"},
        "mark": mark("text", align="left", dx=0, dy=-9, fontSize=12, color=ink()),
        "encoding": {"text": nominal("name")},
    }
    x = temporal("day", timeUnit="yearmonthdate", title=None)
    spec = {
        "encoding": {
            "x": x | {"axis": {"format": "%m-%d", "values": ticks}},
            "y": nominal("name", sort=names, axis=None, scale=_TOUCHING),
        },
        "layer": [*({"data": {"name": "days"}, **layer} for layer in layers), label],
        "height": _ROW_HEIGHT * len(names) + 60,
    }
    first = pl.DataFrame({"name": names, "day": [days[0]] * len(names)})
    return Drawing(spec, {"days": shown, "names": first})
