"""Flows, drawn by ECharts: what goes from where to where, and what is left at each stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from dashboards.charts.base import COLOURS, Switch, anything, ink, show_either
from dashboards.data import View
from dashboards.rows import Row, table_rows

_LAYER_MARK = "\u200b"  # keeps a name that stands in two layers two nodes


@dataclass(frozen=True)
class Flow:
    """Things that go from one layer to the next; names as the reader sees them."""

    layer: int
    source: str
    target: str
    value: float
    text: str


def sankey(view: View, flows: Sequence[Flow], switch: Switch, words: str) -> None:
    """Bands between layers, as wide as what goes through them."""
    if not flows:
        anything(view, [])
        return
    texts = view.texts
    table = pl.DataFrame(
        {
            texts("column.from"): [flow.source for flow in flows],
            texts("column.to"): [flow.target for flow in flows],
            texts("column.value"): [flow.text for flow in flows],
        }
    )
    show_either(
        view,
        lambda: st.echarts_chart(
            _sankey_options(flows), height=420, key=f"chart_{switch.key}", alt=words
        ),
        table,
        words,
        switch,
    )


def funnel(view: View, rows: Sequence[Row], switch: Switch, words: str) -> None:
    """What is left at each stage, the first stage on top."""
    if not anything(view, rows):
        return
    show_either(
        view,
        lambda: st.echarts_chart(
            _funnel_options(rows), height=300, key=f"chart_{switch.key}", alt=words
        ),
        table_rows(view, rows),
        words,
        switch,
    )


def _sankey_options(flows: Sequence[Flow]) -> dict[str, Any]:
    def node(name: str, layer: int) -> str:
        return name + _LAYER_MARK * layer

    names = dict.fromkeys(
        [node(f.source, f.layer) for f in flows] + [node(f.target, f.layer + 1) for f in flows]
    )
    last = max(f.layer for f in flows) + 1
    return {
        "color": list(COLOURS),
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "left": 4,
                "right": 4,
                "top": 8,
                "bottom": 8,
                "nodeGap": 14,
                "draggable": False,
                "emphasis": {"focus": "adjacency"},
                "label": {"formatter": "{b} {c}", "fontSize": 12, "color": ink()},
                "levels": [{"depth": last, "label": {"position": "left"}}],
                "lineStyle": {"color": "source", "opacity": 0.3},
                "data": [
                    {"name": name, "itemStyle": {"color": COLOURS[place % len(COLOURS)]}}
                    for place, name in enumerate(names)
                ],
                "links": [
                    {
                        "source": node(f.source, f.layer),
                        "target": node(f.target, f.layer + 1),
                        "value": f.value,
                    }
                    for f in flows
                ],
            }
        ],
    }


def _funnel_options(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "color": list(COLOURS),
        "series": [
            {
                "type": "funnel",
                "sort": "none",
                "left": 4,
                "width": "40%",
                "top": 8,
                "bottom": 8,
                "gap": 3,
                "funnelAlign": "left",
                "label": {
                    "position": "right",
                    "fontSize": 12,
                    "width": 170,
                    "overflow": "break",
                    "color": ink(),
                },
                "labelLine": {"length": 36},
                "data": [
                    {"name": f"{row.place} {row.text}", "value": row.value or 0} for row in rows
                ],
            }
        ],
    }
