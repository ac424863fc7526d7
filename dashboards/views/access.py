"""Access log: who looked at what, newest first. For auditors and administrators."""

from datetime import datetime

import polars as pl
import streamlit as st

from dashboards.data import View
from dashboards.frame import current_view
from dashboards.modules import module
from dashboards.status import local_time


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    with module(view, texts("access.log"), texts("access.note")):
        found = view.store.accesses()
        if found.is_empty():
            st.info(texts("access.empty"))
            return
        shown = found.with_columns(
            pl.Series("at", [local_time(view, datetime.fromisoformat(at)) for at in found["at"]]),
            pl.Series("action", [texts(f"action.{action}") for action in found["action"]]),
        )
        st.dataframe(
            shown.rename({name: texts(f"column.{name}") for name in shown.columns}),
            hide_index=True,
        )


show(current_view())
