"""A table or query of a database as one Parquet file of texts, read in one transaction.

Every column is cast to text by the database itself, so that no driver infers a type: ids keep
their zeros, decimals their digits. Rows are counted in the same transaction; a pull whose count
differs is not landed. Here: both databases; not here: what becomes of the file (`pulls`).
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from pipelines.contracts.protocols import SqlFetch
from pipelines.errors import FetchError
from pipelines.fetch import postgres, sqlite
from pipelines.fetch.secrets import Secrets
from pipelines.ingest.reading import literal, quoted


class Reader(Protocol):
    """An open read-only transaction on one state of a database."""

    def names(self, query: str) -> list[str]:
        """The columns of a query."""

    def row(self, query: str) -> tuple[object, ...]:
        """The one row of a query."""

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query of texts, a bounded number at a time."""

    def text(self, column: str) -> str:
        """The SQL of the exact text of a column."""


@dataclass(frozen=True)
class SqlExtract:
    """How many rows were counted and written, and the highest cursor among them."""

    rows: int
    cursor: str | None


def read_database(
    fetch: SqlFetch, secrets: Secrets, since: str | None, target: Path, row_limit: int | None = None
) -> SqlExtract:
    """Write what the database has from `since` on, or all, to a Parquet file of texts.

    Rows without a cursor come every time: nobody can say that they did not change. Raises
    FetchError.
    """
    relation = _relation(fetch, since)
    if row_limit is not None:
        relation = f"(select * from {relation} limit {row_limit}) as few"
    with _transaction(fetch, secrets) as reader:
        names = reader.names(f"select * from {relation} limit 0")
        if len(set(names)) < len(names):
            raise FetchError("its query gives two columns of one name; rename one with `as`.")
        cursor = fetch.cursor.name if fetch.cursor else None
        if cursor is not None and cursor not in names:
            raise FetchError(f"its cursor '{cursor}' is no column of {', '.join(names)}.")
        highest = reader.text(f"max({quoted(cursor)})") if cursor else "null"
        counted, newest = reader.row(f"select count(*), {highest} from {relation}")
        texts = ", ".join(f"{reader.text(quoted(name))} as {quoted(name)}" for name in names)
        written = _write(target, names, reader.batches(f"select {texts} from {relation}"))
    if written != counted:
        raise FetchError(f"it counts {counted} rows but gave {written}; nothing was landed.", True)
    return SqlExtract(written, None if newest is None else str(newest))


def _relation(fetch: SqlFetch, since: str | None) -> str:
    relation = ".".join(quoted(part) for part in fetch.table) or f"({fetch.query}\n) as pulled"
    if fetch.cursor is None or since is None:
        return relation
    column = quoted(fetch.cursor.name)
    is_number = fetch.kind == "sqlite" and since.lstrip("-").isdecimal()
    bound = since if is_number else literal(since)
    return f"(select * from {relation} where {column} >= {bound} or {column} is null) as recent"


def _write(target: Path, names: list[str], batches: Iterator[pa.RecordBatch]) -> int:
    schema, rows = pa.schema([(name, pa.string()) for name in names]), 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            rows += batch.num_rows
    return rows


@contextmanager
def _transaction(fetch: SqlFetch, secrets: Secrets) -> Iterator[Reader]:
    """The database as it is at one moment. Errors of drivers come out as FetchError."""
    database = postgres if fetch.kind == "postgres" else sqlite
    try:
        with closing(database.connect(fetch, secrets)) as connection:
            yield database.begin(connection)
    except database.Error as error:
        message = " ".join(secrets.take_out_of(str(error)).split())
        raise FetchError(f"the database says: {message}", database.is_transient(error)) from None
