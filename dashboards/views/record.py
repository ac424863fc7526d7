"""Record: one ticket, call or survey response, with the ledger that adds up to its figures."""

from datetime import timedelta

import polars as pl
import streamlit as st

from dashboards.charts.base import told
from dashboards.data import View
from dashboards.drawing import Spec, draw, mark, nominal, of_rows, temporal
from dashboards.fields import FIELDS, facts_table, fields_table
from dashboards.frame import current_view
from dashboards.i18n import literal, unbroken
from dashboards.modules import module
from dashboards.navigation import page_file
from dashboards.state import bound_own
from dashboards.status import local_time
from dashboards.units import MISSING, format_duration
from pipelines.metrics import AccessError, QueryError
from pipelines.metrics.explanation import ExplainedSum
from pipelines.metrics.histories import History

_CLOCKS = ("metric", "state", "target_seconds", "elapsed_seconds", "remaining_seconds", "due_at")
_STRETCH_HEIGHT = 34
_DAYS_WITH_TIMES, _TICKS = timedelta(days=4), 6
_AFTER_WORK = ("closed", "solved", "cancelled")


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    wanted = view.filters.own.get("id", "")
    st.text_input(
        texts("record.id"),
        placeholder=texts("record.id_hint"),
        **bound_own(f"id:{texts.language}", wanted, "id"),
    )
    if not wanted:
        st.info(texts("record.none"))
        return
    kind, colon, key = wanted.partition(":")
    if not colon or kind not in ("ticket", "call", "response"):
        kind, key = "ticket", wanted
    try:
        history = view.store.history(kind, key)  # type: ignore[arg-type]
    except QueryError:
        st.info(texts("record.unknown", id=literal(wanted)))
        return
    except AccessError:
        st.info(texts("state.refused"))
        return
    with module(view, texts(f"record.{history.kind}", key=history.key)):
        st.table(facts_table(view, history.facts, FIELDS), border="horizontal", hide_header=True)
    if history.explanation is not None:
        _ticket(view, history)
    if history.kind == "response":
        with module(view, texts("record.answers")):
            st.dataframe(_answers(view, history.answers), hide_index=True)
            if history.comment:
                st.caption(texts("record.comment"))
                st.text(history.comment)


def _ticket(view: View, history: History) -> None:
    """Life of a ticket: its stretches, its clocks, the sums, and what belongs to it."""
    texts = view.texts
    ledger = history.explanation.ledger if history.explanation else pl.DataFrame()
    if not ledger.is_empty():
        with module(view, texts("record.timeline"), texts("record.timeline_note")):
            _timeline(view, ledger)
            st.dataframe(_ledger(view, ledger), hide_index=True, height="content")
    if not history.targets.is_empty():
        with module(view, texts("record.clocks"), texts("record.clocks_note")):
            st.dataframe(fields_table(view, history.targets, _CLOCKS), hide_index=True)
    if history.explanation is not None and history.explanation.sums:
        with module(view, texts("record.sums"), texts("record.sums_note")):
            # as wide as its words: a data frame would cut them, and a phone can scroll
            st.table(_sums(view, history), border="horizontal")
    if not history.related.is_empty():
        with module(view, texts("record.related")):
            for row in history.related.iter_rows(named=True):
                _related(view, row["kind"], row["key"], local_time(view, row["happened_at"]))


def _related(view: View, kind: str, key: str, time: str) -> None:
    label = view.texts("record.related_line", kind=view.texts(f"kind.{kind}"), key=key, time=time)
    address = view.filters.linked(id=f"{kind}:{key}")
    st.page_link(page_file("record"), label=literal(label), query_params=address)


