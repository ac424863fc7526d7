"""The rows behind a figure: which rows of a mart a metric counts, and what each adds to it.

MetricFlow compiles figures; here the same definition (measures, filters, dimensions of the
semantic manifest) is read row by row. That both agree is tested for every KPI.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from pipelines.errors import QueryError
from pipelines.metrics import backlog
from pipelines.metrics.manifest import Measure, SemanticManifest
from pipelines.metrics.model import Metric

Kept = Literal["all", "numerator", "rest"]
# The key of every mart is among its first columns: pages of rows need one fixed order.
_KEY_PLACES = "1, 2, 3, 4, 5, 6"
_HOUR, _DAY = 3600, 86_400
_EDGES = (
    *(0, 10, 20, 60, 300, 900, 1800),
    *(_HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR),
    *(_DAY, 2 * _DAY, 5 * _DAY, 10 * _DAY, 30 * _DAY),
)
_KEPT = {
    "all": "true",
    "numerator": "row_numerator <> 0",
    "rest": "coalesce(row_numerator, 0) = 0",
}


@dataclass(frozen=True)
class Selection:
    """Which rows: days (both included), members by dimension, and how many of them to show.

    `kept` is all rows, those that add to the numerator, or the rest of them. The newest come
    first, or those with the smallest values in the column `smallest`.
    """

    where: Mapping[str, Sequence[str]]
    start: date | None = None
    end: date | None = None
    kept: Kept = "all"
    smallest: str | None = None
    limit: int = 200
    offset: int = 0


@dataclass(frozen=True)
class Records:
    """Rows of a mart, newest first, and what all rows of the selection add up to.

    Of a figure of the backlog they are tickets, not the segments it is counted by.

    `frame` has the mart's columns and `row_day`, `row_numerator`, `row_denominator`: what a row
    adds (null where the metric has no such part; of a percentile, `row_numerator` is the value).
    `row_count`, `numerator` and `denominator` speak of all rows kept, not of the page in `frame`.
    """

    table: str
    frame: pl.DataFrame
    row_count: int
    numerator: float | None
    denominator: float | None


@dataclass(frozen=True)
class RowQuery:
    """SQL of the rows kept and of what they add up to, with their parameters."""

    table: str
    rows: str
    totals: str
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class _Part:
    """One side of a figure: a measure and the conditions a metric sets on it."""

    column: str
    measure: Measure
    conditions: tuple[str, ...]

    @property
    def contribution(self) -> str:
        """What a row adds to this side: null where the metric's own conditions leave it out."""
        conditions = " and ".join(self.conditions)
        return f"case when {conditions} then {self.measure.expression} end"

    @property
    def counted(self) -> str:
        """Whether a row stands on this side; of what is not added up, zero stands as well."""
        return f"{self.column} <> 0" if self.measure.agg == "sum" else f"{self.column} is not null"

    @property
    def total(self) -> str:
        """All rows together; values of which a percentile is taken have no sum."""
        if self.measure.agg == "count_distinct":
            return f"count(distinct {self.column})"
        return f"sum({self.column})" if self.measure.agg == "sum" else "null"


class RowReader:
    """Writes the SQL of rows from one semantic manifest."""

    def __init__(self, manifest: SemanticManifest) -> None:
        self._manifest = manifest

    def query(self, metric: Metric, selection: Selection) -> RowQuery:
        """The rows behind a metric; raises QueryError where a dimension does not exist."""
        names = {
            "row_numerator": metric.numerator_metric or metric.name,
            "row_denominator": metric.denominator_metric or metric.n_metric,
        }
        parts = [
            part
            for column, name in names.items()
            if name is not None and (part := self._part(column, name, selection)) is not None
        ]
        if len({part.measure.table for part in parts}) != 1:
            raise QueryError(f"metric '{metric.name}' does not rest on the rows of one table.")
        measure = parts[0].measure
        columns = dict.fromkeys(names, "null") | {p.column: p.contribution for p in parts}
        totals = dict.fromkeys(names, "null") | {p.column: p.total for p in parts}
        table, relation = measure.table, measure.relation
        if table == backlog.COUNTED:
            table, relation = backlog.TICKETS, backlog.open_tickets(selection.start, selection.end)
        sql = (
            f"select *, {', '.join(f'{text} as {name}' for name, text in columns.items())}, "
            f"cast({measure.day} as date) as row_day from {relation} "
            f"where {_members(metric, measure, selection)}"
        )
        if measure.latest_by is not None:
            sql = _latest(sql, measure.latest_by)
        counted = " or ".join(p.counted for p in parts)
        rows = f"select * from ({sql}) where ({counted}) and {_KEPT[selection.kept]}"
        first = "row_day desc" if selection.smallest is None else selection.smallest
        return RowQuery(
            table=table,
            rows=f"{rows} order by {first}, {_KEY_PLACES}",
            totals=f"select count(*), {', '.join(totals.values())} from ({rows})",
            parameters=_parameters(selection),
        )

    def _part(self, column: str, name: str, selection: Selection) -> _Part | None:
        """The measure of a simple metric; a derived numerator has none of its own."""
        if self._manifest.metrics[name]["type"] != "simple":
            first = self._manifest.parts(name)[0]
            return None if column == "row_numerator" else self._part(column, first, selection)
        measure = self._manifest.measures[self._manifest.measures_of(name)[0]]
        own = [self._manifest.condition(template) for template in self._manifest.filters(name)]
        days = {"start": (">=", selection.start), "end": ("<=", selection.end)}
        own += [
            f"cast({measure.day} as date) {sign} ${side}"
            for side, (sign, day) in days.items()
            if day is not None
        ]
        return _Part(column, measure, tuple(own) or ("true",))


def distribution_sql(query: RowQuery, metric: Metric) -> str:
    """SQL of `low`, `high` (seconds, the last open), `row_count` over the rows of a duration.

    A mean has the row's own quotient, a percentile its value.
    """
    is_mean = metric.numerator_metric is not None and metric.denominator_metric is not None
    value = "row_numerator / nullif(row_denominator, 0)" if is_mean else "row_numerator"
    bounds = ", ".join(
        f"({low}, {high})" for low, high in zip(_EDGES, (*_EDGES[1:], "null"), strict=True)
    )
    return (
        f"with found as (select {value} as seconds from ({query.rows})), "
        f"spans(low, high) as (values {bounds}) "
        "select low, high, count(seconds) as row_count from spans left join found "
        "on seconds >= low and (high is null or seconds < high) group by low, high order by low"
    )


def _members(metric: Metric, measure: Measure, selection: Selection) -> str:
    conditions = ["true"]
    for place, name in enumerate(selection.where):
        if name not in metric.dimensions:
            raise QueryError(f"metric '{metric.name}' has no dimension '{name}'.")
        conditions.append(f"list_contains($members_{place}, {measure.dimensions[name]})")
    return " and ".join(conditions)


def _parameters(selection: Selection) -> dict[str, object]:
    days = {"start": selection.start, "end": selection.end}
    members = {f"members_{i}": list(ids) for i, ids in enumerate(selection.where.values())}
    return members | {side: day for side, day in days.items() if day is not None}


def _latest(rows: str, latest_by: str) -> str:
    """Of a stock, the rows of each source's last day, whether anything is left on it or not."""
    inside = (
        f"select * from ({rows}) where row_numerator is not null or row_denominator is not null"
    )
    last = f"max(row_day) over (partition by {latest_by})"
    marked = f"select *, {last} as row_last from ({inside})"
    return f"select * exclude (row_last) from ({marked}) where row_day = row_last"
