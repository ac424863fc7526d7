"""What a page knows: the snapshot, the filters, and figures asked of the metric store.

Nothing is computed here but what to ask; a figure arrives with its numerator and denominator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, cast

import polars as pl

from dashboards.filters import Filters
from dashboards.i18n import Texts
from dashboards.periods import Period, auto_grain, last_full_day, previous, previous_year, resolve
from pipelines.metrics import AccessError, ScopedStore
from pipelines.metrics.model import Grain, Metric, Target
from pipelines.metrics.samples import figure_columns


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

    store: ScopedStore
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
        compared = previous_year if self.filters.comparison == "yoy" else previous
        return compared(self.filters.period, self.period)

    def grain(self, family: str) -> Grain:
        """Grain of a trend; answers are too few for days unless the reader asks for days."""
        if self.filters.grain != "auto":
            return cast(Grain, self.filters.grain)
        automatic = auto_grain(self.period)
        return "week" if automatic == "day" and family == "satisfaction" else automatic

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """Names of members in the reader's language, by dimension and id."""
        return {}

    def metric(self, name: str) -> Metric:
        """The KPI of a name; its twin in calendar time where the reader chose that."""
        known = self.store.metrics
        if self.filters.hours == "calendar":
            return known.get(name.replace("_business_", "_calendar_"), known[name])
        return known[name]

    def name(self, metric: Metric) -> str:
        return self.texts.pick(metric.label, metric.label_zh)

    def member(self, dimension: str, member_id: str) -> str:
        """The name of a member; its id where it has none."""
        if dimension not in self.names:
            self.names[dimension] = {
                m.id: self.texts.pick(m.label, m.label_zh) for m in self.store.members(dimension)
            }
        return self.names[dimension].get(member_id, member_id)

    def target(self, metric: Metric) -> Target | None:
        """What the metric should be on the last day shown, with the filters that it has."""
        day = min(self.period.end, self.last_day)
        return self.store.target(metric.name, day, self.applies(metric))

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
    """Figures of metrics by name, in their order; one without a dimension asked for is left out.

    So is one that cannot be kept to the reader's scope; raises AccessError where that is all.
    """
    period = period or view.period
    asked = {name: view.metric(name) for name in names if view.store.may_read(name)}
    if names and not asked:
        raise AccessError(f"none of {', '.join(names)} is within the reader's scope.")
    groups: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for name, metric in asked.items():
        if set(by) <= set(metric.dimensions):
            where = tuple(sorted(view.applies(metric).items()))
            groups.setdefault(where, []).append(name)
    found: dict[str, list[Point]] = {}
    for where, group in groups.items():
        metrics = list(dict.fromkeys(asked[name].name for name in group))
        frame = view.store.query(metrics, by, grain, period.start, period.end, dict(where)).frame
        for name in group:
            found[name] = _points(asked[name], frame, by, grain)
    return {name: found[name] for name in asked if name in found}


def totals(view: View, names: Sequence[str], period: Period | None = None) -> dict[str, Figure]:
    """One figure per metric over the whole period, empty where there is none to show."""
    found = fetch(view, names, period=period)
    return {
        name: found[name][0].figure if found.get(name) else Figure(view.metric(name), None)
        for name in names
    }


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
