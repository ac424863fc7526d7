"""The process in which one query runs: shut in before it sees the query, gone after it.

Started as a file, without the project and without an environment:
`python -I worker.py <copy> <seconds> <memory>` in the folder of the copy. It says that it is
ready, reads one request from stdin, answers in frames on stdout, and ends. Who waits for it, and
kills it, is `runner`.
"""

import json
import os
import re
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

# A frame: one byte that says what it is, eight that say how long it is.
READY, ROWS, TOTAL, ERROR = b"R", b"T", b"N", b"E"
LENGTH_BYTES = 8
MOST_COLUMNS = 500
MOST_BYTES = 32 * 2**20
# Beyond what is mapped when the doors shut: the connection's memory, and room to hand rows over.
_ADDRESS_SPACE = 1024 * 2**20
_ROWS_PER_BATCH = 1024
_PLAIN_TYPE = re.compile(
    r"(U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|BOOLEAN|VARCHAR|DATE|TIME"
    r"|TIMESTAMP( WITH TIME ZONE)?)$"
)
_PLAIN_EXPLAIN = re.compile(r"explain\b", re.IGNORECASE)
_COMMENTS = re.compile(r"(\s+|--[^\n]*(\n|$)|/\*.*?\*/)*", re.DOTALL)


class RefusedError(Exception):
    """The query is not run; `reason` is a code the page has a sentence for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def connect(copy: str, seconds: float, memory: str) -> duckdb.DuckDBPyConnection:
    """The connection of a query: it reads this file, and nothing else can be made of it."""
    if os.path.exists(f"{copy}.wal"):  # noqa: PTH110 (no import beyond what a query needs)
        raise RuntimeError(f"{copy} has a write-ahead log beside it; a finished copy never has.")
    connection = duckdb.connect(
        copy,
        read_only=True,
        config={
            "enable_external_access": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "allow_persistent_secrets": "false",
            "memory_limit": memory,
            "temp_directory": "",
            "threads": "1",
        },
    )
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"set max_execution_time = {int(seconds * 1000)}")
    # Without it the file itself, its log and its temporary folder stay open to COPY.
    connection.execute("set disabled_filesystems = 'LocalFileSystem'")
    connection.execute("set lock_configuration = true")
    return connection


def shut_in(seconds: float) -> None:
    """Limits of the system: nothing can be opened or written, memory and CPU end."""
    cpu = int(time.process_time() + seconds) + 2
    with open("/proc/self/statm") as status:  # noqa: PTH123
        mapped = int(status.read().split()[0]) * resource.getpagesize()
    for kind, limit in (
        (resource.RLIMIT_AS, mapped + _ADDRESS_SPACE),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def one_select(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The text to run, if it is exactly one SELECT or the plan of one; else it is refused.

    EXPLAIN is taken off and what is left must be a SELECT by itself, so that neither ANALYZE nor
    another statement passes.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise RefusedError("statements")
    if _is_select(statements):
        return sql
    words = sql[_skipped(sql) :]
    if not _PLAIN_EXPLAIN.match(words):
        raise RefusedError("kind")
    try:
        explained = connection.extract_statements(words[len("explain") :])
    except duckdb.Error:
        raise RefusedError("kind") from None
    if not _is_select(explained):
        raise RefusedError("kind")
    return sql


def _is_select(statements: Sequence[duckdb.Statement]) -> bool:
    try:
        return [s.type for s in statements] == [duckdb.StatementType.SELECT]
    except ValueError:  # a kind that DuckDB's Python does not know
        return False


def _skipped(sql: str) -> int:
    found = _COMMENTS.match(sql)
    return found.end() if found else 0


def answer(
    connection: duckdb.DuckDBPyConnection, sql: str, most_rows: int
) -> Iterator[tuple[bytes, bytes]]:
    """Frames of the answer: the first rows as Arrow, then how many rows there are."""
    relation = connection.sql(one_select(connection, sql))
    if relation is None:
        raise RefusedError("kind")
    if len(relation.columns) > MOST_COLUMNS:
        raise RefusedError("columns")
    reader = relation.project(_plain_columns(relation)).arrow(_ROWS_PER_BATCH)
    kept: list[Any] = []
    rows = size = total = 0
    for batch in reader:
        total += batch.num_rows
        kept.append(batch.slice(0, most_rows - rows))
        rows += kept[-1].num_rows
        size += kept[-1].nbytes
        if rows >= most_rows or size > MOST_BYTES:
            break
    table = pa.Table.from_batches(kept, schema=reader.schema)
    yield ROWS, _ipc(table)
    for batch in reader:
        total += batch.num_rows
    yield TOTAL, str(total).encode()


def _ipc(table: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _plain_columns(relation: duckdb.DuckDBPyRelation) -> str:
    """Columns under names of their own, of types every reader of Arrow knows; the rest as text."""
    columns: dict[str, str] = {}
    for place, (name, kind) in enumerate(zip(relation.columns, relation.types, strict=True), 1):
        number, unique = 1, name
        while unique.casefold() in columns:
            number += 1
            unique = f"{name}_{number}"
        quoted = unique.replace('"', '""')
        value = f"#{place}" if _PLAIN_TYPE.match(str(kind)) else f"cast(#{place} as varchar)"
        columns[unique.casefold()] = f'{value} as "{quoted}"'
    return ", ".join(columns.values())


def _send(out: BinaryIO, kind: bytes, content: bytes = b"") -> None:
    out.write(kind + len(content).to_bytes(LENGTH_BYTES, "big") + content)
    out.flush()


def _error(reason: str, message: str = "") -> bytes:
    return json.dumps({"reason": reason, "message": message}).encode()


def main(copy: str, seconds: float, memory: str) -> None:
    """Serve one request; the process ends with it."""
    out = sys.stdout.buffer
    connection = connect(copy, seconds, memory)
    list(answer(connection, "select 1", 1))  # whatever loads lazily is loaded before the doors shut
    shut_in(seconds)
    _send(out, READY)
    line = sys.stdin.buffer.readline()
    if not line:
        return
    request = json.loads(line)
    try:
        for kind, content in answer(connection, request["sql"], request["rows"]):
            _send(out, kind, content)
    except RefusedError as error:
        _send(out, ERROR, _error(error.reason))
    except (duckdb.Error, pa.ArrowException, MemoryError, OSError) as error:
        _send(out, ERROR, _error(*_told(error)))


def _told(error: Exception) -> tuple[str, str]:
    """The reason's code and the database's own words; Arrow passes its errors on as texts."""
    message = str(error)
    if isinstance(error, MemoryError) or message.startswith("Out of Memory Error"):
        return "memory", ""
    if message.startswith("INTERRUPT Error"):
        return "time", ""
    return "failed", message[:2000]


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3])
    # No clean-up of a database that is thrown away with its process.
    os._exit(0)
