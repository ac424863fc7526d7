"""Dictionary: every KPI with its definition, as the semantic layer of this snapshot has it."""

import polars as pl
import streamlit as st

from dashboards.data import View
from dashboards.definition import definition_table
from dashboards.frame import current_view
from dashboards.i18n import literal
from dashboards.modules import module
from pipelines.metrics import Metric


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    wanted = st.text_input(
        texts("dictionary.search"), placeholder=texts("dictionary.search_hint"), key="search"
    )
    found = [m for m in view.store.metrics.values() if _matches(m, wanted)]
    st.caption(texts("dictionary.count", found=len(found), total=len(view.store.metrics)))
    if not found:
        st.info(texts("dictionary.none"))
        return
    with module(view, texts("dictionary.list")):
        st.dataframe(_listing(view, found), hide_index=True, height="content")
    for family in dict.fromkeys(metric.family for metric in found):
        st.subheader(texts(f"family.{family}"), anchor=False)
        for metric in (m for m in found if m.family == family):
            _detail(view, metric, is_open=len(found) == 1)


def _matches(metric: Metric, wanted: str) -> bool:
    """Every word is somewhere in the names, the question or the code."""
    haystack = " ".join(
        (metric.name, metric.label, metric.label_zh, metric.question, metric.question_zh)
    ).casefold()
    return all(word in haystack for word in wanted.casefold().split())


def _listing(view: View, metrics: list[Metric]) -> pl.DataFrame:
    texts = view.texts
    return pl.DataFrame(
        {
            texts("column.name"): [view.name(m) for m in metrics],
            texts("column.code"): [m.name for m in metrics],
            texts("column.family"): [texts(f"family.{m.family}") for m in metrics],
            texts("column.unit"): [texts(f"units.{m.unit}") for m in metrics],
            texts("column.direction"): [texts(f"direction.{m.direction}") for m in metrics],
            texts("column.owner"): [texts.pick(m.owner, m.owner_zh) for m in metrics],
        }
    )


def _detail(view: View, metric: Metric, is_open: bool) -> None:
    with st.expander(literal(f"{metric.label_zh} · {metric.label}"), expanded=is_open):
        st.table(
            definition_table(view, metric),
            border="horizontal",
            hide_header=True,
        )


show(current_view())
