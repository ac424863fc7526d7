"""A dry run of a source's contracts on one file, in a home that is thrown away.

What the real gate makes of it: rows accepted and quarantined, words nobody mapped, columns nobody
expected, the first rows as they would land. Not here: KPIs (`possible`).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from pipelines.contracts import Column, SourceContract
from pipelines.ingest import Extract, accepted_path, ingest_file, quarantined_rows
from pipelines.ingest.reading import literal
from pipelines.settings import Settings

_EXAMPLES = 2
_FIRST_ROWS = 5
_UNKNOWN = ":unknown_value"


@dataclass(frozen=True)
class Refused:
    """A reason code, how many rows have it, and some of them as (record, raw text)."""

    reason: str
    rows: int
    examples: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class DryRun:
    """What became of one file under one contract. `unmapped` has column, word and rows."""

    contract: SourceContract
    extract: Extract
    refused: tuple[Refused, ...]
    unmapped: tuple[tuple[str, str, int], ...]
    drift: tuple[str, ...]
    first_rows: pl.DataFrame

    @property
    def undelivered(self) -> tuple[str, ...]:
        """Columns of the entity that this source does not deliver."""
        return tuple(c.name for c in self.contract.columns if not c.is_mapped)


@contextmanager
def passing_home(settings: Settings) -> Iterator[Settings]:
    """Settings of a home that exists inside the `with` only."""
    with TemporaryDirectory(prefix="kpi-dry-run-") as folder:
        yield settings.model_copy(update={"home": Path(folder)})


def dry_run(home: Settings, contracts: Sequence[SourceContract], file: Path) -> list[DryRun]:
    """Pass a file through the gate of every contract, into `home`."""
    return [_dry_run(home, contract, file) for contract in contracts]


def _dry_run(home: Settings, contract: SourceContract, file: Path) -> DryRun:
    extract = ingest_file(home, contract, file, "dry-run")
    accepted, drift = pl.DataFrame(), tuple[str, ...]()
    if extract.outcome == "loaded":
        accepted = pl.read_parquet(accepted_path(home, extract))
        drift = _headers_left_over(accepted)
    rows = quarantined_rows(home, contract, extract)
    mapped = [c.name for c in contract.published_columns if c.is_mapped]
    return DryRun(
        contract=contract,
        extract=extract,
        refused=tuple(_refused(rows)),
        unmapped=tuple(_unmapped(contract, rows)),
        drift=drift,
        first_rows=accepted.head(_FIRST_ROWS).select(mapped) if accepted.width else accepted,
    )


def _refused(rows: pl.DataFrame) -> Iterator[Refused]:
    by_reason = rows.select("record", "raw", "reasons").explode("reasons")
    counts = by_reason["reasons"].value_counts(sort=True)
    for reason, count in counts.iter_rows():
        some = by_reason.filter(pl.col("reasons") == reason).head(_EXAMPLES)
        yield Refused(reason, count, tuple(some.select("record", "raw").iter_rows()))


def _unmapped(contract: SourceContract, rows: pl.DataFrame) -> Iterator[tuple[str, str, int]]:
    by_reason = rows.select("raw", "reasons").explode("reasons")
    for column in contract.columns:
        refused = by_reason.filter(pl.col("reasons") == column.name + _UNKNOWN)
        if not refused.is_empty():
            yield from ((column.name, word, n) for word, n in _words(column, refused))


def _words(column: Column, refused: pl.DataFrame) -> list[tuple[str, int]]:
    """The words of a column in raw texts, which are JSON objects by header, with their rows."""
    paths = ["$." + json.dumps(header, ensure_ascii=False) for header in column.headers]
    paths += [_nested(header) for header in column.headers if "." in header]
    texts = ", ".join(f"json_extract_string(raw, {literal(path)})" for path in paths)
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        connection.register("refused", refused.to_arrow())
        rows = connection.sql(
            f"select trim(coalesce({texts})) as word, count(*) from refused "
            "where json_valid(raw) group by word order by 2 desc, 1"
        ).fetchall()
    return [(str(word), int(count)) for word, count in rows]


def _nested(header: str) -> str:
    return "$" + "".join("." + json.dumps(p, ensure_ascii=False) for p in header.split("."))


def _headers_left_over(accepted: pl.DataFrame) -> tuple[str, ...]:
    """Headers the contract does not know, from what the gate kept in `extra`."""
    kept = accepted["extra"].drop_nulls().unique()
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        connection.register("kept", pl.DataFrame({"extra": kept}).to_arrow())
        rows = connection.sql(
            "select distinct unnest(json_keys(extra)) as header from kept order by header"
        ).fetchall()
    return tuple(str(header) for (header,) in rows)
