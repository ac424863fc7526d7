"""Modules that several pages share: a trend of metrics, a comparison of members, a heat map.

A page names metrics and dimensions here; it never touches a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from dashboards.charts import Grid, Switch, bars, heat, pareto, trend
from dashboards.charts.heat import Tone
from dashboards.data import Point, View, fetch
from dashboards.modules import Corner, module
from dashboards.periods import EVER, Period
from dashboards.rows import (
    Row,
    bar_words,
    largest_first,
    rows_by_member,
    rows_by_pair,
    rows_by_period,
    rows_of_shares,
)
from dashboards.state import bound_own

_MOST_BARS = 15
# Dimensions whose members have an order of their own: that of their ids.
ORDERED = (
    *("priority", "customer_tier", "wait_band", "iso_weekday", "half_hour", "created_hour"),
    *("created_weekday", "age_bucket"),
)
_BANDS = ("under_50", "50_to_75", "75_to_90", "90_to_100", "over_100")


def section(view: View, names: Sequence[str]) -> str:
    """The part of the page that the reader opened; only that one is computed."""
    asked = view.filters.own.get("tab", "")
    chosen = asked if asked in names else names[0]
    labels = {name: view.texts(f"section.{name}") for name in names}
    st.segmented_control(
        view.texts("section.title"),
        names,
        format_func=labels.__getitem__,
        required=True,
        label_visibility="collapsed",
        **bound_own(f"tab:{view.texts.language}:{names[0]}", chosen, "tab"),
    )
    return chosen


def period_rows(view: View, names: Sequence[str]) -> list[Row]:
    """Rows over the chosen period, a series per metric, in the grain of the first one's family."""
    grain = view.grain(view.metric(names[0]).family)
    found = fetch(view, names, grain=grain)
    return [
        row
        for name in names
        for row in rows_by_period(view, found.get(name, []), view.name(view.metric(name)), grain)
    ]


def member_rows(view: View, found: Mapping[str, Sequence[Point]], dimension: str) -> list[Row]:
    """Rows by the members of a dimension, a series per metric."""
    return [
        row
        for name, points in found.items()
        for row in rows_by_member(view, points, dimension, view.name(view.metric(name)))
    ]


def trend_module(view: View, title: str, names: Sequence[str], note: str | None = None) -> None:
    """Lines of metrics that share a unit, over the chosen period."""
    with module(view, title, note) as corner:
        unit = view.metric(names[0]).unit
        trend(view, period_rows(view, names), unit, Switch(corner, f"trend_{names[0]}"))


def members_module(
    view: View, title: str, names: Sequence[str], dimension: str, period: Period | None = None
) -> None:
    """Bars of metrics that share a unit, one group per member; what has an order keeps it."""
    with module(view, title) as corner:
        rows = member_rows(view, fetch(view, names, by=[dimension], period=period), dimension)
        if len(names) == 1 and dimension not in ORDERED:
            total, rows = len(rows), largest_first(rows, _MOST_BARS)
            if total > len(rows):
                st.caption(view.texts("words.largest", shown=len(rows), total=total))
        switch = _switch(corner, f"by_{dimension}_{names[0]}", period)
        bars(view, rows, view.metric(names[0]).unit, switch)


def _switch(corner: Corner, key: str, period: Period | None) -> Switch:
    """What is asked for whenever it began is what is open now."""
    return Switch(corner, key, "now" if period == EVER else "period")


def pareto_module(view: View, title: str, name: str, dimensions: Sequence[str]) -> None:
    """A count by the members of a dimension, by size with the running share."""
    with module(view, title) as corner:
        dimension = pick_dimension(view, f"pareto_{name}", dimensions)
        points = [
            point
            for point in fetch(view, [name], by=[dimension]).get(name, [])
            if point.members[0] != "unknown"
        ]
        rows = rows_of_shares(view, points, dimension, _MOST_BARS)
        words = (
            view.texts("words.pareto_first", place=rows[0].place, text=rows[0].text) if rows else ""
        )
        pareto(view, rows, Switch(corner, f"pareto_{dimension}_{name}"), words)


def heat_module(
    view: View,
    title: str,
    name: str,
    dimensions: tuple[str, str],
    tone: Tone = "load",
    is_labelled: bool = True,
    is_open_now: bool = False,
    note: str | None = None,
) -> None:
    """A metric by two dimensions, the first down the side."""
    with module(view, title, note) as corner:
        period = EVER if is_open_now else None
        points = fetch(view, [name], by=dimensions, period=period).get(name, [])
        switch = _switch(corner, f"heat_{dimensions[0]}_{dimensions[1]}_{name}", period)
        heat_of(view, points, name, dimensions, switch, tone, is_labelled)


def heat_of(
    view: View,
    points: Sequence[Point],
    name: str,
    dimensions: tuple[str, str],
    switch: Switch,
    tone: Tone = "load",
    is_labelled: bool = True,
) -> None:
    """The heat map of figures that were asked for by these two dimensions."""
    # A segment that is empty by its definition (tickets that are no longer open) is no segment.
    known = [p for p in points if "unknown" not in p.members or p.figure.value]
    # Few cases make large rates: the sentence speaks of the others, where there are any.
    certain = [p for p in known if not p.figure.is_small] or known
    metric = view.metric(name)
    words = extremes(view, rows_by_pair(view, certain, dimensions), view.name(metric))
    rows = rows_by_pair(view, known, dimensions)
    heat_of_rows(view, rows, metric.unit, dimensions, switch, words, tone, is_labelled)


def heat_of_rows(
    view: View,
    rows: Sequence[Row],
    unit: str,
    dimensions: tuple[str, str],
    switch: Switch,
    words: str,
    tone: Tone = "load",
    is_labelled: bool = True,
) -> None:
    """The heat map of rows whose place and series are members of these two dimensions."""
    down, across = dimensions
    grid = Grid(in_order(view, across), in_order(view, down), tone, is_labelled)
    heat(view, rows, unit, grid, switch, words)


def extremes(view: View, rows: Sequence[Row], series: str) -> str:
    """Highest and lowest cell of a heat map."""
    cells = [replace(row, place=f"{row.place} · {row.series}", series=series) for row in rows]
    return bar_words(view, cells)


def in_order(view: View, dimension: str) -> list[str]:
    """Names of a dimension's members: by their ids where these have an order, else by name."""
    found = view.store.members(dimension)
    if dimension in ORDERED:
        known = [member for member in found if member.id != "unknown"]
        found = sorted(known, key=lambda member: member.id)
    if dimension == "used_band":
        found = [m for band in _BANDS for m in found if m.id == band]
    return [view.member(dimension, member.id) for member in found]


def pick_dimension(view: View, key: str, dimensions: Sequence[str]) -> str:
    """One of a few dimensions; there is nothing to choose where there is one."""
    if len(dimensions) == 1:
        return dimensions[0]
    return pick(view, key, {d: view.texts(f"dimension.{d}") for d in dimensions})


def pick(view: View, key: str, names: Mapping[str, str]) -> str:
    """One of a few things to look at, by code and name; the first unless chosen."""
    chosen = st.segmented_control(
        view.texts("section.title"),
        list(names),
        format_func=lambda code: names[code],
        default=next(iter(names)),
        required=True,
        label_visibility="collapsed",
        key=f"{key}:{view.texts.language}",
    )
    return str(chosen)
