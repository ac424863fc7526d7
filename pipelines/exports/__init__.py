"""Files that leave the house: tables as CSV and XLSX, charts as PNG and SVG.

Every file says in itself what it is of: title, filters, data time, snapshot, rows left out. The
texts come from the caller, in the reader's language. Not here: asking for figures, row caps by
role, the log of who exported what.
"""

from pipelines.errors import ExportError
from pipelines.exports.delimited import csv_bytes
from pipelines.exports.images import can_draw_chinese, png_bytes, svg_bytes
from pipelines.exports.table import Chart, ExportedTable
from pipelines.exports.workbook import xlsx_bytes

__all__ = [
    "Chart",
    "ExportError",
    "ExportedTable",
    "can_draw_chinese",
    "csv_bytes",
    "png_bytes",
    "svg_bytes",
    "xlsx_bytes",
]
