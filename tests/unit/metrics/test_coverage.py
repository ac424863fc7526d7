"""Zero or missing: on which days nothing counted is known to be nothing."""

from datetime import date, datetime

import polars as pl

from pipelines.metrics.coverage import read_coverage, with_zeros
from pipelines.metrics.model import Coverage, Grain
from tests.unit.dashboards.fake_store import read_metrics

OPENED = read_metrics()["tickets_opened_count"]
SHARE = read_metrics()["sla_met_ratio"]
COVERED = {"tickets": Coverage(date(2026, 8, 31), date(2026, 9, 30))}  # a Monday, a Wednesday
NOBODY = (None, None)


def filled(
    grain: Grain, asked: tuple[date | None, date | None], **counted: int
) -> dict[date, float | None]:
    """Tickets opened by period after filling; `counted` by month and day."""
    found = {datetime.strptime(f"2026_{k}", "%Y_d%m_%d").date(): v for k, v in counted.items()}  # noqa: DTZ007 (days)
    frame = pl.DataFrame(
        {
            "period": list(found),
            OPENED.name: [float(v) for v in found.values()],
            f"{OPENED.name}__numerator": [float(v) for v in found.values()],
        },
        schema={
            "period": pl.Date,
            OPENED.name: pl.Float64,
            f"{OPENED.name}__numerator": pl.Float64,
        },
    )
    filled = with_zeros(frame, [OPENED], [], grain, asked, COVERED).sort("period")
    return dict(zip(filled["period"], filled[OPENED.name], strict=True))


def test_a_covered_day_is_zero_and_no_other() -> None:
    asked = (date(2026, 9, 28), date(2026, 10, 2))
    found = filled("day", asked, d09_29=4)
    assert found == {date(2026, 9, 28): 0, date(2026, 9, 29): 4, date(2026, 9, 30): 0}


def test_a_week_that_is_covered_in_part_is_missing_unless_only_that_part_was_asked_for() -> None:
    """The data end on a Wednesday: the week of 28 September may yet get tickets."""
    monday, wednesday, sunday = date(2026, 9, 28), date(2026, 9, 30), date(2026, 10, 4)
    assert filled("week", (monday, sunday)) == {}
    assert filled("week", (monday, wednesday)) == {monday: 0}


def test_without_days_only_whole_periods_are_filled() -> None:
    """August is covered on its last day only, September wholly."""
    assert filled("month", NOBODY) == {date(2026, 9, 1): 0}
    weeks = filled("week", NOBODY)
    assert min(weeks) == date(2026, 8, 31)
    assert max(weeks) == date(2026, 9, 21)


def test_groups_of_another_metric_get_no_zero() -> None:
    frame = pl.DataFrame(
        {
            "period": [date(2026, 9, 1), date(2026, 9, 2)],
            "team": ["a", "b"],
            OPENED.name: [2.0, None],
            f"{OPENED.name}__numerator": [2.0, None],
            SHARE.name: [None, 0.5],
        }
    )
    asked = (date(2026, 9, 1), date(2026, 9, 2))
    found = with_zeros(frame, [OPENED, SHARE], ["team"], "day", asked, COVERED)
    rows = {(r["team"], r["period"].day): r[OPENED.name] for r in found.to_dicts()}
    assert rows == {("a", 1): 2, ("a", 2): 0, ("b", 2): None}
    assert found[SHARE.name].null_count() == 2, "a share of nothing stays missing"


def test_what_all_sources_tell_in_local_days() -> None:
    """16:30 in UTC is the next day in Shanghai; the later start and the earlier end count."""
    extracts = pl.DataFrame(
        {
            "source": ["a", "b", "a"],
            "entity": ["ticket", "ticket", "call"],
            "first_event_at": [datetime(2026, 6, 30, 16, 30), datetime(2026, 5, 1), None],  # noqa: DTZ001
            "last_event_at": [datetime(2026, 9, 30, 15), datetime(2026, 9, 29, 17), None],  # noqa: DTZ001
        }
    )
    found = read_coverage(extracts, "Asia/Shanghai")
    assert found == {"tickets": Coverage(date(2026, 7, 1), date(2026, 9, 30))}
