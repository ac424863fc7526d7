"""Reading again, from the archive, what a contract since mended kept out.

An extract is read as a whole and replaced at once, so that all its rows speak of one contract.
What the old reading had accepted and the new one does not, or reads otherwise, is counted.
Not here: reading again under a new key (`rotation`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contracts import SourceContract
from pipelines.ingest.archive import Archived, archived_copy
from pipelines.ingest.commit import draft_folder, repair
from pipelines.ingest.ledger import (
    Extract,
    commit_extract,
    extract_dir,
    next_sequence,
    read_entries,
)
from pipelines.ingest.manifest import MANIFEST_REASONS
from pipelines.ingest.reading import count_rows, parquet_rows, quoted
from pipelines.ingest.run import Gate, opened_gate
from pipelines.settings import Settings


@dataclass(frozen=True)
class Replay:
    """One extract before and after; `after` is None where its archived file is missing.

    `withdrawn`: rows accepted before whose record is not accepted any more. `changed`: rows
    accepted before and now, with another value in a column both readings have.
    """

    before: Extract
    after: Extract | None
    withdrawn: int = 0
    changed: int = 0

    @property
    def gained(self) -> int:
        accepted = self.after.rows_accepted if self.after else self.before.rows_accepted
        return accepted - self.before.rows_accepted + self.withdrawn

    @property
    def needs_a_look(self) -> bool:
        is_out = self.after is None or self.after.outcome == "refused"
        return is_out or self.withdrawn > 0 or self.changed > 0


def replayable(settings: Settings, contract: SourceContract, *, whole: bool) -> list[Extract]:
    """Extracts read under another text of the contract that have rows or themselves kept out.

    `whole`: those too that were accepted to the last row, for what they mean may have changed.
    """
    return [
        entry
        for entry in read_entries(settings, contract)
        if entry.contract_sha256 != contract.sha256
        and entry.reason not in MANIFEST_REASONS
        and (whole or entry.rows_quarantined or entry.outcome == "refused")
    ]


def replay_source(
    settings: Settings,
    contract: SourceContract,
    run_id: str,
    *,
    whole: bool = False,
    is_dry_run: bool = False,
) -> Iterator[Replay]:
    """Read again what the contract's older texts kept out; a dry run commits nothing."""
    repair(settings)
    stale = replayable(settings, contract, whole=whole)
    with opened_gate(settings, run_id, max((e.bytes for e in stale), default=0)) as gate:
        sequence = next_sequence(settings, contract)
        for number, before in enumerate(stale, sequence):
            archived = archived_copy(settings, before.sha256)
            if archived is None:
                yield Replay(before, None)
            else:
                yield read_again(gate, contract, before, archived, number, is_dry_run=is_dry_run)


def read_again(
    gate: Gate,
    contract: SourceContract,
    before: Extract,
    archived: Archived,
    sequence: int,
    *,
    is_dry_run: bool = False,
) -> Replay:
    """Read one archived file again and put the new reading in place of the old one."""
    settings = gate.settings
    folder = extract_dir(settings, *contract.key, before.extract_id)
    with draft_folder(settings) as draft:
        after = gate.read(contract, archived, before.file, sequence, draft, before.extract_id)
        withdrawn, changed = 0, 0
        if before.outcome == "loaded":
            withdrawn, changed = _compare(gate.connection, contract, folder, draft)
            if before.key_id not in (None, after.key_id):
                changed = 0  # under another key every token is another one
        if not is_dry_run:
            commit_extract(settings, after, draft)
    return Replay(before, after, withdrawn, changed)


def _compare(
    connection: duckdb.DuckDBPyConnection, contract: SourceContract, old: Path, new: Path
) -> tuple[int, int]:
    """Old rows whose record is gone, and old rows that are there with another value."""
    before, after = old / "accepted.parquet", new / "accepted.parquet"
    if not before.exists():
        return 0, 0
    if not after.exists():
        return count_rows(connection, parquet_rows(before)), 0
    known = [
        {
            str(name)
            for (name,) in connection.execute(
                f"select column_name from (describe from {parquet_rows(file)})"
            ).fetchall()
        }
        for file in (before, after)
    ]
    names = sorted(known[0] & known[1])
    columns = ", ".join(quoted(name) for name in names)
    gone = count_rows(
        connection,
        f"{parquet_rows(before)} where _record not in (select _record from {parquet_rows(after)})",
    )
    other = count_rows(
        connection,
        f"(select {columns} from {parquet_rows(before)} except all "
        f"select {columns} from {parquet_rows(after)})",
    )
    return gone, other - gone
