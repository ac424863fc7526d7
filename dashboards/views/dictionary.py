"""Dictionary: every KPI with its definition, as the semantic layer of this snapshot has it."""

import re
from functools import cache
from pathlib import Path

import polars as pl
import streamlit as st
from pypinyin import Style, lazy_pinyin

from dashboards.charts import Switch
from dashboards.data import View
from dashboards.definition import definition_table, division
from dashboards.exports import Content, Exported, export_control
from dashboards.frame import current_view
from dashboards.i18n import literal
from dashboards.modules import module
from dashboards.navigation import PAGES, page_file
from pipelines.metrics import Metric

_DASHBOARDS = Path(__file__).parents[1]


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
    with module(view, texts("dictionary.list")) as corner:
        listed = _listing(view, found)
        facts = ((texts("dictionary.search"), wanted),) if wanted else ()
        exported = Exported(lambda: Content(listed), facts=facts)
        export_control(view, Switch(corner, "dictionary", "everything"), exported)
        st.dataframe(listed, hide_index=True, height=420)
    for family in dict.fromkeys(metric.family for metric in found):
        st.subheader(texts(f"family.{family}"), anchor=False)
        for metric in (m for m in found if m.family == family):
            _detail(view, metric, is_open=len(found) == 1)


def _matches(metric: Metric, wanted: str) -> bool:
    """Every word is somewhere in the names, the question, the code, or the name's pinyin."""
    names = (metric.name, metric.label, metric.label_zh, metric.question, metric.question_zh)
    haystack = " ".join((*names, *_pinyin(metric.label_zh))).casefold()
    return all(word in haystack for word in wanted.casefold().split())


@cache
def _pinyin(name: str) -> tuple[str, str]:
    """A Chinese name in full pinyin and in initials, without breaks: shouciziangying, scxy."""
    return (
        "".join(lazy_pinyin(name, errors="ignore")),
        "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore")),
    )


@cache
def _shown_on() -> dict[str, list[str]]:
    """Pages by the names of KPIs that stand in their files."""
    found: dict[str, list[str]] = {}
    for page in PAGES:
        source = (_DASHBOARDS / page_file(page.path)).read_text(encoding="utf-8")
        for name in dict.fromkeys(re.findall(r'"([a-z][a-z0-9_]+)"', source)):
            found.setdefault(name, []).append(page.path)
    return found


def _pages(view: View, metric: Metric) -> str:
    """The pages that show it, by name; every KPI has a detail page beside these."""
    names = [view.texts(f"page.{path}") for path in _shown_on().get(metric.name, [])]
    return view.texts("list.separator").join(names)


def _listing(view: View, metrics: list[Metric]) -> pl.DataFrame:
    texts = view.texts
    return pl.DataFrame(
        {
            texts("column.name"): [view.name(m) for m in metrics],
            texts("column.code"): [m.name for m in metrics],
            texts("column.family"): [texts(f"family.{m.family}") for m in metrics],
            texts("column.formula"): [division(texts, m) for m in metrics],
            texts("column.unit"): [texts(f"units.{m.unit}") for m in metrics],
            texts("column.direction"): [texts(f"direction.{m.direction}") for m in metrics],
            texts("column.used_on"): [_pages(view, m) for m in metrics],
            texts("column.owner"): [texts.pick(m.owner, m.owner_zh) for m in metrics],
        }
    )


def _detail(view: View, metric: Metric, is_open: bool) -> None:
    """The definition of one KPI; made when it is opened, because there are very many."""
    texts = view.texts
    title = literal(f"{metric.label_zh} · {metric.label}")
    detail = st.expander(
        title, expanded=is_open, key=f"detail_{metric.name}_{is_open}", on_change="rerun"
    )
    if not (is_open or detail.open):
        return
    with detail:
        st.table(definition_table(view, metric), border="horizontal", hide_header=True)
        st.caption(texts("dictionary.formula"))
        st.code(view.store.formula(metric.name), language=None, wrap_lines=True)
        st.caption(texts("dictionary.sql"))
        st.code(view.store.sql(metric.name), language="sql")


show(current_view())
