"""The small line of a card: where its points lie, and what it says to those who do not see it."""

import re
from datetime import date
from typing import cast
from urllib.parse import unquote

import pytest
import streamlit as st

from dashboards.data import Figure, Point, View
from dashboards.filters import Filters
from dashboards.sparkline import sparkline
from pipelines.metrics import ScopedStore
from tests.unit.dashboards.fake_store import FakeStore


@pytest.fixture
def placed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put on the page."""
    found: list[str] = []
    monkeypatch.setattr(st, "html", found.append)
    return found


def history(store: FakeStore, **values: float | None) -> list[Point]:
    metric = store.metrics["sla_met_ratio"]
    return [
        Point(date.fromisoformat(day[1:].replace("_", "-")), (), Figure(metric, value))
        for day, value in values.items()
    ]


def drawn(
    store: FakeStore, points: list[Point], placed: list[str]
) -> tuple[list[tuple[float, float]], str]:
    sparkline(View(cast(ScopedStore, store), Filters(language="en")), points)
    image = unquote(placed.pop())
    line, words = re.search('<polyline points="(.+?)"', image), re.search('alt="(.+?)"', image)
    assert line is not None
    assert words is not None
    pairs = [pair.split(",") for pair in line[1].split()]
    return [(float(x), float(y)) for x, y in pairs], words[1]


def test_points_lie_by_day_and_value(store: FakeStore, placed: list[str]) -> None:
    """94 wide and 22 high inside the edges: a quarter of the days, half of the reach."""
    points = history(store, d2026_08_31=0.8, d2026_09_07=0.85, d2026_09_28=0.9)
    line, words = drawn(store, points, placed)
    assert line == [(3.0, 25.0), (26.5, 14.0), (97.0, 3.0)]
    assert words == "The last 3 full periods: from 80.0% to 90.0%."


def test_a_level_line_stays_inside(store: FakeStore, placed: list[str]) -> None:
    line, _ = drawn(store, history(store, d2026_08_31=0.5, d2026_09_07=0.5), placed)
    assert line == [(3.0, 25.0), (97.0, 25.0)]


def test_what_is_missing_is_no_point(store: FakeStore, placed: list[str]) -> None:
    points = history(store, d2026_08_31=0.8, d2026_09_07=None, d2026_09_14=0.9)
    line, words = drawn(store, points, placed)
    assert len(line) == 2
    assert "last 2" in words
    sparkline(View(cast(ScopedStore, store), Filters(language="en")), points[:2])
    assert placed == []
