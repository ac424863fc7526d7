"""Data quality: lateness, omissions and errors of every source, with their history.

What arrived and when, what was refused or set aside and why, which rules were not met, and which
KPIs rest on it.
"""

import polars as pl
import streamlit as st

from dashboards import provenance
from dashboards.charts import Switch, bars, trend
from dashboards.data import View
from dashboards.exports import Content, Exported, Place, export_control
from dashboards.frame import current_view
from dashboards.modules import Corner, module
from dashboards.strip import strip
from dashboards.units import MISSING

_MOST_SHOWN = 1_000
# A longer table scrolls in itself, so that what comes after it is found.
_MOST_ROWS = 12
_TABLE_HEIGHT = 440


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    with module(view, texts("data.lateness"), texts("data.lateness_note")) as corner:
        found = provenance.sources(view)
        _table(view, _switch(corner, "lateness"), found, texts("data.no_extracts"))
    with module(view, texts("data.affected"), texts("data.affected_note")) as corner:
        found = provenance.affected(view)
        _table(view, _switch(corner, "affected"), found, texts("data.none_affected"))
    with module(view, texts("data.days"), texts("data.days_note")) as corner:
        _days(view, _switch(corner, "days"))
    _rows_per_day(view)
    with st.grid(2, min_column_width=400, gap="small"):
        with module(view, texts("data.runs"), texts("data.runs_note")) as corner:
            bars(view, provenance.runs(view), "seconds", _switch(corner, "runs"))
        with module(view, texts("data.history"), texts("data.history_note")) as corner:
            trend(view, provenance.check_history(view), "count", _switch(corner, "history"))
    with module(view, texts("data.rules"), texts("data.rules_note")) as corner:
        _table(view, _switch(corner, "rules"), provenance.unmet_rules(view), texts("data.all_met"))
    with module(view, texts("data.refused"), texts("data.refused_note")) as corner:
        _table(view, _switch(corner, "refused"), provenance.refused(view), texts("data.no_refused"))
    with module(view, texts("data.quarantine"), texts("data.quarantine_note")) as corner:
        found = provenance.reasons(view)
        _table(view, _switch(corner, "quarantine"), found, texts("data.no_quarantine"))
    with module(view, texts("data.suites"), texts("data.suites_note")) as corner:
        _table(view, _switch(corner, "suites"), provenance.suites(view), texts("data.no_checks"))
    with module(view, texts("data.expectations")) as corner:
        only_unmet = corner.place.toggle(texts("data.only_unmet"), value=True, key="only_unmet")
        nothing = texts("data.all_met" if only_unmet else "data.no_checks")
        # Files that hold different checks have different names.
        switch = _switch(corner, "unmet_checks" if only_unmet else "checks")
        _table(view, switch, provenance.expectations(view, only_unmet), nothing)


def _switch(corner: Corner, key: str) -> Switch:
    """The page has no filters, and its days are not those of the figures."""
    return Switch(corner, key, "everything")


def _table(view: View, place: Place, frame: pl.DataFrame, nothing: str) -> None:
    """A table whose columns are named from the catalogue, with its files, or a sentence instead.

    A long table is shown in part; its files have all of it.
    """
    texts = view.texts
    if frame.is_empty():
        st.info(nothing)
        return
    named = frame.rename({column: texts(f"column.{column}") for column in frame.columns})
    export_control(view, place, Exported(lambda: Content(named)))
    if named.height > _MOST_SHOWN:
        shown, total = f"{_MOST_SHOWN:,}", f"{named.height:,}"
        st.caption(texts("export.first_rows", rows=shown, total=total))
    st.dataframe(
        named.head(_MOST_SHOWN),
        hide_index=True,
        height="content" if named.height <= _MOST_ROWS else _TABLE_HEIGHT,
        placeholder=MISSING,
    )


def _days(view: View, switch: Switch) -> None:
    days = provenance.deliveries(view)
    if days.is_empty():
        st.info(view.texts("data.no_extracts"))
        return
    strip(view, days, view.texts("data.days_note"), switch)


def _rows_per_day(view: View) -> None:
    """Accepted and quarantined rows of one source, day by day."""
    texts = view.texts
    days = provenance.deliveries(view)
    if days.is_empty():
        return
    names = days["name"].unique(maintain_order=True).to_list()
    chosen = st.selectbox(texts("data.choose"), names, key=f"chosen_source:{texts.language}")
    own = days.filter(pl.col("name") == chosen)
    with st.grid(2, min_column_width=400, gap="small"):
        for column in ("rows_accepted", "rows_quarantined"):
            with module(view, texts(f"data.{column}")) as corner:
                rows = provenance.rows_per_day(view, own, column)
                trend(view, rows, "count", _switch(corner, column))


show(current_view())
