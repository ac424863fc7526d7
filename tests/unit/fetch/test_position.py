"""Where a pull with a cursor begins: values are ordered and moved back as they are written."""

import pytest

from pipelines.fetch.position import moved_back, order


@pytest.mark.parametrize(
    ("value", "overlap", "expected"),
    [
        (None, 60, None),
        ("1000", 100, "900"),
        ("5", 100, "-95"),
        ("2026-03-01 00:00:30+00", 60, "2026-02-28 23:59:30+00:00"),
        ("2026-03-01 00:00:30.25", 60, "2026-02-28 23:59:30.250000"),
        ("2026-03-01T08:00:00Z", 3600, "2026-03-01T07:00:00Z"),
        ("2026-03-01T08:00:00+08:00", 3600, "2026-03-01T07:00:00+08:00"),
        ("2026-03-01", 1, "2026-02-28"),
        ("0001-01-01 00:00:00", 1, None),
        ("infinity", 60, None),
        ("v12", 60, None),
    ],
)
def test_a_value_is_moved_back_in_its_own_form(
    value: str | None, overlap: int, expected: str | None
) -> None:
    assert moved_back(value, overlap) == expected


@pytest.mark.parametrize(
    "ascending",
    [
        ["9", "10", "90071992547409931", "90071992547409932"],
        ["2026-03-01T08:00:00+08:00", "2026-03-01T00:00:01Z", "2026-03-01 00:00:02+00"],
        ["v12", "2026-03-01", "3"],
    ],
)
def test_values_are_ordered_by_what_they_mean(ascending: list[str]) -> None:
    backwards = ascending[::-1]
    assert sorted(backwards, key=order) == ascending
