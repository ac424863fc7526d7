"""Reference data full of traps: seeds for a copy of the dbt project.

Schedules in zones with daylight saving, half and quarter hours and changed rules; nights, lunch
breaks, holidays, make-up days, hours that change on a date; policies that name every attribute,
pause, change on dates and count both ways. The tickets for them are in `histories.py`.
"""

import csv
import itertools
import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

SERVICES = ("repair", "cleaning", "network", "library", "hotline")
TEAMS = ("north", "south", "night", "field")
SITES = ("mall", "ward")
PRIORITIES = ("p1", "p2", "p3", "p4")
TYPES = ("incident", "service_request", "complaint")
TIERS = ("A", "B")
CHANNELS = ("phone", "email", "web")
TENANTS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
# tenants with the same tickets, promises and calendars: one tells them by events, one by columns
TWINS = ("zeta", "eta")
METRICS = (
    "acknowledgement",
    "first_reply",
    "next_reply",
    "periodic_update",
    "arrival",
    "resolution",
    "requester_wait",
    "agent_work",
    "callback",
)
TARGETS = (300, 900, 3600, 7201, 28_800, 86_400, 432_000, 3_000_000)
WORKING_DAYS, ALL_DAYS = (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7)
Hours = Sequence[tuple[Sequence[int], str, str]]

_OFFICE: Hours = ((WORKING_DAYS, "09:00", "17:00"),)
_LUNCH: Hours = ((WORKING_DAYS, "08:30", "12:00"), (WORKING_DAYS, "13:15", "18:00"))
_NIGHT: Hours = ((ALL_DAYS, "22:00", "30:30"),)
_ALWAYS: Hours = ((ALL_DAYS, "00:00", "24:00"),)
_PIECES: Hours = (
    (ALL_DAYS, "00:00", "02:45"),
    (WORKING_DAYS, "07:00", "11:30"),
    (ALL_DAYS, "12:00", "12:20"),
    ((6, 7), "21:00", "26:00"),
)
# name, zone, holiday set, hours
SCHEDULES: Sequence[tuple[str, str, str, Hours]] = (
    ("utc_always", "UTC", "", _ALWAYS),
    ("cn_office", "Asia/Shanghai", "CN", _LUNCH),
    ("berlin_office", "Europe/Berlin", "SOME", _OFFICE),
    ("new_york_night", "America/New_York", "", _NIGHT),
    ("lord_howe", "Australia/Lord_Howe", "", _LUNCH),
    ("kathmandu", "Asia/Kathmandu", "SOME", _OFFICE),
    ("chatham", "Pacific/Chatham", "", _PIECES),
    ("st_johns", "America/St_Johns", "SOME", _NIGHT),
    ("kolkata", "Asia/Kolkata", "", _LUNCH),
    ("casablanca", "Africa/Casablanca", "", _OFFICE),
    ("tehran", "Asia/Tehran", "", (((6, 7, 1, 2, 3), "08:00", "16:00"),)),
    ("london_always", "Europe/London", "", _ALWAYS),
    (
        "jerusalem",
        "Asia/Jerusalem",
        "SOME",
        (((7, 1, 2, 3, 4), "07:00", "24:00"), ((5,), "07:00", "14:00")),
    ),
    ("santiago", "America/Santiago", "SOME", _PIECES),
)
Row = dict[str, str]


def write_seeds(seeds: Path, seed: int, schedules: int) -> None:
    """Replace the seeds of a copied project by random ones with so many calendars."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    used = SCHEDULES[:schedules]
    names = [name for name, *_ in used]
    tables: dict[str, Iterable[Row]] = {
        "calendars": [row for schedule in used for row in _calendar(*schedule[:3])],
        "calendar_weekly_hours": [row for name, _, _, hours in used for row in _week(name, hours)],
        "calendar_exceptions": list(_exceptions(names, chance)),
        "calendar_holiday_hours": [
            {"calendar_id": name, "opens": "10:00", "closes": "12:30"} for name in names[2:6:2]
        ],
        "holiday_sets": [{"holiday_set": name} for name in ("CN", "SOME")],
        "holidays": list(_holidays(chance)),
        "service_catalogue": _twinned(_catalogue(names, chance)),
        "calendar_assignments": _twinned(_assignments(names, chance)),
        "sla_policies": _twinned(_policies(chance)),
    }
    for name, rows in tables.items():
        _write(seeds / f"{name}.csv", rows)


def _twinned(rows: Iterable[Row]) -> list[Row]:
    """What holds for the one twin holds for the other."""
    told = list(rows)
    copies = [dict(row) | {"tenant": TWINS[1]} for row in told if row.get("tenant") == TWINS[0]]
    for row in copies:
        if "policy_id" in row:
            row["policy_id"] += "_twin"
    return [*told, *copies]


def _write(path: Path, rows: Iterable[Row]) -> None:
    """The rows under the header that the project's own seed has."""
    columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _calendar(name: str, zone: str, holiday_set: str) -> Iterable[Row]:
    """A calendar; one of them moves to another zone on a date."""
    row = {
        "calendar_id": name,
        "label": name,
        "label_zh": name,
        "timezone": zone,
        "holiday_set": holiday_set,
    }
    if name != "kolkata":
        yield row
        return
    yield row | {"valid_until": "2025-10-08"}
    yield row | {"timezone": "Asia/Tokyo", "valid_from": "2025-10-08"}


