"""Data quality: lateness, omissions and errors of every source, with their history.

What arrived and when, what was refused or set aside and why, and which rules were not met.
"""

import polars as pl
import streamlit as st

from dashboards.charts import Switch, trend
from dashboards.data import View, table
from dashboards.frame import current_view
from dashboards.i18n import Texts
from dashboards.modules import module
from dashboards.rows import Row
from dashboards.status import local_time
from dashboards.strip import strip
from dashboards.units import MISSING, format_duration, format_value

_MOST_RULES = 200
# A longer table scrolls in itself, so that what comes after it is found.
_MOST_ROWS = 12
_TABLE_HEIGHT = 440


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    with module(view, texts("data.lateness"), texts("data.lateness_note")):
        _table(texts, _lateness(view), texts("data.no_extracts"))
    with module(view, texts("data.days"), texts("data.days_note")) as corner:
        _days(view, Switch(corner, "days"))
    _rows_per_day(view)
    with module(view, texts("data.rules"), texts("data.rules_note")):
        _table(texts, _rules(view), texts("data.all_met"))
    with module(view, texts("data.sources"), texts("data.sources_note")):
        _table(texts, _sources(view), texts("data.no_extracts"))
    with module(view, texts("data.refused"), texts("data.refused_note")):
        _table(texts, _refused(view), texts("data.no_refused"))
    with module(view, texts("data.quarantine"), texts("data.quarantine_note")):
        _table(texts, _reasons(view), texts("data.no_quarantine"))
    with module(view, texts("data.suites"), texts("data.suites_note")):
        _table(texts, _suites(view), texts("data.no_checks"))
    with module(view, texts("data.expectations")) as corner:
        only_unmet = corner.toggle(texts("data.only_unmet"), value=True, key="only_unmet")
        nothing = texts("data.all_met" if only_unmet else "data.no_checks")
        _table(texts, _expectations(view, only_unmet), nothing)


def _table(texts: Texts, frame: pl.DataFrame, nothing: str) -> None:
    """A table whose columns are named from the catalogue, or a sentence where it is empty."""
    if frame.is_empty():
        st.info(nothing)
        return
    names = {column: texts(f"column.{column}") for column in frame.columns}
    st.dataframe(
        frame.rename(names),
        hide_index=True,
        height="content" if frame.height <= _MOST_ROWS else _TABLE_HEIGHT,
        placeholder=MISSING,
    )


