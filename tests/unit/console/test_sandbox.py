"""What a query cannot do: read, write, connect, configure, get out, or stay."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.console import worker
from pipelines.console.runner import MOST_AT_ONCE, Outcome, QueryRun, Workers
from tests.unit.console.attempts import GROUPS
from tests.unit.console.conftest import CANARY, Room

SECONDS = 3.0
RUNAWAYS = {
    "levenshtein": "select max(levenshtein(repeat('a', 300000) || i, repeat('b', 300000))) "
    "from range(20) t(i)",
    "4 GB text": "select length(repeat('x', 4000000000))",
    "100 M list": "select list_reduce(range(100000000), lambda a, b: a + b)",
    "wide pivot": "select count(*) from (pivot (select range i, range % 5000 k "
    "from range(3000000)) on k in ("
    + ", ".join(str(i) for i in range(5000))
    + ") using sum(i) group by i)",
    "long in list": "select count(*) from range(10000000) t(i) where i * 3 in ("
    + ", ".join(str(7 * i) for i in range(300_000))
    + ")",
    "cross join": "select count(*) from range(10000000) a, range(10000000) b "
    "where a.range * b.range % 7 = 3",
    "recursion": "with recursive n as (select 1 i union all select i + 1 from n) "
    "select max(i) from n",
}


def ask(workers: Workers, sql: str, rows: int = 100) -> Outcome:
    outcome = QueryRun(workers, sql, rows, lambda _: None).wait(60)
    assert outcome is not None
    return outcome


@pytest.fixture
def connection(room: Room) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = worker.connect(str(room.copy), SECONDS, "256MB")
    yield opened
    opened.close()


@pytest.mark.parametrize("group", GROUPS)
def test_no_attempt_is_answered(
    room: Room, connection: duckdb.DuckDBPyConnection, group: str
) -> None:
    secret_frame = secret_list = secret_table = [CANARY]  # noqa: F841 (within the query's reach)
    before = room.files()
    answered = []
    for attempt in GROUPS[group]:
        try:
            list(worker.answer(connection, room.fill(attempt), 10))
            answered.append(attempt)
        except (duckdb.Error, OSError, worker.RefusedError) as error:
            assert CANARY not in str(error)
    assert answered == []
    assert room.files() == before
    assert room.asked == []


@pytest.mark.parametrize("group", GROUPS)
def test_the_connection_alone_lets_nothing_out(
    room: Room, connection: duckdb.DuckDBPyConnection, group: str
) -> None:
    """Were a statement of another kind to pass, the settings would still hold."""
    secret_frame = secret_list = secret_table = [CANARY]  # noqa: F841
    before = room.files()
    settings = _settings(connection)
    for attempt in GROUPS[group]:
        try:
            result = connection.execute(room.fill(attempt))
            found = str(result and result.fetchall())
        except (duckdb.Error, RuntimeError) as error:
            found = str(error)
        assert CANARY not in found, attempt
    assert room.files() == before
    assert room.asked == []
    assert _settings(connection) == settings


def _settings(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    own = ("schema", "search_path")
    rows = connection.cursor().execute("select name, value from duckdb_settings()").fetchall()
    return {name: value for name, value in rows if name not in own}


@pytest.mark.parametrize(
    ("attempt", "reason"),
    [
        ("copy (select 'x' b) to '{copy}.wal' (format blob)", "kind"),
        ("explain analyze copy (select 'x') to '{copy}.wal'", "kind"),
        ("export database '{folder}/all'", "kind"),
        ("select 1; select 2", "statements"),
        ("select * from read_text('{canary}')", "failed"),
        ("select * from read_blob('{copy}')", "failed"),
        ("select * from read_text('/proc/self/environ')", "failed"),
        ("select * from 'http://127.0.0.1:{port}/a.csv'", "failed"),
        ("with n as (insert into marts.t values (1, 'x') returning *) from n", "failed"),
    ],
)
def test_a_worker_refuses(room: Room, workers: Workers, attempt: str, reason: str) -> None:
    before = room.files()
    outcome = ask(workers, room.fill(attempt))
    assert (outcome.reason, outcome.frame) == (reason, None)
    assert CANARY not in outcome.message
    assert "\n" not in outcome.message
    assert room.files() == before
    assert room.asked == []


def test_a_worker_has_no_environment_and_no_foreign_descriptor(
    room: Room, workers: Workers
) -> None:
    with room.canary.open() as secret:
        os.set_inheritable(secret.fileno(), True)
        run = QueryRun(workers, RUNAWAYS["cross join"], 1, lambda _: None)
        ask(workers, "select 1")  # the worker above is at work by now
        process = workers.take()
        assert process is not None
        os.read(process.stdout.fileno(), 9)  # type: ignore[union-attr]
        held = Path(f"/proc/{process.pid}")
        opened = sorted(str(link.readlink()) for link in (held / "fd").iterdir())
        environment = (held / "environ").read_bytes()
        limits = (held / "limits").read_text()
        workers.end(process)
        run.cancel()
        run.wait()
    names = [name for name in opened if not name.startswith(("pipe:", "/dev/null"))]
    assert set(names) == {str(room.copy)}
    assert CANARY.encode() not in environment
    assert b"KPI_" not in environment
    for name in ("Max open files", "Max file size", "Max core file size"):
        assert re.search(rf"{name}\s+0\s+0\s", limits)


@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_runaway_ends_with_its_time(room: Room, workers: Workers, name: str) -> None:
    """The promise is a second beyond the limit; a loaded machine gets three."""
    before = room.files()
    outcome = ask(workers, RUNAWAYS[name], rows=1)
    assert outcome.seconds < SECONDS + 3
    assert outcome.reason in ("time", "memory")
    assert outcome.frame is None
    assert room.files() == before
    assert ask(workers, "select 42 n").frame is not None


def test_memory_is_bounded(room: Room, workers: Workers) -> None:
    process = workers.take()
    assert process is not None
    os.read(process.stdout.fileno(), 9)  # type: ignore[union-attr]
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    workers.end(process)
    line = next(line for line in limits.splitlines() if "address space" in line)
    assert int(line.split()[3]) < 3 * 2**30


def test_cancel_ends_a_query_at_once(room: Room, workers: Workers) -> None:
    run = QueryRun(workers, RUNAWAYS["levenshtein"], 1, lambda _: None)
    assert run.wait(0.5) is None
    started = time.monotonic()
    run.cancel()
    outcome = run.wait(SECONDS)
    assert time.monotonic() - started < SECONDS
    assert outcome is not None
    assert outcome.reason == "cancelled"


def test_as_many_run_at_once_as_may(room: Room, workers: Workers) -> None:
    runs = [
        QueryRun(workers, RUNAWAYS["cross join"], 1, lambda _: None) for _ in range(MOST_AT_ONCE)
    ]
    assert ask(workers, "select 1").reason == "busy"
    for run in runs:
        run.cancel()
        run.wait()
    assert ask(workers, "select 1").reason is None


def test_a_file_with_a_log_beside_it_is_not_opened(room: Room) -> None:
    Path(f"{room.copy}.wal").write_bytes(b"forged")
    pool = Workers(room.copy, SECONDS)
    assert ask(pool, "select 1").reason == "failed"
    pool.close()
