"""PostgreSQL by ADBC: text columns as Arrow batches, streamed by the server's own COPY."""

from collections.abc import Iterator
from typing import cast
from urllib.parse import quote, urlencode

import pyarrow as pa  # type: ignore[import-untyped]
from adbc_driver_manager import DatabaseError, OperationalError
from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]

from pipelines.contracts.protocol_rules import LOCAL_HOSTS
from pipelines.contracts.protocols import SqlFetch
from pipelines.fetch.secrets import Secrets

Error = DatabaseError
_CONNECT_SECONDS = 15


def connect(fetch: SqlFetch, secrets: Secrets) -> dbapi.Connection:
    """A connection, encrypted unless the server is this machine or the contract says otherwise."""
    user = quote(secrets.put_into(fetch.user), safe="")
    password = quote(secrets.put_into(fetch.password), safe="")
    account = f"{user}:{password}@" if password else f"{user}@" if user else ""
    usual = "prefer" if fetch.host in LOCAL_HOSTS else "require"
    options = {
        "sslmode": fetch.ssl_mode or usual,
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "kpi fetch",
    }
    place = f"{quote(fetch.host, safe='')}:{fetch.port}/{quote(fetch.database, safe='')}"
    return dbapi.connect(f"postgresql://{account}{place}?{urlencode(options)}")


def is_transient(error: Error) -> bool:
    """Whether the server could not be reached or gave up, which may pass."""
    return isinstance(error, OperationalError)


def begin(connection: dbapi.Connection) -> "Postgres":
    """A transaction that sees one state of the database, writes nothing and says UTC."""
    cursor = connection.cursor()
    cursor.execute("set transaction isolation level repeatable read, read only")
    for setting in ("timezone = 'UTC'", "datestyle = 'ISO, YMD'", "extra_float_digits = 1"):
        cursor.execute(f"set local {setting}")
    return Postgres(cursor)


class Postgres:
    """An open transaction."""

    def __init__(self, cursor: dbapi.Cursor) -> None:
        self._cursor = cursor

    def names(self, query: str) -> list[str]:
        self._cursor.execute(query)
        return [str(column[0]) for column in self._cursor.description or ()]

    def row(self, query: str) -> tuple[object, ...]:
        self._cursor.execute(query)
        return cast(tuple[object, ...], self._cursor.fetchone())

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        self._cursor.execute(query)
        yield from self._cursor.fetch_record_batch()

    def text(self, column: str) -> str:
        return f"cast({column} as text)"