def _named(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """Source and entity by their names."""
    texts = view.texts
    return frame.with_columns(
        pl.col("source").map_elements(lambda s: view.member("source", s), pl.String),
        pl.col("entity").map_elements(lambda e: texts(f"entity.{e}"), pl.String),
    )


def _lateness(view: View) -> pl.DataFrame:
    """What was due of every source and how late it is; the late ones first."""
    texts = view.texts
    late = table(view, "lateness").sort(
        "late_seconds", "source", "entity", descending=[True, False, False], nulls_last=True
    )
    told = [
        texts("data.no_promise")
        if seconds is None
        else format_duration(seconds, texts)
        if seconds
        else texts("data.in_time")
        for seconds in late["late_seconds"]
    ]
    columns = (
        "source", "entity", "late_by", "last_extract_at", "expected_at", "missing_days_count",
        "files_refused", "rows_read", "rows_quarantined", "warnings_count", "last_event",
    )  # fmt: skip
    named = late.with_columns(pl.Series("late_by", told, pl.String)).rename(
        {"last_event_at": "last_event"}
    )
    timed = _timed(view, named, "last_extract_at", "expected_at", "last_event")
    return _named(view, timed).select(columns)


def _days(view: View, switch: Switch) -> None:
    days = _series(view, table(view, "deliveries"))
    if days.is_empty():
        st.info(view.texts("data.no_extracts"))
        return
    strip(view, days, view.texts("data.days_note"), switch)


def _series(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """With the name of source and entity, as one."""
    name = pl.format(f"{{}}{view.texts('data.of')}{{}}", "source", "entity")
    return _named(view, frame).with_columns(name.alias("name"))


def _rows_per_day(view: View) -> None:
    """Accepted and quarantined rows of one source, day by day."""
    texts = view.texts
    days = _series(view, table(view, "deliveries"))
    if days.is_empty():
        return
    names = days["name"].unique(maintain_order=True).to_list()
    chosen = st.selectbox(texts("data.choose"), names, key=f"chosen_source:{texts.language}")
    own = days.filter(pl.col("name") == chosen)
    with st.grid(2, min_column_width=400, gap="small"):
        for column in ("rows_accepted", "rows_quarantined"):
            with module(view, texts(f"data.{column}")) as corner:
                rows = [
                    Row(day, texts(f"column.{column}"), count, f"{count:,}", "")
                    for day, count in own.select("day", column).iter_rows()
                ]
                trend(view, rows, "count", Switch(corner, column))


def _rules(view: View) -> pl.DataFrame:
    """Unmet rules on whole extracts, the newest first: expected against found."""
    texts = view.texts
    unmet = (
        table(view, "verdicts")
        .filter(~pl.col("is_met"))
        .sort("extracted_at", "source", "entity", "rule", descending=[True, False, False, False])
        .head(_MOST_RULES)
    )
    numbers = {
        side: pl.Series(
            side,
            [
                format_value(value, _unit(rule), texts)
                for rule, value in unmet.select("rule", side).iter_rows()
            ],
            pl.String,
        )
        for side in ("found", "low", "high")
    }
    named = _named(view, _timed(view, unmet.with_columns(**numbers), "extracted_at"))
    return named.with_columns(
        pl.col("rule").map_elements(lambda rule: texts(f"rule.{rule}"), pl.String),
        pl.col("severity").map_elements(lambda s: texts(f"severity.{s}"), pl.String),
    ).select(
        "extracted_at", "source", "entity", "rule", "column_name", "severity", "found", "low",
        "high", "file",
    )  # fmt: skip


def _unit(rule: str) -> str:
    if rule in ("event_age", "extract_gap"):
        return "seconds"
    return "ratio" if rule.endswith("_ratio") or rule in ("null_rise", "drift") else "count"


def _sources(view: View) -> pl.DataFrame:
    extracts = table(view, "extracts")
    loaded = pl.col("outcome") == "loaded"
    per_source = (
        extracts.group_by("source", "entity")
        .agg(
            pl.col("ingested_at").max().alias("last_ingested"),
            pl.col("last_event_at").max().alias("last_event"),
            loaded.sum().alias("files_loaded"),
            (~loaded).sum().alias("files_refused"),
            pl.col("rows_read").sum(),
            pl.col("rows_accepted").sum(),
            pl.col("rows_quarantined").sum(),
        )
        .sort("source", "entity")
    )
    return _named(view, _timed(view, per_source, "last_ingested", "last_event"))


def _timed(view: View, frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Instants as local text; missing stays missing."""
    return frame.with_columns(
        pl.Series(c, [None if t is None else local_time(view, t) for t in frame[c]], pl.String)
        for c in columns
    )


def _refused(view: View) -> pl.DataFrame:
    refused = table(view, "extracts").filter(pl.col("outcome") == "refused")
    columns = ("ingested_at", "source", "entity", "file", "reason", "message")
    newest = refused.sort("ingested_at", descending=True).select(columns)
    return _named(view, _timed(view, newest, "ingested_at"))


def _reasons(view: View) -> pl.DataFrame:
    counted = (
        table(view, "quarantine")
        .group_by("source", "entity", "reason")
        .agg(pl.col("row_count").sum())
        .sort("row_count", "source", "reason", descending=[True, False, False])
    )
    return _named(view, counted)


def _suites(view: View) -> pl.DataFrame:
    unmet = ~pl.col("is_met")
    return (
        table(view, "expectations")
        .group_by("suite")
        .agg(
            pl.len().alias("checks"),
            (unmet & (pl.col("severity") == "error")).sum().alias("unmet_errors"),
            (unmet & (pl.col("severity") != "error")).sum().alias("unmet_warnings"),
        )
        .sort("unmet_errors", "unmet_warnings", "suite", descending=[True, True, False])
    )


def _expectations(view: View, only_unmet: bool) -> pl.DataFrame:
    found = table(view, "expectations").sort("is_met", "suite", "expectation")
    if only_unmet:
        found = found.filter(~pl.col("is_met"))
    return found.select(
        "suite",
        "expectation",
        "column_name",
        pl.col("severity").map_elements(lambda s: view.texts(f"severity.{s}"), pl.String),
        pl.col("is_met").map_elements(
            lambda met: view.texts("check.met" if met else "check.unmet"), pl.String
        ),
        "observed",
        "unexpected_count",
        "element_count",
    )


show(current_view())
