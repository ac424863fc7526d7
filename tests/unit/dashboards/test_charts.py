"""What charts draw: names that can be read, cells of few cases, Sankey diagrams, funnels."""

import json
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import altair as alt
import polars as pl
import pytest
import streamlit as st

import dashboards.charts.base as base
from dashboards.charts import (
    Flow,
    FunnelPlot,
    Grid,
    Switch,
    bars,
    funnel,
    funnel_plot,
    heat,
    sankey,
)
from dashboards.charts.flows import bands_of, nodes_of
from dashboards.charts.labels import Side, Spot, readable
from dashboards.data import View
from dashboards.exports import Exported
from dashboards.filters import Filters
from dashboards.i18n import LANGUAGES, Language
from dashboards.rows import Row
from pipelines.exports import svg_bytes
from pipelines.metrics import ScopedStore
from pipelines.metrics.funnel import funnel as limits_of
from tests.unit.dashboards.fake_store import FakeStore, OpenPage

FLOWS = [
    Flow(0, "Phone", "Incident", 60.0),
    Flow(0, "Phone", "Request", 20.0),
    Flow(0, "Web", "Incident", 15.0),
    Flow(0, "Web", "Request", 25.0),
    Flow(1, "Incident", "Phone", 5.0),  # a name that stands in two layers
    Flow(1, "Incident", "Closed", 70.0),
    Flow(1, "Request", "Closed", 45.0),
]
Drawn = Callable[[Callable[[Switch], None]], Exported]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """What a chart offers as files when it is drawn outside of a page."""
    offered: list[Exported] = []
    monkeypatch.setattr(base, "export_control", lambda view, place, files: offered.append(files))
    for name in ("vega_lite_chart", "caption"):
        monkeypatch.setattr(st, name, lambda *_, **__: None)
    corner = SimpleNamespace(place=SimpleNamespace(toggle=lambda *_, **__: False), title="Title")

    def draw(make: Callable[[Switch], None]) -> Exported:
        make(Switch(cast(Any, corner), "chart"))
        return offered.pop()

    return draw


def view_of(store: FakeStore, language: Language = "en") -> View:
    return View(cast(ScopedStore, store), Filters(language=language))


def svg(exported: Exported) -> str:
    assert exported.drawing is not None
    specification = exported.drawing.whole()
    alt.Chart.from_dict(specification)  # raises where Vega-Lite would not understand
    return svg_bytes(specification, "Title", []).decode().replace("&nbsp;", " ")


def sides_of(*spots: Spot) -> list[Side | None]:
    return readable(spots, width=560, height=270, middle=100)


def test_names_of_near_points_are_left_out_and_the_first_is_kept() -> None:
    near = [Spot(200, 100, "Night shift"), Spot(203, 101, "Day shift"), Spot(202, 99, "Weekend")]
    sides = sides_of(*near, Spot(400, 200, "Field"))
    assert sides[0] is not None
    assert sides[3] == "above"
    assert sum(side is not None for side in sides[:3]) < 3


def test_a_name_stands_away_from_the_middle() -> None:
    assert sides_of(Spot(200, 120, "Night shift"), Spot(200, 80, "Day shift")) == ["above", "below"]


def test_a_name_goes_where_there_is_room() -> None:
    assert sides_of(Spot(200, 100, "Night shift"), Spot(200, 113, "X")) == ["below", "above"]
    assert sides_of(Spot(200, 264, "At the top")) == ["below"]
    assert sides_of(Spot(2, 260, "At the edge")) == ["right"]
    assert sides_of(Spot(558, 260, "At the edge")) == ["left"]


def test_no_name_stands_over_another_point() -> None:
    """Points 24 pixels apart: short names fit between the rows, longer ones would hide points."""
    assert all(sides_of(*(Spot(30 + 24.0 * i, 100, "x") for i in range(8))))
    dense = [Spot(30 + 24.0 * i, 30 + 15.0 * j, "long name") for i in range(8) for j in range(8)]
    assert 0 < sum(side is not None for side in sides_of(*dense)) < 30


