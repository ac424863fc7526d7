"""What a page knows: the snapshot, the filters, and figures asked of the metric store.

Nothing is computed here but what to ask; a figure arrives with its numerator and denominator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol, cast

import polars as pl
import streamlit as st

from dashboards.filters import Filters
from dashboards.i18n import Texts
from dashboards.periods import Period, auto_grain, last_full_day, previous, resolve
from pipelines.metrics.model import Grain, Member, Metric, MetricResult, Snapshot
from pipelines.metrics.samples import figure_columns

_ENTITY_OF_FAMILY = {"tickets": "ticket", "calls": "call", "satisfaction": "survey_response"}


class Store(Protocol):
    """The part of `pipelines.metrics.MetricStore` that dashboards use."""

    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def metrics(self) -> dict[str, Metric]: ...
    @property
    def timezone(self) -> str: ...
    def failed_run_started_at(self) -> datetime | None: ...
    def members(self, dimension: str) -> list[Member]: ...
    def table(self, name: str) -> pl.DataFrame: ...
    def query(
        self,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        grain: Grain | None = None,
        start: date | None = None,
        end: date | None = None,
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> MetricResult: ...


@dataclass(frozen=True)
class Figure:
    """One value of a metric and what it was made of."""

    metric: Metric
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    n: float | None = None
    low: float | None = None
    high: float | None = None
    is_small: bool = False

    @property
    def is_withheld(self) -> bool:
        """Too few answers to show: a reader could tell who said what."""
        return self.value is None and self.is_small and bool(self.n)


@dataclass(frozen=True)
class Point:
    """A figure and where it stands: its period and its members, in the order asked for."""

    period: date | None
    members: tuple[str, ...]
    figure: Figure


@dataclass(frozen=True)
class View:
    """One reader's look at one snapshot."""

    store: Store
    filters: Filters

    @cached_property
    def texts(self) -> Texts:
        return Texts(self.filters.language)

    @cached_property
    def last_day(self) -> date:
        return last_full_day(self.store.snapshot.as_of, self.store.timezone)

    @cached_property
    def period(self) -> Period:
        return resolve(self.filters.period, self.last_day) or Period(self.last_day, self.last_day)

    @cached_property
    def previous(self) -> Period:
        return previous(self.filters.period, self.period)

    def grain(self, family: str) -> Grain:
        """Grain of a trend; answers are too few for days unless the reader asks for days."""
        if self.filters.grain != "auto":
            return cast(Grain, self.filters.grain)
        automatic = auto_grain(self.period)
        return "week" if automatic == "day" and family == "satisfaction" else automatic

    @cached_property
    def first_days(self) -> dict[str, date]:
        """First day that all sources of a family cover; earlier periods are incomplete."""
        extracts = table(self, "extracts").filter(pl.col("first_event_at").is_not_null())
        firsts = extracts.group_by("entity", "source").agg(pl.col("first_event_at").min())
        found: dict[str, date] = {}
        for family, entity in _ENTITY_OF_FAMILY.items():
            newest = firsts.filter(pl.col("entity") == entity)["first_event_at"].max()
            if newest is not None:
                found[family] = pl.Series([newest]).dt.date()[0]
        return found

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """Names of members in the reader's language, by dimension and id."""
        return {}

    def name(self, metric: Metric) -> str:
        return self.texts.pick(metric.label, metric.label_zh)

    def member(self, dimension: str, member_id: str) -> str:
        """The name of a member; its id where it has none."""
        if dimension not in self.names:
            self.names[dimension] = {
                m.id: self.texts.pick(m.label, m.label_zh) for m in members(self, dimension)
            }
        return self.names[dimension].get(member_id, member_id)

    def applies(self, metric: Metric) -> dict[str, tuple[str, ...]]:
        """The chosen members, without dimensions the metric does not have."""
        chosen = self.filters.members.items()
        return {d: ids for d, ids in chosen if ids and d in metric.dimensions}


def fetch(
    view: View,
    names: Sequence[str],
    by: Sequence[str] = (),
    grain: Grain | None = None,
    period: Period | None = None,
) -> dict[str, list[Point]]:
    """Figures of metrics by name; a metric without one of the dimensions is left out."""
    period = period or view.period
    groups: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for name in names:
        metric = view.store.metrics[name]
        if set(by) <= set(metric.dimensions):
            where = tuple(sorted(view.applies(metric).items()))
            groups.setdefault(where, []).append(name)
    found: dict[str, list[Point]] = {}
    for where, group in groups.items():
        frame = _query(
            view.store.snapshot.id, view.store, tuple(group), tuple(by), grain, period, where
        )
        for name in group:
            found[name] = _points(view.store.metrics[name], frame, by, grain)
    return found


def totals(view: View, names: Sequence[str], period: Period | None = None) -> dict[str, Figure]:
    """One figure per metric over the whole period."""
    return {
        name: points[0].figure if points else Figure(view.store.metrics[name], None)
        for name, points in fetch(view, names, period=period).items()
    }


def table(view: View, name: str) -> pl.DataFrame:
    """An audit table of the snapshot."""
    return _table(view.store.snapshot.id, view.store, name)


def members(view: View, dimension: str) -> list[Member]:
    """Members of a dimension."""
    return _members(view.store.snapshot.id, view.store, dimension)


def _points(
    metric: Metric, frame: pl.DataFrame, by: Sequence[str], grain: Grain | None
) -> list[Point]:
    rows: list[dict[str, Any]] = frame.to_dicts()
    points = [
        Point(
            row["period"] if grain else None,
            tuple("unknown" if row[d] is None else str(row[d]) for d in by),
            Figure(metric, *(row[c] for c in figure_columns(metric.name))),
        )
        for row in rows
    ]
    return [p for p in points if p.figure.value is not None or p.figure.is_withheld]


@st.cache_data(max_entries=512, show_spinner=False)
def _query(
    snapshot_id: str,
    _store: Store,
    names: tuple[str, ...],
    by: tuple[str, ...],
    grain: Grain | None,
    period: Period,
    where: tuple[tuple[str, tuple[str, ...]], ...],
) -> pl.DataFrame:
    return _store.query(names, by, grain, period.start, period.end, dict(where)).frame


@st.cache_data(max_entries=32, show_spinner=False)
def _table(snapshot_id: str, _store: Store, name: str) -> pl.DataFrame:
    return _store.table(name)


@st.cache_data(max_entries=128, show_spinner=False)
def _members(snapshot_id: str, _store: Store, dimension: str) -> list[Member]:
    return _store.members(dimension)
