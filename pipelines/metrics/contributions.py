"""What each member of a dimension did to the change of a metric between two periods.

Counts: a member's change is its contribution. Quotients: with w a member's share of all
denominators and r its own quotient, `before` 0 and `after` 1, and R̄ the mean of both totals,

    rate = (w0 + w1) ÷ 2 × (r1 − r0)            it did better or worse itself
    mix  = (w1 − w0) × ((r0 + r1) ÷ 2 − R̄)      more or less of the whole went through it

Their sum over all members is the change exactly: the cross terms are shared out evenly
(Marshall 1885, Edgeworth 1925). A member that is in one period only has no rate of its own to
compare: all of it is mix. Percentiles are no sums and have no contributions.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.metrics.model import Metric


@dataclass(frozen=True)
class Contributions:
    """A change taken apart, in the metric's unit.

    `members` has a row per member that may be shown, the largest contribution first: `member`,
    `before`, `after` (its own figures), `rate`, `mix`, `contribution` (their sum). `rest` is what
    those members do not explain: hidden ones, and those whose figures do not add up to the total.
    """

    change: float
    members: pl.DataFrame
    rest: float


def can_be_explained(metric: Metric) -> bool:
    """Whether a change of the metric is a sum over members, as of counts and quotients."""
    return metric.numerator_metric is not None


def contributions(
    metric: Metric,
    before: pl.DataFrame,
    after: pl.DataFrame,
    total_before: float,
    total_after: float,
) -> Contributions | None:
    """Take the change from `total_before` to `total_after` apart.

    `before` and `after` have a row per member: `member`, `value`, `numerator`, `denominator`
    (null where hidden or where the metric has none). None where the metric is no sum.
    """
    if not can_be_explained(metric):
        return None
    joined = _joined(before), _joined(after)
    both = joined[0].join(joined[1], on="member", how="full", coalesce=True, suffix="_after")
    parts = _of_count(both) if metric.denominator_metric is None else _of_quotient(both)
    change = total_after - total_before
    members = (
        parts.with_columns((pl.col("rate") + pl.col("mix")).alias("contribution"))
        .filter(pl.col("contribution").is_not_null())
        .sort(pl.col("contribution").abs(), "member", descending=[True, False])
        .select("member", "before", "after", "rate", "mix", "contribution")
    )
    return Contributions(change, members, change - float(members["contribution"].sum()))


def _joined(frame: pl.DataFrame) -> pl.DataFrame:
    columns = [pl.col(c).cast(pl.Float64) for c in ("value", "numerator", "denominator")]
    return frame.select(pl.col("member").cast(pl.String), *columns)


def _of_count(both: pl.DataFrame) -> pl.DataFrame:
    before, after = pl.col("value"), pl.col("value_after")
    return both.with_columns(
        before.alias("before"),
        after.alias("after"),
        (after.fill_null(0) - before.fill_null(0)).alias("rate"),
        pl.lit(0.0).alias("mix"),
    )


def _of_quotient(both: pl.DataFrame) -> pl.DataFrame:
    known = both.with_columns(
        pl.col(f"denominator{side}").fill_null(0).alias(f"denominator{side}")
        for side in ("", "_after")
    )
    sums = {
        side: (float(known[f"numerator{side}"].sum()), float(known[f"denominator{side}"].sum()))
        for side in ("", "_after")
    }
    if not all(denominator for _, denominator in sums.values()):
        return known.clear().with_columns(
            pl.lit(None, pl.Float64).alias(c) for c in ("before", "after", "rate", "mix")
        )
    level = sum(numerator / denominator for numerator, denominator in sums.values()) / 2
    weight = [pl.col(f"denominator{s}") / sums[s][1] for s in ("", "_after")]
    own = [
        pl.when(pl.col(f"denominator{s}") > 0).then(
            pl.col(f"numerator{s}") / pl.col(f"denominator{s}")
        )
        for s in ("", "_after")
    ]
    # Hidden is not absent: a member with answers whose sum is hidden has no contribution.
    hidden = pl.any_horizontal(
        (pl.col(f"denominator{s}") > 0) & pl.col(f"numerator{s}").is_null() for s in ("", "_after")
    )
    first, last = pl.coalesce(own[0], own[1]), pl.coalesce(own[1], own[0])
    rate = (weight[0] + weight[1]) / 2 * (last - first)
    mix = (weight[1] - weight[0]) * ((first + last) / 2 - level)
    return known.with_columns(
        own[0].alias("before"),
        own[1].alias("after"),
        pl.when(~hidden).then(rate).alias("rate"),
        pl.when(~hidden).then(mix).alias("mix"),
    )
