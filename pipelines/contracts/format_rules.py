"""Own rules of one column's formats, time zone and number signs."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any
from zoneinfo import available_timezones

from pipelines.contracts.documents import custom, texts
from pipelines.contracts.model import Mistake
from pipelines.contracts.patterns import Pattern, clashing_text, read_pattern
from pipelines.contracts.rules import Judge, place


def format_mistakes(judge: Judge, node: Mapping[str, Any]) -> Iterator[Mistake]:
    """Formats are JDK patterns, fit the type, and no two read one text differently."""
    own, path = custom(node), place(node)
    patterns: list[Pattern] = []
    for form in texts(own.get("formats")):
        try:
            patterns.append(read_pattern(form))
        except ValueError as error:
            yield judge.mistake(path, "format", f"'{form}': {error}")
    if patterns and node["logicalType"] not in ("date", "timestamp"):
        yield judge.mistake(path, "format", f"formats mean nothing for a {node['logicalType']}")
    for first, second in combinations(patterns, 2):
        clash = clashing_text(first, second)
        if clash:
            remedy = (
                f"'{clash}' means one thing as {first.text}, another as {second.text}; keep one"
            )
            yield judge.mistake(path, "formats_clash", remedy)
    yield from _sign_mistakes(judge, node)
    if _is_read_time(node) and not texts(own.get("formats")) and not own.get("excelSerial"):
        yield judge.mistake(path, "format_missing", "list the formats the file uses")


def _is_read_time(node: Mapping[str, Any]) -> bool:
    return node["logicalType"] in ("date", "timestamp") and "sourceHeaders" in custom(node)


def zone_mistakes(judge: Judge, node: Mapping[str, Any]) -> Iterator[Mistake]:
    """A local time must say whose: a named zone, or an offset in every format."""
    own, path = custom(node), place(node)
    zone = own.get("timezone")
    if zone is not None and zone not in available_timezones():
        yield judge.mistake(path, "time_zone", f"'{zone}' is not an IANA zone; correct it")
    if own.get("ambiguous", "refuse") not in ("refuse", "earliest"):
        yield judge.mistake(path, "ambiguous", "write refuse or earliest")
    if node["logicalType"] != "timestamp" or not _is_read_time(node) or zone is not None:
        return
    if own.get("excelSerial") or not all(_has_offset(f) for f in texts(own.get("formats"))):
        remedy = "name the timezone of the file's times, or use formats with an offset"
        yield judge.mistake(path, "zone_missing", remedy)


def _has_offset(form: str) -> bool:
    try:
        return read_pattern(form).has_offset
    except ValueError:
        return True  # reported as a wrong format already


def _sign_mistakes(judge: Judge, node: Mapping[str, Any]) -> Iterator[Mistake]:
    own, path = custom(node), place(node)
    decimal, thousands = own.get("decimalSign", "."), own.get("thousandsSign")
    for sign in (decimal, thousands):
        if sign is not None and (not isinstance(sign, str) or len(sign) != 1 or sign.isalnum()):
            yield judge.mistake(path, "number_sign", "write one character that is no digit")
    if decimal == thousands:
        yield judge.mistake(path, "number_sign", "decimal and thousands signs must differ")
