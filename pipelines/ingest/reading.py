"""What a reader hands to the gate: a relation of text columns and the records it refused.

Every reader ends here, whatever the format, so the gate knows no formats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.contracts import SourceContract
from pipelines.errors import ExtractError
from pipelines.ingest.pseudonym import Key

# Day 0 of serial dates, so that day 61 is the first of March 1900 as in every spreadsheet.
FIRST_DAY = "1899-12-30"
LARGEST_RECORD_BYTES = 8 << 20


@dataclass(frozen=True)
class Reject:
    """A record no reader could take apart: its number, reason codes and text."""

    record: int
    reasons: tuple[str, ...]
    raw: str | None


@dataclass(frozen=True)
class Task:
    """One file to read: its contract, the archived copy, the name to show, scratch space.

    `key` is that of the pseudonyms.
    """

    connection: duckdb.DuckDBPyConnection
    contract: SourceContract
    path: Path
    name: str
    scratch: Path
    key: Key

    def refuse(self, reason: str, promise: str) -> ExtractError:
        """An error that names the extract and its contract before the broken promise."""
        contract = self.contract
        return ExtractError(reason, f"{self.name} ({contract.id}, {contract.file.name}): {promise}")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Run a query to its end; DuckDB streams, and an open result blocks the connection."""
        return self.connection.execute(sql).fetchall()


@dataclass(frozen=True)
class Headers:
    """SQL of the text of each canonical column found, and of the JSON of what is left over."""

    mapped: Mapping[str, str]
    extra: str | None


@dataclass
class Reading:
    """Text columns of an extract in a DuckDB connection.

    `relation` is what stands after `from`; `columns` maps a header of the extract to the SQL
    that gives its text; `raw` is the SQL of a row's text, None: a JSON object of its columns.
    `record` is the SQL of the true record number, None: rows come in the order of the file and
    `rejects` stand in between. `error_cells` are texts that are no text but a sheet's errors.
    `first_day` is day 0 of dates that are numbers of days.
    `has_outer_space` False: no text needs trimming, which shortens the plan by a third.
    """

    relation: str
    columns: Mapping[str, str]
    raw: str | None = None
    record: str | None = None
    rejects: list[Reject] = field(default_factory=list)
    error_cells: tuple[str, ...] = ()
    headers: Headers | None = None
    first_day: str = FIRST_DAY
    has_outer_space: bool = True

    def settle(self, task: Task, loaded: int) -> None:
        """Called once the relation was read to its end, with the number of its rows.

        Readers whose rejects are known only then add them here, and refuse the file where two
        counts of its records do not agree.
        """

    def failure(self, task: Task, error: Exception) -> Exception:
        """What to raise where reading the relation has failed."""
        return error


def numbered(task: Task, table: str, rejects: Sequence[Reject]) -> str:
    """A relation over a table in file order with `_row` and `_record`, its number in the file.

    Between rows the rejected records are counted too: row number plus rejects before it.
    """
    if not rejects:
        return f"(select *, rowid as _row, rowid + 1 as _record from {table})"
    places = [(r - 1 - n, n + 1) for n, r in enumerate(sorted(r.record for r in rejects))]
    task.rows("create or replace temp table reject_places (row_number bigint, rejects bigint)")
    for start in range(0, len(places), 10_000):
        values = ", ".join(str(place) for place in places[start : start + 10_000])
        task.rows(f"insert into reject_places values {values}")
    return f"""(select t.*, _row + 1 + coalesce(r.rejects, 0) as _record
        from (select *, rowid as _row from {table}) as t
        asof left join (
            select row_number, max(rejects) as rejects from reject_places group by row_number
        ) as r on t._row >= r.row_number)"""


def parquet_rows(file: Path) -> str:
    """A relation over one Parquet file as it stands, whatever its folders are called."""
    return f"read_parquet({literal(str(file))}, hive_partitioning = false)"


def count_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
