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


@dataclass
class Extracts:
    """What is known at `as_of`: tickets and events by (tenant, ticket id), and what sources say."""

    as_of: int
    tickets: dict[Key, Row]
    events: dict[Key, list[Row]]
    cutoffs: dict[str, int]
    reply_tenants: set[str]
    reply_sources: set[str]
    escalation_tenants: set[str]
    arrival_tenants: set[str]


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
        _tenants(events, "public_reply"),
        {r["_source"] for r in known if r["first_replied_at"]},
        _tenants(events, "escalated"),
        _tenants(events, "arrived") | {r["_tenant"] for r in known if r["arrived_at"]},
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
    """Last instant every source speaks for: newest extract, event or date of a row."""
    names = ("_extracted_at", "event_at", "created_at", "resolved_at", "closed_at", "updated_at")
    cutoffs: dict[str, datetime] = {}
    for row in rows:
        for name in names:
            instant = row.get(name)
            if instant is not None and instant <= as_of:
                cutoffs[row["_source"]] = max(cutoffs.get(row["_source"], NEVER), instant)
    return {source: to_us(instant) for source, instant in cutoffs.items()}


def _tenants(events: Iterable[Row], kind: str) -> set[str]:
    return {row["_tenant"] for row in events if row["event_type"] == kind}
