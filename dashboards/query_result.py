"""Rows of a query: how many there are, a page of them, a quick chart, files, and as Python."""

import polars as pl
import polars.selectors as cs
import streamlit as st

from dashboards.charts import Switch
from dashboards.charts.base import COLOURS
from dashboards.data import View
from dashboards.drawing import Drawing, draw, mark, of_rows, quantitative
from dashboards.drill import opening_table
from dashboards.exports import Content, Exported, export_control
from dashboards.i18n import literal
from dashboards.modules import module
from dashboards.units import MISSING
from pipelines.console import Console, Outcome, QueryRun
from pipelines.exports import ExportError

PAGE_ROWS = 1_000
_TICKET = "ticket_key"
_MARKS = {
    "bar": mark("bar", color=COLOURS[0]),
    "line": mark("line", color=COLOURS[0], point=True),
    "point": mark("circle", color=COLOURS[0], size=50),
}
_CHART_HEIGHT = 300
_MOST_MARKS = 500


def result_module(view: View, console: Console, run: QueryRun) -> None:
    """What a query gave, once it has ended; or the reason why it gave nothing."""
    outcome = run.outcome
    if outcome is None:
        return
    texts = view.texts
    with module(view, texts("sql.result")) as corner:
        if outcome.frame is None:
            st.warning(literal(reason(view, console, outcome)))
            return
        st.caption(literal(counted(view, outcome)))
        if outcome.frame.is_empty():
            return
        _page(view, outcome.frame)
        with st.expander(texts("sql.chart")):
            drawing = _chart(view, outcome.frame)
        _export(view, console, run, Switch(corner, "query", "everything"), drawing)
        with st.expander(texts("sql.python")):
            st.caption(texts("sql.python_note"))
            st.code(as_python(view, run.sql), language="python")


def reason(view: View, console: Console, outcome: Outcome) -> str:
    """Why there are no rows, in a sentence."""
    return view.texts(
        f"sql.reason_{outcome.reason}",
        seconds=f"{console.seconds:g}",
        message=outcome.message or view.texts("sql.no_message"),
    )


def counted(view: View, outcome: Outcome) -> str:
    """How many rows there are and how many are shown."""
    shown = 0 if outcome.frame is None else outcome.frame.height
    key = "sql.rows_unknown" if outcome.total is None else "sql.rows"
    if outcome.total == shown:
        key = "sql.row" if shown == 1 else "sql.rows_all"
    return view.texts(
        key,
        total=f"{outcome.total or 0:,}",
        shown=f"{shown:,}",
        seconds=f"{outcome.seconds:.1f}",
    )


def as_python(view: View, sql: str) -> str:
    """A script that asks the same of the snapshot's file."""
    quoted = repr(sql) if '"""' in sql or "\\" in sql else f'"""\n{sql.strip()}\n"""'
    return (
        "import duckdb\n\n"
        f'warehouse = duckdb.connect("{view.store.snapshot.path.name}", read_only=True)\n'
        f"print(warehouse.sql({quoted}))\n"
    )


def _page(view: View, frame: pl.DataFrame) -> None:
    """At most a thousand rows for the browser; a row with a ticket opens it."""
    texts = view.texts
    page = 1
    if frame.height > PAGE_ROWS:
        page = st.pagination(-(-frame.height // PAGE_ROWS), key="sql_page")
    shown = frame.slice(PAGE_ROWS * (page - 1), PAGE_ROWS)
    if _TICKET not in frame.columns or not view.store.reader.may_open("record"):
        st.dataframe(shown, hide_index=True, alt=texts("sql.result"), placeholder=MISSING)
        return
    keys, key = shown[_TICKET].to_list(), f"sql_rows_{page}"
    opening_table(view, shown, "ticket", keys, key, texts("sql.result"), placeholder=MISSING)
    st.caption(texts("sql.open_ticket"))


def _chart(view: View, frame: pl.DataFrame) -> Drawing | None:
    """A chart of two columns that the reader chooses."""
    texts = view.texts
    numbers = frame.select(cs.numeric()).columns
    if not numbers or frame.width < 2:
        st.info(texts("sql.no_chart"))
        return None
    with st.container(horizontal=True):
        across = st.selectbox(texts("sql.x"), frame.columns, key="sql_x")
        known = [name for name in numbers if name != across]
        if not known:
            st.info(texts("sql.no_chart"))
            return None
        up = st.selectbox(texts("sql.y"), known, key="sql_y")
        kind = st.selectbox(
            texts("sql.kind"),
            list(_MARKS),
            format_func=lambda k: texts(f"sql.kind_{k}"),
            key="sql_kind",
        )
    drawing = _drawing(frame.head(_MOST_MARKS), across, up, kind)
    words = texts("sql.chart_words", x=across, y=up, rows=min(frame.height, _MOST_MARKS))
    if kind == "bar" and frame.head(_MOST_MARKS)[across].is_duplicated().any():
        words += texts("sql.stacked")
    draw(drawing, "sql_chart", words)
    st.caption(literal(words))
    return drawing


def _drawing(frame: pl.DataFrame, across: str, up: str, kind: str) -> Drawing:
    """Columns are renamed: a name with a dot or a bracket means something else to Vega."""
    shown = frame.select(pl.col(across).alias("x"), pl.col(up).cast(pl.Float64).alias("y"))
    measure = _measure(shown["x"].dtype, kind)
    if measure == "nominal":
        shown = shown.with_columns(pl.col("x").cast(pl.String))
    x = {"field": "x", "type": measure, "title": across}
    y = quantitative("y", title=up)
    order = None if measure == "nominal" else "ascending"
    return of_rows(
        shown,
        mark=_MARKS[kind],
        encoding={"x": x | {"sort": order}, "y": y, "tooltip": [x, y]},
        height=_CHART_HEIGHT,
    )


def _measure(kind_of_values: pl.DataType, kind: str) -> str:
    """Vega's type of the axis: bars stand side by side, whatever they are of."""
    if kind == "bar":
        return "nominal"
    if kind_of_values in (pl.Date, pl.Datetime):
        return "temporal"
    return "quantitative" if kind_of_values.is_numeric() else "nominal"


def _export(
    view: View, console: Console, run: QueryRun, switch: Switch, drawing: Drawing | None
) -> None:
    """Files have more rows than the page: the query is run again for them."""
    sql, texts = run.sql, view.texts

    def content() -> Content:
        outcome = console.fetch(sql, view.store.reader.role.export_rows)
        if outcome.frame is None:
            raise ExportError(reason(view, console, outcome))
        return Content(outcome.frame, total=outcome.total)

    exported = Exported(content, drawing, subject=sql, facts=((texts("sql.query"), sql),))
    export_control(view, switch, exported)
