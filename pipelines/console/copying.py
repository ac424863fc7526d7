"""The masked copy of a snapshot that queries run on, and its catalogue of tables.

Made once per snapshot by a process of its own (`python -m pipelines.console.copying`), under a
lock, into a draft that is renamed when it is whole; copies of other snapshots are removed then.
"""

import fcntl
import json
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.console.masking import Personal, masked_columns, personal_columns
from pipelines.contracts import load_contracts
from pipelines.durability import private_dir, sync_dir, sync_file
from pipelines.errors import KpiError, NoSnapshotError
from pipelines.settings import Settings
from pipelines.warehouse.snapshots import Snapshot, list_snapshots, quoted

_SCHEMAS = ("marts", "reference", "audit")
_LEFT_OUT = ("semantic_manifest", "descriptions")  # what is read here, not tables to ask
_MEANING = "coalesce(told.description, ''), coalesce(told.description_zh, '')"
_POLITENESS = 10
_MEMORY = "1GB"


@dataclass(frozen=True)
class TableColumn:
    """A column of the copy; what nobody described has empty descriptions."""

    name: str
    type: str
    description: str
    description_zh: str


@dataclass(frozen=True)
class CopiedTable:
    """A table of the copy, as the browser of tables shows it."""

    schema: str
    name: str
    description: str
    description_zh: str
    row_count: int
    columns: tuple[TableColumn, ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"


def copy_path(settings: Settings, snapshot: Snapshot) -> Path:
    """Where the copy of a snapshot is, once it is whole."""
    return settings.console_dir / f"copy-{snapshot.id}.duckdb"


def progress_path(settings: Settings, snapshot: Snapshot) -> Path:
    """Where the tables done and those to do are told while a copy is made."""
    return copy_path(settings, snapshot).with_suffix(".progress")


def read_tables(copy: Path) -> list[CopiedTable]:
    """The catalogue of a whole copy."""
    entries = json.loads(copy.with_suffix(".json").read_text(encoding="utf-8"))
    return [
        CopiedTable(**entry | {"columns": tuple(TableColumn(**c) for c in entry["columns"])})
        for entry in entries
    ]


def make_copy(settings: Settings, snapshot: Snapshot) -> Path:
    """Make the copy unless it is there; whoever comes second waits for the first."""
    folder, path = settings.console_dir, copy_path(settings, snapshot)
    private_dir(folder)
    with (folder / "copy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return path
        for leftover in folder.glob(".draft-*"):
            leftover.unlink()
        draft = folder / f".draft-{path.name}"
        told = progress_path(settings, snapshot)
        personal = personal_columns(load_contracts(settings.contracts_dir))
        try:
            tables = _fill(snapshot.path, draft, personal, lambda text: _replace(told, text))
        finally:
            told.unlink(missing_ok=True)
        _replace(path.with_suffix(".json"), json.dumps([asdict(t) for t in tables]))
        sync_file(draft)
        draft.chmod(0o400)
        draft.rename(path)
        sync_dir(folder)
        for old in folder.glob("copy-*"):
            if old.stem != path.stem and old.suffix in (".duckdb", ".json"):
                old.unlink()
    return path


def _fill(
    source: Path, draft: Path, personal: Personal, tell: Callable[[str], None]
) -> list[CopiedTable]:
    connection = duckdb.connect(
        str(draft), config={"python_enable_replacements": "false", "memory_limit": _MEMORY}
    )
    try:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach '{quoted(source)}' as snapshot (read_only)")
        salt = secrets.token_hex(32)  # forgotten with this process
        names = connection.execute(
            f"select schema_name, table_name, {_MEANING} from duckdb_tables() "
            "left join snapshot.audit.descriptions as told using (schema_name, table_name) "
            "where database_name = 'snapshot' and list_contains(?, schema_name) "
            "and not list_contains(?, table_name) and coalesce(column_name, '') = '' order by 1, 2",
            [list(_SCHEMAS), list(_LEFT_OUT)],
        ).fetchall()
        tables = []
        for done, named in enumerate(names):
            tell(f"{done} {len(names)}")
            tables.append(_copy_table(connection, named, personal, salt))
        return tables
    finally:
        connection.close()


def _copy_table(
    connection: duckdb.DuckDBPyConnection,
    named: tuple[str, str, str, str],
    personal: Personal,
    salt: str,
) -> CopiedTable:
    schema, table, description, description_zh = named
    columns = connection.execute(
        f"select column_name, data_type, {_MEANING} from duckdb_columns() "
        "left join snapshot.audit.descriptions as told "
        "using (schema_name, table_name, column_name) where database_name = 'snapshot' "
        "and schema_name = ? and table_name = ? order by column_index",
        [schema, table],
    ).fetchall()
    made = masked_columns(table, [name for name, *_ in columns], personal, salt)
    listed = ", ".join(f'{sql} as "{name}"' for name, sql in made.items())
    connection.execute(f"create schema if not exists {schema}")
    rows = connection.execute(
        f'create table {schema}."{table}" as select {listed} from snapshot.{schema}."{table}"'
    ).fetchall()
    return CopiedTable(
        schema=schema,
        name=table,
        description=description,
        description_zh=description_zh,
        row_count=rows[0][0],
        columns=tuple(TableColumn(*column) for column in columns if column[0] in made),
    )


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".draft-{path.name}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def main(home: str, contracts: str, snapshot_id: str) -> int:
    """Make the copy of a kept snapshot; the reason why not goes to stderr in one sentence."""
    settings = Settings(home=Path(home), contracts_dir=Path(contracts))
    try:
        snapshot = next((s for s in list_snapshots(settings) if s.id == snapshot_id), None)
        if snapshot is None:
            raise NoSnapshotError(f"snapshot '{snapshot_id}' is not kept any more.")
        make_copy(settings, snapshot)
    except (KpiError, duckdb.Error, OSError) as error:
        sys.stderr.write(" ".join(str(error).split()))
        return 1
    return 0


if __name__ == "__main__":
    os.nice(_POLITENESS)
    sys.exit(main(*sys.argv[1:]))
