"""What each rule looks at: its figure per new extract, with what was expected and found.

`figure` is what is judged against the rule's limits; `found`, `low` and `high` say the same as a
person reads it (rows and the band of rows, not their ratio). A rule with too little to compare
with says nothing: the extract has no row. Not here: judging (`extract_gate`).
"""

from collections.abc import Callable

import polars as pl

from pipelines.contracts import BatchRule
from pipelines.contracts.batch_rules import ENOUGH_HISTORY
from pipelines.quality.counts import Counts

# A share of fewer rows than this is chance.
ENOUGH_ROWS = 50

_COLUMNS = ("figure", "found", "low", "high")
_NOTHING = pl.lit(None, pl.Float64)


def figures(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    """Rows of extract_id, figure, found, low, high."""
    found = _FIGURES[rule.name](counts, rule)
    new = counts.batches.filter("is_new").select("extract_id")
    return (
        found.join(new, on="extract_id", how="semi")
        .select("extract_id", *(pl.col(name).cast(pl.Float64) for name in _COLUMNS))
        .filter(pl.col("figure").is_finite())
    )


def _plain(frame: pl.DataFrame, rule: BatchRule, figure: pl.Expr) -> pl.DataFrame:
    """A figure that people read as it is judged."""
    return frame.select(
        "extract_id",
        figure.alias("figure"),
        figure.alias("found"),
        pl.lit(rule.low).alias("low"),
        pl.lit(rule.high).alias("high"),
    )


def _cells(counts: Counts) -> pl.DataFrame:
    return counts.batches.join(counts.cells, on="extract_id").sort("number")


def _broken(prefix: str) -> Callable[[Counts, BatchRule], pl.DataFrame]:
    """Rows that break a promise about single rows."""
    return lambda counts, rule: _plain(counts.cells, rule, pl.col(f"{prefix}:{rule.column}"))


def _repeats(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    return _plain(counts.cells, rule, pl.col("repeats"))


def _row_count(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    return _plain(counts.batches, rule, pl.col("rows_read"))


def _quarantined_ratio(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    return _plain(counts.batches, rule, pl.col("rows_quarantined") / pl.col("rows_read"))


def _duplicate_ratio(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    """Rows with the key (and version) of another row of the extract, accepted or set aside."""
    repeats = pl.col("repeats") + pl.col("repeated")
    return _plain(_cells(counts), rule, repeats / (pl.col("rows") + pl.col("repeated")))


def _null_ratio(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    return _plain(counts.cells, rule, pl.col(f"nulls:{rule.column}") / pl.col("rows"))


def _vanished_ratio(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    return _plain(counts.batches, rule, pl.col("vanished_ratio"))


def _held_deletes(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    """Rows in quarantine: while a snapshot has any it deletes nothing."""
    return _plain(counts.batches, rule, pl.col("held_rows"))


def _event_age(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    """Seconds from the newest event of an extract to its making."""
    age = pl.col("extracted_at") - pl.col("last_event_at")
    return _plain(counts.batches, rule, age.dt.total_seconds())


def _extract_gap(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    """Seconds since the extract made before it."""
    told = counts.batches.drop_nulls("extracted_at")
    return _plain(told, rule, pl.col("extracted_at").diff().dt.total_seconds())


def _volume(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    """Accepted rows against the median of the same weekday in the weeks before."""
    batches = counts.batches.with_columns(pl.col("day").dt.weekday().alias("weekday"))
    new = batches.filter("is_new").select("extract_id", "day", "weekday", "rows_accepted")
    earlier = batches.select("weekday", past="day", past_rows="rows_accepted")
    weeks = pl.duration(weeks=rule.history)
    usual = (
        new.join(earlier, on="weekday")
        .filter(pl.col("past") < pl.col("day"), pl.col("past") >= pl.col("day") - weeks)
        .group_by("extract_id")
        .agg(pl.col("past_rows").median().alias("usual"), pl.len().alias("compared"))
        .filter(pl.col("compared") >= ENOUGH_HISTORY, pl.col("usual") > 0)
    )
    return new.join(usual, on="extract_id").select(
        "extract_id",
        (pl.col("rows_accepted") / pl.col("usual")).alias("figure"),
        pl.col("rows_accepted").alias("found"),
        (pl.lit(rule.low) * pl.col("usual")).alias("low"),
        (pl.lit(rule.high) * pl.col("usual")).alias("high"),
    )


def _before(rule: BatchRule, count: str) -> pl.Expr:
    """The sum of a count over the extracts before, as many as the rule looks back on."""
    return pl.col(count).shift(1).rolling_sum(rule.history, min_samples=ENOUGH_HISTORY)


def _null_rise(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    """How much larger the share of empty cells is than in the extracts before."""
    nulls = f"nulls:{rule.column}"
    share, usual = pl.col(nulls) / pl.col("rows"), _before(rule, nulls) / _before(rule, "rows")
    return (
        _cells(counts)
        .with_columns(share.alias("found"), usual.alias("usual"))
        .filter(pl.col("rows") >= ENOUGH_ROWS)
        .select(
            "extract_id",
            (pl.col("found") - pl.col("usual")).alias("figure"),
            "found",
            _NOTHING.alias("low"),
            (pl.col("usual") + rule.high).alias("high"),
        )
    )


def _drift(counts: Counts, rule: BatchRule) -> pl.DataFrame:
    """Total variation distance between the value shares and those of the extracts before."""
    own = counts.shares.filter(pl.col("column_name") == rule.column).select(
        "extract_id", "value", "n"
    )
    extracts = _cells(counts).select("extract_id", "number")
    dense = (
        extracts.join(own.select("value").unique(), how="cross")
        .join(own, on=["extract_id", "value"], how="left")
        .with_columns(pl.col("n").fill_null(0))
        .sort("value", "number")
        .with_columns(_before(rule, "n").over("value").alias("n_before"))
    )
    total = pl.col("n").sum().over("extract_id")
    distance = pl.col("n") / total - pl.col("n_before") / pl.col("n_before").sum().over(
        "extract_id"
    )
    distances = (
        dense.with_columns(distance.abs().alias("distance"), total.alias("total"))
        .filter(pl.col("total") >= ENOUGH_ROWS)
        .drop_nulls("distance")
        .group_by("extract_id")
        .agg((pl.col("distance").sum() / 2).alias("distance"))
    )
    return _plain(distances, rule, pl.col("distance"))


_FIGURES: dict[str, Callable[[Counts, BatchRule], pl.DataFrame]] = {
    "required": _broken("nulls"),
    "valid_values": _broken("strange"),
    "range": _broken("outside"),
    "unique_key": _repeats,
    "row_count": _row_count,
    "quarantined_ratio": _quarantined_ratio,
    "duplicate_ratio": _duplicate_ratio,
    "null_ratio": _null_ratio,
    "event_age": _event_age,
    "extract_gap": _extract_gap,
    "vanished_ratio": _vanished_ratio,
    "held_deletes": _held_deletes,
    "volume": _volume,
    "null_rise": _null_rise,
    "drift": _drift,
}
