"""How numbers are written, in both languages."""

import pytest

from dashboards.i18n import Texts
from dashboards.units import axis_format, axis_scale, format_change, format_value

ZH, EN = Texts("zh"), Texts("en")


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (59.6, "1 min", "1 分"),
        (252, "4 min 12 s", "4 分 12 秒"),
        (600, "10 min", "10 分"),
        (3599, "1 h", "1 小时"),
        (5400, "1 h 30 min", "1 小时 30 分"),
        (187_200, "52 h", "52 小时"),
        (363_900, "101 h", "101 小时"),
        (-90, "−1 min 30 s", "−1 分 30 秒"),
    ],
)
def test_durations(seconds: float, english: str, chinese: str) -> None:
    assert format_value(seconds, "seconds", EN) == english
    assert format_value(seconds, "seconds", ZH) == chinese


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ratio", "–"),
        (0.0, "count", "0"),
        (1234567.0, "count", "1,234,567"),
        (0.9342, "ratio", "93.4%"),
        (23.64, "points", "23.6"),
        (-0.001, "score", "0.00"),
        (4.166, "score", "4.17"),
    ],
)
def test_values(value: float | None, unit: str, text: str) -> None:
    assert format_value(value, unit, EN) == text


@pytest.mark.parametrize(
    ("current", "previous", "unit", "text"),
    [
        (0.94, 0.93, "ratio", "+1.0 pp"),
        (0.93, 0.93, "ratio", "±0.0 pp"),
        (110.0, 100.0, "count", "+10.0%"),
        (5.0, 0.0, "count", None),
        (-10.0, 4.0, "points", "-14.0"),
        (4.1, 4.25, "score", "-0.15"),
    ],
)
def test_changes(current: float, previous: float, unit: str, text: str | None) -> None:
    assert format_change(current, previous, unit, EN) == text


def test_axis_of_durations_takes_the_unit_that_suits_the_largest() -> None:
    assert axis_scale([30, 90], "seconds") == (1, "axis.seconds")
    assert axis_scale([30, 900], "seconds") == (60, "axis.minutes")
    assert axis_scale([30, 9000], "seconds") == (3600, "axis.hours")
    assert axis_scale([], "ratio") == (1, None)
    assert axis_format("ratio") == ".0%"