def _week(name: str, hours: Hours) -> Iterable[Row]:
    """The weekly hours; one schedule opens later from a date on."""
    for days, opens, closes in hours:
        for day in days:
            row = {"calendar_id": name, "iso_dow": str(day), "opens": opens, "closes": closes}
            if name != "berlin_office":
                yield row
                continue
            yield row | {"valid_until": "2025-11-12"}
            yield row | {"opens": "10:30", "closes": "19:00", "valid_from": "2025-11-12"}


def _exceptions(names: Sequence[str], chance: random.Random) -> Iterable[Row]:
    for name in names:
        for number in chance.sample(range(3 * 365), 12):
            day = date(2023, 6, 1) + timedelta(days=number)
            row = {"calendar_id": name, "date": day.isoformat(), "reason": "random"}
            if chance.random() < 0.5:
                yield row
            else:
                yield row | {"opens": "06:10", "closes": "08:20"}
                yield row | {"opens": "20:00", "closes": "25:15"}


def _holidays(chance: random.Random) -> Iterable[Row]:
    """Single days, weeks in a row, and make-up days that take another weekday's hours."""
    for holiday_set in ("CN", "SOME"):
        days = {date(2023, 6, 1) + timedelta(days=d) for d in chance.sample(range(1200), 40)}
        for start in (date(2025, 2, 3), date(2026, 2, 9)):
            days |= {start + timedelta(days=number) for number in range(9)}
        for day in sorted(days):
            row = {
                "holiday_set": holiday_set,
                "date": day.isoformat(),
                "name": "h",
                "name_zh": "假",
            }
            if chance.random() < 0.25:
                yield row | {"kind": "workday", "works_as_iso_dow": str(chance.randint(1, 5))}
            else:
                yield row | {"kind": "holiday"}


def _catalogue(names: Sequence[str], chance: random.Random) -> Iterable[Row]:
    for tenant, service in itertools.product(TENANTS, SERVICES[:2]):
        yield {
            "tenant": tenant,
            "service_id": service,
            "site_id": chance.choice(SITES),
            "label": service,
            "label_zh": service,
            "calendar_id": chance.choice(names),
            "owner": "owner",
        }


def _assignments(names: Sequence[str], chance: random.Random) -> Iterable[Row]:
    """By team above all, so that a ticket changes its schedule when it changes hands."""
    yield {"calendar_id": "utc_always"}
    for tenant in TENANTS:
        yield {"tenant": tenant, "calendar_id": chance.choice(names)}
        yield {"tenant": tenant, "site_id": "mall", "calendar_id": chance.choice(names)}
        yield {"tenant": tenant, "service_id": SERVICES[2], "calendar_id": chance.choice(names)}
        for team in TEAMS:
            yield {"tenant": tenant, "team_id": team, "calendar_id": chance.choice(names)}
    yield {
        "tenant": "alpha",
        "service_id": SERVICES[2],
        "team_id": TEAMS[0],
        "calendar_id": chance.choice(names),
    }


def _policies(chance: random.Random) -> Iterable[Row]:
    """For every metric a promise for all, and many that name more; some change on a date."""
    numbers = itertools.count(1)
    for tenant, metric in itertools.product(TENANTS, METRICS):
        for named in _named(chance):
            row = {"tenant": tenant, "metric": metric} | named
            changes = chance.random() < 0.3
            yield _promise(row, next(numbers), chance) | (
                {"valid_until": "2025-12-05"} if changes else {}
            )
            if changes:
                yield _promise(row, next(numbers), chance) | {"valid_from": "2025-12-05"}


def _named(chance: random.Random) -> Iterable[Row]:
    choices = {
        "service_id": SERVICES,
        "ticket_type": TYPES,
        "priority": PRIORITIES,
        "customer_tier": TIERS,
        "site_id": SITES,
        "channel": CHANNELS,
    }
    seen = set()
    for number in range(12):
        names = chance.sample(sorted(choices), 0 if number == 0 else chance.choice((1, 1, 2, 3)))
        named = {name: chance.choice(choices[name]) for name in sorted(names)}
        if number == 0 and chance.random() < 0.3:
            continue
        if tuple(named.items()) not in seen:
            seen.add(tuple(named.items()))
            yield named


def _promise(row: Row, number: int, chance: random.Random) -> Row:
    pauses = chance.choice(
        ("", "", "pending", "on_hold", "pending on_hold", "pending solved", "solved")
    )
    return {
        **row,
        "policy_id": f"policy_{number}",
        "target_seconds": str(
            chance.choice((300, 900, 3600, 7201, 28800, 86_400, 432_000, 3_000_000))
        ),
        "hours_basis": chance.choice(("business", "business", "calendar")),
        "pausing_statuses": pauses,
        "schedule_mode": chance.choice(("", "cumulative", "at_event")),
    }
