"""Ingestion of files: archive, read, gate, commit; one file's fault never stops the others.

Here: the order of the steps and the ledger entry. Not here: the steps themselves.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.contracts import SourceContract
from pipelines.errors import ExtractError, StillGrowingError
from pipelines.ingest.archive import Archived, archive_file, archived_copy
from pipelines.ingest.commit import commit_folder, draft_folder, repair_replaced
from pipelines.ingest.gate import Verdict, pass_gate
from pipelines.ingest.landing import ready_files
from pipelines.ingest.ledger import Extract, extract_dir, read_entries, read_entry
from pipelines.ingest.manifest import MANIFEST_REASONS, check_hash, check_rows, read_manifest
from pipelines.ingest.pseudonym import secret_key, set_key
from pipelines.ingest.read_csv import read_csv
from pipelines.ingest.read_jsonl import read_jsonl
from pipelines.ingest.read_sheets import read_parquet, read_xlsx
from pipelines.ingest.reading import Task
from pipelines.settings import Settings

progress = logging.getLogger("kpi.progress")
NOTHING = Verdict(0, 0, 0, {}, {}, None, None)
Progress = Callable[[Extract], None]
_READERS = {"csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet, "xlsx": read_xlsx}


def ingest_source(
    settings: Settings,
    contract: SourceContract,
    run_id: str,
    on_progress: Progress | None = None,
) -> list[Extract]:
    """Ingest every landing file of the contract, in the order of the names.

    Known extracts come back with `is_new` False. `on_progress` is called after each file.
    """
    return _ingest_all(settings, contract, ready_files(settings, contract), run_id, on_progress)


def ingest_file(settings: Settings, contract: SourceContract, path: Path, run_id: str) -> Extract:
    """Ingest one file from anywhere. The file itself is left where it is."""
    extracts = _ingest_all(settings, contract, [path], run_id, None)
    if not extracts:
        raise StillGrowingError(f"{path.name} is still growing; ingest it when it is whole.")
    return extracts[0]


def replay_source(
    settings: Settings,
    contract: SourceContract,
    run_id: str,
    on_progress: Progress | None = None,
) -> list[Extract]:
    """Read again, from the archive, every extract that was read under another contract text."""
    stale = [
        entry
        for entry in read_entries(settings, contract)
        if entry.contract_sha256 != contract.sha256 and entry.reason not in MANIFEST_REASONS
    ]
    copies = (archived_copy(settings, entry.sha256) for entry in stale)
    return _ingest_all(
        settings, contract, [copy.path for copy in copies if copy], run_id, on_progress
    )


def _ingest_all(
    settings: Settings,
    contract: SourceContract,
    paths: list[Path],
    run_id: str,
    on_progress: Progress | None,
) -> list[Extract]:
    repair_replaced(settings)
    extracts: list[Extract] = []
    with _connection(settings) as connection:
        for path in paths:
            try:
                archived = archive_file(settings, path)
            except StillGrowingError as error:
                progress.warning("  waiting: %s", error)
                continue
            extract = _known(settings, contract, archived)
            if extract is None:
                extract = _ingest(settings, contract, archived, path, run_id, connection)
            extracts.append(extract)
            if on_progress:
                on_progress(extract)
    return extracts


def _known(settings: Settings, contract: SourceContract, archived: Archived) -> Extract | None:
    folder = extract_dir(settings, *contract.key, archived.extract_id)
    entry = read_entry(folder)
    if entry is None or entry.reason in MANIFEST_REASONS:  # another manifest may have come
        return None
    return entry if entry.contract_sha256 == contract.sha256 else None


def _ingest(
    settings: Settings,
    contract: SourceContract,
    archived: Archived,
    path: Path,
    run_id: str,
    connection: duckdb.DuckDBPyConnection,
) -> Extract:
    extracted_at = contract.extracted_at.read(path.name) if contract.extracted_at else None
    with draft_folder(settings) as scratch, draft_folder(settings) as draft:
        task = Task(connection, contract, archived.path, path.name, scratch)
        verdict, refusal = NOTHING, None
        try:
            manifest = read_manifest(path)
            check_hash(manifest, path.name, archived.sha256)
            verdict = pass_gate(task, _READERS[contract.format](task), extracted_at, draft)
            check_rows(task, manifest, draft)
        except ExtractError as error:
            verdict, refusal = NOTHING, error
            for file in draft.iterdir():
                file.unlink()
        extract = Extract(
            source=contract.source,
            entity=contract.entity.name,
            extract_id=archived.extract_id,
            file=_shown(settings, path),
            bytes=archived.bytes,
            sha256=archived.sha256,
            contract_id=contract.id,
            contract_version=contract.version,
            contract_sha256=contract.sha256,
            outcome="refused" if refusal else "loaded",
            reason=refusal.reason if refusal else None,
            message=str(refusal) if refusal else None,
            rows_read=verdict.rows_read,
            rows_accepted=verdict.rows_accepted,
            rows_quarantined=verdict.rows_quarantined,
            reasons=verdict.reasons,
            warnings=verdict.warnings,
            first_event_at=verdict.first_event_at,
            last_event_at=verdict.last_event_at,
            extracted_at=extracted_at,
            run_id=run_id,
            ingested_at=datetime.now(UTC).replace(tzinfo=None),
        )
        (draft / "extract.json").write_text(extract.to_json(), "utf-8")
        commit_folder(settings, draft, extract_dir(settings, *contract.key, archived.extract_id))
    return extract


def _shown(settings: Settings, path: Path) -> str:
    """The file as the ledger names it: below landing where it lies there, else its name."""
    if path.is_relative_to(settings.landing_dir):
        return path.relative_to(settings.landing_dir).as_posix()
    return path.name


@contextmanager
def _connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that spills into the work folder and sees no Python variables."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": settings.memory_limit,
            "temp_directory": str(settings.work_dir / "spill"),
            "python_enable_replacements": False,
        }
    )
    try:
        for setting in ("timezone = 'UTC'", "enable_progress_bar = false"):
            connection.execute(f"set {setting}").fetchall()
        set_key(connection, secret_key(settings))
        yield connection
    finally:
        connection.close()
