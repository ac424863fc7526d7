"""Holidays written into the seed: what changes is told, what people wrote is kept, and a provider
is never believed beyond what it knows."""

import shutil
from datetime import date
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import CalendarError
from pipelines.settings import Settings
from pipelines.warehouse.calendar_seeds import read_rows
from pipelines.warehouse.holiday_sets import refresh_holidays
from tests.reference.calendar_files import Rows, write_seeds

SEEDS = Settings().dbt_dir / "seeds"


def seeds(home: Path, sets: Rows, days: Rows = ()) -> Path:
    """Seeds with these sets; the file needs a day, so there is always a set written by hand."""
    by_hand = {"holiday_set": "OURS", "date": "2026-05-04", "kind": "holiday", "name": "Founding"}
    return write_seeds(
        home,
        {"holiday_sets": [{"holiday_set": "OURS"}, *sets], "holidays": [by_hand, *days]},
    )


def dates(folder: Path, holiday_set: str) -> dict[str, str]:
    rows = read_rows(folder / "holidays.csv")
    return {row["date"]: row["name"] for row in rows if row["holiday_set"] == holiday_set}


def test_the_seeds_are_what_the_packages_say() -> None:
    assert refresh_holidays(SEEDS, is_written=False) == []


def test_what_changed_is_told_and_written_once(tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    shutil.copytree(SEEDS, folder)
    whole = (folder / "holidays.csv").read_text("utf-8")
    broken = whole.replace("CN,2026-10-10,workday,National Day make-up day,国庆节调休,1\n", "")
    broken = broken.replace("CN,2026-10-01,holiday,National Day,", "CN,2026-10-01,holiday,Day,")
    first_made_up = broken.index("US_FEDERAL,2026-")
    made_up = "US_FEDERAL,2026-03-03,holiday,Hangover,,\n"
    (folder / "holidays.csv").write_text(
        broken[:first_made_up] + made_up + broken[first_made_up:], "utf-8"
    )
    expected = [
        "CN: changed 2026-10-01 holiday National Day, was holiday Day",
        "CN: added 2026-10-10 workday National Day make-up day",
        "US_FEDERAL: removed 2026-03-03 holiday Hangover",
    ]
    assert refresh_holidays(folder, is_written=False) == expected
    assert refresh_holidays(folder, is_written=False) == expected
    assert refresh_holidays(folder, is_written=True) == expected
    assert (folder / "holidays.csv").read_text("utf-8") == whole
    assert refresh_holidays(folder, is_written=True) == []


def test_china_is_known_as_far_as_the_notices_of_the_state_council(tmp_path: Path) -> None:
    last = max(chinese_calendar.holidays).year
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(last + 1, 1, 4))
    china = {"holiday_set": "CN", "provider": "chinesecalendar", "known_from": "2025-01-01"}
    folder = seeds(tmp_path, [{**china, "known_until": "2099-01-01"}])
    changes = refresh_holidays(folder, is_written=True)
    assert changes[0] == f"CN: known until {last + 1}-01-01, was 2099-01-01"
    assert read_rows(folder / "holiday_sets.csv")[1]["known_until"] == f"{last + 1}-01-01"
    assert max(dates(folder, "CN")) < f"{last + 1}-01-01"


def test_two_packages_that_differ_on_china_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    china = {"holiday_set": "CN", "provider": "chinesecalendar", "known_from": "2025-01-01"}
    folder = seeds(tmp_path, [china])
    before = (folder / "holidays.csv").read_bytes()
    right = chinese_calendar.is_holiday
    wrong = date(2026, 10, 10)
    monkeypatch.setattr(chinese_calendar, "is_holiday", lambda day: right(day) != (day == wrong))
    with pytest.raises(CalendarError, match="differ on 2026-10-10; compare with the State Council"):
        refresh_holidays(folder, is_written=True)
    assert (folder / "holidays.csv").read_bytes() == before


def test_subdivisions_markets_and_make_up_days_of_other_countries(tmp_path: Path) -> None:
    span = {"known_from": "2016-01-01", "known_until": "2018-01-01"}
    sets = [
        {"holiday_set": "BY", "provider": "holidays", "country": "DE", "subdivision": "BY", **span},
        {"holiday_set": "TW", "provider": "holidays", "country": "TW", **span},
        {
            "holiday_set": "NYSE",
            "provider": "holidays_financial",
            "country": "XNYS",
            **span,
        },
    ]
    folder = seeds(tmp_path, sets)
    refresh_holidays(folder, is_written=True)
    # Epiphany is a holiday in Bavaria, not in Germany; exchanges close on Good Friday
    assert dates(folder, "BY")["2017-01-06"] == "Epiphany"
    assert dates(folder, "NYSE")["2017-04-14"] == "Good Friday"
    kinds = {row["date"]: row for row in read_rows(folder / "holidays.csv")}
    # Taiwan worked on Saturday 2017-02-18 for Monday 2017-02-27
    assert (kinds["2017-02-18"]["kind"], kinds["2017-02-18"]["works_as_iso_dow"]) == (
        "workday",
        "1",
    )
    assert list(dates(folder, "OURS")) == ["2026-05-04"]


