"""The gate: every row of a reading is accepted or quarantined, and the counts must add up.

Here: shaping, judging, duplicates, writing the two Parquet files. Not here: reading files,
building the query (`gate_sql`), committing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import duckdb

from pipelines.ingest.gate_sql import gate_query
from pipelines.ingest.headers import json_object, match_headers
from pipelines.ingest.reading import Reading, Reject, Task, literal, numbered, quoted

_INSERT_ROWS = 1000


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
    if task.contract.shape_sql is not None:
        reading = _shaped(task, reading)
    headers = reading.headers or match_headers(task, reading.columns)
    query = gate_query(task.contract, reading, headers, extracted_at)
    task.rows(f"create or replace temp table judged as {query}")
    loaded, warned = cast(
        tuple[int, int],
        task.rows("select count(*), count(_warnings) from judged")[0],
    )
    reading.settle(task, loaded)
    records = (
        "(select *, rowid as _row from judged)"
        if reading.record
        else numbered(task, "judged", reading.rejects)
    )
    good = _set_aside(task, records, reading.rejects)
    if reading.rejects:  # numbering has mixed the rows
        good = f"(select * from {good} order by _record)"
    accepted = _write_accepted(task, good, extracted_at, folder / "accepted.parquet")
    quarantined = _write_quarantine(task, extracted_at, folder / "quarantined.parquet")
    read = loaded + len(reading.rejects)
    if read != accepted + quarantined:
        raise AssertionError(
            f"{task.name}: {read} rows read, but {accepted} accepted + {quarantined} quarantined"
        )
    return Verdict(
        read,
        accepted,
        quarantined,
        _code_counts(task, "select reasons as codes from quarantined") if quarantined else {},
        _code_counts(task, f"select _warnings as codes from {good}") if warned else {},
        *_event_range(task, good),
    )


def _count(task: Task, relation: str) -> int:
    return int(str(task.rows(f"select count(*) from {relation}")[0][0]))


def _shaped(task: Task, reading: Reading) -> Reading:
    """The reading after the contract's own query; every record must still be there."""
    columns = ", ".join(f"{sql} as {quoted(name)}" for name, sql in reading.columns.items())
    task.rows(f"create or replace temp table physical as select {columns} from {reading.relation}")
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


def _set_aside(task: Task, records: str, rejects: list[Reject]) -> str:
    """Fill table `quarantined`; gives the relation of the rows that are left, the good ones."""
    task.rows(
        f"""create or replace temp table quarantined as
        select _record, _reasons as reasons, _raw as raw
        from {records} where _reasons is not null"""
    )
    good = f"(select * from {records} where _reasons is null)"
    if task.contract.entity.version_column is None:
        good = _without_repeats(task, good)
    for start in range(0, len(rejects), _INSERT_ROWS):
        some = rejects[start : start + _INSERT_ROWS]
        values = [value for r in some for value in (r.record, list(r.reasons), r.raw)]
        marks = ", ".join("(?, ?::varchar[], ?)" for _ in some)
        task.connection.execute(f"insert into quarantined values {marks}", values).fetchall()
    return good


def _without_repeats(task: Task, good: str) -> str:
    """Of rows with one key the first stays; the others join the quarantine.

    Where the entity has a version column several versions of a key are right, and nobody asks.
    """
    columns, tombstone = task.contract.entity.key, task.contract.tombstone
    # a thing and its deletion may stand in one extract: the later record holds
    told = [*columns, tombstone] if tombstone else [*columns]
    key = ", ".join(quoted(column.name) for column in told)
    task.rows(
        f"""create or replace temp table repeated as
        select unnest(list_sort(list(_row))[2:]) as _row from {good}
        group by {key} having count(*) > 1"""
    )
    if _count(task, "repeated") == 0:
        return good
    code = "+".join(column.name for column in columns) + ":duplicate"
    pairs = {c.name: quoted(c.name) for c in task.contract.published_columns}
    task.rows(
        f"""insert into quarantined
        select _record, [{literal(code)}], {json_object(pairs)}
        from {good} where _row in (select _row from repeated)"""
    )
    return f"(select * from {good} where _row not in (select _row from repeated))"


def _write_accepted(task: Task, good: str, extracted_at: datetime | None, file: Path) -> int:
    columns = ", ".join(quoted(column.name) for column in task.contract.published_columns)
    query = f"""select {columns}, extra, {literal(task.contract.tenant)} as _tenant,
        {_timestamp(extracted_at)} as _extracted_at, cast(_record as bigint) as _record
        from {good}"""
    return _copy(task, query, file)


def _write_quarantine(task: Task, extracted_at: datetime | None, file: Path) -> int:
    query = f"""select cast(_record as bigint) as _record, reasons, raw,
        {_timestamp(extracted_at)} as _extracted_at from quarantined order by _record"""
    return _copy(task, query, file)


def _copy(task: Task, query: str, file: Path) -> int:
    sql = f"copy ({query}) to {literal(str(file))} (format parquet, compression zstd)"
    return int(str(task.rows(sql)[0][0]))


def _timestamp(moment: datetime | None) -> str:
    return f"timestamp '{moment.isoformat(sep=' ')}'" if moment else "null::timestamp"


def _code_counts(task: Task, query: str) -> dict[str, int]:
    rows = task.rows(
        f"select code, count(*) from (select unnest(codes) as code from ({query})) "
        "group by code order by code"
    )
    return {str(code): int(str(count)) for code, count in rows}


def _event_range(task: Task, good: str) -> tuple[datetime | None, datetime | None]:
    """First and last instant at which something happened; promised times are none."""
    names = [quoted(column.name) for column in task.contract.event_columns]
    if not names:
        return None, None
    listed = ", ".join(names)
    query = f"select min(least({listed})), max(greatest({listed})) from {good}"
    return cast(tuple[datetime | None, datetime | None], task.rows(query)[0])
