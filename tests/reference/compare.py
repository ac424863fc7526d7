"""Marts of a home beside the reference: cell by cell, keys lost and doubled included.

A cell is equal or it is not; there is no tolerance. The marts may have columns the reference does
not know (names of columns that nothing is computed for); the reference has none the marts lack.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, starmap
from pathlib import Path
from typing import Any

import duckdb

from tests.reference.backlog import SEGMENT, backlog_days
from tests.reference.ledger import interval_facts, reply_facts
from tests.reference.lives import Life, lives
from tests.reference.raw import Extracts, read_extracts
from tests.reference.seeds import read_seeds
from tests.reference.stages import FLOW, conversion_facts, stage_facts
from tests.reference.survival import survival_facts
from tests.reference.targets import target_facts
from tests.reference.tickets import Facts, by_requester, ticket_facts

KEYS: Mapping[str, Sequence[str]] = {
    "fct_tickets": ("ticket_key",),
    "fct_ticket_intervals": ("ticket_key", "interval_number"),
    "fct_ticket_replies": (
        "ticket_key",
        "reply_kind",
        "replied_at",
        "turn_opened_at",
        "reply_number",
    ),
    "fct_sla_targets": ("ticket_key", "metric", "instance_number"),
    "fct_backlog_daily": (*SEGMENT, "backlog_date"),
    "fct_ticket_stages": ("ticket_key", "visit_number"),
    "mart_service_desk__stage_conversions": (*FLOW, "next_stage"),
    "mart_service_desk__resolution_survival": ("source", "created_month", "slice", "member_key"),
    "mart_data_quality__exclusions": ("source", "reason"),
}
# rows of a mart that are not spoken of here: days without work, other entities, stages that did
# not follow
ONLY = {
    "fct_backlog_daily": "(opening_count, created_count, resolved_count, reopened_count, "
    "cancelled_count, closing_count) <> (0, 0, 0, 0, 0, 0)",
    "mart_data_quality__exclusions": "entity = 'ticket'",
    "mart_service_desk__stage_conversions": "converted_count > 0",
}


@dataclass
class Comparison:
    """How one mart compares: cells by column, rows by what is wrong with them."""

    mart: str
    compared: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    invented: int = 0
    samples: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        return not (self.different or self.lost or self.doubled or self.invented)

    def note(self, text: str, limit: int = 60) -> None:
        if len(self.samples) < limit:
            self.samples.append(text)


@dataclass(repr=False)  # it is large, and pytest prints what a failing test was given
class Reference:
    """All that the reference says of a home."""

    known: Extracts
    lives: list[Life]
    tickets: list[Facts]
    excluded: Mapping[tuple[str, str], int]

    def facts(self, mart: str) -> Iterable[Facts]:
        pairs = list(zip(self.lives, self.tickets, strict=True))
        marts: Mapping[str, Callable[[], Iterable[Facts]]] = {
            "fct_tickets": lambda: self.tickets,
            "fct_ticket_intervals": lambda: chain.from_iterable(map(interval_facts, self.lives)),
            "fct_ticket_replies": lambda: chain.from_iterable(starmap(reply_facts, pairs)),
            "fct_sla_targets": lambda: chain.from_iterable(
                target_facts(life, self.known, facts) for life, facts in pairs
            ),
            "fct_backlog_daily": lambda: backlog_days(pairs),
            "fct_ticket_stages": lambda: chain.from_iterable(starmap(stage_facts, pairs)),
            "mart_service_desk__stage_conversions": lambda: conversion_facts(
                self.facts("fct_ticket_stages")
            ),
            "mart_service_desk__resolution_survival": lambda: survival_facts(pairs),
            "mart_data_quality__exclusions": lambda: (
                {"source": source, "reason": reason, "rows_count": count}
                for (source, reason), count in self.excluded.items()
            ),
        }
        return marts[mart]()


def reference_of(
    home: Path, seeds_dir: Path, as_of: datetime, span: tuple[date, date]
) -> Reference:
    """What the reference says of a raw store; calendars open on the dates of the span."""
    seeds = read_seeds(seeds_dir, *span)
    known = read_extracts(home, as_of)
    counted, excluded = lives(known, seeds)
    returns = by_requester(counted)
    tickets = [ticket_facts(life, known, returns) for life in counted]
    return Reference(known, counted, tickets, excluded)


def compare(warehouse: Path, reference: Reference, marts: Sequence[str] = ()) -> list[Comparison]:
    """Every mart (or those named) against the reference."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return [
            _compared(mart, _sorted_facts(reference, mart), _sorted_rows(connection, mart))
            for mart in marts or KEYS
        ]


def _order(keys: Sequence[str], row: Facts) -> tuple[Any, ...]:
    return tuple((row[key] is not None, row[key]) for key in keys)


def _sorted_facts(reference: Reference, mart: str) -> Iterator[tuple[Any, Facts]]:
    """In the order of the keys; the backlog comes so already and is too long to be held."""
    keys = KEYS[mart]
    facts = reference.facts(mart)
    if mart != "fct_backlog_daily":
        facts = sorted(facts, key=lambda row: _order(keys, row))
    for row in facts:
        yield _order(keys, row), row


def _sorted_rows(connection: duckdb.DuckDBPyConnection, mart: str) -> Iterator[tuple[Any, Facts]]:
    keys = KEYS[mart]
    order = ", ".join(f"{key} nulls first" for key in keys)
    cursor = connection.execute(
        f"from marts.{mart} where {ONLY.get(mart, 'true')} order by {order}"
    )
    columns = [column[0] for column in cursor.description or []]
    while rows := cursor.fetchmany(10_000):
        for values in rows:
            row = dict(zip(columns, values, strict=True))
            yield _order(keys, row), row


def _compared(
    mart: str, expected: Iterator[tuple[Any, Facts]], actual: Iterator[tuple[Any, Facts]]
) -> Comparison:
    """Both sides in the order of their keys, merged."""
    result = Comparison(mart)
    wanted, got = next(expected, None), next(actual, None)
    previous = None
    while wanted is not None or got is not None:
        if got is not None and got[0] == previous:
            result.doubled += 1
            result.note(f"doubled: {got[1]}")
            got = next(actual, None)
        elif got is None or (wanted is not None and wanted[0] < got[0]):
            result.lost += 1
            result.note(f"lost: {wanted and wanted[1]}")
            wanted = next(expected, None)
        elif wanted is None or got[0] < wanted[0]:
            result.invented += 1
            result.note(f"invented: {got[1]}")
            got = next(actual, None)
        else:
            _compare_cells(result, wanted[1], got[1])
            previous = got[0]
            wanted, got = next(expected, None), next(actual, None)
    return result


def _compare_cells(result: Comparison, expected: Facts, actual: Facts) -> None:
    for column, value in expected.items():
        result.compared[column] += 1
        if actual[column] != value:
            result.different[column] += 1
            key = [expected[name] for name in KEYS[result.mart]]
            result.note(f"{key} {column}: expected {value!r}, got {actual[column]!r}")
