"""Saved queries, shared by their id, and what each reader ran: one small SQLite file.

Texts only, no rows of answers. Not here: running a query, and the log of accesses.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.durability import private_dir
from pipelines.settings import Settings

_KEPT_PER_READER = 100
_ID_BYTES = 8
_TABLES = """
create table if not exists saved (
    id text primary key, name text not null, sql text not null, reader text not null,
    saved_at text not null
);
create table if not exists history (
    number integer primary key, reader text not null, sql text not null, ran_at text not null,
    reason text, row_count integer
);
"""


@dataclass(frozen=True)
class SavedQuery:
    """A query under a name; whoever may open Explore and knows its id can open it."""

    id: str
    name: str
    sql: str
    reader: str
    saved_at: datetime


@dataclass(frozen=True)
class PastQuery:
    """One query a reader ran; `reason` is why it gave no rows, None where it did."""

    sql: str
    ran_at: datetime
    reason: str | None
    row_count: int | None


class Library:
    """The file of an installation; safe for several processes."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.console_dir / "queries.sqlite"

    def save(self, name: str, sql: str, reader: str) -> str:
        """Keep a query; gives its id."""
        query_id = secrets.token_urlsafe(_ID_BYTES)
        with self._open() as connection:
            connection.execute(
                "insert into saved values (?, ?, ?, ?, ?)", (query_id, name, sql, reader, _now())
            )
        return query_id

    def find(self, query_id: str) -> SavedQuery | None:
        """The query of this id, whoever saved it."""
        with self._open() as connection:
            rows = connection.execute("select * from saved where id = ?", (query_id,)).fetchall()
        return _saved(rows[0]) if rows else None

    def saved(self, reader: str) -> list[SavedQuery]:
        """What a reader saved, by name."""
        with self._open() as connection:
            rows = connection.execute(
                "select * from saved where reader = ? order by name, saved_at", (reader,)
            ).fetchall()
        return [_saved(row) for row in rows]

    def forget(self, query_id: str, reader: str) -> None:
        """Remove a query of the reader's own; another's stays."""
        with self._open() as connection:
            connection.execute("delete from saved where id = ? and reader = ?", (query_id, reader))

    def remember(self, reader: str, sql: str, reason: str | None, row_count: int | None) -> None:
        """Add to the reader's history, which keeps the newest ones."""
        with self._open() as connection:
            connection.execute(
                "insert into history (reader, sql, ran_at, reason, row_count) "
                "values (?, ?, ?, ?, ?)",
                (reader, sql, _now(), reason, row_count),
            )
            connection.execute(
                "delete from history where reader = ? and number not in ("
                "select number from history where reader = ? order by number desc limit ?)",
                (reader, reader, _KEPT_PER_READER),
            )

    def history(self, reader: str) -> list[PastQuery]:
        """What a reader ran, the newest first."""
        with self._open() as connection:
            rows = connection.execute(
                "select sql, ran_at, reason, row_count from history where reader = ? "
                "order by number desc",
                (reader,),
            ).fetchall()
        return [PastQuery(sql, datetime.fromisoformat(at), *rest) for sql, at, *rest in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        private_dir(self._path.parent)
        connection = sqlite3.connect(self._path)
        try:
            connection.executescript(_TABLES)
            with connection:
                yield connection
        finally:
            connection.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _saved(row: tuple[str, str, str, str, str]) -> SavedQuery:
    return SavedQuery(*row[:4], saved_at=datetime.fromisoformat(row[4]))
