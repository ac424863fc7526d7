"""Quarantined rows and refused files: counted, read, and written down for others.

The text of a quarantined row is kept as it came, inside the home only. Whoever reads it here
gets it veiled: values of personal columns withheld, phone numbers, addresses and ID cards masked,
and a line that cannot be taken apart withheld whole where its contract knows personal columns.
Not here: reading again after a contract fix (`replay`).
"""

import json
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

import duckdb
import polars as pl

from pipelines.contracts import Contracts, SourceContract
from pipelines.contracts.names import folded
from pipelines.errors import QueryError
from pipelines.ingest.ledger import Extract, extract_dir, read_entries
from pipelines.ingest.masking import masked, masked_json
from pipelines.ingest.reading import literal, parquet_rows
from pipelines.settings import Settings

WITHHELD = "[withheld]"
EXPORT_SUFFIXES = (".csv", ".parquet", ".jsonl")
# A sheet takes a text that begins with one of these for a formula.
_FORMULA_STARTS = "=+-@\t\r＝＋－＠"
_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(),
    "entity": pl.String(),
    "extract_id": pl.String(),
    "file": pl.String(),
    "record": pl.Int64(),
    "reasons": pl.List(pl.String()),
    "raw": pl.String(),
    "extracted_at": pl.Datetime("us"),
    "ingested_at": pl.Datetime("us"),
}


def count_quarantine(
    settings: Settings, source: str | None = None, entity: str | None = None
) -> pl.DataFrame:
    """Rows and extracts per source, entity and reason; a row of two reasons counts in both."""
    rows = [
        (extract.source, extract.entity, reason, count)
        for extract in _entries(settings, source, entity)
        for reason, count in extract.reasons.items()
    ]
    frame = pl.DataFrame(rows, schema=["source", "entity", "reason", "rows"], orient="row")
    return (
        frame.cast({pl.Null: pl.String})
        .cast({"rows": pl.Int64})
        .group_by("source", "entity", "reason")
        .agg(pl.col("rows").sum(), pl.len().alias("extracts"))
        .sort("source", "entity", "rows", "reason", descending=[False, False, True, False])
    )


def refused_files(
    settings: Settings, source: str | None = None, entity: str | None = None
) -> list[Extract]:
    """Files that were refused as a whole, with reason and message."""
    return [e for e in _entries(settings, source, entity) if e.outcome == "refused"]


def find_extracts(settings: Settings, id_start: str) -> list[Extract]:
    """The extracts whose id begins so. Raises QueryError where there is none."""
    found = [entry for entry in read_entries(settings) if entry.extract_id.startswith(id_start)]
    if not found:
        raise QueryError(
            f"no extract's id begins with '{id_start}'; `kpi quarantine list` prints them."
        )
    return found


def read_quarantine(
    settings: Settings,
    contracts: Contracts,
    source: str | None = None,
    entity: str | None = None,
    *,
    is_veiled: bool = True,
) -> Iterator[pl.DataFrame]:
    """The quarantined rows, one frame per extract, as `quarantined_rows` gives them."""
    for extract in _entries(settings, source, entity):
        if extract.rows_quarantined:
            contract = contracts.sources.get((extract.source, extract.entity))
            yield quarantined_rows(settings, contract, extract, is_veiled=is_veiled)


def quarantined_rows(
    settings: Settings,
    contract: SourceContract | None,
    extract: Extract,
    *,
    is_veiled: bool = True,
) -> pl.DataFrame:
    """The quarantined rows of one extract in the order of its records.

    Columns: source, entity, extract_id, file, record, reasons (list), raw, extracted_at,
    ingested_at. Without a contract nobody knows what is personal: no text is shown veiled.
    """
    folder = extract_dir(settings, extract.source, extract.entity, extract.extract_id)
    file = folder / "quarantined.parquet"
    if not file.exists():
        return pl.DataFrame(schema=_SCHEMA)
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        connection.execute("set enable_progress_bar = false").fetchall()
        stored = parquet_rows(file)
        text = _veiled(connection, contract, stored) if is_veiled else "raw"
        result = connection.sql(
            f"select _record as record, reasons, {text} as raw, _extracted_at as extracted_at "
            f"from {stored} order by record"
        )
        rows = pl.DataFrame(result.to_arrow_table())
    return rows.select(
        pl.lit(getattr(extract, name)).cast(kind).alias(name)
        if name not in rows.columns
        else pl.col(name).cast(kind)
        for name, kind in _SCHEMA.items()
    )


