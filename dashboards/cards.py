"""KPI cards: name and its definition, value, n, change, sparkline.

What a card says about a metric comes from the metric's own metadata.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from dashboards.comparison import Change, compare, compared_figures
from dashboards.data import Figure, Point, View, fetch, totals
from dashboards.definition import division
from dashboards.i18n import literal
from dashboards.navigation import page_file
from dashboards.periods import sparkline_span
from dashboards.sparkline import sparkline
from dashboards.units import format_value
from pipelines.metrics import Metric

_CARD_WIDTH = 150


@dataclass(frozen=True)
class CardData:
    """What the cards of a page show, by metric: now, before, the change, the past."""

    figures: Mapping[str, Figure]
    earlier: Mapping[str, Figure]
    changes: Mapping[str, Change]
    history: Mapping[str, Sequence[Point]]


def load_cards(view: View, names: Sequence[str]) -> CardData:
    """Everything for these cards in three requests: now, before, and the sparklines."""
    figures = totals(view, names)
    before = compared_figures(view, list(names))
    grain, period = sparkline_span(view.period, view.last_day)
    found = {name: compare(view, figures[name], before.get(name)) for name in names}
    changes = {name: change for name, change in found.items() if change is not None}
    return CardData(figures, before, changes, fetch(view, names, grain=grain, period=period))


def cards(view: View, names: Sequence[str], columns: int, data: CardData | None = None) -> None:
    """A grid of at most so many columns; data may be loaded before, for several grids."""
    data = data or load_cards(view, names)
    with st.grid(columns, min_column_width=_CARD_WIDTH, gap="xsmall"):
        for name in names:
            card(view, data.figures[name], data.changes.get(name), data.history.get(name, ()))


def card(view: View, figure: Figure, change: Change | None, history: Sequence[Point]) -> None:
    """One KPI."""
    metric = figure.metric
    # What stands in step in a row of cards is told in `web/built_in.js`, by this key.
    with st.container(border=True, height="stretch", key=f"card_{metric.name}"):
        _name(view, metric)
        with st.container(gap="xxsmall"):
            st.metric(
                literal(view.name(metric)),
                literal(value_text(view, figure)),
                literal(change.text) if change else None,
                delta_color=change.colour if change else "off",
                delta_arrow=_arrow(change),
                label_visibility="collapsed",
            )
            sparkline(view, history)
            if note := _footnote(view, figure, change):
                st.caption(literal(note))


def _name(view: View, metric: Metric) -> None:
    """The name, above the figure; it leads to the detail. A link's label would be cut off."""
    name, meaning = f":small[{literal(view.name(metric))}]", definition(view, metric)
    if not view.store.reader.may_open("kpi"):
        st.markdown(name, help=meaning)
        return
    if st.button(name, type="tertiary", help=meaning, key=f"open_{metric.name}"):
        st.switch_page(page_file("kpi"), query_params=view.filters.linked(m=metric.name))


def value_text(view: View, figure: Figure) -> str:
    """The value in words, or why there is none."""
    if figure.is_withheld:
        return view.texts("card.withheld")
    return format_value(figure.value, figure.metric.unit, view.texts)


def definition(view: View, metric: Metric) -> str:
    """What the metric counts, as the help of its name."""
    texts = view.texts
    lines = [
        (None, f"{metric.label_zh} · {metric.label}"),
        (None, texts.pick(metric.question, metric.question_zh)),
        ("field.formula", division(texts, metric)),
        ("field.time_basis", texts.pick(metric.time_basis, metric.time_basis_zh)),
        ("field.hours_basis", texts(f"hours.{metric.hours_basis}")),
        ("field.exclusions", texts.pick(metric.exclusions, metric.exclusions_zh)),
        ("field.owner", texts.pick(metric.owner, metric.owner_zh)),
    ]
    target = view.target(metric)
    if target is not None:
        wanted = format_value(target.value, metric.unit, texts)
        lines.append(("field.target", texts("target.since", value=wanted, day=target.valid_from)))
    return "\n\n".join(
        literal(text) if key is None else f"**{texts(key)}** {literal(text)}" for key, text in lines
    )


def _arrow(change: Change | None) -> Literal["up", "down", "off"]:
    if change is None or change.judgement == "same":
        return "off"
    return "up" if change.rises else "down"


def _footnote(view: View, figure: Figure, change: Change | None) -> str:
    """What the change means, n, and what keeps a change or a filter from the card."""
    texts = view.texts
    notes: list[str] = []
    if not view.store.may_read(figure.metric.name):
        return texts("card.refused")
    target = view.target(figure.metric)
    if target is not None:
        wanted = format_value(target.value, figure.metric.unit, texts)
        notes.append(texts("card.target", value=wanted))
    if change is not None and change.judgement != "neutral":
        notes.append(texts(f"change.{change.judgement}"))
    if figure.denominator is not None and figure.metric.unit != "count":
        n = texts("card.n", n=f"{figure.n or figure.denominator:,.0f}")
        notes.append(n.replace(" ", "\u00a0"))
    if figure.low is not None and figure.high is not None:
        low, high = (
            format_value(bound, figure.metric.unit, texts) for bound in (figure.low, figure.high)
        )
        notes.append(texts("card.interval", low=low, high=high))
    if figure.is_small and figure.value is not None and figure.n is not None:
        notes.append(texts("card.small"))
    ignored = sorted(set(view.filters.members) - set(view.applies(figure.metric)))
    if ignored:
        names = texts("list.separator").join(texts(f"dimension.{d}") for d in ignored)
        notes.append(texts("card.unfiltered", dimensions=names))
    if figure.value is None:
        notes.append(texts("card.no_data"))
    elif change is None and view.filters.comparison != "none":
        notes.append(texts("card.no_comparison"))
    return " · ".join(notes)
