"""The same rows in other extracts: what must not change a single figure.

Things of one ticket at one instant travel together and in order, as a file that is split travels;
the order of its lines is all that tells which came first.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime

from tests.reference.fates import Row
from tests.reference.histories import Batch

NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - before anything


def in_one_extract(batches: Sequence[Batch], as_of: datetime) -> list[Batch]:
    """What is known at `as_of`, every version and event once, as one extract per source."""
    merged = []
    for source in dict.fromkeys(batch.source.name for batch in batches):
        own = [b for b in batches if b.source.name == source and (b.extracted_at or NEVER) <= as_of]
        at = max((b.extracted_at for b in own if b.extracted_at), default=None)
        merged.append(Batch(own[0].source, "one", at, _versions(own), _events(own)))
    return merged


def in_shuffled_extracts(merged: Iterable[Batch], seed: int, parts: int) -> list[Batch]:
    """The same in several extracts; a third of all comes twice or three times."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    shuffled = []
    for batch in merged:
        split = [
            Batch(batch.source, f"part{number}", batch.extracted_at) for number in range(parts)
        ]
        for row in batch.tickets:
            for part in _drawn(chance, split):
                part.tickets.append(row)
        for group in _groups(batch):
            for part in _drawn(chance, split):
                part.events += group
        for part in split:
            chance.shuffle(part.tickets)
        shuffled += split
    return shuffled


def _drawn(chance: random.Random, split: list[Batch]) -> list[Batch]:
    return chance.sample(split, chance.choice((1, 1, 1, 1, 2, 3)))


def _versions(own: Sequence[Batch]) -> list[Row]:
    """Of versions written at one instant only the newest: nothing tells a split which it is."""
    newest: dict[tuple[str, datetime], Row] = {}
    for batch in own:
        for row in batch.tickets:
            newest[row["ticket_id"], row["updated_at"] or NEVER] = row
    return list(newest.values())


def _events(own: Sequence[Batch]) -> list[Row]:
    """Every event once, in the order of its newest delivery: when it was made, where it stood."""
    newest: dict[str, tuple[datetime, int, Row]] = {}
    for batch in own:
        for place, row in enumerate(batch.events):
            newest[row["event_id"]] = (batch.extracted_at or NEVER, place, row)
    return [row for _, _, row in sorted(newest.values(), key=lambda delivery: delivery[:2])]


def _groups(batch: Batch) -> list[list[Row]]:
    groups: dict[tuple[str, datetime], list[Row]] = {}
    for row in batch.events:
        groups.setdefault((row["ticket_id"], row["event_at"]), []).append(row)
    return list(groups.values())


def as_known_at(batches: Iterable[Batch], as_of: datetime) -> list[Batch]:
    """Only the extracts that had been made by then (or do not say when they were)."""
    return [batch for batch in batches if (batch.extracted_at or NEVER) <= as_of]
