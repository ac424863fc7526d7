"""Which days the sources of a family cover: there nothing counted is 0, elsewhere it is missing."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from pipelines.metrics.model import Coverage, Grain, Metric

_ENTITIES = {"tickets": "ticket", "calls": "call", "satisfaction": "survey_response"}
_STEPS: dict[Grain, str] = {
    "day": "1d",
    "week": "1w",
    "month": "1mo",
    "quarter": "1q",
    "year": "1y",
}


def read_coverage(extracts: pl.DataFrame, timezone: str) -> dict[str, Coverage]:
    """Local days by family, from the table of extracts; a family without rows has none."""
    told = extracts.filter(pl.col("first_event_at").is_not_null())
    instants = pl.col("first_event_at", "last_event_at")
    days_of = told.with_columns(
        instants.dt.replace_time_zone("UTC").dt.convert_time_zone(timezone).dt.date()
    )
    per_source = days_of.group_by("entity", "source").agg(
        pl.col("first_event_at").min(), pl.col("last_event_at").max()
    )
    found = {}
    for family, entity in _ENTITIES.items():
        days = per_source.filter(pl.col("entity") == entity).select(
            pl.col("first_event_at").max(), pl.col("last_event_at").min()
        )
        first, last = days.row(0)
        if first is not None:
            found[family] = Coverage(first, last)
    return found


def with_zeros(
    frame: pl.DataFrame,
    metrics: Sequence[Metric],
    by: Sequence[str],
    grain: Grain,
    asked: tuple[date | None, date | None],
    coverage: Mapping[str, Coverage],
) -> pl.DataFrame:
    """Adds the covered periods in which nothing was counted, as 0, for every group of the metric.

    Only counts get a zero: a ratio or a percentile of nothing stays missing. So does a period of
    which some day that was asked for is not covered.
    """
    for metric in metrics:
        covered = coverage.get(metric.family)
        if metric.unit != "count" or covered is None:
            continue
        periods = _whole_periods(grain, asked, covered)
        counted = frame.drop_nulls(metric.name).select(by).unique()
        groups = counted if by else pl.DataFrame({"": [0]})
        places = periods.cast(frame.schema["period"]).join(groups, how="cross")
        frame = frame.join(
            places.select("period", *by).with_columns(pl.lit(0.0).alias("zero")),
            on=["period", *by],
            how="full",
            coalesce=True,
            nulls_equal=True,
        )
        parts = [metric.name, f"{metric.name}__numerator"]
        frame = frame.with_columns(pl.coalesce(part, "zero").alias(part) for part in parts)
        frame = frame.drop("zero")
    return frame


def _whole_periods(
    grain: Grain, asked: tuple[date | None, date | None], covered: Coverage
) -> pl.DataFrame:
    """Periods whose days, as far as they were asked for, are all covered: column `period`."""
    first, last = asked[0] or covered.first, asked[1] or covered.last
    days = pl.date_range(first, last, eager=True).alias("day").to_frame()
    starts = pl.col("day").dt.truncate(_STEPS[grain]).alias("period")
    is_covered = pl.col("day").is_between(covered.first, covered.last)
    # Where nobody said on which day to begin or to end, a period must be covered to its own end.
    if asked[0] is None:
        is_covered &= pl.col("period") >= covered.first
    if asked[1] is None:
        is_covered &= pl.col("period").dt.offset_by(_STEPS[grain]) <= covered.last + timedelta(1)
    found = days.with_columns(starts).group_by("period").agg(is_covered.all().alias("is_whole"))
    return found.filter("is_whole").select("period")
