"""Promises that run out soon: a row per target at risk, the one with the least time left first."""

import streamlit as st

from dashboards.data import View
from dashboards.drill import opening_table
from dashboards.fields import fields_table
from dashboards.modules import module
from pipelines.metrics.records import Records, Selection

_METRIC = "sla_at_risk_count"
_MOST_ROWS = 200
_COLUMNS = (
    "metric", "priority", "team_key", "service_key", "due_at", "remaining_seconds",
    "elapsed_seconds", "target_seconds",
)  # fmt: skip


def risks_module(view: View) -> None:
    """Targets that have used three quarters of their time or more, as of the data."""
    texts = view.texts
    with module(view, texts("tickets.at_risk"), texts("tickets.at_risk_note")):
        where = view.applies(view.metric(_METRIC))
        found = view.store.records(_METRIC, Selection(where, kept="numerator", limit=_MOST_ROWS))
        if found.frame.is_empty():
            st.info(texts("tickets.none_at_risk"))
            return
        if found.row_count > found.frame.height:
            shown, total = found.frame.height, found.row_count
            st.caption(texts("tickets.some_at_risk", shown=shown, total=total))
        _table(view, found)


def _table(view: View, found: Records) -> None:
    """The targets; choosing one opens the record of its ticket, where the reader may see it."""
    texts = view.texts
    ordered = found.frame.sort("remaining_seconds", nulls_last=True)
    table = fields_table(view, ordered, _COLUMNS)
    if not view.store.reader.may_open("record"):
        st.dataframe(table, hide_index=True, alt=texts("tickets.at_risk"))
        return
    st.caption(texts("drill.open_hint"))
    keys = ordered["ticket_key"].to_list()
    opening_table(view, table, "ticket", keys, "rows_at_risk", texts("tickets.at_risk"))
