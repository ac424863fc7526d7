"""Random ticket histories full of traps, as the extracts that deliver them.

One seed, one company: five tenants that tell different things, thousands of lives with ties,
clocks that disagree, reopenings, automations, late and repeated deliveries, a future that must not
be seen. What one life consists of is in `fates.py`; the schedules and promises for them are in
`schedules.py`; nothing here knows what an answer is.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.integration.raw_store import write_raw
from tests.reference.fates import Fate, Row, fate, row_at, told_by_columns

AS_OF = datetime(2026, 3, 20, 6, 30)  # noqa: DTZ001 - instants are UTC without a zone
EXTRACTED = (
    datetime(2025, 6, 30, 23, 59, 59),  # noqa: DTZ001
    datetime(2025, 12, 31, 12),  # noqa: DTZ001
    datetime(2026, 3, 1),  # noqa: DTZ001
    datetime(2026, 3, 20, 5, 17, 3),  # noqa: DTZ001
    datetime(2026, 3, 28),  # noqa: DTZ001 - after AS_OF: does not exist
)


@dataclass(frozen=True)
class Source:
    """What one source tells. `is_dated`: its files say when they were made; `is_hasty`: some of
    its rows are dated after the making of the file that holds them."""

    name: str
    tenant: str
    share: int
    has_events: bool = True
    is_dated: bool = True
    is_hasty: bool = False
    kinds_never_told: frozenset[str] = frozenset()


SOURCES = (
    Source("alpha_desk", "alpha", 8),
    Source("beta_columns", "beta", 3, has_events=False),
    Source(
        "gamma_quiet",
        "gamma",
        3,
        is_hasty=True,
        kinds_never_told=frozenset({"public_reply", "requester_reply", "escalated", "arrived"}),
    ),
    Source("delta_log", "delta", 3, is_dated=False),
    Source(
        "epsilon_bare",
        "epsilon",
        3,
        has_events=False,
        is_dated=False,
        kinds_never_told=frozenset({"public_reply", "arrived", "acknowledged", "called_back"}),
    ),
)


@dataclass
class Batch:
    """The rows of one extract of one source."""

    source: Source
    extract: str
    extracted_at: datetime | None
    tickets: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)


def histories(seed: int, tickets: int) -> list[Batch]:
    """The extracts of a company with so many tickets and a tenth more told twice."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    batches = []
    shares = sum(source.share for source in SOURCES)
    for source in SOURCES:
        fates: list[Fate] = []
        for number in range(tickets * source.share // shares):
            ticket_id = f"{source.tenant[0]}{number}"
            fates.append(fate(chance, ticket_id, fates, AS_OF, source.kinds_never_told))
            fates[-1].is_early = source.is_hasty and chance.random() < 0.03
        batches += list(_batches(chance, source, fates))
    return [*batches, *_twins(chance, tickets // 10)]


def _twins(chance: random.Random, tickets: int) -> Iterator[Batch]:
    """The same tickets by events and by columns, with nothing in the events that columns cannot
    say."""
    at = EXTRACTED[3]
    by_events = Batch(Source("zeta_events", "zeta", 0), "0", at)
    by_columns = Batch(Source("eta_columns", "eta", 0, has_events=False), "0", at)
    for number in range(tickets):
        life = fate(chance, f"t{number}", [], AS_OF, frozenset())
        if life.created_at <= at:
            row = row_at(chance, life, at, has_events=False)
            if row["status"] in ("new", "pending", "on_hold"):
                row["status"] = "open"
            by_columns.tickets.append(row)
            by_events.tickets.append(row)
            by_events.events += told_by_columns(row)
    yield by_events
    yield by_columns


def write_histories(home: Path, batches: Iterable[Batch]) -> None:
    """Write the extracts into a raw store."""
    for batch in batches:
        at = None if batch.extracted_at is None else batch.extracted_at.isoformat()
        for entity, rows in (("ticket", batch.tickets), ("ticket_event", batch.events)):
            if rows or entity == "ticket":
                source, tenant = batch.source.name, batch.source.tenant
                write_raw(home, entity, rows, source, tenant, batch.extract, at)


def _batches(chance: random.Random, source: Source, fates: list[Fate]) -> Iterator[Batch]:
    """Every extract brings what is new, some of what is old again, and some of it late."""
    before = datetime(2000, 1, 1)  # noqa: DTZ001
    late: list[Row] = []
    for number, made_at in enumerate(EXTRACTED):
        batch = Batch(source, f"{number:016x}", made_at if source.is_dated else None)
        waiting, late = late, []
        batch.events += waiting
        for life in fates:
            if life.created_at > made_at and not life.is_early:
                continue
            is_new = any(before < event["event_at"] <= made_at for event in life.events)
            if is_new or before < life.created_at or chance.random() < 0.2:
                batch.tickets.append(row_at(chance, life, made_at, source.has_events))
            for event in life.events if source.has_events else ():
                if before < event["event_at"] <= made_at or (
                    life.is_early and before < life.created_at <= made_at
                ):
                    (late if chance.random() < 0.01 else batch.events).append(event)
                elif event["event_at"] <= before and chance.random() < 0.05:
                    batch.events.append(event)
        if source.has_events:
            batch.events += _strays(chance, number, made_at)
        yield batch
        before = made_at


def _strays(chance: random.Random, number: int, made_at: datetime) -> list[Row]:
    """Events of tickets nobody delivered."""
    return [
        {
            "event_id": f"stray-{number}-{stray}",
            "ticket_id": f"missing-{stray}",
            "event_at": made_at - timedelta(days=chance.random() * 50),
            "event_type": chance.choice(("public_reply", "status_changed")),
            "actor_type": "agent",
            "status": "solved",
        }
        for stray in range(3)
    ]
