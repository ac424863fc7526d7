"""Flows: what goes from where to where, as bands between the layers of a Sankey diagram.

Where nodes and bands lie is reckoned here, in the unit of the values; Vega-Lite only draws it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from dashboards.charts.base import COLOURS, Switch, anything, ink, show_either, told
from dashboards.data import View
from dashboards.drawing import Drawing, Spec, kept, mark, nominal, quantitative
from dashboards.exports import Content
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
    show_either(
        view,
        _drawing(view, flows),
        listed,
        words,
        switch,
        lambda: Content(listed, {view.texts("column.value"): "count"}),
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


def _drawing(view: View, flows: Sequence[Flow]) -> Drawing:
    nodes, worth = nodes_of(flows, _HEIGHT, _NODE_GAP)
    colours = {key: COLOURS[place % len(COLOURS)] for place, key in enumerate(nodes)}
    frames = {
        "bands": _band_frame(view, bands_of(flows, nodes), colours),
        "nodes": _node_frame(view, nodes, colours),
    }
    last = max(flow.layer for flow in flows) + 1
    layer = [_bands(view, worth), *_blocks(view, worth, last)]
    width = {"domain": [0, last], "nice": False, "padding": _NODE_WIDTH}
    across = quantitative("x", axis=None, scale=width)
    return Drawing({"encoding": {"x": across}, "layer": layer, "height": _HEIGHT}, frames)


def _bands(view: View, worth: float) -> Spec:
    columns = {column: column for column in ("from", "to", "value")}
    encoding = _edges(worth) | {"detail": nominal("band"), "tooltip": told(view, columns)}
    return {"data": {"name": "bands"}, "mark": mark("area", opacity=0.35), "encoding": encoding}


def _blocks(view: View, worth: float, last: int) -> list[Spec]:
    """The nodes, and their names on the side where there is room."""
    columns = {column: column for column in ("name", "value")}
    block = {
        "mark": mark("rule", strokeWidth=_NODE_WIDTH),
        "encoding": _edges(worth) | {"tooltip": told(view, columns)},
    }
    named = {"y": quantitative("middle", axis=None), "text": nominal("label")}
    text = mark("text", fontSize=12, color=ink())
    right, left = {"align": "left", "dx": _NODE_WIDTH}, {"align": "right", "dx": -_NODE_WIDTH}
    layers: list[Spec] = [
        block,
        {"mark": text | right, "encoding": named, "transform": kept(f"datum.x < {last}")},
        {"mark": text | left, "encoding": named, "transform": kept(f"datum.x == {last}")},
    ]
    return [{"data": {"name": "nodes"}, **layer} for layer in layers]


def _edges(worth: float) -> Spec:
    """From the upper to the lower edge, in the colour of the row."""
    down = quantitative("y", axis=None, scale={"domain": [worth, 0], "nice": False})
    return {"y": down, "y2": {"field": "y2"}, "color": nominal("colour", scale=None)}


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
