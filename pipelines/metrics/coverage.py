"""Which days the sources of a family cover: there nothing counted is 0, elsewhere it is missing."""

from collections.abc import Mapping, Sequence
from datetime import date

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


def read_coverage(extracts: pl.DataFrame) -> dict[str, Coverage]:
    """Days by family, from the table of extracts; a family without rows has none."""
    told = extracts.filter(pl.col("first_event_at").is_not_null())
    per_source = told.group_by("entity", "source").agg(
        pl.col("first_event_at").min(), pl.col("last_event_at").max()
    )
    found = {}
    for family, entity in _ENTITIES.items():
        days = per_source.filter(pl.col("entity") == entity).select(
            pl.col("first_event_at").max().dt.date(), pl.col("last_event_at").min().dt.date()
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

    Only counts get a zero: a ratio or a percentile of nothing stays missing.
    """
    for metric in metrics:
        covered = coverage.get(metric.family)
        if metric.unit != "count" or covered is None:
            continue
        first, last = (asked[0] or covered.first), (asked[1] or covered.last)
        days = pl.date_range(
            max(first, covered.first), min(last, covered.last), eager=True, closed="both"
        )
        periods = days.dt.truncate(_STEPS[grain]).unique().alias("period").to_frame()
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
