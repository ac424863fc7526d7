"""A real PostgreSQL server becomes counted extracts: types, snapshots, cursors, secrets, faults."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from adbc_driver_manager import AdbcStatusCode, OperationalError

from pipelines.errors import FetchError
from pipelines.fetch import fetch_sample, postgres
from pipelines.fetch import run as fetch_run
from tests.integration.postgres import INSTALL, Server, running_server, server_folder
from tests.unit.fetch.fetched_desk import COLUMNS, FetchedDesk, record

BINARIES = server_folder()
pytestmark = [
    pytest.mark.skipif(BINARIES is None, reason=INSTALL),
    pytest.mark.xdist_group("postgres"),
]
TABLE = f"""create table requests (
    "{COLUMNS[0]}" text primary key, "状态" varchar(10), "创建时间" timestamptz,
    "关闭时间" timestamp with time zone, "评分" bigint, "比率" numeric(30, 12), "达标" text,
    "电话" text, "备注" text, "代码" char(2), changed timestamptz)"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    assert BINARIES is not None
    with running_server(BINARIES) as running:
        yield running


@pytest.fixture
def desk(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FetchedDesk:
    server.run("drop table if exists requests cascade", TABLE)
    monkeypatch.setattr(fetch_run, "PAUSE_SECONDS", 0)
    return desk_of(server, tmp_path, monkeypatch)


def desk_of(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch, **custom: object
) -> FetchedDesk:
    monkeypatch.setenv("DESK_USER", server.user)
    monkeypatch.setenv("DESK_PASSWORD", server.password)
    node = {"type": "postgres", "host": "127.0.0.1", "port": server.port}
    account = {"user": "${DESK_USER}", "password": "${DESK_PASSWORD}", "extraColumns": "record"}
    where = {"database": "postgres", "schema": "public"}
    return FetchedDesk(
        folder,
        node | where,
        **account | ({} if "query" in custom else {"table": "requests"}) | custom,
    )


def insert(server: Server, *records: dict[str, object]) -> None:
    for cells in records:
        values = (cells.get(name) for name in [*COLUMNS, "changed"])
        listed = ", ".join(
            "null" if v is None else "'" + str(v).replace("'", "''") + "'" for v in values
        )
        server.run(f"insert into requests values ({listed})")


def test_a_snapshot_is_counted_from_table_to_raw(server: Server, desk: FetchedDesk) -> None:
    insert(server, record(1), record(2, 状态="坏"), record(3, 评分=None, 代码="AB"))
    fetched, extracts = desk.night()
    assert fetched.rows == 3
    assert [(e.rows_read, e.rows_accepted, e.rows_quarantined) for e in extracts] == [(3, 2, 1)]
    assert extracts[0].extracted_at is not None
    assert desk.ids() == {"00000001", "00000003"}
    fetched, extracts = desk.night()
    assert (str(fetched), extracts) == ("nothing new", [])


def test_every_type_comes_as_the_text_of_the_database(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.run(
        "drop table if exists kinds",
        """create table kinds as select 9007199254740993::bigint as whole,
        123456789012345678.123456789012::numeric as exact, 0.1::float8 + 0.2::float8 as inexact,
        '00012'::text as id, true as flag, timestamptz '2026-03-01 08:00:00.5+08' as moment,
        timestamp '2026-03-01 08:00:00' as local, date '2026-03-01' as day, null::int as nothing,
        ''::text as empty, '{"a": [1, 2]}'::jsonb as document, array['x', 'y'] as list,
        'infinity'::timestamptz as never, '\\xff00'::bytea as bytes""",
    )
    monkeypatch.setenv("DESK_PASSWORD", server.password)
    address = f"postgresql://kpi:${{DESK_PASSWORD}}@127.0.0.1:{server.port}/postgres?table=kinds"
    desk = desk_of(server, tmp_path, monkeypatch)
    (row,) = pl.read_parquet(fetch_sample(desk.settings, address, tmp_path).path).to_dicts()
    assert row == {
        "whole": "9007199254740993",
        "exact": "123456789012345678.123456789012",
        "inexact": "0.30000000000000004",
        "id": "00012",
        "flag": "true",
        "moment": "2026-03-01 00:00:00.5+00",
        "local": "2026-03-01 08:00:00",
        "day": "2026-03-01",
        "nothing": None,
        "empty": "",
        "document": '{"a": [1, 2]}',
        "list": "{x,y}",
        "never": "infinity",
        "bytes": "\\xff00",
    }


def test_a_cursor_has_an_overlap_and_keeps_rows_without_one(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: FetchedDesk
) -> None:
    """What was committed late, under an older instant, comes with the next pull."""
    desk = desk_of(server, tmp_path, monkeypatch, cursor={"name": "changed", "overlap": 3600})
    insert(server, record(1, changed="2026-03-01 08:00Z"), record(2))
    insert(server, record(3, changed="2026-03-01 12:00:00.25Z"))
    assert desk.night()[0].rows == 3
    insert(server, record(4, changed="2026-03-01 11:30Z"), record(5, changed="2026-03-01 10:59Z"))
    insert(server, record(6))
    fetched, extracts = desk.night()
    assert fetched.since == "2026-03-01 11:00:00.250000+00:00"
    assert extracts[0].rows_read == 4  # 2 and 6 without one, 3 and 4 within the overlap
    assert desk.ids() == {f"{n:08d}" for n in (1, 2, 3, 4, 6)}


def test_rows_that_are_committed_while_it_is_read_wait_for_the_next_pull(
    server: Server, desk: FetchedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(server, record(1))
    real = postgres.Postgres.batches

    def interrupted(self: postgres.Postgres, query: str) -> Iterator[object]:
        insert(server, record(2))  # after the count, before the rows
        yield from real(self, query)

    monkeypatch.setattr(postgres.Postgres, "batches", interrupted)
    assert desk.night()[0].rows == 1
    monkeypatch.undo()
    monkeypatch.setenv("DESK_USER", server.user)
    monkeypatch.setenv("DESK_PASSWORD", server.password)
    assert desk.night()[0].rows == 2


def test_a_query_cannot_write(
    server: Server, tmp_path: Path, desk: FetchedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.run(
        """create or replace function remove_all() returns setof requests language sql
        as 'delete from requests returning *'"""
    )
    insert(server, record(1))
    query = desk.contract.file.with_name("bad.sql")
    query.write_text("select * from remove_all()", "utf-8")
    writing = desk_of(server, tmp_path, monkeypatch, query="bad.sql")
    with pytest.raises(FetchError, match="read-only transaction"):
        writing.pull()
    assert desk.night()[0].rows == 1


def test_secrets_are_in_no_error_and_no_file(
    server: Server, desk: FetchedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(server, record(1))
    desk.night()
    assert server.password not in desk.kept_text()
    monkeypatch.setenv("DESK_PASSWORD", "not-the-password")
    with pytest.raises(FetchError, match="authentication failed") as wrong:
        desk.pull()
    assert "not-the-password" not in str(wrong.value)
    monkeypatch.delenv("DESK_PASSWORD")
    with pytest.raises(FetchError, match="set DESK_PASSWORD"):
        desk.pull()


def test_a_server_that_is_away_is_asked_again(
    server: Server, desk: FetchedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(server, record(1))
    real, asked = postgres.connect, list[int]()

    def away(*arguments: object) -> object:
        asked.append(len(asked))
        if len(asked) < fetch_run.TRIES:
            raise OperationalError("refused", status_code=AdbcStatusCode.IO)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(postgres, "connect", away)
    assert desk.pull().rows == 1
    assert len(asked) == fetch_run.TRIES


def test_many_rows_come_in_batches(server: Server, tmp_path: Path, desk: FetchedDesk) -> None:
    """More than one batch of 16 MB: all rows come."""
    server.run(
        """insert into requests select lpad(g::text, 8, '0'), '开', '2026-03-01 08:00Z', null,
        g % 11, 0.5, '是', '13800000000', repeat('长', 300), 'AB', null
        from generate_series(1, 60000) as g"""
    )
    fetched, extracts = desk.night()
    assert fetched.rows == 60_000
    assert [(e.rows_read, e.rows_accepted) for e in extracts] == [(60_000, 60_000)]
