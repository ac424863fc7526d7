"""Promises that run out soon: a row per target at risk, the one with the least time left first."""

import streamlit as st

from dashboards.data import View
from dashboards.fields import fields_table
from dashboards.modules import module
from pipelines.metrics.records import Selection

_METRIC = "sla_at_risk_count"
_MOST_ROWS = 200
_COLUMNS = (
    "ticket_id", "metric", "priority", "team_key", "service_key", "due_at", "remaining_seconds",
    "elapsed_seconds", "target_seconds",
)  # fmt: skip


def risks_module(view: View) -> None:
    """Targets that have used three quarters of their time or more, as of the data."""
    texts = view.texts
    with module(view, texts("tickets.at_risk"), texts("tickets.at_risk_note")):
        where = view.applies(view.store.metrics[_METRIC])
        found = view.store.records(_METRIC, Selection(where, kept="numerator", limit=_MOST_ROWS))
        if found.frame.is_empty():
            st.info(texts("tickets.none_at_risk"))
            return
        first = found.frame.sort("remaining_seconds", nulls_last=True)
        st.caption(texts("words.largest", shown=first.height, total=found.row_count))
        st.dataframe(
            fields_table(view, first, _COLUMNS), hide_index=True, alt=texts("tickets.at_risk")
        )
