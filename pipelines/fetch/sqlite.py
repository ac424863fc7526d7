"""SQLite by the standard library: a value is of the type it has, whatever its column says."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pyarrow as pa  # type: ignore[import-untyped]

from pipelines.contracts.protocols import SqlFetch
from pipelines.errors import FetchError
from pipelines.fetch.secrets import Secrets

Error = sqlite3.Error
_BATCH_ROWS = 20_000
_WAIT_SECONDS = 15


def connect(fetch: SqlFetch, secrets: Secrets) -> sqlite3.Connection:
    """A read-only connection; a file that is not there is not made."""
    path = Path(secrets.put_into(fetch.path))
    if not path.is_file():
        raise FetchError(f"there is no database {fetch.path}; correct the path.", True)
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_WAIT_SECONDS, isolation_level=None
    )


def is_transient(error: Error) -> bool:
    """Whether another process held the file, which may pass."""
    return "locked" in str(error) or "busy" in str(error)


def begin(connection: sqlite3.Connection) -> "Sqlite":
    """A transaction that sees one state of the database from its first reading on."""
    connection.execute("begin")
    return Sqlite(connection)


class Sqlite:
    """An open transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def names(self, query: str) -> list[str]:
        return [str(column[0]) for column in self._connection.execute(query).description]

    def row(self, query: str) -> tuple[object, ...]:
        return cast(tuple[object, ...], self._connection.execute(query).fetchone())

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        cursor = self._connection.execute(query)
        names = [column[0] for column in cursor.description]
        while rows := cursor.fetchmany(_BATCH_ROWS):
            columns = zip(*rows, strict=True)
            arrays = [pa.array(column, pa.string()) for column in columns]
            yield pa.RecordBatch.from_arrays(arrays, names=names)

    def text(self, column: str) -> str:
        """A plain cast keeps 15 digits of a number; 17 where these would be another number."""
        return f"""case typeof({column})
            when 'blob' then hex({column})
            when 'real' then case when cast(cast({column} as text) as real) = {column}
                then cast({column} as text) else printf('%!.17g', {column}) end
            else cast({column} as text) end"""
