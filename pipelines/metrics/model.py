"""What a reader of metrics sees: the metric, the member of a dimension, the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import polars as pl

from pipelines.warehouse.snapshots import Snapshot

__all__ = [
    "GRAINS",
    "Coverage",
    "Grain",
    "Member",
    "Metric",
    "MetricResult",
    "Snapshot",
    "Status",
    "Target",
]

Grain = Literal["day", "week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Metric:
    """One KPI as the semantic layer defines it; texts in English and Chinese (`_zh`)."""

    name: str
    label: str
    label_zh: str
    question: str
    question_zh: str
    family: str
    unit: str
    direction: str
    time_basis: str
    time_basis_zh: str
    hours_basis: str
    population: str
    population_zh: str
    numerator: str
    numerator_zh: str
    denominator: str
    denominator_zh: str
    exclusions: str
    exclusions_zh: str
    null_rule: str
    null_rule_zh: str
    owner: str
    owner_zh: str
    source: str
    requirement: tuple[str, ...]
    dimensions: tuple[str, ...]
    numerator_metric: str | None
    denominator_metric: str | None
    n_metric: str | None = None
    low_metric: str | None = None
    high_metric: str | None = None
    interval: str | None = None

    @property
    def sample_metric(self) -> str | None:
        """The metric that counts what the figure rests on: its own n, else the denominator."""
        if self.n_metric is not None or self.unit == "count":
            return self.n_metric
        return self.denominator_metric

    @property
    def is_share(self) -> bool:
        """Whether it is a share of things counted, so that Wilson's interval speaks of it.

        A share of seconds is none: seconds do not come one by one. `interval: wilson` in the
        metric's meta says so of shares of weights, `interval: none` that a quotient of counts is no
        share: what leaves over what comes can exceed 1.
        """
        if self.unit != "ratio" or self.numerator_metric is None or self.interval == "none":
            return False
        parts = (self.numerator_metric, self.denominator_metric or "")
        return self.interval == "wilson" or all(part.endswith("_count") for part in parts)


@dataclass(frozen=True)
class Member:
    """One value of a dimension: its stable id and its names."""

    id: str
    label: str
    label_zh: str


@dataclass(frozen=True)
class Target:
    """What a metric should be, in its own unit, and since when."""

    value: float
    valid_from: date


@dataclass(frozen=True)
class Coverage:
    """First and last day that every source of a family has told of."""

    first: date
    last: date


@dataclass(frozen=True)
class Status:
    """The state of a snapshot in numbers: what a reader must know before trusting a figure.

    `unmet` counts expectations that were not met by severity; `coverage` has the days that all
    sources of a family cover.
    """

    is_simulated: bool
    checks_count: int
    unmet: Mapping[str, int]
    refused_count: int
    coverage: Mapping[str, Coverage]


@dataclass(frozen=True)
class MetricResult:
    """An answer and where it comes from.

    `frame` has a row per period × group: `period` (date, first day of the grain; only with a
    grain), one text column per dimension asked for, and for every metric m the columns m,
    m__numerator and m__denominator (null where the metric has no such component), m__n (what the
    figure rests on), m__low and m__high (95 % interval; null where it has none) and m__is_small
    (n below 10). What people said is null where n is below 5 (`samples`).
    """

    frame: pl.DataFrame
    snapshot_id: str
    as_of: datetime
