"""Writes data frames as the sheets of an XLSX file, the same bytes for the same frames.

Only text and numbers, one header row, no styles. It exists because a cell costs 4.6
microseconds with XlsxWriter, which would be most of a simulation's time; here Polars builds
the rows of a sheet in one expression.
"""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl

_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FIXED_TIME = (2026, 1, 1, 0, 0, 0)


def _column_letter(index: int) -> str:
    if index >= 26:
        raise ValueError(f"a sheet of a simulated survey has at most 26 columns, not {index + 1}")
    return chr(ord("A") + index)


def _text_cell(reference: pl.Expr, text: pl.Expr) -> pl.Expr:
    escaped = (
        text.str.replace_all("&", "&amp;", literal=True)
        .str.replace_all("<", "&lt;", literal=True)
        .str.replace_all(">", "&gt;", literal=True)
    )
    return pl.concat_str(
        pl.lit('<c r="'), reference, pl.lit('" t="inlineStr"><is><t>'), escaped,
        pl.lit("</t></is></c>"),
    ).fill_null("")  # fmt: skip


def _number_cell(reference: pl.Expr, number: pl.Expr) -> pl.Expr:
    return pl.concat_str(
        pl.lit('<c r="'), reference, pl.lit('"><v>'), number.cast(pl.String), pl.lit("</v></c>")
    ).fill_null("")


def _rows(frame: pl.DataFrame, first_row: int) -> str:
    row = (pl.int_range(pl.len()) + first_row).cast(pl.String)
    cells = []
    for index, (name, kind) in enumerate(frame.schema.items()):
        cell = _number_cell if kind.is_numeric() else _text_cell
        cells.append(cell(pl.lit(_column_letter(index)) + row, pl.col(name)))
    xml = pl.concat_str(pl.lit('<row r="'), row, pl.lit('">'), *cells, pl.lit("</row>"))
    return "".join(frame.select(xml=xml)["xml"].to_list())


def _sheet(frame: pl.DataFrame) -> str:
    header = pl.DataFrame([frame.columns], schema=frame.columns, orient="row")
    return (
        f'{_HEAD}<worksheet xmlns="{_NAMESPACE}"><sheetData>'
        f"{_rows(header, 1)}{_rows(frame, 2)}</sheetData></worksheet>"
    )


def workbook_bytes(sheets: dict[str, pl.DataFrame]) -> bytes:
    """The XLSX file with one sheet per frame."""
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for n in numbers
    )
    names = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, sheets, strict=True)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    parts = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f"{overrides}</Types>",
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_NAMESPACE}" xmlns:r="{_OFFICE}">'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{links}</Relationships>",
    }
    for n, frame in zip(numbers, sheets.values(), strict=True):
        parts[f"xl/worksheets/sheet{n}.xml"] = _sheet(frame)
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, text in parts.items():
            entry = ZipInfo(name, _FIXED_TIME)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, text.encode(), compresslevel=4)
    return buffer.getvalue()
