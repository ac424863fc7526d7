"""Accepted rows of a home, read and cut down to the newest version of everything.

Only reading and choosing; what the rows mean is in `lives.py`. Nothing of an extract made after
`as_of` is seen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from tests.reference.calendars import to_us

Row = Mapping[str, Any]
Key = tuple[str, str]
NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - before anything


@dataclass(repr=False)  # it is large, and pytest prints what a failing test was given
class Extracts:
    """What is known at `as_of`: tickets and events by (tenant, ticket id), and what sources say."""

    as_of: int
    tickets: dict[Key, Row]
    events: dict[Key, list[Row]]
    cutoffs: dict[str, int]
    told_by_events: set[tuple[str, str]]
    told_by_columns: set[tuple[str, str]]

    def tells(self, life_row: Row, kind: str) -> bool:
        """Whether a ticket's sources can say when such a thing happened: by events, if it has any,
        else by the column that stands for it."""
        key = (life_row["_tenant"], life_row["ticket_id"])
        by_events = key in self.events and (life_row["_tenant"], kind) in self.told_by_events
        return by_events or (life_row["_source"], kind) in self.told_by_columns


# columns that stand for an event where a source has none
COLUMNS = {
    "acknowledged": "acknowledged_at",
    "public_reply": "first_replied_at",
    "arrived": "arrived_at",
    "called_back": "called_back_at",
}


def read_extracts(home: Path, as_of: datetime) -> Extracts:
    """The tickets and events of a raw store as somebody at `as_of` knows them."""
    tickets = [r for r in _rows(home, "ticket") if (r["_extracted_at"] or NEVER) <= as_of]
    delivered = [r for r in _rows(home, "ticket_event") if (r["_extracted_at"] or NEVER) <= as_of]
    newest: dict[Key, Row] = {}
    for row in sorted(tickets, key=_version):
        newest[row["_tenant"], row["ticket_id"]] = row
    once: dict[tuple[str, str, str], Row] = {}
    for row in sorted(delivered, key=_delivery):
        once[row["_tenant"], row["_source"], row["event_id"]] = row
    events = [row for row in once.values() if row["event_at"] <= as_of]
    by_ticket: dict[Key, list[Row]] = defaultdict(list)
    for row in events:
        by_ticket[row["_tenant"], row["ticket_id"]].append(row)
    known = list(newest.values())
    return Extracts(
        to_us(as_of),
        newest,
        by_ticket,
        _cutoffs([*known, *events], as_of),
        {(row["_tenant"], row["event_type"]) for row in events},
        {(r["_source"], kind) for r in known for kind, name in COLUMNS.items() if r[name]},
    )


def _rows(home: Path, entity: str) -> Iterable[Row]:
    for path in sorted(home.glob(f"raw/{entity}/source=*/extract=*/accepted.parquet")):
        source = path.parent.parent.name.removeprefix("source=")
        extract = path.parent.name.removeprefix("extract=")
        for row in pl.read_parquet(path).iter_rows(named=True):
            yield row | {"_source": source, "_extract": extract}


def _version(row: Row) -> tuple[Any, ...]:
    return (row["updated_at"] or NEVER, *_delivery(row))


def _delivery(row: Row) -> tuple[Any, ...]:
    return (row["_extracted_at"] or NEVER, row["_extract"], row["_record"])


def _cutoffs(rows: Iterable[Row], as_of: datetime) -> dict[str, int]:
    """Last instant every source speaks for, at most `as_of`: its newest extract, event or date."""
    names = ("_extracted_at", "event_at", "created_at", "resolved_at", "closed_at", "updated_at")
    cutoffs: dict[str, datetime] = {}
    for row in rows:
        for name in names:
            instant = min(row.get(name) or NEVER, as_of)
            cutoffs[row["_source"]] = max(cutoffs.get(row["_source"], NEVER), instant)
    return {source: to_us(instant) for source, instant in cutoffs.items()}
