"""The matrix of KPIs by team: value, n and whether it is better or worse than before."""

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from dashboards.cards import value_text
from dashboards.comparison import Change, Judgement, compare, held_against_before
from dashboards.data import Figure, View, fetch
from dashboards.i18n import literal, unbroken

# A shape for each judgement, so that colour is not all there is.
_SIGNS: Mapping[Judgement, str] = {"better": "▲", "worse": "◆", "same": "●", "neutral": ""}


def matrix(view: View, names: Sequence[str], dimension: str) -> None:
    """Members down, metrics across; each cell has its value, n and change."""
    now = _by_member(view, names, dimension)
    before = _before(view, names, dimension)
    members = sorted(
        {member for figures in now.values() for member in figures},
        key=lambda member: view.member(dimension, member),
    )
    columns = {
        view.texts(f"dimension.{dimension}"): [
            unbroken(view.member(dimension, member)) for member in members
        ]
    }
    for name in names:
        title = literal(view.name(view.metric(name)))
        columns[title] = [
            _cell(view, now[name].get(member), before.get(name, {}).get(member))
            for member in members
        ]
    st.table(pl.DataFrame(columns), border="horizontal")


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
    change = compare(view, figure, earlier)
    return unbroken(text) + (_sign(view, change) if change else "")


def _sign(view: View, change: Change) -> str:
    """The judgement in a word and a shape; nothing where a change is neither good nor bad."""
    if change.judgement == "neutral":
        return ""
    word = view.texts(f"change.{change.judgement}")
    return f" :{change.colour}[{unbroken(f'{_SIGNS[change.judgement]} {word}')}]"
