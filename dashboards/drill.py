"""From a figure to the rows behind it, and from a row to its record.

The rows are those of the figure: same filters, same days, same snapshot; the sentence above them
says how they add up to it.
"""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import streamlit as st

from dashboards.data import Figure, View
from dashboards.exports import Content, Exported, Place, export_control
from dashboards.fields import FIELDS, fields_table
from dashboards.i18n import literal
from dashboards.navigation import page_file
from pipelines.metrics import Metric
from pipelines.metrics.histories import Kind
from pipelines.metrics.records import Kept, Records, Selection

PAGE_ROWS = 100
_KINDS: dict[str, Kind] = {"response_key": "response", "call_key": "call", "ticket_key": "ticket"}
_KEPT: tuple[Kept, ...] = ("all", "numerator", "rest")
# Columns of a record's own page say the rest.
_HIDDEN = ("created_at", "responded_at", "first_replied_at", "first_resolved_at", "resolved_at")


def rows_behind(view: View, figure: Figure, place: Place) -> None:
    """The choice of rows, the sentence that reconciles them, and a page of them."""
    metric, texts = figure.metric, view.texts
    kept: Kept = "all"
    if metric.is_share:
        chosen = st.segmented_control(
            texts("drill.kept"),
            _KEPT,
            format_func=lambda name: texts(f"kept.{name}"),
            default="all",
            required=True,
            key=f"kept_{metric.name}:{texts.language}",
        )
        kept = chosen or "all"
    selection = Selection(
        where=view.applies(metric),
        start=view.period.start,
        end=view.period.end,
        kept=kept,
        limit=PAGE_ROWS,
    )
    # Other filters are other rows: their pages begin at the first.
    page_key = f"rows_page_{metric.name}_{selection}"
    page = int(st.session_state.get(page_key, 1))
    found = view.store.records(metric.name, replace(selection, offset=PAGE_ROWS * (page - 1)))
    st.markdown(literal(reconciled(view, figure, found, kept)))
    if found.row_count > PAGE_ROWS:
        pages = -(-found.row_count // PAGE_ROWS)
        st.number_input(texts("drill.page", pages=f"{pages:,}"), 1, pages, key=page_key, width=220)
    _table(view, found)
    export_control(
        view, place, Exported(lambda: _all_rows(view, metric, selection), subject=metric.name)
    )


def _all_rows(view: View, metric: Metric, selection: Selection) -> Content:
    """As many of the rows as the reader may take away."""
    most = view.store.reader.role.export_rows
    found = view.store.records(metric.name, replace(selection, limit=most))
    return Content(_shown(view, found), total=found.row_count)


def reconciled(view: View, figure: Figure, found: Records, kept: Kept) -> str:
    """How the rows add up to the figure, in words; says so where they do not."""
    texts = view.texts
    parts = [texts("drill.rows", rows=f"{found.row_count:,}")]
    if kept != "all":
        return parts[0]
    for side, total, stated in (
        ("denominator", found.denominator, figure.denominator),
        ("numerator", found.numerator, figure.numerator),
    ):
        if total is not None and stated is not None:
            words = {"total": _number(total), "stated": _number(stated)}
            key = "adds_up" if words["total"] == words["stated"] else "differs"
            parts.append(texts(f"drill.{key}", side=texts(f"field.{side}"), **words))
    return texts("words.separator").join(parts)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"


def _shown(view: View, found: Records) -> pl.DataFrame:
    """The rows as a reader sees them, with what each adds to the figure."""
    shown = fields_table(view, found.frame, [name for name in FIELDS if name not in _HIDDEN])
    sides = [
        found.frame[side].cast(pl.Float64).alias(view.texts(f"column.{side}"))
        for side in ("row_numerator", "row_denominator")
        if found.frame[side].null_count() < found.frame.height
    ]
    return shown.with_columns(sides)


def _table(view: View, found: Records) -> None:
    """A page of rows; choosing one opens its record."""
    texts = view.texts
    if found.frame.is_empty():
        st.info(texts("state.empty"))
        return
    shown = _shown(view, found)
    key_column = next((c for c in _KINDS if c in found.frame.columns), None)
    if key_column is None or not view.store.reader.may_open("record"):
        st.caption(texts("drill.no_records"))
        st.dataframe(shown, hide_index=True, alt=texts("drill.table"))
        return
    st.caption(texts("drill.open_hint"))
    keys = found.frame[key_column].to_list()
    opening_table(
        view, shown, _KINDS[key_column], keys, f"rows_{found.table}", texts("drill.table")
    )


def opening_table(
    view: View,
    shown: pl.DataFrame,
    kind: Kind,
    keys: Sequence[str],
    name: str,
    words: str,
    placeholder: str | None = None,
) -> None:
    """A table in which choosing a row opens its record: the one of that kind and the row's key."""
    event = st.dataframe(
        shown,
        hide_index=True,
        alt=words,
        placeholder=placeholder,
        on_select="rerun",
        selection_mode="single-row",
        key=name,
    )
    if event.selection.rows:
        address = view.filters.linked(id=f"{kind}:{keys[event.selection.rows[0]]}")
        st.switch_page(page_file("record"), query_params=address)
