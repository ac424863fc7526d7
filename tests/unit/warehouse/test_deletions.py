"""Deletes by whole tables and tombstones: the SQL of staging against a plain reading in Python.

Extracts come in any order, under any id, split in any way: only the time they were made counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.raw_store import _schema
from tests.reference.models import materialise

FIRST = datetime(2026, 3, 1)  # noqa: DTZ001 - raw instants are UTC without zone
KEYS = "ABCDE"


@dataclass(frozen=True)
class Row:
    """One row of an extract: `day` is when it was made, `place` its record."""

    source: str
    key: str
    day: int
    is_deleted: bool = False
    place: int = 1


@dataclass(frozen=True)
class Story:
    """What two sources of one tenant told: w by whole tables, t by changes and tombstones."""

    rows: tuple[Row, ...]
    whole_day: int | None
    as_of_day: int


def at(day: int) -> datetime:
    return FIRST + timedelta(days=day)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    days = draw(st.lists(st.integers(0, 6), unique=True, min_size=1, max_size=5))
    tables = {day: draw(st.sets(st.sampled_from(KEYS), min_size=1)) for day in sorted(days)}
    rows = [Row("w", key, day) for day, keys in tables.items() for key in sorted(keys)]
    for day in draw(st.lists(st.integers(0, 6), unique=True, max_size=4)):
        told = draw(st.lists(st.tuples(st.sampled_from(KEYS), st.booleans()), max_size=4))
        rows += [Row("t", key, day, gone, n) for n, (key, gone) in enumerate(told)]
    as_of = draw(st.integers(0, 7))
    complete = [day for day in days if day <= as_of and draw(st.booleans())]
    return Story(tuple(rows), max(complete, default=None), as_of)


def alive(story: Story) -> dict[str, int]:
    """Keys that are there as of the story's day, each with the day of its newest version.

    Plain reading: sort what was known, take the last row, ask whether it was a deletion or whether
    its source has since made a whole table without it.
    """
    known = [row for row in story.rows if row.day <= story.as_of_day]
    found = {}
    for key in KEYS:
        own = sorted(
            (r for r in known if r.key == key),
            key=lambda r: (r.day, extract_id(r), r.place),
        )
        live = [row for row in own if not row.is_deleted]
        if not live or own[-1].is_deleted:
            continue
        last = own[-1].source
        seen = max(row.day for row in live if row.source == last)
        if last == "w" and story.whole_day is not None and seen < story.whole_day:
            continue
        found[key] = live[-1].day
    return found


def extract_id(row: Row) -> str:
    return f"{row.source}{row.day}"


def staged(story: Story, rows: Sequence[tuple[Row, str]]) -> tuple[dict[str, int], set[str]]:
    """Calls that stg_calls keeps with the day of their version, and the keys of stg_deletions.

    Every row comes with the id of the extract it lies in.
    """
    whole = None if story.whole_day is None else at(story.whole_day).isoformat(sep=" ")
    variables = {
        "as_of": at(story.as_of_day).isoformat(sep=" "),
        "deletes": {"call": {"t": None, "w": whole}},
    }
    schema = _schema("call") | {"source": pl.String(), "extract": pl.String()}
    raw: list[dict[str, Any]] = [
        dict.fromkeys(schema)
        | {
            "call_id": row.key,
            "source": row.source,
            "extract": extract,
            "is_deleted": row.is_deleted or None,
            # a tombstone says nothing but what is gone
            "started_at": None if row.is_deleted else FIRST,
            "_tenant": "a",
            "_extracted_at": at(row.day),
            "_record": row.place,
        }
        for row, extract in rows
    ]
    frame = pl.DataFrame(raw, schema=schema).to_arrow()
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("frame", frame)
        connection.execute("create table raw_call as from frame")
        for entity in ("ticket", "ticket_event", "agent_state"):
            connection.execute(f"create table raw_{entity} (i int)")
        materialise(connection, "staging/stg_deletions", variables)
        materialise(connection, "staging/stg_calls", variables)
        kept = connection.execute("select call_id, extracted_at from stg_calls").fetchall()
        gone = connection.execute("select record_id from stg_deletions").fetchall()
    return {key: (made - FIRST).days for key, made in kept}, {key for (key,) in gone}


@settings(max_examples=80, deadline=None)
@given(stories())
def test_what_is_deleted_is_what_a_plain_reading_says(story: Story) -> None:
    kept, gone = staged(story, [(row, extract_id(row)) for row in story.rows])
    # calls are known by when they started: a version of an extract after as_of may stand in
    assert kept.keys() - gone == kept.keys()
    known = {row.key for row in story.rows if row.day <= story.as_of_day and not row.is_deleted}
    assert gone == known - alive(story).keys()
    newest = {k: day for k, day in kept.items() if day <= story.as_of_day}
    assert newest.items() <= alive(story).items()
    assert alive(story).keys() <= kept.keys()


@settings(max_examples=30, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_no_split_and_no_order_of_extracts_changes_anything(story: Story, chance: Any) -> None:
    """Whole tables are split into parts under other ids, and all rows are shuffled."""
    whole = [(row, extract_id(row)) for row in story.rows]
    split = [
        (row, f"{chance.choice('xyz')}{row.day}" if row.source == "w" else name)
        for row, name in whole
        for _ in range(chance.choice((1, 1, 2)) if row.source == "w" else 1)
    ]
    chance.shuffle(split)
    # what two sources tell at one instant has an order by extract id only: keep theirs
    days = {row.day for row in story.rows if row.source == "t"}
    if any(row.source == "w" and row.day in days for row in story.rows):
        split = [(row, f"w{name}" if row.source == "w" else name) for row, name in split]
    assert staged(story, split) == staged(story, whole)


def test_every_order_of_four_tables() -> None:
    """B is in the tables of days 0 and 1, C in all but the last but one: B is gone, C is not."""
    tables = {0: "ABC", 1: "ABC", 2: "A", 3: "AC"}
    rows = [Row("w", key, day) for day, keys in tables.items() for key in keys]
    answers = set()
    for order in permutations(tables):
        arrived = [(r, f"{order.index(r.day)}") for r in rows]
        kept, gone = staged(Story(tuple(rows), 3, 7), arrived)
        answers.add((tuple(sorted(kept.items())), tuple(sorted(gone))))
    assert answers == {((("A", 3), ("C", 3)), ("B",))}
