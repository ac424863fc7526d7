"""Ingestion of files: archive, read, gate, commit; one file's fault never stops the others.

Here: the order of the steps and the ledger entry. Not here: the steps themselves.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import duckdb

from pipelines.contracts import SourceContract
from pipelines.errors import ExtractError, StillGrowingError
from pipelines.ingest.archive import Archived, archive_file, clear_drafts
from pipelines.ingest.commit import draft_folder, repair
from pipelines.ingest.gate import Verdict, pass_gate
from pipelines.ingest.landing import ready_files
from pipelines.ingest.ledger import (
    Extract,
    commit_extract,
    extract_dir,
    extract_id,
    next_sequence,
    read_entry,
)
from pipelines.ingest.manifest import (
    MANIFEST_REASONS,
    Manifest,
    check_hash,
    check_rows,
    read_manifest,
)
from pipelines.ingest.masking import masked_text
from pipelines.ingest.pseudonym import Key, current_key
from pipelines.ingest.read_csv import read_csv
from pipelines.ingest.read_json import read_json
from pipelines.ingest.read_jsonl import read_jsonl
from pipelines.ingest.read_sheets import read_parquet, read_xlsx
from pipelines.ingest.reading import Task
from pipelines.ingest.storage import check_storage, storage_faults
from pipelines.settings import Settings

progress = logging.getLogger("kpi.progress")
NOTHING = Verdict(0, 0, 0, {}, {}, None, None)
Progress = Callable[[Extract], None]
_READERS = {
    "csv": read_csv,
    "json": read_json,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "xlsx": read_xlsx,
}


@dataclass(frozen=True)
class Gate:
    """What a run reads with: a connection, the key of the pseudonyms, the run's own number."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection
    key: Key
    run_id: str

    def read(
        self,
        contract: SourceContract,
        archived: Archived,
        file: str,
        sequence: int,
        draft: Path,
        extract_id: str,
        delivered: Path | None = None,
    ) -> Extract:
        """Read an archived file into a draft folder. Its entry is given, nothing is committed.

        `file` is the name it was delivered under; `delivered` is where it lies, with its manifest.
        """
        name = PurePosixPath(file).name
        extracted_at = contract.extracted_at.read(name) if contract.extracted_at else None
        verdict, refusal = NOTHING, None
        with draft_folder(self.settings) as scratch:
            task = Task(self.connection, contract, archived.path, name, scratch, self.key)
            try:
                manifest = read_manifest(delivered) if delivered else Manifest()
                check_hash(manifest, name, archived.sha256)
                verdict = pass_gate(task, _READERS[contract.format](task), extracted_at, draft)
                check_rows(task, manifest, draft)
            except ExtractError as error:
                verdict, refusal = NOTHING, error
                for written in draft.iterdir():
                    written.unlink()
        has_tokens = refusal is None and contract.has_pseudonyms
        return Extract(
            source=contract.source,
            entity=contract.entity.name,
            extract_id=extract_id,
            file=file,
            bytes=archived.bytes,
            sha256=archived.sha256,
            contract_id=contract.id,
            contract_version=contract.version,
            contract_sha256=contract.sha256,
            outcome="refused" if refusal else "loaded",
            reason=refusal.reason if refusal else None,
            message=masked_text(self.connection, str(refusal)) if refusal else None,
            rows_read=verdict.rows_read,
            rows_accepted=verdict.rows_accepted,
            rows_quarantined=verdict.rows_quarantined,
            reasons=verdict.reasons,
            warnings=verdict.warnings,
            first_event_at=verdict.first_event_at,
            last_event_at=verdict.last_event_at,
            extracted_at=extracted_at,
            run_id=self.run_id,
            ingested_at=datetime.now(UTC).replace(tzinfo=None),
            sequence=sequence,
            key_id=self.key.id if has_tokens else None,
        )


def ingest_source(
    settings: Settings,
    contract: SourceContract,
    run_id: str,
    on_progress: Progress | None = None,
    on_waiting: Callable[[Path], None] = lambda path: None,
) -> list[Extract]:
    """Ingest every landing file of the contract, in the order of the names.

    Known extracts come back with `is_new` False. `on_progress` is called after each file,
    `on_waiting` for each one that is not whole.
    """
    ready = ready_files(settings, contract, on_waiting)
    return _ingest_all(settings, contract, ready, run_id, on_progress, on_waiting)


def ingest_file(settings: Settings, contract: SourceContract, path: Path, run_id: str) -> Extract:
    """Ingest one file from anywhere. The file itself is left where it is."""
    extracts = _ingest_all(settings, contract, [path], run_id, None, lambda path: None)
    if not extracts:
        raise StillGrowingError(f"{path.name} is still growing; ingest it when it is whole.")
    return extracts[0]


def _ingest_all(
    settings: Settings,
    contract: SourceContract,
    paths: list[Path],
    run_id: str,
    on_progress: Progress | None,
    on_waiting: Callable[[Path], None],
) -> list[Extract]:
    extracts: list[Extract] = []
    with opened_gate(settings, run_id, sum(path.stat().st_size for path in paths)) as gate:
        sequence = next_sequence(settings, contract) if paths else 0
        for path in paths:
            try:
                archived = archive_file(settings, path)
            except StillGrowingError as error:
                progress.warning("  waiting: %s", error)
                on_waiting(path)
                continue
            own_id = extract_id(settings, contract, archived.sha256, path.name)
            extract = _known(settings, contract, own_id, gate.key)
            if extract is None:
                with draft_folder(settings) as draft:
                    file = _shown(settings, path)
                    extract = gate.read(contract, archived, file, sequence, draft, own_id, path)
                    commit_extract(settings, extract, draft)
                sequence += 1
            extracts.append(extract)
            if on_progress:
                on_progress(extract)
    return extracts


def _known(settings: Settings, contract: SourceContract, own_id: str, key: Key) -> Extract | None:
    entry = read_entry(extract_dir(settings, *contract.key, own_id))
    if entry is None or entry.contract_sha256 != contract.sha256:
        return None
    if entry.reason in MANIFEST_REASONS:  # another manifest may have come
        return None
    return entry if entry.key_id in (None, key.id) else None


def _shown(settings: Settings, path: Path) -> str:
    """The file as the ledger names it: below landing where it lies there, else its name."""
    if path.is_relative_to(settings.landing_dir):
        return path.relative_to(settings.landing_dir).as_posix()
    return path.name


@contextmanager
def opened_gate(settings: Settings, run_id: str, input_bytes: int) -> Iterator[Gate]:
    """An in-memory DuckDB that spills into the work folder and sees no Python variables.

    Before it: room for the input is checked, and what killed runs left is cleared.
    """
    with storage_faults(settings):
        check_storage(settings, input_bytes)
        repair(settings)
        clear_drafts(settings)
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
            yield Gate(settings, connection, current_key(settings), run_id)
        finally:
            connection.close()
