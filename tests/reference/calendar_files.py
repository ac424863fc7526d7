"""Calendars of tests: seed files written by hand, and business time computed from them by SQL."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pipelines.settings import Settings
from pipelines.warehouse.calendars import write_business_days
from tests.reference.sql_macros import BusinessTime

Rows = Sequence[Mapping[str, str]]
Seeds = Mapping[str, Rows]
Week = Mapping[str, Sequence[tuple[str, str]]]

WEEKDAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
ALL_DAYS = tuple(WEEKDAYS)
WORKDAYS = ALL_DAYS[:5]

_COLUMNS = {
    "calendars": "calendar_id label label_zh timezone holiday_set valid_from valid_until",
    "calendar_weekly_hours": "calendar_id iso_dow opens closes valid_from valid_until",
    "calendar_exceptions": "calendar_id date opens closes reason",
    "calendar_holiday_hours": "calendar_id opens closes valid_from valid_until",
    "holiday_sets": "holiday_set provider country subdivision known_from known_until",
    "holidays": "holiday_set date kind name name_zh works_as_iso_dow",
}


class Elsewhere(Settings):
    """An installation whose seeds are in its home."""

    @property
    def dbt_dir(self) -> Path:
        return self.home / "dbt_project"


def write_seeds(home: Path, seeds: Seeds) -> Path:
    """Write seed files; cells and files that are not given are empty. Returns their folder."""
    folder = home / "dbt_project" / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in _COLUMNS.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns.split(), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(seeds.get(name, []))
    return folder


def business_time(home: Path, seeds: Seeds, start: date, end: date) -> BusinessTime:
    """The tables of these seeds from `start` to `end`, under the project's macros."""
    write_seeds(home, seeds)
    settings = Elsewhere(home=home)
    return BusinessTime(settings, write_business_days(settings, start, end))


def weekly(week: Week, calendar_id: str = "c") -> list[dict[str, str]]:
    """Rows of weekly hours."""
    return [
        {
            "calendar_id": calendar_id,
            "iso_dow": str(WEEKDAYS[day]),
            "opens": opens,
            "closes": closes,
        }
        for day, pieces in week.items()
        for opens, closes in pieces
    ]


def one_calendar(zone: str, week: Week, **others: Rows) -> Seeds:
    """Seeds of a single calendar `c`; holidays are of the set `h`, which it then keeps."""
    holiday_set = "h" if "holidays" in others else ""
    return {
        "calendars": [{"calendar_id": "c", "timezone": zone, "holiday_set": holiday_set}],
        "calendar_weekly_hours": weekly(week),
        "holiday_sets": [{"holiday_set": "h"}],
        **others,
    }