def test_the_funnel_plot_names_what_lies_outside_first(store: FakeStore, drawn: Drawn) -> None:
    """Twelve teams lie on each other within the limits, another just outside at the same place."""
    within = [f"a team with a long name {i}" for i in range(12)]
    members = pl.DataFrame(
        {
            "member": [*within, "a team that is just outside", *"abcdefgh"],
            "numerator": [534.0] * 12 + [535.0] + [2967.0] * 8,
            "denominator": [1000.0] * 13 + [6000.0] * 8,
        }
    )
    found = limits_of(members)
    assert found is not None
    assert found.members["standing"].to_list() == ["within"] * 12 + ["beyond_95"] + ["within"] * 8
    rows = [
        Row(m["member"], m["standing"], m["value"], "", "", low=m["n"], code=m["member"])
        for m in found.members.sort("standing", descending=True).to_dicts()
    ]
    plot = FunnelPlot(found, rows, ("#000000", "#FF0000"), lambda chosen: None)
    image = svg(drawn(lambda switch: funnel_plot(view_of(store), plot, switch, "")))
    assert ">a team that is just outside</text>" in image
    assert not any(f">{name}</text>" in image for name in within)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_labelled", [True, False])
def test_cells_of_few_cases_are_grey_and_say_so(
    store: FakeStore, drawn: Drawn, is_labelled: bool, language: Language
) -> None:
    view = view_of(store, language)
    rows = [
        Row("A", "X", 0.5, "50.0%", "40"),
        Row("A", "Y", 1.0, "100.0%", "9", is_small=True),
        Row("B", "X", 0.25, "25.0%", "20"),
    ]
    grid = Grid(("X", "Y"), ("A", "B"), "load", is_labelled)
    exported = drawn(lambda switch: heat(view, rows, "ratio", grid, switch, ""))
    assert exported.drawing is not None
    specification = json.dumps(exported.drawing.whole(), ensure_ascii=False)
    assert f"9 · {view.texts('card.small')}" in specification
    assert f"40 · {view.texts('card.small')}" not in specification
    image = svg(exported)
    assert image.count('fill="#B4BBC4"') == 2, "one cell and its mark in the legend"
    assert view.texts("chart.small", n=10).replace("<", "&lt;") in image
    assert image.count('fill="rgb(8, 65, 107)"') == 1, "the largest that is not small"


def test_without_small_cells_there_is_no_grey(store: FakeStore, drawn: Drawn) -> None:
    rows = [Row("A", "X", 0.5, "50.0%", "40")]
    grid = Grid(("X",), ("A",))
    chart = drawn(lambda switch: heat(view_of(store), rows, "ratio", grid, switch, ""))
    assert "#B4BBC4" not in svg(chart)


def test_the_legend_of_few_counts_names_whole_numbers_once(store: FakeStore, drawn: Drawn) -> None:
    """From nothing to two: 0, 1 and 2, not 0, 1 (for a half), 1, 2 (for one and a half) and 2."""
    rows = [Row("A", "X", 2.0, "2", "40"), Row("A", "Y", 1.0, "1", "40")]
    grid = Grid(("X", "Y"), ("A",), is_labelled=False)
    image = svg(drawn(lambda switch: heat(view_of(store), rows, "count", grid, switch, "")))
    for number in "012":
        assert image.count(f">{number}</text>") == 1, number


def test_heat_maps_of_pages_know_which_figures_are_small(
    open_page: OpenPage, store: FakeStore
) -> None:
    def has_grey() -> list[bool]:
        app = open_page("calls", lang="en", tab="hours")
        specs = [chart.proto.spec for chart in app.get("vega_lite_chart")]
        return ["#B4BBC4" in spec for spec in specs if '"rect"' in spec]

    assert not any(has_grey())
    store.answers = 9
    assert has_grey().count(True) >= 2


