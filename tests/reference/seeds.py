"""Which calendar and which promise apply: of the seeds, the most specific row wins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.reference.calendars import (
    ReferenceCalendar,
    Row,
    in_force,
    read_calendars,
    read_seed,
)

# what a row of calendar_assignments names, the most telling first
_ASSIGNED_BY = ("service_id", "team_id", "site_id", "source", "tenant")
# what a row of sla_policies names, the most telling first where two rows name equally much
PROMISED_BY = (
    "service_id",
    "ticket_type",
    "customer_tier",
    "priority",
    "site_id",
    "channel",
    "tenant",
)


@dataclass(repr=False)  # it is large, and pytest prints what a failing test was given
class Seeds:
    """The reference data of a project as the reference implementation needs it."""

    calendars: dict[str, ReferenceCalendar]
    assignments: list[Row]
    policies: list[Row]
    sites: dict[tuple[str, str], str]
    services: set[tuple[str, str]]

    def __post_init__(self) -> None:
        self._assigned: dict[tuple[str | None, ...], str] = {}
        self._applicable: dict[tuple[str | None, ...], list[Row]] = {}

    def calendar_of(self, described: Mapping[str, str | None]) -> str:
        """The calendar assigned to tenant, source, service, team and site."""
        asked = tuple(described[name] for name in _ASSIGNED_BY)
        if asked not in self._assigned:
            fitting = [row for row in self.assignments if _fits(row, described, _ASSIGNED_BY)]
            best = max(fitting, key=lambda row: [bool(row[name]) for name in _ASSIGNED_BY])
            self._assigned[asked] = best["calendar_id"]
        return self._assigned[asked]

    def policy_of(self, metric: str, described: Mapping[str, str | None], day: date) -> Row | None:
        """The promise for a metric in force on a local date; None where nothing is promised."""
        asked = (metric, *(described[name] for name in PROMISED_BY))
        if asked not in self._applicable:
            self._applicable[asked] = [
                row
                for row in self.policies
                if row["metric"] == metric and _fits(row, described, PROMISED_BY)
            ]
        fitting = [row for row in self._applicable[asked] if in_force(row, day)]
        return max(fitting, key=_telling, default=None)


def _fits(row: Row, described: Mapping[str, str | None], names: tuple[str, ...]) -> bool:
    return all(not row[name] or row[name] == described[name] for name in names)


def _telling(row: Row) -> tuple[Any, ...]:
    named = [bool(row[name]) for name in PROMISED_BY]
    return (sum(named), named)


def read_seeds(seeds: Path, first: date, last: date) -> Seeds:
    """The seeds of a folder, calendars opened on the dates first … last."""
    nothing = dict.fromkeys(_ASSIGNED_BY, "")
    catalogue = read_seed(seeds, "service_catalogue")
    listed = [
        nothing | {name: row[name] for name in ("tenant", "service_id", "calendar_id")}
        for row in catalogue
    ]
    return Seeds(
        read_calendars(seeds, first, last),
        [*read_seed(seeds, "calendar_assignments"), *listed],
        read_seed(seeds, "sla_policies"),
        {(row["tenant"], row["service_id"]): row["site_id"] for row in catalogue},
        {(row["tenant"], row["service_id"]) for row in catalogue},
    )
