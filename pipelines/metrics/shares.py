"""Shares of a whole: what a Pareto chart and a quadrant need beside the counts themselves."""

import polars as pl


def pareto(counts: pl.DataFrame) -> pl.DataFrame:
    """Members by size with their share of the whole and the running sum of shares, 0 to 1.

    `counts` has `member` and `count`; members without any are left out. Adds `share` and
    `cumulative_share`, the largest first.
    """
    ordered = counts.filter(pl.col("count") > 0).sort("count", "member", descending=[True, False])
    share = pl.col("count") / pl.col("count").sum()
    return ordered.with_columns(
        share.alias("share"), share.cum_sum().clip(0, 1).alias("cumulative_share")
    )
