"""Every count derived again from the archive, and compared with all that tells it.

Each archived file is hashed, counted by Python's parsers (`count`) and read through the gate once
more; ledger, Parquet files and the rows that dbt reads must agree with that. One file at a time:
memory does not grow with the archive. Not here: putting right what differs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import duckdb

from pipelines.contracts import Contracts, SourceContract
from pipelines.errors import KpiError
from pipelines.ingest.archive import archived_copy, file_sha256
from pipelines.ingest.commit import draft_folder, repair
from pipelines.ingest.count import independent_count
from pipelines.ingest.ledger import Extract, extract_dir, possible_ids, read_entry
from pipelines.ingest.reading import count_rows, literal, parquet_rows
from pipelines.ingest.run import Gate, opened_gate
from pipelines.settings import Settings

_PARTS = ("accepted", "quarantined")
_FILES = {"accepted.parquet", "quarantined.parquet", "extract.json", "earlier.jsonl", "judged"}
_COUNTS = ("outcome", "reason", "rows_read", "rows_accepted", "rows_quarantined")
_TOLD = (*_COUNTS, "reasons", "warnings", "first_event_at", "last_event_at", "extracted_at")


@dataclass(frozen=True)
class Difference:
    """One thing that two places tell differently."""

    file: str
    what: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"{self.file}: {self.what}: expected {self.expected}, found {self.found}"


def reconcile(
    settings: Settings,
    contracts: Contracts,
    source: str | None = None,
    on_progress: Callable[[int, int, str], None] = lambda number, total, name: None,
) -> Iterator[Difference]:
    """What differs, as it is found. `on_progress` is told each extract before it is read."""
    repair(settings)
    entries = []
    for folder in sorted(settings.raw_dir.glob(f"*/source={source or '*'}/extract=*")):
        entry = _entry(folder)
        if isinstance(entry, Difference):
            yield entry
        elif entry is not None:
            entries.append(entry)
    yield from _strays(settings)
    if source is None:
        yield from _unknown_archive(settings, {entry.sha256 for entry in entries})
    run_id = f"reconcile-{uuid4().hex}"
    with opened_gate(settings, run_id, max((e.bytes for e in entries), default=0)) as gate:
        for number, entry in enumerate(entries, 1):
            on_progress(number, len(entries), f"{entry.source}.{entry.entity}  {entry.file}")
            contract = contracts.sources.get((entry.source, entry.entity))
            yield from _extract(gate, contract, entry)
        yield from _dbt_rows(gate, entries, source)


def _entry(folder: Path) -> Extract | Difference | None:
    """The entry of a folder of raw; the empty extract of an entity has none."""
    name = folder.relative_to(folder.parents[2]).as_posix()
    if folder.parent.name == "source=_none" and folder.name == "extract=_none":
        return None
    try:
        entry = read_entry(folder)
    except (ValueError, TypeError) as error:
        return Difference(name, "ledger entry", "a readable extract.json", str(error))
    if entry is None:
        return Difference(name, "folder without ledger entry", "no folder", "a folder")
    ids = possible_ids(entry.sha256, entry.extracted_at)
    own = [f"{entry.entity}/source={entry.source}/extract={own_id}" for own_id in ids]
    if name not in own:
        return Difference(name, "doubled extract, or folder of another name", own[0], name)
    return entry


def _strays(settings: Settings) -> Iterator[Difference]:
    """Files and folders that no run writes."""
    for path in sorted(settings.raw_dir.rglob("*")):
        place = path.relative_to(settings.raw_dir)
        depth = len(place.parts)
        is_known = (
            path.is_dir()
            if depth == 1
            else path.is_dir() and path.name.startswith(("source=", "extract=")[depth - 2])
            if depth in (2, 3)
            else depth == 4 and path.name in _FILES
        )
        if not is_known:
            yield Difference(place.as_posix(), "extra file or folder in raw", "nothing", path.name)


def _unknown_archive(settings: Settings, known: set[str]) -> Iterator[Difference]:
    for folder in sorted(settings.archive_dir.glob("*")):
        names = [path.name for path in folder.glob("*")]
        if len(names) > 1:
            yield Difference(folder.name, "files of one hash", 1, len(names))
        if names and folder.name not in known:
            yield Difference(
                f"{folder.name}/{names[0]}",
                "archived file that no ledger entry knows (ingest it again, or remove it)",
                "an entry",
                "none",
            )


def _extract(gate: Gate, contract: SourceContract | None, entry: Extract) -> Iterator[Difference]:
    """What differs between one archived file and all that is told of it."""
    archived = archived_copy(gate.settings, entry.sha256)
    if archived is None:
        yield Difference(entry.file, "archived file", entry.sha256, "missing")
        return
    sha256 = file_sha256(archived.path)
    if sha256 != entry.sha256:
        yield Difference(entry.file, "bytes of the archived file", entry.sha256, sha256)
        return
    folder = extract_dir(gate.settings, entry.source, entry.entity, entry.extract_id)
    stored = dict(_stored_rows(gate.connection, entry, folder))
    yield from (d for d in stored.values() if isinstance(d, Difference))
    if contract is None:
        yield Difference(entry.file, "contract", entry.contract_id, "none")
        return
    if entry.outcome == "loaded" and not any(isinstance(d, Difference) for d in stored.values()):
        yield from _records(gate, contract, entry, archived.path, folder)
    if contract.sha256 != entry.contract_sha256:
        yield Difference(
            entry.file,
            "contract it was read by (`kpi quarantine replay --all` reads it again)",
            f"{contract.version} {contract.sha256[:8]}",
            f"{entry.contract_version} {entry.contract_sha256[:8]}",
        )
        return
    with draft_folder(gate.settings) as draft:
        again = gate.read(contract, archived, entry.file, entry.sequence, draft, entry.extract_id)
        yield from _told(entry, again)
        if entry.outcome == "loaded" and again.outcome == "loaded":
            yield from _contents(gate, entry, again, folder, draft)


def _stored_rows(
    connection: duckdb.DuckDBPyConnection, entry: Extract, folder: Path
) -> Iterator[tuple[str, Difference | int]]:
    """The rows of each Parquet file, or how it differs from its ledger entry."""
    for part, told in zip(_PARTS, (entry.rows_accepted, entry.rows_quarantined), strict=True):
        file = folder / f"{part}.parquet"
        if entry.outcome == "refused" or not file.exists():
            if file.exists() != (entry.outcome == "loaded"):
                found = "a file" if file.exists() else "missing"
                expected = f"{told} rows" if entry.outcome == "loaded" else "no file"
                yield part, Difference(entry.file, f"{part}.parquet", expected, found)
            continue
        try:
            rows = count_rows(connection, parquet_rows(file))
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            yield part, Difference(entry.file, f"{part}.parquet", f"{told} rows", reason)
            continue
        differs = Difference(entry.file, f"rows of {part}.parquet", told, rows)
        yield part, rows if rows == told else differs


def _records(
    gate: Gate, contract: SourceContract, entry: Extract, path: Path, folder: Path
) -> Iterator[Difference]:
    """The records Python counts in the file against those that stand in the Parquet files."""
    records = " union ".join(
        f"select _record from {parquet_rows(folder / f'{p}.parquet')}" for p in _PARTS
    )
    try:
        with draft_folder(gate.settings) as scratch:
            counted = independent_count(contract, path, scratch)
        found = count_rows(gate.connection, f"({records})")
    except (ValueError, KeyError, duckdb.Error, KpiError) as error:
        yield Difference(entry.file, "independent count", f"{entry.rows_read} records", str(error))
        return
    if counted != found:
        yield Difference(entry.file, "records in Parquet, by an independent count", counted, found)
    if contract.shape_sql is None and counted != entry.rows_read:
        yield Difference(entry.file, "records in the ledger", counted, entry.rows_read)


def _told(entry: Extract, again: Extract) -> Iterator[Difference]:
    """What the ledger tells against what the gate finds now."""
    if entry.rows_refused is not None:  # a gate on the whole extract refused what had been read
        if again.rows_read != entry.rows_refused:
            yield Difference(entry.file, "rows refused", again.rows_read, entry.rows_refused)
        return
    for name in _TOLD:
        told, found = getattr(entry, name), getattr(again, name)
        if told != found:
            yield Difference(entry.file, f"{name} in the ledger", found, told)


def _contents(
    gate: Gate, entry: Extract, again: Extract, folder: Path, draft: Path
) -> Iterator[Difference]:
    """The stored rows against those the gate gives now, value by value."""
    if entry.key_id != again.key_id:
        yield Difference(entry.file, "key of its pseudonyms", again.key_id, entry.key_id)
        return
    for part in _PARTS:
        stored, derived = (parquet_rows(place / f"{part}.parquet") for place in (folder, draft))
        try:
            edited = count_rows(gate.connection, f"(from {stored} except all from {derived})")
            lost = count_rows(gate.connection, f"(from {derived} except all from {stored})")
        except duckdb.Error:  # unreadable, or other columns; its rows were compared before
            edited = lost = entry.rows_accepted
        if edited or lost:
            yield Difference(
                entry.file,
                f"rows of {part}.parquet that the archive does not give",
                0,
                max(edited, lost),
            )


def _dbt_rows(gate: Gate, entries: list[Extract], source: str | None) -> Iterator[Difference]:
    """The raw rows as dbt's glob reads them, against the ledger."""
    for entity in sorted(path for path in gate.settings.raw_dir.glob("*") if path.is_dir()):
        if not any(entity.glob("*/*/accepted.parquet")):
            continue
        glob = literal(f"{entity}/*/*/accepted.parquet")
        try:
            rows = gate.connection.execute(
                f"""select source, extract, count(*) from read_parquet({glob}, union_by_name = true,
                hive_partitioning = true, hive_types_autocast = false) group by all order by all"""
            ).fetchall()
        except duckdb.Error as error:
            yield Difference(entity.name, "rows dbt reads", "readable", str(error).splitlines()[0])
            continue
        told = {
            (e.source, e.extract_id): e.rows_accepted for e in entries if e.entity == entity.name
        }
        found = {(s, e): count for s, e, count in rows if source in (None, s)}
        for key in sorted(told.keys() | found.keys()):
            if told.get(key, 0) != found.get(key, 0):
                name = f"{entity.name} of {key[0]}, extract {key[1]}"
                yield Difference(name, "rows dbt reads", told.get(key, 0), found.get(key, 0))
