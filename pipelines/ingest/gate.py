"""The gate: every row of a reading is accepted or quarantined, and the counts must add up.

Here: shaping, judging, rejects, duplicates, the counts. Not here: reading files, building the
query (`gate_sql`), writing rows (`sieve`), committing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from pipelines.ingest.gate_sql import gate_query
from pipelines.ingest.headers import match_headers, without_dropped
from pipelines.ingest.reading import Reading, Task, literal, numbered, quoted
from pipelines.ingest.repeats import take_out_repeats
from pipelines.ingest.sieve import Files, pour, renumber, write_rejects


@dataclass(frozen=True)
class Verdict:
    """What the gate counted. Event times are UTC without zone."""

    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int]
    first_event_at: datetime | None
    last_event_at: datetime | None


def pass_gate(task: Task, reading: Reading, extracted_at: datetime | None, folder: Path) -> Verdict:
    """Judge every row and write accepted.parquet and quarantined.parquet into `folder`."""
    reading.columns = without_dropped(task.contract, reading.columns)
    if task.contract.shape_sql is not None:
        reading = _shaped(task, reading)
    headers = reading.headers or match_headers(task, reading.columns)
    query = gate_query(task.contract, reading, headers, extracted_at)
    files = Files(folder, task.scratch)
    count = pour(task, reading, query, files)
    unknown = not reading.rejects
    reading.settle(task, count.rows)
    if reading.record is None and reading.rejects and unknown:
        renumber(files.accepted, reading.rejects)
        renumber(files.quarantined, reading.rejects)
    count.reasons.update(code for reject in reading.rejects for code in reject.reasons)
    repeats = None
    if task.contract.entity.version_column is None:
        repeats = take_out_repeats(task, files, count)
    if reading.rejects or repeats:
        unread = task.scratch / "rejects.parquet"
        write_rejects(reading.rejects, extracted_at, unread)
        _join(task, [files.quarantined, unread, *([repeats] if repeats else [])], files.quarantined)
    read = count.rows + len(reading.rejects)
    accepted, quarantined = (
        int(pq.read_metadata(file).num_rows) for file in (files.accepted, files.quarantined)
    )
    if read != accepted + quarantined:
        raise AssertionError(
            f"{task.name}: {read} rows read, but {accepted} accepted + {quarantined} quarantined"
        )
    return Verdict(
        read,
        accepted,
        quarantined,
        dict(sorted(count.reasons.items())),
        dict(sorted((+count.warnings).items())),
        count.events.first,
        count.events.last,
    )


def _count(task: Task, relation: str) -> int:
    return int(str(task.rows(f"select count(*) from {relation}")[0][0]))


def _shaped(task: Task, reading: Reading) -> Reading:
    """The reading after the contract's own query; every record must still be there."""
    columns = ", ".join(f"{sql} as {quoted(name)}" for name, sql in reading.columns.items())
    try:
        task.rows(
            f"create or replace temp table physical as select {columns} from {reading.relation}"
        )
    except duckdb.Error as error:
        raise reading.failure(task, error) from error
    loaded = _count(task, "physical")
    reading.settle(task, loaded)
    task.rows(
        "create or replace temp table extract as select * from "
        + numbered(task, "physical", reading.rejects)
    )
    try:
        task.rows(f"create or replace temp table shaped as {task.contract.shape_sql}")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise task.refuse("shape_failed", f"its shape query does not run: {reason}.") from error
    names = [str(row[0]) for row in task.rows("describe shaped")]
    if "_record" not in names:
        raise task.refuse("shape_failed", "its shape query must give _record; add the column.")
    lost = "select count(*) from extract where _record not in (select _record from shaped)"
    strange = "select count(*) from shaped where _record is null"
    missing, nameless = (int(str(task.rows(sql)[0][0])) for sql in (lost, strange))
    if missing or nameless:
        raise task.refuse(
            "shape_lost_rows",
            f"its shape query leaves out {missing} of {loaded} records (and gives {nameless} rows "
            "without a record); every record must come out at least once.",
        )
    return Reading(
        relation="shaped",
        columns={n: f"cast({quoted(n)} as varchar)" for n in names if n != "_record"},
        record="_record",
        rejects=reading.rejects,
        error_cells=reading.error_cells,
    )


def _join(task: Task, parts: list[Path], target: Path) -> None:
    """Merge files of quarantined rows, in the order of the records."""
    names, joined = ", ".join(literal(str(part)) for part in parts), task.scratch / "joined.parquet"
    task.rows(
        f"""copy (from read_parquet([{names}]) order by _record)
        to {literal(str(joined))} (format parquet, compression zstd)"""
    )
    joined.replace(target)
