"""How a number is written: the only place that turns values into text.

Units are those of the semantic layer: count, ratio, seconds, points, score.
"""

from collections.abc import Sequence

from dashboards.i18n import Texts

MISSING = "–"


def format_value(value: float | None, unit: str, texts: Texts) -> str:
    """A value in its unit: 5,400 s is `1 h 30 min` or `1 小时 30 分`."""
    if value is None:
        return MISSING
    if unit == "seconds":
        return format_duration(value, texts)
    if unit == "ratio":
        return f"{value:.1%}"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{_no_minus_zero(value, 2 if unit == 'score' else 1):,.{2 if unit == 'score' else 1}f}"


def format_duration(seconds: float, texts: Texts) -> str:
    """Hours are not turned into days: a business day is not 24 hours."""
    sign = "−" if seconds < 0 else ""
    whole = round(abs(seconds))
    hours, minutes = divmod(round(whole / 60), 60)
    if whole < 60:
        return sign + texts("unit.seconds", seconds=whole)
    if whole < 600:
        minutes, rest = divmod(whole, 60)
        return sign + texts(
            "unit.minutes_seconds" if rest else "unit.minutes", minutes=minutes, seconds=rest
        )
    if not hours:
        return sign + texts("unit.minutes", minutes=minutes)
    if not minutes or hours >= 100:
        return sign + texts("unit.hours", hours=f"{hours:,}")
    return sign + texts("unit.hours_minutes", hours=hours, minutes=minutes)


def format_change(current: float, previous: float, unit: str, texts: Texts) -> str | None:
    """Difference of two values: percent for counts and durations, else points.

    None where the earlier value is zero and a percentage has no meaning.
    """
    if unit == "ratio":
        return texts("unit.percentage_points", points=_signed(100 * (current - previous), 1))
    if unit in ("points", "score"):
        digits = 2 if unit == "score" else 1
        return _signed(current - previous, digits)
    return f"{_signed(100 * (current / previous - 1), 1)}%" if previous else None


def format_difference(value: float, unit: str, texts: Texts) -> str:
    """A difference in the unit itself, with its sign."""
    if unit == "ratio":
        return texts("unit.percentage_points", points=_signed(100 * value, 1))
    if unit == "seconds":
        return ("+" if value > 0 else "") + format_duration(value, texts)
    return _signed(value, {"count": 0, "score": 2}.get(unit, 1))


def axis_scale(values: Sequence[float], unit: str) -> tuple[float, str | None]:
    """Divisor that makes an axis readable, and the text key of the unit it leads to."""
    if unit != "seconds":
        return 1, None
    largest = max((abs(v) for v in values), default=0)
    if largest >= 2 * 3600:
        return 3600, "axis.hours"
    return (60, "axis.minutes") if largest >= 120 else (1, "axis.seconds")


def axis_format(unit: str) -> str:
    """Number format of an axis, as d3 writes it."""
    return {"ratio": ".0%", "count": ",d"}.get(unit, ",~f")


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}" if round(value, digits) else f"±{0:.{digits}f}"


def _no_minus_zero(value: float, digits: int) -> float:
    return round(value, digits) + 0.0
