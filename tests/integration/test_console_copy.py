"""The masked copy of a published snapshot: no key of a person, in any column of any table."""

import re
from pathlib import Path

import duckdb
import pytest

from pipelines.console.copying import make_copy, read_tables
from pipelines.settings import Settings
from pipelines.warehouse.snapshots import current_snapshot

PIECES = re.compile(r"reference\.business_days\.piece_\d+_(open|close)_us")
# Where the snapshot itself says who its persons are.
PERSONS = """
select unnest([agent_key, agent_id, label, label_zh]) as person from snapshot.marts.dim_agents
where agent_key <> 'unknown'
union select unnest([customer_key, customer_id]) from snapshot.marts.dim_customers
where customer_key <> 'unknown'
union select caller_key from snapshot.marts.fct_calls where caller_key <> 'unknown'
"""


@pytest.fixture(scope="module")
def copy(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the published snapshot in a home of its own."""
    home = tmp_path_factory.mktemp("copied")
    (home / "snapshots").symlink_to(published_home / "snapshots")
    settings = Settings(home=home)
    return make_copy(settings, current_snapshot(settings))


def test_every_table_and_column_says_what_it_means_in_both_languages(copy: Path) -> None:
    tables = read_tables(copy)
    told = {t.full_name: (t.description, t.description_zh) for t in tables} | {
        f"{table.full_name}.{column.name}": (column.description, column.description_zh)
        for table in tables
        for column in table.columns
    }
    silent = [
        name
        for name, (english, chinese) in told.items()
        if not (english and re.search("[一-鿿]", chinese))
    ]
    assert len(told) > 700
    # Their number is a variable of the build.
    assert [name for name in silent if not PIECES.fullmatch(name)] == []


def test_no_person_of_the_snapshot_is_in_its_copy(copy: Path, published_home: Path) -> None:
    snapshot = current_snapshot(Settings(home=published_home))
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach '{snapshot.path}' as snapshot (read_only)")
        connection.execute(f"attach '{copy}' as copied (read_only)")
        connection.execute(f"create temp table persons as {PERSONS}")
        count = connection.execute("select count(*) from persons").fetchall()[0][0]
        texts = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where database_name = 'copied' and data_type = 'VARCHAR'"
        ).fetchall()
        found = [
            f"{schema}.{table}.{column}"
            for schema, table, column in texts
            if connection.execute(
                f'select 1 from copied.{schema}."{table}" semi join persons on "{column}" = person '
                "limit 1"
            ).fetchall()
        ]
        rows = connection.execute(
            "select (select count(*) from snapshot.marts.fct_tickets), "
            "(select count(*) from copied.marts.fct_tickets semi join copied.marts.dim_agents "
            "using (agent_key)), (select count(*) from copied.marts.fct_tickets "
            "semi join copied.marts.dim_customers using (customer_key))"
        ).fetchall()[0]
    assert count > 1_000
    assert len(texts) > 200
    assert [column for _, _, column in texts if column == "comment"] == []
    assert found == []
    assert len(set(rows)) == 1, "every ticket still finds its agent and its customer"
