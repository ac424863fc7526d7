"""The commit of an extract: a finished folder is renamed into raw, all or nothing.

Here: drafts, the rename, repair after a crash between the two renames of a replacement.
Not here: what is in the folder (`gate`) and the ledger's entry (`ledger`).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import duckdb

from pipelines.contracts import EntityContract
from pipelines.durability import private_dir, sync_dir, sync_file
from pipelines.processes import is_abandoned
from pipelines.settings import Settings

_REPLACED, _DRAFT = "replaced", "draft-"


@contextmanager
def draft_folder(settings: Settings) -> Iterator[Path]:
    """A scratch folder on the file system of raw; gone afterwards unless it was committed."""
    private_dir(settings.work_dir)
    folder = settings.work_dir / f"{_DRAFT}{os.getpid()}-{uuid4().hex}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def commit_folder(settings: Settings, draft: Path, target: Path) -> None:
    """Move a finished draft to its place. The rename is the commit.

    An extract that is read again under a new contract is set aside first; `repair`
    puts it back if the process dies before the second rename.
    """
    for file in draft.iterdir():
        file.chmod(0o600)
        sync_file(file)
    sync_dir(draft)
    private_dir(settings.raw_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = settings.work_dir / _aside_name(settings, target)
    if target.exists():
        shutil.rmtree(aside, ignore_errors=True)
        target.rename(aside)
    draft.rename(target)
    sync_dir(target.parent)
    shutil.rmtree(aside, ignore_errors=True)


def repair(settings: Settings) -> None:
    """Clear what a killed run left behind.

    A replacement that was cut in two is finished: the old extract returns where no new one is.
    """
    for aside in settings.work_dir.glob(f"{_REPLACED}|*"):
        target = settings.raw_dir.joinpath(*aside.name.split("|")[1:])
        if target.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(target)
            sync_dir(target.parent)
    for folder in settings.work_dir.glob(f"{_DRAFT}*"):
        if is_abandoned(int(folder.name.split("-")[1])):
            shutil.rmtree(folder)


def _aside_name(settings: Settings, target: Path) -> str:
    return "|".join((_REPLACED, *target.relative_to(settings.raw_dir).parts))


def write_empty(settings: Settings, entity: EntityContract, target: Path) -> None:
    """An extract without rows, in the columns raw has for the entity."""
    own = [
        f'null::{column.duckdb_type} as "{column.name}"'
        for column in entity.columns
        if column.pii != "drop"
    ]
    added = [
        "null::varchar as extra",
        "null::varchar as _tenant",
        "null::timestamp as _extracted_at",
        "null::bigint as _record",
    ]
    with draft_folder(settings) as draft:
        file = str(draft / "accepted.parquet").replace("'", "''")
        with duckdb.connect() as connection:
            query = f"select {', '.join(own + added)} where false"
            connection.execute(f"copy ({query}) to '{file}' (format parquet)").fetchall()
        commit_folder(settings, draft, target)
