"""The matrix of KPIs by team: value, n and whether it is better or worse than before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from dashboards.cards import value_text
from dashboards.comparison import (
    Change,
    Judgement,
    compare,
    comparison_fact,
    held_against_before,
)
from dashboards.data import Figure, View, fetch
from dashboards.exports import Content, Exported, Place, export_control, whole_numbers
from dashboards.i18n import literal, unbroken
from pipelines.metrics.samples import SMALL_SAMPLE

# A shape for each judgement, so that colour is not all there is.
_SIGNS: Mapping[Judgement, str] = {"better": "▲", "worse": "◆", "same": "●", "neutral": ""}


@dataclass(frozen=True)
class _Table:
    """Figures by metric and member, now and before, and the members in the order of their names."""

    dimension: str
    members: Sequence[str]
    now: Mapping[str, Mapping[str, Figure]]
    before: Mapping[str, Mapping[str, Figure]]

    def cells(self, name: str) -> list[tuple[Figure | None, Figure | None]]:
        """The metric's figures down the members: now and before."""
        now, before = self.now[name], self.before.get(name, {})
        return [(now.get(member), before.get(member)) for member in self.members]

    def has_small(self) -> bool:
        return any(figure.is_small for found in self.now.values() for figure in found.values())


def matrix(view: View, names: Sequence[str], dimension: str, place: Place) -> None:
    """Members down, metrics across; each cell has its value, n and change, and is grey if few."""
    now = _by_member(view, names, dimension)
    members = sorted(
        {member for figures in now.values() for member in figures},
        key=lambda member: view.member(dimension, member),
    )
    table = _Table(dimension, members, now, _before(view, names, dimension))
    facts = (comparison_fact(view),) if table.before else ()
    export_control(view, place, Exported(lambda: _content(view, table), facts=facts))
    columns = {
        view.texts(f"dimension.{dimension}"): [
            unbroken(view.member(dimension, member)) for member in members
        ]
    }
    for name in names:
        title = literal(view.name(view.metric(name)))
        columns[title] = [_cell(view, *figures) for figures in table.cells(name)]
    st.table(pl.DataFrame(columns), border="horizontal")
    if table.has_small():
        st.caption(_greyed(literal(view.texts("chart.small", n=SMALL_SAMPLE))))


def _content(view: View, table: _Table) -> Content:
    """The matrix as numbers: of each metric the value, its n and the judgement of the change."""
    texts = view.texts
    columns: dict[str, list[Any]] = {
        texts(f"dimension.{table.dimension}"): [
            view.member(table.dimension, member) for member in table.members
        ]
    }
    units: dict[str, str] = {}
    for name in table.now:
        metric, cells = view.metric(name), table.cells(name)
        title = view.name(metric)
        columns[title] = whole_numbers([None if now is None else now.value for now, _ in cells])
        units[title] = metric.unit
        if metric.unit != "count":
            n = texts("export.n_of", series=title)
            columns[n] = whole_numbers(
                [None if now is None else now.denominator for now, _ in cells]
            )
            units[n] = "count"
        if name in table.before:
            changes = [now and compare(view, now, before) for now, before in cells]
            columns[texts("export.judgement_of", series=title)] = [
                change and texts(f"change.{change.judgement}") for change in changes
            ]
    return Content(pl.DataFrame(columns, strict=False), units)


def _before(view: View, names: Sequence[str], dimension: str) -> dict[str, dict[str, Figure]]:
    """Figures of the like period before; none where the reader or the data have none."""
    comparable = held_against_before(view, names)
    return _by_member(view, comparable, dimension, before=True) if comparable else {}


def _by_member(
    view: View, names: Sequence[str], dimension: str, before: bool = False
) -> dict[str, dict[str, Figure]]:
    found = fetch(view, names, by=[dimension], period=view.previous if before else None)
    return {
        name: {point.members[0]: point.figure for point in found.get(name, [])} for name in names
    }


def _cell(view: View, figure: Figure | None, earlier: Figure | None) -> str:
    if figure is None:
        return view.texts("card.none")
    text = value_text(view, figure)
    if figure.denominator is not None and figure.metric.unit != "count":
        text += f" ({figure.denominator:,.0f})"
    shown = _greyed(unbroken(text)) if figure.is_small else unbroken(text)
    change = compare(view, figure, earlier)
    return shown + (_sign(view, change) if change else "")


def _greyed(text: str) -> str:
    return f":gray-background[{text}]"


def _sign(view: View, change: Change) -> str:
    """The judgement in a word and a shape; nothing where a change is neither good nor bad."""
    if change.judgement == "neutral":
        return ""
    word = view.texts(f"change.{change.judgement}")
    return f" :{change.colour}[{unbroken(f'{_SIGNS[change.judgement]} {word}')}]"
