"""Open time, checked by hand."""

from datetime import date, datetime

import numpy as np
import pytest

from pipelines.simulate.company import HOUR
from pipelines.simulate.working_hours import working_hours


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
