"""Modules that several pages share: a trend of metrics, a comparison of members, a matrix.

A page names metrics and dimensions here; it never touches a number.
"""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboards.cards import value_text
from dashboards.charts import Switch, bars, trend
from dashboards.data import View, fetch
from dashboards.i18n import literal, unbroken
from dashboards.modules import module
from dashboards.rows import Row, largest_first, rows_by_member, rows_by_period

_MOST_BARS = 15
_IN_ORDER = ("priority", "customer_tier", "wait_band", "iso_weekday")


def trend_module(view: View, title: str, names: Sequence[str]) -> None:
    """Lines of metrics that share a unit, over the chosen period."""
    with module(view, title) as corner:
        metrics = [view.metric(name) for name in names]
        grain = view.grain(metrics[0].family)
        found = fetch(view, names, grain=grain)
        rows = [
            row
            for metric in metrics
            for row in rows_by_period(view, found[metric.name], view.name(metric), grain)
        ]
        trend(view, rows, metrics[0].unit, Switch(corner, f"trend_{names[0]}"))


def members_module(view: View, title: str, names: Sequence[str], dimension: str) -> None:
    """Bars of metrics that share a unit, one group per member; what has an order keeps it."""
    with module(view, title) as corner:
        metrics = [view.metric(name) for name in names]
        found = fetch(view, names, by=[dimension])
        rows: list[Row] = []
        for metric in metrics:
            points = found.get(metric.name, [])
            rows += rows_by_member(view, points, dimension, view.name(metric))
        if len(names) == 1 and dimension not in _IN_ORDER:
            total, rows = len(rows), largest_first(rows, _MOST_BARS)
            if total > len(rows):
                st.caption(view.texts("words.largest", shown=len(rows), total=total))
        bars(view, rows, metrics[0].unit, Switch(corner, f"by_{dimension}_{names[0]}"))


def matrix(view: View, names: Sequence[str], dimension: str) -> None:
    """Members down, metrics across; each cell has its value and n."""
    found = fetch(view, names, by=[dimension])
    cells: dict[str, dict[str, str]] = {}
    for name in names:
        for point in found.get(name, []):
            n = point.figure.denominator
            text = value_text(view, point.figure)
            if n is not None and point.figure.metric.unit != "count":
                text += f" ({n:,.0f})"
            cells.setdefault(view.member(dimension, point.members[0]), {})[name] = unbroken(text)
    columns = {view.texts(f"dimension.{dimension}"): [unbroken(m) for m in sorted(cells)]}
    for name in names:
        title = literal(view.name(view.metric(name)))
        columns[title] = [cells[m].get(name, view.texts("card.none")) for m in sorted(cells)]
    st.table(pl.DataFrame(columns), border="horizontal")
