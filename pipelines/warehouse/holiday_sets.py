"""Public holidays and make-up working days (调休) from packages → the reviewed seed holidays.csv.

`holiday_sets.csv` names the sets, who publishes each, and the local dates it is known for. The
days of a set without a provider are written by hand and kept as they are. Nothing here runs at
night: a person runs `kpi calendars refresh`, reads the difference and commits it.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]
import holidays

from pipelines.errors import CalendarError
from pipelines.warehouse.calendar_seeds import Row, read_rows

_MONDAY = "1"
_ENGLISH, _CHINESE = "en_US", "zh_CN"


def refresh_holidays(seeds_dir: Path, is_written: bool) -> list[str]:
    """What the providers say differently from the seeds, one line a date; written if wanted.

    Raises CalendarError for a set that no provider can tell, or where two of them disagree.
    """
    sets, old = read_rows(seeds_dir / "holiday_sets.csv"), read_rows(seeds_dir / "holidays.csv")
    names = [row["holiday_set"] for row in sets]
    unknown = sorted({row["holiday_set"] for row in old} - set(names))
    if unknown:
        raise CalendarError(
            f"holidays.csv has days of {', '.join(unknown)}, which have no row in "
            "holiday_sets.csv; add one with the dates it is known for."
        )
    told = [_told(row) for row in sets]
    days = [day for row in told for day in _days_of(row, old)]
    changes = [
        *(
            f"{new['holiday_set']}: known until {new['known_until']}, was {was['known_until']}"
            for was, new in zip(sets, told, strict=True)
            if was != new
        ),
        *_changes(old, days),
    ]
    contents = {"holiday_sets.csv": told, "holidays.csv": days}
    for name, rows in contents.items():
        text = _csv(rows)
        if text != (seeds_dir / name).read_text(encoding="utf-8"):
            changes = changes or [f"{name}: order or spelling"]
            if is_written:
                (seeds_dir / name).write_text(text, encoding="utf-8")
    return changes


def _told(row: Row) -> Row:
    """The row of a set with the dates its provider can speak for."""
    if row["provider"] == "chinesecalendar":
        # The State Council announces a year each autumn; nothing is known beyond its notices.
        last = max(chinese_calendar.holidays).year
        return {**row, "known_until": str(date(last + 1, 1, 1))}
    if row["provider"] and not (row["known_from"] and row["known_until"]):
        raise CalendarError(
            f"holiday set '{row['holiday_set']}' has no known_from or no known_until in "
            "holiday_sets.csv; write the dates its law is known for."
        )
    return row


def _days_of(row: Row, old: Sequence[Row]) -> list[Row]:
    """Days of a set in order.

    What no provider tells is kept: the weekday a make-up day works as, and Chinese names.
    """
    kept = {day["date"]: day for day in old if day["holiday_set"] == row["holiday_set"]}
    if not row["provider"]:
        return list(kept.values())
    if row["provider"] not in _PROVIDERS:
        raise CalendarError(
            f"holiday set '{row['holiday_set']}' names the provider '{row['provider']}'; known are "
            f"{', '.join(_PROVIDERS)}, or none for a set that is written by hand."
        )
    in_chinese = {day["name"]: day["name_zh"] for day in kept.values()}
    known_from, known_until = (date.fromisoformat(row[at]) for at in ("known_from", "known_until"))
    days = []
    for day, kind, name, name_zh in sorted(_PROVIDERS[row["provider"]](row)):
        if known_from <= day < known_until:
            was = kept.get(str(day), {})
            works_as = was.get("works_as_iso_dow") or _MONDAY if kind == "workday" else ""
            days.append(
                {
                    "holiday_set": row["holiday_set"],
                    "date": str(day),
                    "kind": kind,
                    "name": name,
                    "name_zh": name_zh or in_chinese.get(name, ""),
                    "works_as_iso_dow": works_as,
                }
            )
    return days


_Day = tuple[date, str, str, str]
"""Date, holiday or workday, English name, Chinese name or nothing."""


def _chinese(row: Row) -> Iterator[_Day]:
    until = date(max(chinese_calendar.holidays).year + 1, 1, 1)
    _cross_check(date.fromisoformat(row["known_from"]), until)
    of = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
    for day, name in chinese_calendar.holidays.items():
        yield day, "holiday", name, of[name]
    for day, name in chinese_calendar.workdays.items():
        yield day, "workday", f"{name} make-up day", f"{of[name]}调休"


def _cross_check(start: date, until: date) -> None:
    """Two independent readings of the State Council's notices agree on every date."""
    other = holidays.country_holidays("CN", years=range(start.year - 1, until.year + 1))
    days = (start + timedelta(days=number) for number in range((until - start).days))
    differing = [
        str(day)
        for day in days
        if chinese_calendar.is_holiday(day)
        != ((day in other or day.weekday() >= 5) and day not in other.weekend_workdays)
    ]
    if differing:
        raise CalendarError(
            f"chinesecalendar and holidays differ on {', '.join(differing)}; compare with the "
            "State Council's notice (国务院办公厅放假安排) and take a version of the wrong package "
            "in which it is right."
        )


def _country(row: Row) -> Iterator[_Day]:
    if row["country"] == "CN":
        raise CalendarError(
            f"holiday set '{row['holiday_set']}': China's provider is chinesecalendar; holidays "
            "guesses the years the State Council has not announced."
        )
    years = range(int(row["known_from"][:4]), int(row["known_until"][:4]) + 1)
    try:
        plain = holidays.country_holidays(row["country"], row["subdivision"] or None, years=years)
    except NotImplementedError as error:
        raise CalendarError(f"holiday set '{row['holiday_set']}': {error}") from error
    in_language = {
        language: holidays.country_holidays(
            row["country"], row["subdivision"] or None, years=years, language=language
        )
        for language in (_ENGLISH, _CHINESE)
        if language in plain.supported_languages
    }
    chinese = in_language.get(_CHINESE)
    for day, name in in_language.get(_ENGLISH, plain).items():
        yield day, "holiday", name, chinese[day] if chinese else ""
    for day in getattr(plain, "weekend_workdays", ()):
        yield day, "workday", "Make-up day", "调休"


def _financial(row: Row) -> Iterator[_Day]:
    years = range(int(row["known_from"][:4]), int(row["known_until"][:4]) + 1)
    try:
        market = holidays.financial_holidays(row["country"], years=years)
    except NotImplementedError as error:
        raise CalendarError(f"holiday set '{row['holiday_set']}': {error}") from error
    for day, name in market.items():
        yield day, "holiday", name, ""


_PROVIDERS: dict[str, Callable[[Row], Iterator[_Day]]] = {
    "chinesecalendar": _chinese,
    "holidays": _country,
    "holidays_financial": _financial,
}


def _changes(old: Sequence[Row], new: Sequence[Row]) -> Iterator[str]:
    was, now = ({(d["holiday_set"], d["date"]): d for d in days} for days in (old, new))
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) == now.get(key):
            continue
        word = "added" if key not in was else "removed" if key not in now else "changed"
        day = now.get(key) or was[key]
        line = f"{key[0]}: {word} {key[1]} {day['kind']} {day['name']}"
        yield f"{line}, was {was[key]['kind']} {was[key]['name']}" if word == "changed" else line


def _csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
