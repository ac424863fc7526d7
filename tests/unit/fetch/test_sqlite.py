"""SQLite: every value in its own text, one state of the database, nothing without its count."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.contracts.protocols import SqlFetch
from pipelines.errors import FetchError
from pipelines.fetch import fetch_sample, sqlite
from pipelines.fetch import run as fetch_run
from pipelines.fetch.secrets import Secrets
from pipelines.fetch.sql import read_database
from pipelines.settings import Settings
from tests.unit.fetch.fetched_desk import COLUMNS, FetchedDesk, record


def fill(path: Path, *records: dict[str, object]) -> None:
    with sqlite3.connect(path) as connection:
        names = ", ".join(f'"{name}"' for name in [*COLUMNS, "changed"])
        connection.execute(f"create table if not exists requests ({names})")
        for cells in records:
            values = [cells.get(name) for name in [*COLUMNS, "changed"]]
            connection.execute(f"insert into requests values ({','.join('?' * 11)})", values)
    connection.close()


def desk_of(folder: Path, **custom: object) -> FetchedDesk:
    node = {"type": "custom", "format": "sqlite", "path": str(folder / "desk.db")}
    if "query" not in custom:
        custom["table"] = "requests"
    return FetchedDesk(folder, node, extraColumns="record", **custom)


def texts(tmp_path: Path, rows: list[tuple[Any, ...]]) -> list[tuple[str | None, ...]]:
    path = tmp_path / "any.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (a, b integer, c text)")
        connection.executemany("insert into t values (?, ?, ?)", rows)
    connection.close()
    fetch = SqlFetch("sqlite", ("t",), None, path=str(path))
    read_database(fetch, Secrets(Settings()), None, tmp_path / "t.parquet")
    return pl.read_parquet(tmp_path / "t.parquet").rows()


def test_a_value_is_text_as_it_is_whatever_its_column_says(tmp_path: Path) -> None:
    rows = [
        ("007", 9_007_199_254_740_993, ""),
        (0.1, None, "x\ny"),
        (0.1 + 0.2, "words", None),
        (b"\x00\xff", 1.5, "3"),
    ]
    assert texts(tmp_path, rows) == [
        ("007", "9007199254740993", ""),
        ("0.1", None, "x\ny"),
        ("0.30000000000000004", "words", None),
        ("00FF", "1.5", "3"),
    ]


def test_a_snapshot_loads_once_and_again_when_it_changes(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    fill(tmp_path / "desk.db", record(1), record(2, 状态="坏"))
    fetched, extracts = desk.night()
    assert fetched.rows == 2
    assert [(e.rows_read, e.rows_accepted, e.rows_quarantined) for e in extracts] == [(2, 1, 1)]
    assert list(desk.settings.landing_dir.rglob("*.*")) == []
    fetched, extracts = desk.night()
    assert (str(fetched), extracts) == ("nothing new", [])
    fill(tmp_path / "desk.db", record(3))
    fetched, extracts = desk.night()
    assert (fetched.rows, extracts[0].rows_read) == (3, 3)
    assert desk.ids() == {"00000001", "00000003"}


def test_a_cursor_goes_back_by_its_overlap_and_takes_rows_without_one(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, cursor={"name": "changed", "overlap": 3600})
    path = tmp_path / "desk.db"
    fill(path, record(1, changed="2026-03-01 08:00:00"), record(2, changed=None))
    fill(path, record(3, changed="2026-03-01 12:00:00"))
    assert desk.night()[0].rows == 3
    fill(path, record(4, changed="2026-03-01 11:30:00"), record(5, changed="2026-03-01 10:59:59"))
    fill(path, record(6, changed=None))
    fetched, extracts = desk.night()
    assert fetched.since == "2026-03-01 11:00:00"
    assert extracts[0].rows_read == 4  # 2 and 6 without one, 3 and 4 within the overlap
    assert desk.ids() == {f"{n:08d}" for n in (1, 2, 3, 4, 6)}


def test_a_source_of_rows_without_cursors_goes_on(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, cursor={"name": "changed", "overlap": 10})
    fill(tmp_path / "desk.db", record(1))
    desk.night()
    fill(tmp_path / "desk.db", record(2))
    desk.night()
    assert desk.ids() == {"00000001", "00000002"}


def test_a_pull_that_never_was_loaded_moves_nothing(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, cursor={"name": "changed", "overlap": 1})
    fill(tmp_path / "desk.db", record(1, changed=100), record(2, changed=200))
    for file in desk.pull().files:
        file.unlink()
    assert desk.pull().since is None
    desk.night()
    assert desk.pull().since == "199"


def test_another_table_begins_at_the_beginning(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, cursor={"name": "changed", "overlap": 1})
    fill(tmp_path / "desk.db", record(1, changed=100))
    desk.night()
    other = desk_of(tmp_path, cursor={"name": "changed", "overlap": 2})
    assert other.pull().since is None


def test_a_query_beside_the_contract_is_read(tmp_path: Path) -> None:
    query = tmp_path / "data_contracts" / "sources" / "desk" / "open.sql"
    query.parent.mkdir(parents=True)
    query.write_text("select * from requests where 状态 = '开' -- open ones", "utf-8")
    desk = desk_of(tmp_path, query="open.sql")
    fill(tmp_path / "desk.db", record(1), record(2, 状态="关"))
    assert desk.night()[0].rows == 1


def test_rows_that_do_not_come_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = sqlite.Sqlite.batches

    def cut_short(self: sqlite.Sqlite, query: str) -> Iterator[Any]:
        for batch in real(self, query):
            yield batch.slice(0, batch.num_rows - 1)

    monkeypatch.setattr(sqlite.Sqlite, "batches", cut_short)
    monkeypatch.setattr(fetch_run, "PAUSE_SECONDS", 0)
    desk = desk_of(tmp_path)
    fill(tmp_path / "desk.db", record(1), record(2))
    with pytest.raises(FetchError, match="counts 2 rows but gave 1"):
        desk.pull()
    assert list(desk.settings.landing_dir.rglob("*")) == []


@pytest.mark.parametrize(
    ("custom", "message"),
    [
        ({"table": "nothing"}, "no such table"),
        ({"cursor": {"name": "nothing", "overlap": 1}}, "is no column of"),
    ],
)
def test_mistakes_are_told_with_the_contract(
    tmp_path: Path, custom: dict[str, object], message: str
) -> None:
    fill(tmp_path / "desk.db", record(1))
    node = {"type": "custom", "format": "sqlite", "path": str(tmp_path / "desk.db")}
    desk = FetchedDesk(tmp_path, node, **{"table": "requests"} | custom)
    with pytest.raises(FetchError, match=rf"desk\.request .*{message}"):
        desk.pull()


def test_a_sample_is_a_file_of_few_rows(tmp_path: Path) -> None:
    fill(tmp_path / "desk.db", *(record(n) for n in range(30)))
    sample = fetch_sample(
        Settings(), f"sqlite://{tmp_path}/desk.db?table=requests", tmp_path, rows=10
    )
    frame = pl.read_parquet(sample.path)
    assert frame.height == 10
    assert frame.columns == [*COLUMNS, "changed"]
