"""Overview: how the service did in the period, in one sentence, twelve cards and a matrix."""

import streamlit as st

from dashboards.cards import CardData, cards, load_cards
from dashboards.charts import Switch
from dashboards.data import View
from dashboards.frame import current_view
from dashboards.headline import headline
from dashboards.i18n import literal
from dashboards.matrix import matrix
from dashboards.modules import guarded, module
from dashboards.movers import contributors_module, movers_module

GROUPS: dict[str, tuple[str, ...]] = {
    "timeliness": (
        "first_reply_business_p50",
        "calls_service_level_ratio",
        "average_speed_of_answer",
    ),
    "quality": (
        "sla_met_ratio",
        "first_contact_resolution_ratio",
        "tickets_reopened_ratio",
    ),
    "satisfaction": ("csat_top2_ratio", "nps", "survey_response_ratio"),
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
    with guarded(view):
        data = load_cards(view, [name for group in GROUPS.values() for name in group])
        st.markdown(literal(headline(view, data)))
        _quadrants(view, data)
        with st.grid(2, min_column_width=400, gap="small"):
            movers_module(view, data)
            contributors_module(view, data)
    title = view.texts("overview.matrix")
    with module(view, title, view.texts("overview.matrix_note")) as corner:
        matrix(view, MATRIX, "team", Switch(corner, "matrix"))


def _quadrants(view: View, data: CardData) -> None:
    """Four groups of cards, two by two."""
    with st.grid(2, min_column_width=400, gap="small"):
        for group, names in GROUPS.items():
            with st.container():
                st.subheader(view.texts(f"group.{group}"), anchor=False)
                cards(view, names, columns=len(names), data=data)


show(current_view())
