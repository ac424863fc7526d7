"""Explore: the tables of a masked copy, a query, its rows, what was saved and what was run.

The page asks `pipelines.console`, which decides what may run; nothing is allowed or noted here.
"""

import streamlit as st

from dashboards.data import View
from dashboards.frame import current_view
from dashboards.i18n import literal
from dashboards.modules import module
from dashboards.query_editor import editor, open_shared
from dashboards.query_library import history_module, saved_module
from dashboards.query_result import result_module
from dashboards.query_tables import tables_module
from pipelines.console import Console, open_console

_LOOK_EVERY = "1s"


def show(view: View) -> None:
    """The page; before the copy is there, how far it is."""
    console = open_console(view.store.reader, view.store.snapshot)
    state = console.prepare()
    if state.state == "failed":
        st.error(literal(view.texts("sql.copy_failed", message=state.message)))
        st.button(view.texts("sql.copy_again"))
        return
    if state.state == "building":
        _wait(view, console)
        return
    open_shared(view, console)
    with st.grid(2, min_column_width=400, gap="small"):
        with module(view, view.texts("sql.query"), _limits(view, console)):
            run = editor(view, console)
        tables_module(view, console)
    if run is not None:
        result_module(view, console, run)
    with st.grid(2, min_column_width=400, gap="small"):
        saved_module(view, console)
        history_module(view, console)


@st.fragment(run_every=_LOOK_EVERY)
def _wait(view: View, console: Console) -> None:
    state = console.prepare()
    if state.state != "building":
        st.rerun()
    share = state.done / state.total if state.total else 0.0
    st.progress(share, view.texts("sql.copying", done=state.done, total=state.total))
    st.caption(view.texts("sql.copying_why"))


def _limits(view: View, console: Console) -> str:
    return view.texts("sql.limits", seconds=f"{console.seconds:g}", rows=f"{console.shown_rows:,}")


show(current_view())
