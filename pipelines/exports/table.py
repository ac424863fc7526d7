"""An exported table and its cells: what both forms of file are made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

import polars as pl

# Begins a formula in Excel, WPS or LibreOffice (OWASP, CSV injection), full-width forms included.
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")

Cell = str | int | float | bool | date | time | None


@dataclass(frozen=True)
class Chart:
    """A chart drawn by the spreadsheet from columns of the table."""

    kind: Literal["line", "bar"]
    category: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ExportedTable:
    """Rows under display names, and the facts that are printed with them.

    `facts` are pairs of name and text. `units` gives the unit of numeric columns by display name:
    count, ratio, seconds, points or score. `sheet` and `facts_sheet` name the sheets of a workbook.
    """

    frame: pl.DataFrame
    title: str
    facts: tuple[tuple[str, str], ...]
    sheet: str
    facts_sheet: str
    units: Mapping[str, str] = field(default_factory=dict)
    chart: Chart | None = None


def plain_cell(value: Any) -> Cell:
    """A value as both kinds of file can hold it; lists, structs and bytes become text."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, str | int | float | bool | datetime | date | time):
        return value
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, ensure_ascii=False, default=str)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: a leading `'` where it would be one."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
