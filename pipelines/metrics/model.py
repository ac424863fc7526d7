"""What a reader of metrics sees: the metric, the member of a dimension, the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from pipelines.warehouse.snapshots import Snapshot

__all__ = ["GRAINS", "Grain", "Member", "Metric", "MetricResult", "Snapshot"]

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


@dataclass(frozen=True)
class Member:
    """One value of a dimension: its stable id and its names."""

    id: str
    label: str
    label_zh: str


@dataclass(frozen=True)
class MetricResult:
    """An answer and where it comes from.

    `frame` has a row per period × group: `period` (date, first day of the grain; only with a
    grain), one text column per dimension asked for, and for every metric m the columns m,
    m__numerator and m__denominator (null where the metric has no such component).
    """

    frame: pl.DataFrame
    snapshot_id: str
    as_of: datetime
