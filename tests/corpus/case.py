# ruff: noqa: DTZ001 - raw has times in UTC without zone
"""What a case of the corpus is: a file's bytes by code, and what must become of it.

`fault` is the row of the table of faults that `faults.py` lists. Here: the shapes and the rows
most cases are made of. Not here: the cases (`*_cases.py`) and running them (`test_corpus.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.unit.ingest.request_source import HEADER, ROW, table, with_values

NAMES = HEADER.split(",")
Row = Mapping[str, object]
Content = bytes | str | Callable[[], bytes | str]


@dataclass(frozen=True)
class Loaded:
    """Record number -> every value of an accepted row, or the reason codes of a rejected one.

    `raw` are beginnings of the kept texts of rejected records.
    """

    accepted: Mapping[int, Row] = field(default_factory=dict)
    quarantined: Mapping[int, Sequence[str]] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)
    raw: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """The whole file is refused for this reason, and the message says this."""

    reason: str
    told: str = ""


@dataclass(frozen=True)
class Known:
    """The bytes were ingested before, by the case of this name."""

    first: str


@dataclass(frozen=True)
class Waits:
    """The file is left in landing, as if it were not there."""


Outcome = Loaded | Refused | Known | Waits


@dataclass(frozen=True)
class Case:
    """A file of the corpus. `contract` names its change in `contracts.py`; `file` has {}

    where the case's own name goes.
    """

    name: str
    fault: int
    content: Content
    outcome: Outcome
    contract: str = "plain"
    file: str = "{}.csv"

    def bytes(self) -> bytes:
        content = self.content() if callable(self.content) else self.content
        return content.encode("utf-8") if isinstance(content, str) else content


GOOD: Row = {
    "request_id": "R1",
    "status": "open",
    "created_at": datetime(2026, 3, 1, 0, 0),
    "closed_at": datetime(2026, 3, 2, 1, 30),
    "score": 7,
    "ratio": 0.5,
    "is_met": True,
    "phone": "13800000000",
    "note": "随便",
    "code": "AB",
    "is_gone": None,
    "extra": None,
}


def line(request_id: str, **texts: str) -> str:
    """The good row as it stands in a CSV, with other texts."""
    return with_values(request_id=request_id, **texts)


def cells(request_id: str = "R1", **values: Any) -> dict[str, Any]:
    """The good row by header, with other values."""
    return {**dict(zip(NAMES, ROW.split(","), strict=True)), "编号": request_id, **values}


def good(request_id: str, **values: object) -> Row:
    """What the good row becomes, with other values."""
    return {**GOOD, "request_id": request_id, **values}


LINES = [line(f"R{n}") for n in (1, 2, 3)]
TEXT = table(*LINES)
ALL: Mapping[int, Row] = {n: good(f"R{n}") for n in (1, 2, 3)}
WHOLE = Loaded(ALL)


def all_with(**values: object) -> Loaded:
    """The three good rows, each with these values."""
    return Loaded({number: {**row, **values} for number, row in ALL.items()})


def one(request_id: str = "R1", **values: object) -> Loaded:
    """A single accepted row."""
    return Loaded({1: good(request_id, **values)})


def bad(*codes: str, raw: str = "") -> Loaded:
    """A single rejected record."""
    return Loaded({}, {1: codes}, raw={1: raw})


def between(*codes: str, raw: str = "") -> Loaded:
    """R1, a rejected record, R3."""
    return Loaded({1: good("R1"), 3: good("R3")}, {2: codes}, raw={2: raw})


def around(middle: str) -> str:
    """R1, a record, R3."""
    return table(LINES[0], middle, LINES[2])


def single(request_id: str = "R1", **texts: str) -> str:
    """A file of one row with these texts."""
    return table(line(request_id, **texts))


__all__ = ["HEADER", "ROW", "table"]
