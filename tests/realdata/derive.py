"""Figures of the public extracts, derived row by row from the raw files.

Independent on purpose: the standard library's readers and plain loops, none of the project's
code and none of its SQL.
"""

import csv
import gzip
import io
import statistics
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SOLVED = {"Resolved", "Closed"}


@dataclass
class Incident:
    """One incident's life, from its updates in order of time."""

    opened_at: datetime
    resolved_at: datetime | None = None
    reopen_count: int = 0
    was_solved: bool = False


def minute(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007 - the log names no zone


def incidents(archive: Path) -> dict[str, Incident]:
    """Every incident of the ServiceNow log; updates in the unknown state -100 say nothing."""
    with zipfile.ZipFile(archive) as zipped, zipped.open(zipped.namelist()[0]) as raw:
        rows = list(csv.DictReader(io.TextIOWrapper(raw, "utf-8")))
    updates: dict[str, list[tuple[datetime, int, str, str]]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row["incident_state"] != "-100":
            updates[row["number"]].append(
                (minute(row["sys_updated_at"]), number, row["incident_state"], row["opened_at"])
            )
    return {key: follow(sorted(lines)) for key, lines in updates.items()}


def follow(lines: Iterable[tuple[datetime, int, str, str]]) -> Incident:
    incident: Incident | None = None
    is_solved = False
    for updated_at, _, state, opened_at in lines:
        if incident is None:
            incident = Incident(minute(opened_at))
        if state in SOLVED and not is_solved:
            incident.resolved_at = updated_at
            incident.was_solved = True
        elif state not in SOLVED and is_solved:
            incident.reopen_count += 1
            incident.resolved_at = None
        is_solved = state in SOLVED
    assert incident is not None
    return incident


def percentile(values: list[float], share: float) -> float:
    """Continuous percentile (type 7): linear between the two nearest ranks."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def calls(archive: Path) -> Iterator[dict[str, str]]:
    """Calls of the bank, without those whose times are negative."""
    with gzip.open(archive, "rt", encoding="ascii", newline="") as text:
        for row in csv.DictReader(text, delimiter="\t"):
            if all(int(row[c]) >= 0 for c in ("vru_time", "q_time", "ser_time")):
                yield row


def responses(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def requests(archive: Path) -> list[dict[str, str]]:
    with gzip.open(archive, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def second(text: str) -> datetime:
    return datetime.fromisoformat(text)


def median(values: Iterable[float]) -> float:
    return statistics.median(values)
