"""Rows of one key: where they tell the same the first stays, where they differ all of them go.

Where the entity has a version column several versions of a key are right, and nobody asks.
Repeats are seen only once all rows are written, and are rare: the accepted file is then written
again without them.
"""

from collections import Counter
from pathlib import Path
from typing import cast

from pipelines.ingest.headers import json_object
from pipelines.ingest.reading import Task, literal, quoted
from pipelines.ingest.sieve import Count, Files, event_range, write_accepted

_REPEATED = '(select "repeat:row" from repeated)'


def take_out_repeats(task: Task, files: Files, count: Count) -> Path | None:
    """Leave repeats out of the accepted rows and of what was counted of them.

    Gives the file that holds them as quarantined rows; None where there are none.
    """
    keys, tombstone = task.contract.entity.key, task.contract.tombstone
    # a thing and its deletion may stand in one extract: the later record holds
    told = [*keys, tombstone] if tombstone else [*keys]
    accepted = f"read_parquet({literal(str(files.accepted))}, file_row_number = true)"
    names = ", ".join(quoted(column.name) for column in told)
    values = ", ".join([*(quoted(c.name) for c in task.contract.published_columns), "extra"])
    task.rows(
        f"""create or replace temp table repeated_keys as
        select {names}, min(file_row_number) as first_row,
            count(distinct row({values})) > 1 as is_conflict
        from {accepted} group by {names} having count(*) > 1"""
    )
    if task.rows("select count(*) from repeated_keys") == [(0,)]:
        return None
    key = "+".join(column.name for column in keys)
    same = " and ".join(f"a.{quoted(c.name)} is not distinct from k.{quoted(c.name)}" for c in told)
    task.rows(
        f"""create or replace temp table repeated as select
            file_row_number as "repeat:row",
            {literal(key + ":")}
                || case when k.is_conflict then 'conflict' else 'duplicate' end as "repeat:code"
        from {accepted} as a join repeated_keys as k on {same}
        where k.is_conflict or file_row_number > k.first_row"""
    )
    repeats = task.scratch / "repeated.parquet"
    texts = json_object({c.name: quoted(c.name) for c in task.contract.published_columns})
    task.rows(
        f"""copy (select _record, ["repeat:code"] as reasons, {texts} as raw, _extracted_at
        from {accepted} join repeated on file_row_number = "repeat:row")
        to {literal(str(repeats))} (format parquet)"""
    )
    counted = task.rows('select "repeat:code", count(*) from repeated group by all')
    count.reasons.update(dict(cast(list[tuple[str, int]], counted)))
    count.warnings.subtract(_warnings(task, files))
    count.events = event_range(task.contract)
    kept = f"""select * exclude (file_row_number) from {accepted}
        where file_row_number not in {_REPEATED}"""
    write_accepted(task, f"{kept} order by file_row_number", files.accepted, count.events)
    return repeats


def _warnings(task: Task, files: Files) -> Counter[str]:
    rows = task.rows(
        f"""select code, count(*) from (select unnest(codes) as code
        from read_parquet({literal(str(files.warned))}) where row_number in {_REPEATED})
        group by code"""
    )
    return Counter(dict(cast(list[tuple[str, int]], rows)))
