"""What holds of every metric, whatever it means; the manifest says which there are.

Counts and the parts of ratios add up over days; a ratio is its parts divided, never an average of
ratios; without a denominator there is no value. Backlogs are stocks: a period shows its last day.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from pipelines.metrics import Metric, MetricStore, open_store
from pipelines.metrics.lineage import Lineage
from pipelines.metrics.model import GRAINS
from pipelines.settings import Settings

ADDITIVE = {"sum", "count"}
# Counts what was asked for, so that shares of several answers are not mixed; adds to no sum.
GUARDS = {"choices_answers"}


@pytest.fixture(scope="module")
def store(published_home: Path) -> MetricStore:
    return open_store(Settings(home=published_home))


@pytest.fixture(scope="module")
def lineage(published_home: Path) -> Lineage:
    return Lineage(published_home / "dbt" / "target")


def ratios(store: MetricStore) -> list[Metric]:
    return [m for m in store.metrics.values() if m.numerator_metric not in (None, m.name)]


def counts(store: MetricStore, lineage: Lineage) -> list[Metric]:
    return [
        metric
        for metric in store.metrics.values()
        if metric.denominator_metric is None and lineage.metrics[metric.name]["type"] == "simple"
    ]


def is_stock(lineage: Lineage, metric: Metric) -> bool:
    """Anything in it is counted at the end of a day and must not be added up over days."""
    return any(m.latest_by for m in lineage.measures(metric.name))


def parts(metric: Metric) -> list[str]:
    """The columns of an answer that add up."""
    if metric.numerator_metric == metric.name:
        return [metric.name]
    return [f"{metric.name}__numerator", f"{metric.name}__denominator"]


def by_dimension(metrics: Iterable[Metric]) -> Iterator[tuple[str, list[Metric]]]:
    """Metrics that are asked together: by team, by source where there are no teams, else by what
    they have."""
    groups: dict[str, list[Metric]] = {}
    for metric in metrics:
        usual = [d for d in ("team", "source") if d in metric.dimensions]
        name = (usual or metric.dimensions)[0]
        groups.setdefault(name, []).append(metric)
    yield from groups.items()


@contextmanager
def no_figure_hidden() -> Iterator[None]:
    """What few people said is hidden by day and shown by week: here it has to add up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.metrics.samples.HIDDEN_SAMPLE", 0)
        yield


def added_up(column: str) -> pl.Expr:
    """As SQL adds: nothing but nulls is null."""
    return pl.when(pl.col(column).is_not_null().any()).then(pl.col(column).sum()).alias(column)


def divided(metric: Metric) -> pl.Expr:
    """What the value must be, from its parts: null over nothing."""
    numerator, denominator = (pl.col(part) for part in parts(metric))
    return pl.when(denominator != 0).then(numerator / denominator)


def differing(frame: pl.DataFrame, column: str, expected: pl.Expr) -> list[object]:
    """Rows where a column is not what is expected, up to a double's rounding."""
    found, wanted = pl.col(column), expected
    is_equal = (found - wanted).abs() <= 1e-9 * pl.max_horizontal(1.0, wanted.abs())
    is_wrong = (found.is_null() != wanted.is_null()) | (is_equal == pl.lit(value=False))
    return list(frame.filter(is_wrong).select("period", column).iter_rows())


def test_ratios_are_made_of_what_adds_up(store: MetricStore, lineage: Lineage) -> None:
    odd = [
        f"{metric.name}: {measure.name} is a {measure.agg}"
        for metric in ratios(store)
        for measure in lineage.measures(metric.name)
        if measure.agg not in ADDITIVE and measure.name not in GUARDS
    ]
    assert odd == []


def test_a_week_is_the_sum_of_its_days(store: MetricStore, lineage: Lineage) -> None:
    """Of the days that all sources tell of: a week is then as empty as its days."""
    flows = [m for m in ratios(store) + counts(store, lineage) if not is_stock(lineage, m)]
    wrong = {}
    for family, days in store.status.coverage.items():
        for dimension, metrics in by_dimension([m for m in flows if m.family == family]):
            names = [metric.name for metric in metrics]
            columns = [column for metric in metrics for column in parts(metric)]
            keys = ["period", dimension]
            with no_figure_hidden():
                daily, weekly = (
                    store.query(names, [dimension], grain, days.first, days.last).frame
                    for grain in GRAINS[:2]
                )
            summed = (
                daily.with_columns(pl.col("period").dt.truncate("1w"))
                .group_by(keys)
                .agg(map(added_up, columns))
            )
            both = weekly.join(summed, on=keys, how="full", coalesce=True, suffix="__summed")
            assert both.height == weekly.height == summed.height > 0
            for metric in metrics:
                for column in parts(metric):
                    wrong[column] = differing(both, column, pl.col(f"{column}__summed"))
                if len(parts(metric)) > 1:
                    wrong[metric.name] = differing(both, metric.name, divided(metric))
    assert {name: rows for name, rows in wrong.items() if rows} == {}


def test_a_value_is_its_parts_divided_and_null_over_nothing(store: MetricStore) -> None:
    wrong, cells_over_nothing = {}, 0
    for dimension, metrics in by_dimension(ratios(store)):
        names = [metric.name for metric in metrics]
        frame = store.query(names, by=[dimension], grain="day").frame
        for metric in metrics:
            wrong[metric.name] = differing(frame, metric.name, divided(metric))
            cells_over_nothing += frame.filter(pl.col(parts(metric)[1]) == 0).height
    assert {name: rows for name, rows in wrong.items() if rows} == {}
    assert cells_over_nothing > 0, "the rule of the empty denominator was not put to the test"


def test_a_percentile_of_no_rows_is_null(store: MetricStore) -> None:
    percentiles = [m for m in store.metrics.values() if m.numerator_metric is None]
    for dimension, metrics in by_dimension(percentiles):
        frame = store.query([m.name for m in metrics], by=[dimension], grain="day").frame
        for metric in metrics:
            empty = frame.filter(pl.col(f"{metric.name}__denominator").fill_null(0) == 0)
            assert empty[metric.name].null_count() == empty.height, metric.name


def test_a_stock_of_a_week_is_that_of_each_sources_last_day(
    store: MetricStore, lineage: Lineage
) -> None:
    stocks = [m for m in counts(store, lineage) if is_stock(lineage, m)]
    assert stocks
    names = [metric.name for metric in stocks]
    daily = store.query(names, by=["source"], grain="day").frame
    weekly = store.query(names, by=["source"], grain="week").frame
    last = (
        daily.sort("period")
        .group_by(pl.col("period").dt.truncate("1w"), "source")
        .agg(pl.col(names).last())
        .sort("period", "source")
    )
    assert weekly.select(last.columns).equals(last)