def test_the_weekday_of_a_make_up_day_and_chinese_names_are_kept(tmp_path: Path) -> None:
    china = {
        "holiday_set": "CN",
        "provider": "chinesecalendar",
        "known_from": "2026-01-01",
    }
    friday = {"holiday_set": "CN", "date": "2026-10-10", "kind": "workday", "works_as_iso_dow": "5"}
    us = {"holiday_set": "US", "provider": "holidays", "country": "US"}
    us |= {"known_from": "2026-01-01", "known_until": "2028-01-01"}
    named = {"holiday_set": "US", "date": "2026-05-25", "kind": "holiday", "name": "Memorial Day"}
    folder = seeds(tmp_path, [china, us], [friday, {**named, "name_zh": "阵亡将士纪念日"}])
    refresh_holidays(folder, is_written=True)
    rows = {(row["holiday_set"], row["date"]): row for row in read_rows(folder / "holidays.csv")}
    assert rows["CN", "2026-10-10"]["works_as_iso_dow"] == "5"
    assert rows["CN", "2026-02-14"]["works_as_iso_dow"] == "1"
    assert rows["US", "2027-05-31"]["name_zh"] == "阵亡将士纪念日"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"provider": "holidays", "country": "CN"}, "provider is chinesecalendar"),
        ({"provider": "holidays", "country": "XX"}, "XX"),
        ({"provider": "holidays_financial", "country": "XX"}, "XX"),
        ({"provider": "almanac"}, "known are chinesecalendar, holidays"),
        ({"provider": "holidays", "country": "US", "known_until": ""}, "no known_until"),
    ],
)
def test_sets_that_nobody_can_tell_are_named(
    tmp_path: Path, row: dict[str, str], message: str
) -> None:
    known = {"known_from": "2026-01-01", "known_until": "2027-01-01"}
    with pytest.raises(CalendarError, match=message):
        refresh_holidays(seeds(tmp_path, [{"holiday_set": "S", **known, **row}]), is_written=True)


def test_days_of_a_set_that_is_not_listed_are_refused(tmp_path: Path) -> None:
    stray = {"holiday_set": "LOST", "date": "2026-05-04", "kind": "holiday"}
    with pytest.raises(CalendarError, match="days of LOST"):
        refresh_holidays(seeds(tmp_path, [], [stray]), is_written=True)


def test_the_command_tells_whether_the_seeds_are_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = CliRunner().invoke(app, ["calendars", "refresh", "--check"])
    assert (fresh.exit_code, fresh.output) == (0, "holidays are up to date\n")
    us = {"holiday_set": "US", "provider": "holidays", "country": "US"}
    us |= {"known_from": "2026-12-01", "known_until": "2027-01-01"}
    folder = seeds(tmp_path, [us])
    monkeypatch.setattr(Settings, "dbt_dir", folder.parent)
    before = (folder / "holidays.csv").read_bytes()
    stale = CliRunner().invoke(app, ["calendars", "refresh", "--check"])
    assert (stale.exit_code, stale.output) == (1, "US: added 2026-12-25 holiday Christmas Day\n")
    assert (folder / "holidays.csv").read_bytes() == before
    assert CliRunner().invoke(app, ["calendars", "refresh"]).exit_code == 0
    assert CliRunner().invoke(app, ["calendars", "refresh", "--check"]).exit_code == 0


def test_the_command_shows_a_calendar_date_by_date() -> None:
    asked = ["calendars", "show", "cn_hospital", "--from", "2026-10-08", "--to", "2026-10-10"]
    shown = CliRunner().invoke(app, asked)
    # 9.5 h a day; Saturday 2026-10-10 is worked (调休)
    assert shown.output.splitlines() == [
        "2026-10-08 Thu  Asia/Shanghai   9.50 h  08:00-17:30",
        "2026-10-09 Fri  Asia/Shanghai   9.50 h  08:00-17:30",
        "2026-10-10 Sat  Asia/Shanghai   9.50 h  08:00-17:30  (make-up day, works as Mon)",
        "28.50 hours open",
    ]


def test_the_command_shows_nights_holidays_and_what_is_not_known() -> None:
    def shown(calendar: str, day: str) -> str:
        asked = ["calendars", "show", calendar, "--from", day, "--to", day]
        return str(CliRunner().invoke(app, asked).output.splitlines()[0])

    assert shown("cn_night", "2026-10-08").endswith("12.00 h  00:00-06:00  18:00-24:00")
    assert shown("cn_office", "2026-10-01").endswith("0.00 h  closed  (holiday)")
    assert shown("cn_office", "2036-10-01").endswith(
        "not known: no holidays are published for this date"
    )


def test_a_calendar_that_is_not_there_is_named() -> None:
    asked = ["calendars", "show", "x", "--from", "2026-01-01", "--to", "2026-01-01"]
    missing = CliRunner().invoke(app, asked)
    assert isinstance(missing.exception, CalendarError)
    assert "calendars.csv has always, cn_office" in str(missing.exception)
