"""Data quality: what arrived, what was refused or set aside and why, and which checks failed."""

import polars as pl
import streamlit as st

from dashboards.data import View, table
from dashboards.frame import current_view
from dashboards.i18n import Texts
from dashboards.modules import module
from dashboards.status import local_time
from dashboards.units import MISSING


def show(view: View) -> None:
    """The page."""
    texts = view.texts
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
    st.dataframe(frame.rename(names), hide_index=True, height="content", placeholder=MISSING)


def _named(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """Source and entity by their names."""
    texts = view.texts
    return frame.with_columns(
        pl.col("source").map_elements(lambda s: view.member("source", s), pl.String),
        pl.col("entity").map_elements(lambda e: texts(f"entity.{e}"), pl.String),
    )


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
