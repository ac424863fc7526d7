"""Values of a cursor: how they are ordered, and one moved back by an overlap.

A value is a whole number or an ISO instant, in the text of its source.
"""

from datetime import UTC, datetime, timedelta


def order(value: str) -> tuple[int, float, str]:
    """A sort key: numbers and instants by size, others by their text, before all of these."""
    number, moment = _number(value), _moment(value)
    if number is not None:
        return (2, number, value)
    if moment is not None:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (1, aware.timestamp(), value)
    return (0, 0.0, value)


def moved_back(value: str | None, overlap: int) -> str | None:
    """The value less `overlap` units or seconds, written as the value is.

    None - begin at the beginning - where there is no value, or one that cannot be moved back.
    """
    if value is None:
        return None
    number, moment = _number(value), _moment(value)
    if number is not None:
        return str(number - overlap)
    if moment is None:
        return None
    try:
        text = (moment - timedelta(seconds=overlap)).isoformat(sep=" " if " " in value else "T")
    except OverflowError:
        return None
    if len(value) == len("2026-01-01"):
        return text[: len(value)]
    return text.removesuffix("+00:00") + "Z" if value.endswith("Z") else text


def _number(value: str) -> int | None:
    return int(value) if value.lstrip("-").isdecimal() and value.isascii() else None


def _moment(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