def _veiled(
    connection: duckdb.DuckDBPyConnection, contract: SourceContract | None, stored: str
) -> str:
    """SQL of the text a person may see."""
    if contract is None:
        return literal(WITHHELD)
    hidden = (c.headers for c in contract.columns if c.pii in ("drop", "pseudonymise"))
    headers = [*contract.dropped_headers, *chain.from_iterable(hidden)]
    is_object = "case when json_valid(raw) then json_type(raw) = 'OBJECT' else false end"
    keys = connection.execute(
        f"select distinct unnest(json_keys(raw)) from {stored} where {is_object}"
    ).fetchall()
    patch = json.dumps(_patch(headers, [str(key) for (key,) in keys]), ensure_ascii=False)
    told = f"cast(json_merge_patch(raw, {literal(patch)}) as varchar)"
    line = literal(WITHHELD) if headers else masked("raw")
    return f"case when {is_object} then {masked_json(f'({told})')} else {line} end"


def _patch(headers: list[str], keys: list[str]) -> dict[str, Any]:
    """The JSON that overwrites the personal headers an object may have, nested ones too."""
    patch: dict[str, Any] = {}
    for header in headers:
        parts = header.split(".")
        for key in keys:
            if folded(key) == folded(header):
                patch[key] = WITHHELD
            elif len(parts) > 1 and key == parts[0]:
                node: Any = WITHHELD
                for part in reversed(parts[1:]):
                    node = {part: node}
                patch[key] = _merged(patch.get(key), node)
    return patch


def _merged(one: Any, other: Any) -> Any:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return one | {key: _merged(one.get(key), value) for key, value in other.items()}


def export_quarantine(frames: Iterator[pl.DataFrame], file: Path) -> int:
    """Write rows as CSV (with byte order mark, formulas made text), Parquet or JSON lines.

    The suffix of the name decides. Only its owner may read the file. Gives the number of rows.
    """
    if file.suffix not in EXPORT_SUFFIXES:
        raise QueryError(f"{file.name} must end in {', '.join(EXPORT_SUFFIXES)}.")
    count = 0
    with _owners_own(file) as stream:
        if file.suffix == ".parquet":
            frame = pl.concat([pl.DataFrame(schema=_SCHEMA), *frames])
            frame.write_parquet(stream)
            return frame.height
        if file.suffix == ".csv":
            stream.write(("\ufeff" + ",".join(_SCHEMA) + "\n").encode())
        for frame in frames:
            count += frame.height
            if file.suffix == ".csv":
                text = _without_formulas(frame).write_csv(include_header=False)
            else:
                text = frame.write_ndjson()
            stream.write(text.encode("utf-8"))
    return count


def _owners_own(file: Path) -> IO[bytes]:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")


def _without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    joined = frame.with_columns(pl.col("reasons").list.join(" "))
    return joined.with_columns(
        pl.when(pl.col(name).str.slice(0, 1).is_in(list(_FORMULA_STARTS)))
        .then("'" + pl.col(name))
        .otherwise(name)
        .alias(name)
        for name, kind in joined.schema.items()
        if kind == pl.String()
    )


def _entries(settings: Settings, source: str | None, entity: str | None) -> Iterator[Extract]:
    for entry in read_entries(settings):
        if source in (None, entry.source) and entity in (None, entry.entity):
            yield entry
