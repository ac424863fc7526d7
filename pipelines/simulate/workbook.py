"""Writes data frames as the sheets of an XLSX file, the same bytes for the same frames."""

from datetime import UTC, datetime
from io import BytesIO

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

# A workbook carries the time it was made; a fixed one keeps the bytes the same.
_FIXED_TIME = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def workbook_bytes(sheets: dict[str, pl.DataFrame]) -> bytes:
    """The XLSX file with one plain sheet per frame: a header row, text and numbers."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": _FIXED_TIME})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, frame.columns)
            for index, column in enumerate(frame.iter_columns()):
                sheet.write_column(1, index, column.to_list())
    return buffer.getvalue()
