"""XLSX: one sheet with the table and its chart, one with the facts; nothing is a formula."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from io import BytesIO

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from pipelines.exports.table import Cell, ExportedTable, plain_cell

_FORMATS = {
    "count": "#,##0",
    "ratio": "0.0%",
    "seconds": "[h]:mm:ss",
    "points": "#,##0.0",
    "score": "0.00",
    "moment": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
    "time": "hh:mm:ss",
}
_SECONDS_PER_DAY = 86_400
_MOST_CHARACTERS = 32_767
_MOST_EXACT = 2**53  # a spreadsheet's numbers are doubles
_WIDTHS = (9, 48)
_FACT_WIDTHS = (24, 80)
_CHART_SIZE = {"width": 760, "height": 380}
_ROWS_MEASURED = 200


def xlsx_bytes(table: ExportedTable) -> bytes:
    """The workbook; durations become the spreadsheet's own, all texts are written as texts.

    Integers beyond 2^53 become text, so that no digit is lost; a text longer than a cell can hold
    ends in an ellipsis.
    """
    file = BytesIO()
    options = {"in_memory": True, "remove_timezone": True}
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": table.title})
        formats = {
            name: workbook.add_format({"num_format": form}) for name, form in _FORMATS.items()
        }
        bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        sheet = workbook.add_worksheet(table.sheet)
        _write_table(sheet, table, formats, bold)
        _draw(workbook, sheet, table)
        facts = workbook.add_worksheet(table.facts_sheet)
        for column, width in enumerate(_FACT_WIDTHS):
            facts.set_column(column, column, width)
        facts.write_string(0, 0, table.title, bold)
        for row, (name, text) in enumerate(table.facts, start=1):
            facts.write_string(row, 0, _fitting(name))
            facts.write_string(row, 1, _fitting(text))
    return file.getvalue()


def _write_table(
    sheet: Worksheet, table: ExportedTable, formats: Mapping[str, Format], bold: Format
) -> None:
    frame = table.frame
    for column, name in enumerate(frame.columns):
        sheet.write_string(0, column, _fitting(name), bold)
        sheet.set_column(column, column, _width(name, frame[name].head(_ROWS_MEASURED).to_list()))
    units = [table.units.get(name) for name in frame.columns]
    for row, values in enumerate(frame.iter_rows(), start=1):
        for column, value in enumerate(values):
            _write(sheet, (row, column), plain_cell(value), units[column], formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(frame.height, 1), frame.width - 1)


def _write(
    sheet: Worksheet,
    place: tuple[int, int],
    value: Cell,
    unit: str | None,
    formats: Mapping[str, Format],
) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(*place, value)
    elif isinstance(value, datetime):
        instant = value.astimezone(UTC) if value.tzinfo else value
        sheet.write_datetime(*place, instant.replace(tzinfo=None), formats["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(*place, value, formats["day"])
    elif isinstance(value, time):
        sheet.write_datetime(*place, value.replace(tzinfo=None), formats["time"])
    elif isinstance(value, str):
        sheet.write_string(*place, _fitting(value))
    elif not math.isfinite(value) or abs(value) > _MOST_EXACT:
        sheet.write_string(*place, str(value))
    elif unit == "seconds" and value >= 0:
        sheet.write_number(*place, value / _SECONDS_PER_DAY, formats["seconds"])
    else:
        # Excel shows a negative duration as a row of hashes: it stays a number of seconds.
        sheet.write_number(*place, value, None if unit == "seconds" else formats.get(unit or ""))


def _draw(workbook: xlsxwriter.Workbook, sheet: Worksheet, table: ExportedTable) -> None:
    """The native chart, right of the table, its axis in the unit of its first value column."""
    if table.chart is None or table.frame.is_empty():
        return
    names, last = table.frame.columns, table.frame.height
    chart = workbook.add_chart({"type": table.chart.kind})
    category = names.index(table.chart.category)
    for name in table.chart.values:
        column = names.index(name)
        chart.add_series(
            {
                "name": [table.sheet, 0, column],
                "categories": [table.sheet, 1, category, last, category],
                "values": [table.sheet, 1, column, last, column],
            }
        )
    form = _FORMATS.get(table.units.get(table.chart.values[0], ""), "General")
    chart.set_title({"name": table.title, "overlay": False})
    if table.chart.kind == "bar":
        # A bar chart of a spreadsheet starts below; turned round, it has the order of the table.
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"num_format": form})
    else:
        chart.set_y_axis({"num_format": form})
    has_legend = len(table.chart.values) > 1
    chart.set_legend({"position": "top" if has_legend else "none"})
    chart.set_size(_CHART_SIZE)
    sheet.insert_chart(1, table.frame.width + 1, chart)


def _fitting(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def _width(name: str, values: list[object]) -> int:
    """Wide enough for what is in it; a Chinese character counts as two."""
    texts = [name, *(str(value) for value in values if value is not None)]
    widest = max(sum(2 if ord(c) > 0x2E80 else 1 for c in text[: _WIDTHS[1]]) for text in texts)
    return min(max(widest + 2, _WIDTHS[0]), _WIDTHS[1])
