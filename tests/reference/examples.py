"""Small hand-made worlds for tests of the reference itself: one source, one calendar or two."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.integration.raw_store import write_raw
from tests.reference.calendars import DAY_US, ReferenceCalendar, Row, to_us
from tests.reference.lives import Life, lives
from tests.reference.raw import Extracts, read_extracts
from tests.reference.seeds import PROMISED_BY, Seeds

_UTC = {"timezone": "UTC"}
_NOTHING = ("tenant", "source", "service_id", "team_id", "site_id")


def utc(text: str) -> datetime:
    """An instant in UTC without zone, from text that may end in Z."""
    return datetime.fromisoformat(text.removesuffix("Z"))


def weekly(start: str, minutes: Sequence[Sequence[int]], weeks: int = 3) -> ReferenceCalendar:
    """Openings by minutes since the start of a week, in UTC."""
    first = to_us(utc(start))
    openings = [
        (
            first + (week * 7 * DAY_US) + opens * 60_000_000,
            first + week * 7 * DAY_US + closes * 60_000_000,
        )
        for week in range(weeks)
        for opens, closes in minutes
    ]
    return ReferenceCalendar([_UTC], openings)


def world(
    policies: Sequence[Row] = (),
    calendars: Mapping[str, ReferenceCalendar] | None = None,
    by_team: Mapping[str, str] | None = None,
) -> Seeds:
    """Seeds with a calendar that never closes, more calendars by team, and promises."""
    nothing = dict.fromkeys(_NOTHING, "")
    assigned: list[Row] = [nothing | {"calendar_id": "always"}]
    assigned += [nothing | {"team_id": t, "calendar_id": c} for t, c in (by_team or {}).items()]
    always = ReferenceCalendar([_UTC], [(0, 100 * 366 * DAY_US)])
    return Seeds({"always": always, **(calendars or {})}, assigned, list(policies), {}, set())


def promise(metric: str, target_seconds: int, **more: str) -> dict[str, str]:
    """A promise to everybody."""
    nothing = dict.fromkeys((*PROMISED_BY, "valid_from", "valid_until"), "")
    nothing |= {"pausing_statuses": "", "schedule_mode": ""}
    named = {"policy_id": f"{metric}_{target_seconds}", "metric": metric}
    return (
        nothing | named | {"target_seconds": str(target_seconds), "hours_basis": "calendar"} | more
    )


def counted(
    home: Path,
    seeds: Seeds,
    as_of: str,
    tickets: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]] = (),
) -> tuple[dict[str, Life], Extracts]:
    """The lives of hand-made rows that count, by ticket id."""
    numbered = [{"event_id": f"e{number:04}", **event} for number, event in enumerate(events)]
    write_raw(home, "ticket", tickets, "desk", extracted_at=as_of)
    write_raw(home, "ticket_event", numbered, "desk", extracted_at=as_of)
    known = read_extracts(home, utc(as_of))
    found, _ = lives(known, seeds)
    return {life.row["ticket_id"]: life for life in found}, known
