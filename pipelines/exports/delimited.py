"""CSV: UTF-8 with a byte order mark and CRLF, as Chinese Excel opens it without asking."""

import csv
from datetime import date, time
from io import StringIO

from pipelines.exports.table import Cell, ExportedTable, harmless, plain_cell

_BYTE_ORDER_MARK = "\ufeff"
_DIGITS = 15  # what a spreadsheet keeps; 6796.000000000001 is noise of the arithmetic


def csv_bytes(table: ExportedTable) -> bytes:
    """Header, rows, an empty record, then a record per fact with its text in the first cell.

    All records have the same number of cells. Numbers are plain: ratios 0–1, durations in
    seconds, times as ISO 8601.
    """
    file = StringIO()
    file.write(_BYTE_ORDER_MARK)
    writer = csv.writer(file, lineterminator="\r\n")
    rest = [""] * (table.frame.width - 1)
    writer.writerow([harmless(name) for name in table.frame.columns])
    for row in table.frame.iter_rows():
        writer.writerow([_written(plain_cell(value)) for value in row])
    writer.writerow(["", *rest])
    for line in (table.title, *(f"{name}: {text}" for name, text in table.facts)):
        writer.writerow([harmless(line), *rest])
    return file.getvalue().encode()


def _written(value: Cell) -> str | int | float | None:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}"
    return value
