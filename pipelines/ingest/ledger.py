"""The ledger: what became of every extract, one `extract.json` beside its data.

Here: the entry, finding and reading entries and quarantined rows. Not here: writing an
extract's data and the commit (`commit`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts import Contracts, SourceContract
from pipelines.ingest.commit import write_empty
from pipelines.settings import Settings

_TIMES = ("first_event_at", "last_event_at", "extracted_at", "ingested_at")


@dataclass(frozen=True)
class Extract:
    """What became of one extract. All times are UTC without zone.

    `outcome` is `loaded` or `refused`; a refused extract has a `reason` and a `message` and no
    rows. `reasons` and `warnings` count rows by code; a row may have several codes.
    """

    source: str
    entity: str
    extract_id: str
    file: str
    bytes: int
    sha256: str
    contract_id: str
    contract_version: str
    contract_sha256: str
    outcome: str
    reason: str | None
    message: str | None
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int]
    first_event_at: datetime | None
    last_event_at: datetime | None
    extracted_at: datetime | None
    run_id: str
    ingested_at: datetime
    is_new: bool = field(default=True, compare=False)

    def to_json(self) -> str:
        entry = {k: v for k, v in asdict(self).items() if k != "is_new"}
        for name in _TIMES:
            entry[name] = entry[name].isoformat(sep=" ") if entry[name] else None
        return json.dumps(entry, ensure_ascii=False, indent=1)


def extract_dir(settings: Settings, source: str, entity: str, extract_id: str) -> Path:
    return settings.raw_dir / entity / f"source={source}" / f"extract={extract_id}"


def read_entry(folder: Path) -> Extract | None:
    """The entry of an extract's folder; None where the extract was never committed."""
    try:
        entry: dict[str, Any] = json.loads((folder / "extract.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    for name in _TIMES:
        entry[name] = datetime.fromisoformat(entry[name]) if entry[name] else None
    return Extract(**entry, is_new=False)


def read_entries(settings: Settings, contract: SourceContract | None = None) -> Iterator[Extract]:
    """The entries of one contract, or of all, in the order of their paths."""
    entity, source = (contract.entity.name, contract.source) if contract else ("*", "*")
    for file in sorted(settings.raw_dir.glob(f"{entity}/source={source}/extract=*/extract.json")):
        entry = read_entry(file.parent)
        if entry:
            yield entry


def read_ledger(settings: Settings) -> pl.DataFrame:
    """One row per extract, loaded or refused, in the order of ingestion.

    `reasons` and `warnings` are JSON texts of {code: rows}.
    """
    rows = []
    for entry in read_entries(settings):
        row = asdict(entry)
        del row["is_new"]
        row["reasons"] = json.dumps(row["reasons"], ensure_ascii=False, sort_keys=True)
        row["warnings"] = json.dumps(row["warnings"], ensure_ascii=False, sort_keys=True)
        rows.append(row)
    frame = pl.DataFrame(rows, schema=_ledger_schema(), orient="row")
    return frame.sort("ingested_at", "source", "entity", "extract_id")


def _ledger_schema() -> dict[str, pl.DataType]:
    whole = ("bytes", "rows_read", "rows_accepted", "rows_quarantined")
    names = [name for name in Extract.__dataclass_fields__ if name != "is_new"]
    return {
        name: pl.Datetime("us") if name in _TIMES else pl.Int64() if name in whole else pl.String()
        for name in names
    }


def read_quarantine(
    settings: Settings,
    source: str | None = None,
    entity: str | None = None,
    limit: int | None = 1000,
) -> pl.DataFrame:
    """Quarantined rows with the file they came from, newest ingestion first.

    Columns: source, entity, extract_id, file, record, reasons (list), raw, extracted_at,
    ingested_at. `limit` None gives all.
    """
    frames: list[pl.DataFrame] = []
    missing = limit
    entries = [e for e in read_entries(settings) if e.rows_quarantined]
    for entry in sorted(entries, key=lambda e: (e.ingested_at, e.extract_id), reverse=True):
        if source not in (None, entry.source) or entity not in (None, entry.entity):
            continue
        if missing is not None and missing <= 0:
            break
        frames.append(_quarantined_rows(settings, entry, missing))
        missing = None if missing is None else missing - frames[-1].height
    return pl.concat([_no_quarantine(), *frames])


def _quarantined_rows(settings: Settings, entry: Extract, limit: int | None) -> pl.DataFrame:
    folder = extract_dir(settings, entry.source, entry.entity, entry.extract_id)
    rows = pl.read_parquet(folder / "quarantined.parquet").sort("_record")
    return rows.head(rows.height if limit is None else limit).select(
        pl.lit(entry.source).alias("source"),
        pl.lit(entry.entity).alias("entity"),
        pl.lit(entry.extract_id).alias("extract_id"),
        pl.lit(entry.file).alias("file"),
        pl.col("_record").alias("record"),
        "reasons",
        "raw",
        pl.col("_extracted_at").alias("extracted_at"),
        pl.lit(entry.ingested_at).cast(pl.Datetime("us")).alias("ingested_at"),
    )


def _no_quarantine() -> pl.DataFrame:
    text = pl.String()
    return pl.DataFrame(
        schema={
            "source": text,
            "entity": text,
            "extract_id": text,
            "file": text,
            "record": pl.Int64(),
            "reasons": pl.List(pl.String()),
            "raw": text,
            "extracted_at": pl.Datetime("us"),
            "ingested_at": pl.Datetime("us"),
        }
    )


def ensure_empty_raw(settings: Settings, contracts: Contracts) -> None:
    """Give every entity an extract without rows, so that globs over raw always resolve."""
    for entity in contracts.entities.values():
        write_empty(settings, entity, extract_dir(settings, "_none", entity.name, "_none"))
