"""Flows: what goes from where to where, as bands between the layers of a Sankey diagram.

Where nodes and bands lie is reckoned here, in the unit of the values; Vega-Lite only draws it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from dashboards.charts.base import COLOURS, Switch, anything, ink, show_either
from dashboards.data import View
from dashboards.exports import Content, Exported
from dashboards.units import format_value

_HEIGHT = 420
_NODE_GAP, _NODE_WIDTH = 14, 12  # pixels
_STEPS = 20  # straight pieces of a band, enough to look round
_Key = tuple[int, str]


@dataclass(frozen=True)
class Flow:
    """How many go from a layer to the next; names as the reader sees them."""

    layer: int
    source: str
    target: str
    value: float


@dataclass(frozen=True)
class Node:
    """A name in its layer: what goes through it, and where it begins, from the top."""

    layer: int
    name: str
    value: float
    top: float


def sankey(view: View, flows: Sequence[Flow], switch: Switch, words: str) -> None:
    """Bands between layers, as wide as what goes through them."""
    if not flows:
        anything(view, [])
        return
    listed = pl.DataFrame(
        {
            view.texts("column.from"): [flow.source for flow in flows],
            view.texts("column.to"): [flow.target for flow in flows],
            view.texts("column.value"): [int(flow.value) for flow in flows],
        }
    )
    chart = _chart(view, flows)
    show_either(
        view,
        lambda: st.altair_chart(chart, key=f"chart_{switch.key}", alt=words),
        listed,
        words,
        switch,
        Exported(lambda: Content(listed, {view.texts("column.value"): "count"}), chart),
    )


def nodes_of(flows: Sequence[Flow], height: float, gap: float) -> tuple[dict[_Key, Node], float]:
    """Nodes by layer and name, the largest of a layer on top, and the values the height is worth.

    `gap` lies between two nodes of a layer, in what `height` is counted in, and is smaller where
    there are many; the layer that needs most of the height fills it, the others stand in its
    middle.
    """
    leaving: dict[_Key, float] = defaultdict(float)
    arriving: dict[_Key, float] = defaultdict(float)
    for flow in flows:
        leaving[flow.layer, flow.source] += flow.value
        arriving[flow.layer + 1, flow.target] += flow.value
    layers: dict[int, dict[str, float]] = defaultdict(dict)
    for layer, name in (*leaving, *arriving):
        through = max(leaving.get((layer, name), 0.0), arriving.get((layer, name), 0.0))
        layers[layer][name] = through
    gap = min(gap, height / (2 * max(map(len, layers.values()))))
    worth = max(
        height * sum(sizes.values()) / (height - gap * (len(sizes) - 1))
        for sizes in layers.values()
    )
    between = gap * worth / height
    nodes = {}
    for layer, sizes in layers.items():
        top = (worth - sum(sizes.values()) - between * (len(sizes) - 1)) / 2
        for name, value in sorted(sizes.items(), key=lambda size: -size[1]):
            nodes[layer, name] = Node(layer, name, value, top)
            top += value + between
    return nodes, worth


def bands_of(flows: Sequence[Flow], nodes: dict[_Key, Node]) -> list[tuple[Flow, float, float]]:
    """Each flow with where it leaves its source and reaches its target.

    The bands of a node lie in the order of their other ends, so that they do not cross there.
    """

    sources = [nodes[flow.layer, flow.source] for flow in flows]
    targets = [nodes[flow.layer + 1, flow.target] for flow in flows]
    starts = _stacked(flows, sources, targets)
    return list(zip(flows, starts, _stacked(flows, targets, sources), strict=True))


def _stacked(flows: Sequence[Flow], own: Sequence[Node], other: Sequence[Node]) -> list[float]:
    """Where each flow begins at its own node: one below the other, by their other ends."""
    free = {node: node.top for node in own}
    begins = [0.0] * len(flows)
    for place in sorted(range(len(flows)), key=lambda place: other[place].top):
        begins[place] = free[own[place]]
        free[own[place]] += flows[place].value
    return begins


def _chart(view: View, flows: Sequence[Flow]) -> Any:
    nodes, worth = nodes_of(flows, _HEIGHT, _NODE_GAP)
    colours = {key: COLOURS[place % len(COLOURS)] for place, key in enumerate(nodes)}
    last = max(flow.layer for flow in flows) + 1
    across = alt.X(
        "x:Q", axis=None, scale=alt.Scale(domain=[0, last], nice=False, padding=_NODE_WIDTH)
    )
    down = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[worth, 0], nice=False))
    paint = alt.Color("colour:N", scale=None)

    def told(*columns: str) -> list[alt.Tooltip]:
        return [alt.Tooltip(f"{name}:N", title=view.texts(f"column.{name}")) for name in columns]

    bands = alt.Chart(_band_frame(view, bands_of(flows, nodes), colours))
    blocks = alt.Chart(_node_frame(view, nodes, colours)).encode(x=across)
    names = blocks.encode(y=alt.Y("middle:Q", axis=None), text="label:N")
    drawn = alt.layer(
        bands.mark_area(opacity=0.35).encode(
            x=across, y=down, y2="y2:Q", detail="band:N", color=paint,
            tooltip=told("from", "to", "value"),
        ),
        blocks.mark_rule(strokeWidth=_NODE_WIDTH).encode(
            y=down, y2="y2:Q", color=paint, tooltip=told("name", "value")
        ),
        names.transform_filter(f"datum.x < {last}").mark_text(
            align="left", dx=_NODE_WIDTH, fontSize=12, color=ink()
        ),
        names.transform_filter(f"datum.x == {last}").mark_text(
            align="right", dx=-_NODE_WIDTH, fontSize=12, color=ink()
        ),
    )  # fmt: skip
    return drawn.properties(height=_HEIGHT)


def _band_frame(
    view: View, bands: Sequence[tuple[Flow, float, float]], colours: dict[_Key, str]
) -> pl.DataFrame:
    """The upper and lower edge of every band, step by step from one layer to the next."""
    rows = []
    for number, (flow, start, end) in enumerate(bands):
        for step in range(_STEPS + 1):
            part = step / _STEPS
            top = start + (end - start) * part * part * (3 - 2 * part)
            rows.append(
                {
                    "band": number,
                    "x": flow.layer + part,
                    "y": top,
                    "y2": top + flow.value,
                    "from": flow.source,
                    "to": flow.target,
                    "value": format_value(flow.value, "count", view.texts),
                    "colour": colours[flow.layer, flow.source],
                }
            )
    return pl.DataFrame(rows)


def _node_frame(view: View, nodes: dict[_Key, Node], colours: dict[_Key, str]) -> pl.DataFrame:
    rows = []
    for key, node in nodes.items():
        value = format_value(node.value, "count", view.texts)
        rows.append(
            {
                "x": node.layer,
                "y": node.top,
                "middle": node.top + node.value / 2,
                "y2": node.top + node.value,
                "name": node.name,
                "value": value,
                "label": f"{node.name} {value}",
                "colour": colours[key],
            }
        )
    return pl.DataFrame(rows)
