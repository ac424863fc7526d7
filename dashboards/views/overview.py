"""Overview: how the service did in the period, in one sentence, a dozen cards and a matrix."""

import streamlit as st

from dashboards.cards import cards
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
        "sla_resolution_met_ratio",
        "calls_service_level_ratio",
    ),
    "quality": (
        "tickets_reopened_ratio",
        "first_contact_resolution_ratio",
        "calls_abandoned_ratio",
    ),
    "satisfaction": ("csat_top2_ratio", "nps", "servqual_gap"),
    "load": ("tickets_opened_count", "tickets_backlog_count", "calls_offered_count"),
}
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
    names = [name for group in GROUPS.values() for name in group]
    with guarded(view):
        st.markdown(literal(headline(view, names)))
    for group, members in GROUPS.items():
        st.subheader(view.texts(f"group.{group}"), anchor=False)
        with guarded(view):
            cards(view, members)
    with module(view, view.texts("overview.matrix"), view.texts("overview.matrix_note")):
        matrix(view, MATRIX, "team")


show(current_view())
