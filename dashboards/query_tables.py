"""The browser of tables: what there is to ask, and what each column means."""

import polars as pl
import streamlit as st

from dashboards.data import View
from dashboards.i18n import literal
from dashboards.modules import module
from dashboards.query_editor import write_draft
from pipelines.console import Console, CopiedTable

_FIRST = "marts.fct_tickets"
_HEIGHT = 300
_FIRST_ROWS = 100


def tables_module(view: View, console: Console) -> None:
    """A choice of tables, the columns of the chosen one, and a query that shows its rows."""
    texts = view.texts
    with module(view, texts("sql.tables"), texts("sql.tables_note")):
        tables = {table.full_name: table for table in console.tables()}
        names = list(tables)
        chosen = st.selectbox(
            texts("sql.table"),
            names,
            index=names.index(_FIRST) if _FIRST in names else 0,
            format_func=lambda name: texts(
                "sql.table_rows", name=name, rows=f"{tables[name].row_count:,}"
            ),
            key="sql_table",
        )
        table = tables[chosen]
        st.caption(literal(texts.pick(table.description, table.description_zh)))
        st.dataframe(
            _columns(view, table), hide_index=True, height=_HEIGHT, alt=texts("sql.columns")
        )
        st.button(
            texts("sql.show_rows"),
            key="sql_show_rows",
            on_click=write_draft,
            args=(f"select *\nfrom {table.full_name}\nlimit {_FIRST_ROWS}",),
        )


def _columns(view: View, table: CopiedTable) -> pl.DataFrame:
    """Columns of the table, and what each means."""
    texts = view.texts
    rows = [
        (column.name, column.type, texts.pick(column.description, column.description_zh))
        for column in table.columns
    ]
    names = ("column_name", "type", "meaning")
    return pl.DataFrame(rows, schema=[texts(f"column.{name}") for name in names], orient="row")
