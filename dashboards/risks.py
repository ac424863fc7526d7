"""Promises that run out soon: a row per target at risk, the one with the least time left first."""

import streamlit as st

from dashboards.charts import Switch
from dashboards.data import View
from dashboards.drill import opening_table
from dashboards.exports import Content, Exported, export_control
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
    with module(view, texts("tickets.at_risk"), texts("tickets.at_risk_note")) as corner:
        found = _at_risk(view, _MOST_ROWS)
        if found.frame.is_empty():
            st.info(texts("tickets.none_at_risk"))
            return
        if found.row_count > found.frame.height:
            shown, total = found.frame.height, found.row_count
            st.caption(texts("tickets.some_at_risk", shown=shown, total=total))
        _table(view, found)
        exported = Exported(lambda: _content(view))
        export_control(view, Switch(corner, "at_risk", "now"), exported)


def _at_risk(view: View, limit: int) -> Records:
    where = view.applies(view.metric(_METRIC))
    selection = Selection(where, kept="numerator", smallest="remaining_seconds", limit=limit)
    return view.store.records(_METRIC, selection)


def _content(view: View) -> Content:
    """As many of the targets as the reader may take away."""
    found = _at_risk(view, view.store.reader.role.export_rows)
    return Content(fields_table(view, found.frame, _COLUMNS), total=found.row_count)


def _table(view: View, found: Records) -> None:
    """The targets; choosing one opens the record of its ticket, where the reader may see it."""
    texts = view.texts
    table = fields_table(view, found.frame, _COLUMNS)
    if not view.store.reader.may_open("record"):
        st.dataframe(table, hide_index=True, alt=texts("tickets.at_risk"))
        return
    st.caption(texts("drill.open_hint"))
    keys = found.frame["ticket_key"].to_list()
    opening_table(view, table, "ticket", keys, "rows_at_risk", texts("tickets.at_risk"))
