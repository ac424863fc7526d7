"""What the ledger says about a build: its cut-off instant, its span, its audit tables."""

from datetime import UTC, date, datetime

import polars as pl

from pipelines.errors import BuildError
from pipelines.ingest import read_ledger, read_quarantine
from pipelines.quality.results import read_verdicts
from pipelines.settings import Settings
from pipelines.warehouse.runs import read_runs


def cut_off(ledger: pl.DataFrame) -> datetime:
    """The instant the extracts speak for, in UTC: when the newest of them was made.

    Where no extract says when it was made, the newest event stands in for it. Never the clock:
    a build is a pure function of raw, reference data and this instant.
    """
    loaded = ledger.filter(pl.col("outcome") == "loaded")
    for column in ("extracted_at", "last_event_at"):
        newest = loaded[column].drop_nulls().max()
        if isinstance(newest, datetime):
            return newest.replace(tzinfo=UTC)
    raise BuildError(
        "no extract has ever been loaded; put files into landing/<source> of the home folder, "
        "or make simulated ones with `kpi simulate`."
    )


def event_span(ledger: pl.DataFrame, as_of: datetime) -> tuple[date, date]:
    """First and last UTC day that any loaded row or `as_of` lies on."""
    loaded = ledger.filter(pl.col("outcome") == "loaded")
    first = loaded["first_event_at"].drop_nulls().min()
    last = loaded["last_event_at"].drop_nulls().max()
    days = [as_of.date(), *(d.date() for d in (first, last) if isinstance(d, datetime))]
    return min(days), max(days)


def audit_tables(settings: Settings) -> dict[str, pl.DataFrame]:
    """The tables of schema `audit`: extracts, quarantine (counts by reason), expectations, runs."""
    ledger = read_ledger(settings)
    quarantined = (
        read_quarantine(settings)
        .explode("reasons")
        .group_by("source", "entity", "extract_id", pl.col("reasons").alias("reason"))
        .agg(pl.len().alias("row_count"))
    )
    return {
        "extracts": ledger,
        "quarantine": quarantined,
        "expectations": read_verdicts(settings),
        "runs": read_runs(settings),
    }
