"""Open time, checked by hand."""

from datetime import date, datetime

import numpy as np
import pytest

from pipelines.settings import Settings
from pipelines.simulate.company import HOUR
from pipelines.simulate.working_hours import working_hours
from pipelines.warehouse.calendar_seeds import read_calendars
from pipelines.warehouse.calendar_spans import open_spans


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "expected"),
    [
        # Thursday 30 April; May 1-5 is Labour Day, Saturday May 9 is worked.
        ("cn_office", "2026-04-30T17:00", 2, "2026-05-06T10:00"),
        ("cn_office", "2026-05-08T17:00", 2, "2026-05-09T10:00"),
        ("cn_office", "2026-04-29T11:30", 1, "2026-04-29T14:00"),
        ("cn_mall", "2026-05-01T21:30", 1, "2026-05-02T10:30"),
        ("cn_hospital", "2026-05-01T11:00", 2, "2026-05-02T09:00"),
        # Sunday; the library is closed on Mondays.
        ("cn_library", "2026-04-12T20:00", 2, "2026-04-14T10:00"),
        ("always", "2026-04-12T23:00", 2, "2026-04-13T01:00"),
        ("cn_mall", "2026-04-12T03:00", 0, "2026-04-12T03:00"),
    ],
)
def test_open_hours_are_counted(calendar: str, start: str, hours: int, expected: str) -> None:
    clock = working_hours(calendar, date(2026, 4, 1), date(2026, 6, 30))
    instants = np.array([start], dtype="datetime64[s]").astype(np.int64)
    result = clock.add(instants, np.array([hours * HOUR]))
    assert result.astype("datetime64[s]").astype(datetime)[0] == datetime.fromisoformat(expected)


@pytest.mark.parametrize("name", ["cn_mall", "cn_hospital", "cn_library", "cn_office", "always"])
def test_staff_work_when_the_seeded_calendars_are_open(name: str) -> None:
    calendar = read_calendars(Settings().dbt_dir / "seeds")[name]
    clock = working_hours(name, date(2026, 1, 1), date(2026, 12, 31))
    day, east = 24 * HOUR, 8 * HOUR
    open_seconds = np.zeros(365, dtype=np.int64)
    begin = int(np.datetime64("2026-01-01", "s").astype(np.int64))
    for start, end in zip(clock.starts.tolist(), clock.ends.tolist(), strict=True):
        open_seconds[(start - begin) // day] += end - start
    seeded = np.zeros(365, dtype=np.int64)
    for start, end in open_spans(calendar, date(2026, 1, 1), date(2026, 12, 31)):
        for midnight in range(begin, begin + 365 * day, day):
            shared = min(end + east, midnight + day) - max(start + east, midnight)
            seeded[(midnight - begin) // day] += max(shared, 0)
    assert (open_seconds == seeded).all()
