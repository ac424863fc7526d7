"""KPI detail: one figure with its past, where it differs, how it spreads, its rows, its meaning."""

import streamlit as st

from dashboards.cards import card, load_cards
from dashboards.charts import Switch, bars
from dashboards.data import View
from dashboards.definition import definition_table
from dashboards.drill import rows_behind
from dashboards.filters import DIMENSIONS
from dashboards.frame import current_view
from dashboards.i18n import literal
from dashboards.modules import guarded, module
from dashboards.parts import members_module, trend_module
from dashboards.rows import Row
from dashboards.state import bound_own
from dashboards.units import format_duration
from pipelines.metrics import Metric
from pipelines.metrics.records import Selection

_FIRST = ("team", "queue", "dimension", "site", "source")


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    name = view.filters.own.get("m", "")
    if name not in view.store.metrics:
        st.info(texts("kpi.unknown"))
        _choose(view, None)
        return
    metric = view.metric(name)
    _choose(view, metric)
    with guarded(view):
        data = load_cards(view, [name])
        st.markdown(literal(texts.pick(metric.question, metric.question_zh)))
        column, wide = st.columns((1, 2), gap="small")
        with column:
            card(view, data.figures[name], data.changes.get(name), data.history.get(name, ()))
        with wide:
            trend_module(view, texts("kpi.trend"), (name,))
        _breakdown(view, metric)
        if metric.unit == "seconds":
            _distribution(view, metric)
        if view.store.reader.role.rows != "none":
            with module(view, texts("kpi.rows"), texts("kpi.rows_note")) as corner:
                rows_behind(view, data.figures[name], Switch(corner, f"rows_{metric.name}"))
    with module(view, texts("kpi.definition")):
        st.table(definition_table(view, metric), border="horizontal", hide_header=True)
        with st.expander(texts("kpi.sql")):
            st.code(view.store.sql(name), language="sql")


def _choose(view: View, metric: Metric | None) -> None:
    """Another KPI, by name."""
    names = {m.name: view.name(m) for m in view.store.metrics.values()}
    st.selectbox(
        view.texts("kpi.choose"),
        sorted(names, key=names.__getitem__),
        format_func=names.__getitem__,
        placeholder=view.texts("kpi.choose_hint"),
        **bound_own(f"m:{view.texts.language}", metric.name if metric else None, "m"),
    )


def _breakdown(view: View, metric: Metric) -> None:
    """Where the figure differs: by a dimension that the reader chooses."""
    texts = view.texts
    known = [
        d for d in metric.dimensions if d != "agent" or view.store.reader.role.people != "none"
    ]
    usual = next((d for d in (*_FIRST, *DIMENSIONS.values()) if d in known), known[0])
    chosen = view.filters.own.get("by", usual)
    dimension = chosen if chosen in known else usual
    st.selectbox(
        texts("kpi.by"),
        known,
        format_func=lambda d: texts(f"dimension.{d}"),
        **bound_own(f"by:{texts.language}", dimension, "by"),
    )
    title = texts("kpi.breakdown", dimension=texts(f"dimension.{dimension}"))
    members_module(view, title, (metric.name,), dimension)


def _distribution(view: View, metric: Metric) -> None:
    """How many took how long."""
    texts = view.texts
    with module(view, texts("kpi.distribution")) as corner:
        selection = Selection(view.applies(metric), view.period.start, view.period.end)
        rows = [
            Row(
                place=_span(view, low, high),
                series=texts("kpi.count"),
                value=float(count),
                text=f"{count:,}",
                n="",
            )
            for low, high, count in view.store.distribution(metric.name, selection).iter_rows()
        ]
        bars(view, rows, "count", Switch(corner, f"distribution_{metric.name}"))


def _span(view: View, low: float, high: float | None) -> str:
    start = format_duration(low, view.texts)
    if high is None:
        return view.texts("kpi.from", start=start)
    return view.texts("kpi.between", start=start, end=format_duration(high, view.texts))


show(current_view())