def test_nodes_are_as_tall_as_what_goes_through_them() -> None:
    nodes, worth = nodes_of(FLOWS, height=420, gap=14)
    assert {(layer, name): node.value for (layer, name), node in nodes.items()} == {
        (0, "Phone"): 80.0, (0, "Web"): 40.0,
        (1, "Incident"): 75.0, (1, "Request"): 45.0,
        (2, "Closed"): 115.0, (2, "Phone"): 5.0,
    }  # fmt: skip
    for layer in range(3):
        own = sorted((n for n in nodes.values() if n.layer == layer), key=lambda n: n.top)
        assert [node.value for node in own] == sorted((n.value for n in own), reverse=True)
        assert own[0].top == pytest.approx(0)
        assert own[-1].top + own[-1].value == pytest.approx(worth)
        for above, below in pairwise(own):
            gap = (below.top - above.top - above.value) * 420 / worth
            assert gap == pytest.approx(14)


def test_a_hundred_nodes_still_have_room() -> None:
    nodes, worth = nodes_of([Flow(0, f"s{i}", "all", 1.0) for i in range(100)], height=420, gap=14)
    own = sorted((node for node in nodes.values() if node.layer == 0), key=lambda node: node.top)
    assert all(a.top + a.value < b.top for a, b in pairwise(own))
    assert own[-1].top + own[-1].value == pytest.approx(worth)


def test_bands_fill_their_nodes_from_the_top_and_do_not_overlap() -> None:
    nodes, _ = nodes_of(FLOWS, height=420, gap=14)
    edges: dict[tuple[int, str, str], list[tuple[float, float]]] = {}
    for flow, start, end in bands_of(FLOWS, nodes):
        leaving, arriving = (flow.layer, flow.source), (flow.layer + 1, flow.target)
        edges.setdefault((*leaving, "out"), []).append((start, start + flow.value))
        edges.setdefault((*arriving, "in"), []).append((end, end + flow.value))
    assert len(edges) == 8
    for (layer, name, _), spans in edges.items():
        spans.sort()
        assert spans[0][0] == pytest.approx(nodes[layer, name].top)
        assert [low for low, _ in spans[1:]] == pytest.approx([high for _, high in spans[:-1]])


def test_a_sankey_diagram_is_drawn_and_listed(store: FakeStore, drawn: Drawn) -> None:
    exported = drawn(lambda switch: sankey(view_of(store), FLOWS, switch, ""))
    image = svg(exported)
    for name in ("Phone 80", "Web 40", "Incident 75", "Request 45", "Closed 115", "Phone 5"):
        assert f">{name}</text>" in image
    content = exported.content()
    assert content.frame.rows()[:2] == [("Phone", "Incident", 60), ("Phone", "Request", 20)]
    assert content.units == {"Value": "count"}


def test_a_long_name_takes_two_lines(store: FakeStore, drawn: Drawn) -> None:
    """More than 26 letters break at the last space among the first 27."""
    names = (
        "Phone tickets solved at first contact",
        "a name of some 24 letters",
        "名称很长的一个服务班组",
    )
    rows = [Row(name, "Calls", 1.0, "1", "") for name in names]
    image = svg(drawn(lambda switch: bars(view_of(store), rows, "count", switch)))
    for line in ("Phone tickets solved at", "first contact", *names[1:]):
        assert f">{line}</" in image
    assert "…" not in image


def test_a_funnel_has_its_stages_in_order(store: FakeStore, drawn: Drawn) -> None:
    rows = [
        Row("Offered", "Calls", 200.0, "200", ""),
        Row("Answered", "Calls", 150.0, "150 (75.0%)", ""),
    ]
    exported = drawn(lambda switch: funnel(view_of(store), rows, switch, ""))
    image = svg(exported)
    assert image.index(">200</text>") < image.index(">150 (75.0%)</text>")
    assert exported.content().frame.rows() == [("Offered", 200), ("Answered", 150)]
