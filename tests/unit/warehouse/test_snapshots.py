"""Publishing is atomic, readers are read-only, a restored pointer is a moved pointer."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.errors import BuildError, NoSnapshotError
from pipelines.settings import Settings
from pipelines.warehouse import snapshots

AS_OF = datetime(2026, 9, 30, 16, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path, snapshots_kept=2)
    build(settings, tickets=3)
    return settings


def build(settings: Settings, tickets: int) -> None:
    settings.build_path.parent.mkdir(exist_ok=True)
    settings.build_path.unlink(missing_ok=True)
    with duckdb.connect(str(settings.build_path)) as connection:
        for schema in ("marts", "reference"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            f"create table marts.fct_tickets as select * from range({tickets}) t(id)"
        )
        connection.execute("comment on column marts.fct_tickets.id is 'the ticket''s number'")
        connection.execute("create table reference.calendars as select 'always' as calendar_id")


def publish(settings: Settings, run_id: str = "run-0001") -> snapshots.Snapshot:
    audit = {"extracts": pl.DataFrame({"source": ["demo"]})}
    return snapshots.publish_snapshot(settings, run_id, AS_OF, audit, '{"metrics": []}')


def test_a_snapshot_holds_the_build_and_what_it_tells_of_itself(settings: Settings) -> None:
    published = publish(settings)
    assert snapshots.current_snapshot(settings) == published
    assert published.as_of == AS_OF
    connection = snapshots.open_read_only(published.path)
    tables = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_catalog = 'warehouse' order by 1"
    ).fetchall()
    assert [t[0] for t in tables] == [
        "audit.extracts",
        "marts.fct_tickets",
        "reference.calendars",
        "reference.semantic_manifest",
    ]
    comment = connection.execute(
        "select comment from duckdb_columns() where table_name = 'fct_tickets'"
    ).fetchall()
    assert comment == [("the ticket's number",)]


@pytest.mark.parametrize(
    "attempt",
    [
        "create table warehouse.marts.forged as select 1",
        "copy (select 1) to 'forged.csv'",
        "select * from read_text('/etc/hostname')",
        "attach ':memory:' as other; create table other.t as select * from read_blob('x')",
        "set enable_external_access = true",
    ],
)
def test_readers_can_neither_write_nor_reach_files(settings: Settings, attempt: str) -> None:
    connection = snapshots.open_read_only(publish(settings).path)
    with pytest.raises(duckdb.Error):
        connection.execute(attempt).fetchall()


def test_access_to_files_is_off_and_cannot_be_turned_on(settings: Settings) -> None:
    """DuckDB does not report its second wall, the disabled file systems; the attempts above do."""
    connection = snapshots.open_read_only(publish(settings).path)
    walls = connection.execute(
        "select current_setting('enable_external_access'), current_setting('lock_configuration')"
    ).fetchall()
    assert walls == [(False, True)]


def test_a_published_file_with_a_log_beside_it_is_refused(settings: Settings) -> None:
    published = publish(settings)
    published.path.with_name(published.path.name + ".wal").touch()
    with pytest.raises(BuildError, match="write-ahead log"):
        snapshots.open_read_only(published.path)


def test_a_build_is_published_once(settings: Settings) -> None:
    published = publish(settings)
    with pytest.raises(BuildError, match="kpi nightly"):
        publish(settings)
    assert snapshots.current_snapshot(settings) == published


@pytest.mark.parametrize("step", ["_complete", "_replace", "_prune"])
def test_killed_at_any_step_readers_keep_a_whole_snapshot(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first = publish(settings, "run-0001")
    build(settings, tickets=5)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, step, killed)
        with pytest.raises(KeyboardInterrupt):
            publish(settings, "run-0002")
    current = snapshots.current_snapshot(settings)
    rows = snapshots.open_read_only(current.path).execute(
        "select count(*) from warehouse.marts.fct_tickets"
    )
    assert rows.fetchall()[0][0] == (3 if current.id == first.id else 5)
    build(settings, tickets=7)
    assert publish(settings, "run-0003").run_id == "run-0003"
    files = settings.snapshots_dir.glob("*.duckdb")
    assert sorted(files) == sorted(s.path for s in snapshots.list_snapshots(settings))


def test_old_snapshots_are_pruned_and_kept_ones_restored(settings: Settings) -> None:
    published = []
    for number in range(4):
        build(settings, tickets=3)
        published.append(publish(settings, f"run-{number:04}"))
    kept = snapshots.list_snapshots(settings)
    assert [s.id for s in kept] == [published[3].id, published[2].id]
    assert not published[0].path.exists()
    restored = snapshots.restore_snapshot(settings, published[2].id)
    assert snapshots.current_snapshot(settings).id == restored.id == published[2].id
    with pytest.raises(NoSnapshotError, match="is not kept"):
        snapshots.restore_snapshot(settings, published[0].id)


def test_before_the_first_publishing_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshotError, match="kpi nightly"):
        snapshots.current_snapshot(Settings(home=tmp_path))
