"""Access log: who looked at what, newest first. For auditors and administrators."""

import polars as pl
import streamlit as st

from dashboards.data import View
from dashboards.frame import current_view
from dashboards.modules import module


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    with module(view, texts("access.log"), texts("access.note")):
        found = view.store.accesses()
        if found.is_empty():
            st.info(texts("access.empty"))
            return
        told = [texts(f"action.{action}") for action in found["action"]]
        shown = found.with_columns(pl.Series("action", told))
        st.dataframe(
            shown.rename({name: texts(f"column.{name}") for name in shown.columns}),
            hide_index=True,
        )


show(current_view())
