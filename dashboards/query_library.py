"""What a reader saved and what they ran; choosing a row puts it into the editor."""

from collections.abc import Callable, Sequence

import polars as pl
import streamlit as st

from dashboards.data import View
from dashboards.modules import module
from dashboards.query_editor import open_saved, write_draft
from dashboards.state import read_filters
from dashboards.status import local_time
from dashboards.units import MISSING
from pipelines.console import Console, PastQuery, SavedQuery

_HEIGHT = 260


def saved_module(view: View, console: Console) -> None:
    """The reader's saved queries; the open one can be removed."""
    texts = view.texts
    with module(view, texts("sql.saved"), texts("sql.saved_note")):
        saved = console.saved()
        if not saved:
            st.info(texts("sql.none_saved"))
            return
        frame = pl.DataFrame(
            {
                texts("column.name"): [query.name for query in saved],
                texts("column.query"): [_one_line(query.sql) for query in saved],
                texts("column.at"): [local_time(view, query.saved_at) for query in saved],
            }
        )
        _choice(frame, "sql_saved", lambda row: open_saved(saved[row].id, saved[row].sql))
        opened = next((q for q in saved if q.id == read_filters().own.get("q")), None)
        if opened is not None:
            _forget_button(view, console, opened)


def history_module(view: View, console: Console) -> None:
    """The reader's newest queries."""
    texts = view.texts
    with module(view, texts("sql.history"), texts("sql.history_note")):
        past = console.history()
        if not past:
            st.info(texts("sql.none_run"))
            return
        frame = pl.DataFrame(
            {
                texts("column.at"): [local_time(view, query.ran_at) for query in past],
                texts("column.query"): [_one_line(query.sql) for query in past],
                texts("column.outcome"): [_told(view, query) for query in past],
            }
        )
        _choice(frame, "sql_history", lambda row: write_draft(past[row].sql))


def _choice(frame: pl.DataFrame, key: str, take: Callable[[int], None]) -> None:
    def chosen() -> None:
        rows: Sequence[int] = st.session_state[key].selection.rows
        if rows:
            take(rows[0])

    st.dataframe(
        frame,
        hide_index=True,
        height=_HEIGHT,
        key=key,
        on_select=chosen,
        selection_mode="single-row",
    )


def _forget_button(view: View, console: Console, query: SavedQuery) -> None:
    st.button(
        view.texts("sql.forget"),
        key="sql_forget",
        on_click=console.forget,
        args=(query.id,),
    )


def _told(view: View, query: PastQuery) -> str:
    if query.reason is not None:
        return view.texts(f"sql.short_{query.reason}")
    if query.row_count is None:
        return MISSING
    return view.texts("sql.row_count", rows=f"{query.row_count:,}")


def _one_line(sql: str) -> str:
    return " ".join(sql.split())
