"""Counts of whole extracts: one row per extract, by one scan of DuckDB over its accepted rows.

Here: which extracts are compared, in which order, and what is counted in them. Not here: what
the counts mean (`figures`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from pipelines.contracts import BatchRule, Column, SourceContract
from pipelines.ingest import Extract, accepted_path
from pipelines.quality.vanishing import held_rows
from pipelines.settings import Settings

# What the gate calls rows of one key: alike, or telling different things.
_REPEATS = (":duplicate", ":conflict")


@dataclass(frozen=True)
class Counts:
    """Extracts of a contract in the order in which they were made.

    `batches` has every loaded extract, from the ledger; `cells` a row per extract that was
    scanned, with a column per count (`rows`, `repeats`, `nulls:<column>` …); `shares` its rows by
    column and value.
    """

    contract: SourceContract
    batches: pl.DataFrame
    cells: pl.DataFrame
    shares: pl.DataFrame


def count_extracts(
    settings: Settings,
    contract: SourceContract,
    known: Sequence[Extract],
    new: Sequence[Extract],
    vanished: Mapping[str, float],
) -> Counts:
    """Count the new extracts and as many known ones before each as the contract's rules need.

    `vanished` is the share of keys that vanish with an extract, by its id.
    """
    batches = _batches(settings, contract, known, new, vanished)
    back = max((rule.history for rule in contract.batch_rules), default=0)
    is_new = pl.col("is_new").cast(pl.Int8)
    is_asked = is_new.reverse().rolling_max(back + 1, min_samples=1).reverse() == 1
    asked = set(batches.filter(is_asked)["extract_id"])
    paths = [
        accepted_path(settings, extract)
        for extract in {e.extract_id: e for e in (*known, *new)}.values()
        if extract.extract_id in asked
    ]
    return Counts(contract, batches, *_scan(contract, paths))


def row_promises(contract: SourceContract) -> list[BatchRule]:
    """The promises about single rows: none may be broken in what the gate accepted."""
    promises = []
    for column in _counted(contract):
        if column.required:
            promises.append(BatchRule("required", "error", column.name, high=0))
        if column.valid_values:
            promises.append(BatchRule("valid_values", "error", column.name, high=0))
        if _limits(column):
            promises.append(BatchRule("range", "error", column.name, high=0))
    if contract.entity.version_column is None:
        # An extract names each thing once; two extracts may both carry it.
        promises.append(BatchRule("unique_key", "error", high=0))
    return promises


def _counted(contract: SourceContract) -> list[Column]:
    return [column for column in contract.published_columns if column.is_mapped]


def _limits(column: Column) -> list[str]:
    if column.type not in ("integer", "number"):
        return []
    sides = (("<", column.minimum), (">", column.maximum))
    return [f'"{column.name}" {sign} {limit}' for sign, limit in sides if limit]


def _batches(
    settings: Settings,
    contract: SourceContract,
    known: Sequence[Extract],
    new: Sequence[Extract],
    vanished: Mapping[str, float],
) -> pl.DataFrame:
    """Loaded extracts numbered in the order of their making; `day` is local to the source."""
    told = contract.extracted_at.timezone if contract.extracted_at else None
    zone = str(ZoneInfo(told or settings.timezone))
    fresh = {extract.extract_id for extract in new}
    rows = [
        {
            "extract_id": e.extract_id,
            "made_at": e.extracted_at or e.last_event_at or e.ingested_at,
            "extracted_at": e.extracted_at,
            "last_event_at": e.last_event_at,
            "rows_read": e.rows_read,
            "rows_accepted": e.rows_accepted,
            "rows_quarantined": e.rows_quarantined,
            "held_rows": held_rows(e),
            "repeated": sum(n for code, n in e.reasons.items() if code.endswith(_REPEATS)),
            "vanished_ratio": vanished.get(e.extract_id),
            "is_new": e.extract_id in fresh,
        }
        for e in {e.extract_id: e for e in (*known, *new)}.values()
    ]
    times: dict[str, pl.DataType] = dict.fromkeys(
        ("made_at", "extracted_at", "last_event_at"), pl.Datetime("us")
    )
    times["vanished_ratio"] = pl.Float64()
    made = pl.col("made_at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    ordered = pl.DataFrame(rows, schema_overrides=times).sort("made_at", "extract_id")
    return ordered.with_row_index("number").with_columns(made.dt.date().alias("day"))


def _scan(contract: SourceContract, paths: Sequence[Path]) -> tuple[pl.DataFrame, pl.DataFrame]:
    columns = _counted(contract)
    kinds = [column.name for column in columns if column.is_categorical]
    maps = [f'histogram(cast("{name}" as varchar)) as "{name}"' for name in kinds]
    with duckdb.connect(config={"python_enable_replacements": "false"}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(
            f"""create temp table counted as
            select extract as extract_id, {", ".join(_counts(contract, columns) + maps)}
            from read_parquet(
                ?, hive_partitioning = true, hive_types_autocast = false, union_by_name = true
            ) group by extract""",
            [[str(path) for path in paths]],
        ).fetchall()
        left_out = ", ".join(f'"{name}"' for name in kinds)
        wide = f"select * {f'exclude ({left_out})' if kinds else ''} from counted"
        shares = " union all ".join(
            f"""select extract_id, '{name}' as column_name, entry.key as value,
                cast(entry.value as bigint) as n
            from (select extract_id, unnest(map_entries("{name}")) as entry from counted)"""
            for name in kinds
        )
        nothing = "select '' as extract_id, '' as column_name, '' as value, 0 as n where false"
        return connection.sql(wide).pl(), connection.sql(shares or nothing).pl()


def _counts(contract: SourceContract, columns: Sequence[Column]) -> list[str]:
    version = contract.entity.version_column
    extra = (version, contract.tombstone)
    named = [*contract.entity.key, *(column for column in extra if column)]
    row = ", ".join(f'"{column.name}"' for column in named)
    counts = ["count(*) as rows", f"count(*) - count(distinct row({row})) as repeats"]
    tombstone = contract.tombstone
    alive = f'not coalesce("{tombstone.name}", false)' if tombstone else "true"
    for column in columns:
        empty = f'"{column.name}" is null and {alive}'
        counts.append(f'count(*) filter (where {empty}) as "nulls:{column.name}"')
        if column.valid_values:
            values = ", ".join("'" + v.replace("'", "''") + "'" for v in column.valid_values)
            strange = f'cast("{column.name}" as varchar) not in ({values})'
            counts.append(f'count(*) filter (where {strange}) as "strange:{column.name}"')
        if _limits(column):
            outside = " or ".join(_limits(column))
            counts.append(f'count(*) filter (where {outside}) as "outside:{column.name}"')
    return counts
