"""Access log: who looked at what, newest first. For auditors and administrators."""

from datetime import datetime

import polars as pl
import streamlit as st

from dashboards.charts import Switch
from dashboards.data import View
from dashboards.exports import Content, Exported, export_control
from dashboards.frame import current_view
from dashboards.modules import module
from dashboards.status import local_time
from dashboards.units import MISSING

_MOST_SHOWN = 1_000


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    with module(view, texts("access.log"), texts("access.note")) as corner:
        found = _newest(view, _MOST_SHOWN)
        if found.frame.is_empty():
            st.info(texts("access.empty"))
            return
        exported = Exported(lambda: _newest(view, view.store.reader.role.export_rows))
        export_control(view, Switch(corner, "access", "everything"), exported)
        shown, total = found.frame.height, found.total or 0
        if shown < total:
            st.caption(texts("export.first_rows", rows=f"{shown:,}", total=f"{total:,}"))
        st.dataframe(found.frame, hide_index=True, placeholder=MISSING)


def _newest(view: View, most: int) -> Content:
    """Entries in words."""
    texts = view.texts
    found, total = view.store.accesses(most)
    told = found.with_columns(
        pl.Series("at", [local_time(view, datetime.fromisoformat(at)) for at in found["at"]]),
        pl.Series("action", [texts(f"action.{action}") for action in found["action"]]),
    )
    named = told.rename({name: texts(f"column.{name}") for name in told.columns})
    return Content(named, total=total)


show(current_view())
