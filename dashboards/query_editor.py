"""The editor of Explore: the text of the query, running it, cancelling it, sharing it.

The text lives in the session under a name of its own, because a widget's state ends with its page.
"""

from dataclasses import replace

import streamlit as st

from dashboards.data import View
from dashboards.i18n import literal
from dashboards.state import read_filters, write_filters
from pipelines.console import Console, QueryRun

_DRAFT, _RUN, _OPENED = "sql_draft", "sql_run", "sql_opened"
_TEXT = "sql_text"
_EXAMPLE = """select site_key, priority, count(*) as tickets
from marts.fct_tickets
group by all
order by tickets desc"""
_EDITOR_HEIGHT = 260
_LOOK_EVERY = "500ms"
_PATIENCE_SECONDS = 0.4  # most queries are done by then, and nothing flickers


def write_draft(sql: str) -> None:
    """Put a text into the editor."""
    st.session_state[_DRAFT] = sql


def open_shared(view: View, console: Console) -> None:
    """Put the saved query of the URL into the editor, once."""
    wanted = view.filters.own.get("q")
    if not wanted or st.session_state.get(_OPENED) == wanted:
        return
    st.session_state[_OPENED] = wanted
    found = console.library.find(wanted)
    if found is None:
        st.info(view.texts("sql.unknown"))
    else:
        write_draft(found.sql)


def editor(view: View, console: Console) -> QueryRun | None:
    """The text and its buttons; gives the newest run, whether it has ended or not."""
    texts = view.texts
    st.session_state[_TEXT] = st.session_state.get(_DRAFT, _EXAMPLE)
    sql = st.text_area(
        texts("sql.text"),
        key=_TEXT,
        height=_EDITOR_HEIGHT,
        on_change=_keep,
        label_visibility="collapsed",
    )
    run: QueryRun | None = st.session_state.get(_RUN)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(texts("sql.run"), key="sql_start"):
            if run is not None:
                run.cancel()
            run = st.session_state[_RUN] = console.run(sql or "")
            run.wait(_PATIENCE_SECONDS)
        _save_control(view, console, sql or "")
    _shared_link(view)
    if run is not None and run.outcome is None:
        _running(view, run)
    return run


def _keep() -> None:
    write_draft(st.session_state[_TEXT])


@st.fragment(run_every=_LOOK_EVERY)
def _running(view: View, run: QueryRun) -> None:
    if run.outcome is not None:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(view.texts("sql.cancel"), key="sql_cancel", on_click=run.cancel)
        st.caption(view.texts("sql.running", seconds=f"{run.seconds:.0f}"))


def _save_control(view: View, console: Console, sql: str) -> None:
    texts = view.texts
    with st.popover(texts("sql.save"), key="sql_save"):
        name = st.text_input(texts("sql.name"), key="sql_name", max_chars=80)
        st.button(
            texts("sql.save_now"),
            key="sql_save_now",
            disabled=not (name and sql),
            on_click=_save,
            args=(console, name, sql),
        )


def _save(console: Console, name: str, sql: str) -> None:
    open_saved(console.save(name, sql), sql)


def open_saved(query_id: str, sql: str) -> None:
    """Put a saved query into the editor and its id into the URL."""
    write_draft(sql)
    st.session_state[_OPENED] = query_id
    filters = read_filters()
    write_filters(replace(filters, own={**filters.own, "q": query_id}))


def _shared_link(view: View) -> None:
    query_id = read_filters().own.get("q")
    if query_id and st.session_state.get(_OPENED) == query_id:
        st.caption(literal(view.texts("sql.share")))
        st.code(f"{st.context.url or ''}?q={query_id}", language=None)
