"""Lateness, omissions and errors of every source, as tables of the snapshot (R53).

All of it is told by the ledger, the contracts' promises and `as_of`; no clock is read. Not here:
judging an extract (`pipelines.quality`).
"""

from datetime import datetime, timedelta

import polars as pl

from pipelines.contracts import Contracts
from pipelines.settings import Settings

# Days that are looked back on.
WINDOW_DAYS = 90
_KEYS = ("source", "entity")
_COUNTS = (
    "files_loaded",
    "files_refused",
    "rows_read",
    "rows_accepted",
    "rows_quarantined",
    "warnings_count",
)
# When an extract was made: as it says, else as its rows say, else when it was read.
_MADE_AT = pl.coalesce("extracted_at", "last_event_at", "ingested_at").alias("made_at")


def lateness(
    contracts: Contracts, ledger: pl.DataFrame, days: pl.DataFrame, as_of: datetime
) -> pl.DataFrame:
    """One row per source × entity that ever delivered: its last extract, and how late the next is.

    `late_seconds` counts from the instant until which the next extract was allowed to take; it is
    null without a promised frequency.
    """
    loaded = pl.col("outcome") == "loaded"
    late = (_instant(as_of) - pl.col("due_at")).dt.total_seconds().clip(0)
    counts = days.group_by(_KEYS).agg(
        (pl.col("state") == "missing").sum().alias("missing_days_count"),
        pl.col("rows_read").sum(),
        pl.col("rows_quarantined").sum(),
        pl.col("warnings_count").sum(),
    )
    return (
        ledger.with_columns(_MADE_AT)
        .group_by(_KEYS)
        .agg(
            pl.col("made_at").filter(loaded).max().alias("last_extract_at"),
            pl.col("last_event_at").max(),
            loaded.sum().alias("files_loaded"),
            (~loaded).sum().alias("files_refused"),
        )
        .join(_promises(contracts), on=_KEYS, how="left")
        .with_columns(
            (pl.col("last_extract_at") + pl.duration(seconds="frequency_seconds")).alias(
                "expected_at"
            ),
            (pl.col("last_extract_at") + pl.duration(seconds="allowed_seconds")).alias("due_at"),
        )
        .with_columns(late.alias("late_seconds"))
        .with_columns((pl.col("late_seconds") > 0).alias("is_late"))
        .join(counts, on=_KEYS, how="left")
        .drop("allowed_seconds")
        .sort(_KEYS)
    )


def deliveries(
    settings: Settings,
    contracts: Contracts,
    ledger: pl.DataFrame,
    verdicts: pl.DataFrame,
    absences: pl.DataFrame,
    as_of: datetime,
) -> pl.DataFrame:
    """One row per source × entity and local day of the last 90: what was made on it.

    `state` is the worst of: refused, unreached, waiting, missing, warned, quarantined, loaded;
    `quiet` where nothing came and nothing was promised. Only the last day can be `unreached` or
    `waiting`, as `absences` tell, also of a source that has never delivered. A day is missing when
    nothing was made on it, nor on as many days before it as the frequency is long; the last day
    only when the extract is late by then.
    """
    made, today = _made(settings, ledger), _local_day(settings, _instant(as_of))
    absent = absences.with_columns(today.alias("day"))
    unmet = verdicts.filter(~pl.col("is_met") & (pl.col("severity") == "warn"))
    warned = unmet.group_by(*_KEYS, "extract_id").agg(
        pl.struct("rule", "column_name").n_unique().cast(pl.Int64).alias("warnings_count")
    )
    loaded = pl.col("outcome") == "loaded"
    per_day = (
        made.join(warned, on=(*_KEYS, "extract_id"), how="left")
        .group_by(*_KEYS, "day")
        .agg(
            loaded.sum().cast(pl.Int64).alias("files_loaded"),
            (~loaded).sum().cast(pl.Int64).alias("files_refused"),
            pl.col("rows_read", "rows_accepted", "rows_quarantined").sum(),
            pl.col("warnings_count").sum(),
        )
    )
    joined = (
        _spine(settings, made, as_of)
        .join(absent, on=(*_KEYS, "day"), how="full", coalesce=True)
        .with_columns(today.alias("last_day"))
        .join(per_day, on=(*_KEYS, "day"), how="left")
        .join(_promises(contracts), on=_KEYS, how="left")
        .sort("day")
        .join_asof(
            made.select(*_KEYS, "made_at", "day", made_day="day").sort("day", "made_at"),
            on="day",
            by=_KEYS,
            strategy="backward",
            check_sortedness=False,
        )
    )
    return (
        joined.with_columns(pl.col(_COUNTS).fill_null(0))
        .with_columns(_state(as_of).alias("state"))
        .select(*_KEYS, "day", "state", *_COUNTS)
        .sort(*_KEYS, "day")
    )


def _state(as_of: datetime) -> pl.Expr:
    every_days = (pl.col("frequency_seconds") / 86_400).ceil().clip(1)
    since = (pl.col("day") - pl.col("made_day")).dt.total_days()
    due_at = pl.col("made_at") + pl.duration(seconds="allowed_seconds")
    is_over = (pl.col("day") < pl.col("last_day")) | (due_at < _instant(as_of))
    return (
        pl.when(pl.col("files_refused") > 0)
        .then(pl.lit("refused"))
        .when(pl.col("absence").is_not_null())
        .then(pl.col("absence"))
        .when((since >= every_days) & is_over)
        .then(pl.lit("missing"))
        .when(pl.col("warnings_count") > 0)
        .then(pl.lit("warned"))
        .when(pl.col("rows_quarantined") > 0)
        .then(pl.lit("quarantined"))
        .when(pl.col("files_loaded") > 0)
        .then(pl.lit("loaded"))
        .otherwise(pl.lit("quiet"))
    )


def _spine(settings: Settings, made: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Every day from a source's first extract, or the window's first day, to that of `as_of`."""
    start = pl.max_horizontal("first_day", pl.col("last_day") - timedelta(days=WINDOW_DAYS - 1))
    return (
        made.group_by(_KEYS)
        .agg(pl.col("day").min().alias("first_day"))
        .with_columns(_local_day(settings, _instant(as_of)).alias("last_day"))
        .filter(pl.col("first_day") <= pl.col("last_day"))
        .with_columns(pl.date_ranges(start, "last_day").alias("day"))
        .explode("day")
        .drop("first_day")
    )


def _made(settings: Settings, ledger: pl.DataFrame) -> pl.DataFrame:
    """The ledger with the instant and the local day on which each extract was made."""
    day = _local_day(settings, pl.col("made_at"))
    return ledger.with_columns(_MADE_AT).with_columns(day.alias("day"))


def _promises(contracts: Contracts) -> pl.DataFrame:
    rows = [
        (*contract.key, contract.frequency_seconds, contract.allowed_seconds)
        for contract in contracts.sources.values()
    ]
    schema = {
        "source": pl.String,
        "entity": pl.String,
        "frequency_seconds": pl.Int64,
        "allowed_seconds": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _instant(at: datetime) -> pl.Expr:
    return pl.lit(at.replace(tzinfo=None), pl.Datetime("us"))


def _local_day(settings: Settings, instant: pl.Expr) -> pl.Expr:
    local = instant.dt.replace_time_zone("UTC").dt.convert_time_zone(settings.timezone)
    return local.dt.date()
