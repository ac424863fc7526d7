"""Deletes by snapshot: how many things vanish from one whole table to the next.

Here: the chain of a contract's snapshots in the order of their making, whatever the order of
their arrival, and the share of keys each one lacks of the one before. Not here: the deleted keys
themselves; dbt's `stg_deletions` finds them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

import duckdb

from pipelines.contracts import BatchRule, SourceContract
from pipelines.ingest import Extract, accepted_path
from pipelines.settings import Settings


def vanished_ratios(
    settings: Settings, contract: SourceContract, loaded: Sequence[Extract], new: Sequence[Extract]
) -> dict[str, float]:
    """The share of keys that vanish with a snapshot, by extract id.

    Told of the new extracts and of each known one that a new or refused one has come before: a
    snapshot that arrives late may show that the next one lacks too much. Extracts made at one
    instant are the parts of one table.
    """
    limit = _limit(contract.batch_rules)
    fresh = {extract.extract_id for extract in new}
    ratios: dict[str, float] = {}
    before: list[Extract] = []
    is_moved = False
    with duckdb.connect(config={"python_enable_replacements": "false"}) as connection:
        connection.execute("set enable_progress_bar = false")
        for parts in _tables(loaded):
            is_new = any(part.extract_id in fresh for part in parts)
            ratio = 0.0
            if before and (is_new or is_moved):
                ratio = _vanished(settings, contract, connection, before, parts)
            if is_new or is_moved:
                ratios |= dict.fromkeys((part.extract_id for part in parts), ratio)
            is_refused = ratio > limit
            is_moved = is_new or is_refused
            before = before if is_refused else parts
    return ratios


def complete_until(loaded: Sequence[Extract], as_of: datetime) -> datetime | None:
    """When the newest snapshot was made that tells of every row; None where there is none.

    A row in quarantine is no deleted row: its snapshot deletes nothing. `as_of` is UTC without
    zone.
    """
    made = [
        parts[0].extracted_at
        for parts in _tables(loaded)
        if not any(held_rows(part) for part in parts)
    ]
    return max((at for at in made if at and at <= as_of), default=None)


def held_rows(extract: Extract) -> int:
    """Quarantined rows whose key is in no accepted row; that of a repeat is."""
    repeats = sum(n for code, n in extract.reasons.items() if code.endswith(":duplicate"))
    return extract.rows_quarantined - repeats


def _tables(loaded: Sequence[Extract]) -> Iterator[list[Extract]]:
    """The whole tables, each as its extracts, in the order of their making."""
    timed = [extract for extract in loaded if extract.extracted_at]
    timed.sort(key=lambda extract: (extract.extracted_at, extract.extract_id))
    for _, parts in groupby(timed, key=lambda extract: extract.extracted_at):
        yield list(parts)


def _limit(rules: Sequence[BatchRule]) -> float:
    limits = [
        rule.high
        for rule in rules
        if (rule.name, rule.severity) == ("vanished_ratio", "error") and rule.high is not None
    ]
    return min(limits, default=1.0)


def _vanished(
    settings: Settings,
    contract: SourceContract,
    connection: duckdb.DuckDBPyConnection,
    before: Sequence[Extract],
    after: Sequence[Extract],
) -> float:
    key = ", ".join(f'"{column.name}"' for column in contract.entity.key)
    tables = [[str(accepted_path(settings, part)) for part in parts] for parts in (before, after)]
    (share,) = connection.execute(
        f"""with old as (select distinct {key} from read_parquet(?, union_by_name = true)),
        gone as (select * from old except select {key} from read_parquet(?, union_by_name = true))
        select (select count(*) from gone) / nullif((select count(*) from old), 0)""",
        tables,
    ).fetchall()[0]
    return float(share or 0)
