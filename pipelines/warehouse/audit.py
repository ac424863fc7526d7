"""What the ledger says about a build: its cut-off instant, its span, its audit tables."""

import json
from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipelines.contracts import Contracts
from pipelines.errors import BuildError
from pipelines.ingest import read_ledger
from pipelines.quality.results import read_extract_verdicts, read_verdicts
from pipelines.settings import Settings
from pipelines.warehouse.absences import read_absences
from pipelines.warehouse.deliveries import deliveries, lateness
from pipelines.warehouse.descriptions import descriptions
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
    """First and last day that any loaded row or `as_of` lies on, by the clock of any zone.

    West of Greenwich the first rows may lie on the day before their UTC day; the days behind the
    last one are the reserve of whoever asks.
    """
    loaded = ledger.filter(pl.col("outcome") == "loaded")
    first = loaded["first_event_at"].drop_nulls().min()
    last = loaded["last_event_at"].drop_nulls().max()
    days = [as_of.date(), *(d.date() for d in (first, last) if isinstance(d, datetime))]
    return min(days) - timedelta(days=1), max(days)


def audit_tables(
    settings: Settings, contracts: Contracts, as_of: datetime
) -> dict[str, pl.DataFrame]:
    """The tables of schema `audit`: extracts, quarantine (counts by reason), expectations, runs.

    `expectations` has the newest verdict of every suite, `verdicts` every one on an extract;
    `lateness` and `deliveries` tell of every source what was due and what came; `descriptions`
    says what the tables of the snapshot mean.
    """
    ledger = read_ledger(settings)
    verdicts = read_extract_verdicts(settings)
    absences = read_absences(settings, contracts)
    days = deliveries(settings, contracts, ledger, verdicts, absences, as_of)
    files = ledger.select("source", "entity", "extract_id", "file", "extracted_at")
    return {
        "deliveries": days,
        "lateness": lateness(contracts, ledger, days, as_of),
        "extracts": ledger,
        "quarantine": _reasons(ledger),
        "expectations": read_verdicts(settings),
        "verdicts": verdicts.join(files, on=["source", "entity", "extract_id"], how="left"),
        "runs": read_runs(settings),
        "descriptions": descriptions(settings),
    }


def _reasons(ledger: pl.DataFrame) -> pl.DataFrame:
    """One row per extract and reason code; a row quarantined for two reasons counts in both."""
    keys = ("source", "entity", "extract_id")
    rows = [
        (*(entry[key] for key in keys), reason, count)
        for entry in ledger.iter_rows(named=True)
        for reason, count in json.loads(entry["reasons"]).items()
    ]
    schema = dict.fromkeys((*keys, "reason"), pl.String()) | {"row_count": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row")