def _timeline(view: View, ledger: pl.DataFrame) -> None:
    """A bar per stretch in the row of its status; the last one ends with the data.

    What came after the end of the work would make the work itself too small to see.
    """
    while ledger.height > 1 and ledger["status"][-1] in _AFTER_WORK:
        ledger = ledger.head(-1)
    end = view.store.snapshot.as_of.replace(tzinfo=None)
    shown = ledger.select(
        pl.col("started_at").alias("start"),
        pl.coalesce("ended_at", pl.lit(end)).alias("end"),
        pl.Series("status", [_status(view, s) for s in ledger["status"]]),
        pl.Series("team", [view.member("team", t or "unknown") for t in ledger["team_key"]]),
        pl.Series("length", [_length(view, s) for s in ledger["calendar_seconds"]]),
    ).with_columns(
        # local time without a zone: the chart shows the clock of the installation
        pl.col("start", "end")
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(view.store.timezone)
        .dt.replace_time_zone(None)
    )
    statuses = shown["status"].unique(maintain_order=True).to_list()
    spread = shown.select(pl.col("end").max() - pl.col("start").min()).item()
    axis: Spec = {
        "format": "%H:%M" if spread < timedelta(days=1) else "%m-%d %H:%M",
        "tickCount": 4,
    }
    if spread > _DAYS_WITH_TIMES:
        every = {"interval": "day", "step": 1 + spread.days // _TICKS}
        axis = {"format": "%m-%d", "tickCount": every}
    names = {"labelLimit": 140, "labelOverlap": False}
    legend = {"orient": "top", "title": None, "labelLimit": 240}
    columns = {"status": "status", "team": "team_key", "length": "calendar_seconds"}
    drawing = of_rows(
        shown,
        mark=mark("bar", height=16, cornerRadius=2),
        encoding={
            "x": temporal("start", title=None, axis=axis | {"grid": True}),
            "x2": {"field": "end"},
            "y": nominal("status", sort=statuses, title=None, axis=names),
            "color": nominal("team", legend=legend),
            "tooltip": told(view, columns),
        },
        height=110 + _STRETCH_HEIGHT * len(statuses),
    )
    words = view.texts("record.timeline_words", stretches=shown.height, statuses=len(statuses))
    draw(drawing, "timeline", words)


def _ledger(view: View, ledger: pl.DataFrame) -> pl.DataFrame:
    texts = view.texts
    columns = {
        "interval": [str(n) for n in ledger["interval"]],
        "started_at": [local_time(view, t) for t in ledger["started_at"]],
        "ended_at": [MISSING if t is None else local_time(view, t) for t in ledger["ended_at"]],
        "status": [_status(view, s) for s in ledger["status"]],
        "team_key": [view.member("team", t or "unknown") for t in ledger["team_key"]],
        "priority": [view.member("priority", p or "unknown") for p in ledger["priority"]],
        "calendar_seconds": [_length(view, s) for s in ledger["calendar_seconds"]],
        "business_seconds": [_length(view, s) for s in ledger["business_seconds"]],
    }
    return pl.DataFrame({texts(f"column.{name}"): values for name, values in columns.items()})


def _sums(view: View, history: History) -> pl.DataFrame:
    """Each figure of the ticket: stretches that count, their sum, and what the warehouse holds."""
    texts = view.texts
    sums = history.explanation.sums if history.explanation else ()
    columns = {
        "figure": [_figure(view, figure) for figure in sums],
        "hours_basis": [texts(f"hours.{figure.basis}") for figure in sums],
        "stretches": [
            f"{figure.stretches.filter(pl.col('counted_seconds') > 0).height}" for figure in sums
        ],
        "total": [_length(view, figure.total) for figure in sums],
        "stated": [_length(view, figure.stated) for figure in sums],
    }
    return pl.DataFrame(
        {
            texts(f"column.{name}"): [unbroken(value) for value in values]
            for name, values in columns.items()
        }
    )


def _figure(view: View, figure: ExplainedSum) -> str:
    """A duration by its name, an SLA clock by what it promises and its state."""
    if figure.state is None:
        return view.texts(f"duration.{figure.subject}")
    promise, state = (
        view.member("sla_metric", figure.subject),
        view.member("sla_state", figure.state),
    )
    return view.texts("record.clock", promise=promise, state=state)


def _answers(view: View, answers: pl.DataFrame) -> pl.DataFrame:
    texts = view.texts
    named = {
        "question_id": [view.member("question", q) for q in answers["question_id"]],
        "measure": [view.member("measure", m) for m in answers["measure"]],
        "dimension": [view.member("dimension", d or "unknown") for d in answers["dimension"]],
        "answer": [a or MISSING for a in answers["answer"]],
    }
    return pl.DataFrame({texts(f"column.{name}"): values for name, values in named.items()})


def _status(view: View, status: str | None) -> str:
    return view.member("status", status or "unknown")


def _length(view: View, seconds: object) -> str:
    return MISSING if seconds is None else format_duration(float(str(seconds)), view.texts)


show(current_view())
