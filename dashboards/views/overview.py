"""Overview: how the service did in the period, in one sentence, a dozen cards and a matrix."""

import streamlit as st

from dashboards.cards import CardData, cards, load_cards
from dashboards.data import View
from dashboards.frame import current_view
from dashboards.headline import headline
from dashboards.i18n import literal
from dashboards.modules import guarded, module
from dashboards.parts import matrix

GROUPS: dict[str, tuple[str, ...]] = {
    "timeliness": (
        "first_reply_business_p50",
        "resolution_business_p50",
        "calls_service_level_ratio",
        "average_speed_of_answer",
    ),
    "quality": (
        "sla_met_ratio",
        "first_contact_resolution_ratio",
        "tickets_reopened_ratio",
        "calls_abandoned_ratio",
    ),
    "satisfaction": ("csat_top2_ratio", "nps"),
    "load": ("tickets_opened_count", "tickets_backlog_count"),
}
WIDE, NARROW = ("timeliness", "quality"), ("satisfaction", "load")
MATRIX = (
    "tickets_opened_count",
    "first_reply_business_p50",
    "resolution_business_p50",
    "sla_resolution_met_ratio",
    "tickets_reopened_ratio",
    "csat_top2_ratio",
)


def show(view: View) -> None:
    """The page."""
    with guarded(view):
        _cards(view)
    with module(view, view.texts("overview.matrix"), view.texts("overview.matrix_note")):
        matrix(view, MATRIX, "team")


def _cards(view: View) -> None:
    """The sentence and the cards, loaded together."""
    data = load_cards(view, [name for group in GROUPS.values() for name in group])
    st.markdown(literal(headline(view, data)))
    for group in WIDE:
        _group(view, group, data)
    for group, column in zip(NARROW, st.columns(len(NARROW), gap="xsmall"), strict=True):
        with column:
            _group(view, group, data)


def _group(view: View, group: str, data: CardData) -> None:
    st.subheader(view.texts(f"group.{group}"), anchor=False)
    cards(view, GROUPS[group], columns=len(GROUPS[group]), data=data)


show(current_view())
