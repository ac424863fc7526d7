"""Tables with types of their own, read as text: XLSX sheets and Parquet files.

Typing stays with the contract, so a number in a sheet is judged like a number in a CSV.
"""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import ParseError

import duckdb
import fastexcel
import polars as pl

from pipelines.errors import ExtractError
from pipelines.ingest.headers import header_names
from pipelines.ingest.reading import FIRST_DAY, Reading, Task, literal, quoted
from pipelines.ingest.unpack import BOMB_FLOOR_BYTES, BOMB_RATIO, bomb, packing, unpacked_file
from pipelines.ingest.workbook import Workbook, read_workbook

# What DuckDB says where the file may be right and the machine is too small.
_MACHINE = re.compile("Out of Memory|No space left|Could not write")
_FIRST_DAY_1904 = "1904-01-01"
_WORKBOOK_MEMBER = "[Content_Types].xml"
_ERROR_TEXTS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def read_xlsx(task: Task) -> Reading:
    """A reading of the contract's sheet; rows without any text are no records."""
    path = _workbook(task)
    table, book = _sheet(task, path)
    header_row = task.contract.header_row
    if table.height < header_row:
        raise task.refuse("empty_file", "the sheet has no header; export the file again.")
    titles = [str(title) if title is not None else "" for title in table.row(header_row - 1)]
    rows = table.slice(header_row)
    used = [n for n, t in enumerate(titles) if t.strip() or rows[:, n].null_count() < rows.height]
    names = header_names(task, [titles[n] for n in used])
    frame = rows.select(pl.nth(n).alias(f"c{place}") for place, n in enumerate(used))
    if frame.width:
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    task.connection.register("sheet", frame.to_arrow())
    task.rows("create or replace temp table cells as select * from sheet")
    task.connection.unregister("sheet")
    return Reading(
        relation="cells",
        columns={name: f"c{place}" for place, name in enumerate(names)},
        error_cells=tuple(_ERROR_TEXTS.values()),
        first_day=_FIRST_DAY_1904 if book.days_1904 else FIRST_DAY,
    )


def _sheet(task: Task, path: Path) -> tuple[pl.DataFrame, Workbook]:
    """Every cell of the sheet as text, error cells as what a person sees in them."""
    try:
        cells = fastexcel.read_excel(path)
        book = read_workbook(path)
        wanted = task.contract.sheet or next(iter(book.visible_sheets), cells.sheet_names[0])
        if wanted not in cells.sheet_names:
            raise task.refuse(
                "missing_sheet",
                f"sheet '{wanted}' is promised, but there are {', '.join(cells.sheet_names)}; "
                "rename the sheet, or name it in the contract.",
            )
        sheet = cells.load_sheet(wanted, header_row=None, dtypes="string")
        batch, errors = sheet.to_arrow_with_errors()
        is_computed = not book.has_uncomputed_formulas(wanted)
    except (fastexcel.FastExcelError, zipfile.BadZipFile, KeyError, ParseError) as error:
        reason = str(error).splitlines()[0]
        raise task.refuse(
            "unreadable_workbook",
            f"it is no workbook that can be opened ({reason}); save it as .xlsx without password.",
        ) from error
    if not is_computed:
        raise task.refuse(
            "uncomputed_formulas",
            f"sheet '{wanted}' has formulas without values, because no spreadsheet has computed "
            "them; open and save it in one, or export values.",
        )
    found = errors.errors if errors else []
    return _with_errors(pl.DataFrame(batch), [(e.offset_position, e.detail) for e in found]), book


def _with_errors(
    table: pl.DataFrame, errors: Sequence[tuple[tuple[int, int], str]]
) -> pl.DataFrame:
    columns: dict[int, dict[int, str]] = {}
    for (row, column), detail in errors:
        text = next((t for name, t in _ERROR_TEXTS.items() if f"({name})" in detail), "#ERROR!")
        columns.setdefault(column, {})[row] = text
    for column, cells in columns.items():
        texts = table[:, column].to_list()
        for row, text in cells.items():
            texts[row] = text
        table = table.with_columns(pl.Series(table.columns[column], texts, pl.String()))
    return table


def _workbook(task: Task) -> Path:
    """The path of the workbook itself; a workbook is a zip, so only other archives are opened."""
    kind, path = packing(task.path), task.path
    if kind in ("gzip", "zstd") or (kind == "zip" and not _is_workbook(task)):
        path = unpacked_file(task.path, task.scratch / "book.xlsx")
    if packing(path) == "zip":
        try:
            with zipfile.ZipFile(path) as book:
                size = sum(member.file_size for member in book.infolist())
        except zipfile.BadZipFile:
            return path
        if size > BOMB_FLOOR_BYTES and size > BOMB_RATIO * path.stat().st_size:
            raise bomb(task.path)
    return path


def _is_workbook(task: Task) -> bool:
    try:
        with zipfile.ZipFile(task.path) as archive:
            return _WORKBOOK_MEMBER in archive.namelist()
    except zipfile.BadZipFile:
        return True


class ParquetReading(Reading):
    """Cells are read while they are judged, so only then damage inside the file shows."""

    def failure(self, task: Task, error: Exception) -> Exception:
        return error if _MACHINE.search(str(error)) else _unreadable(task, error)


def read_parquet(task: Task) -> Reading:
    """A reading of the Parquet file: every column as text, nested ones as JSON."""
    path = unpacked_file(task.path, task.scratch / "table.parquet")
    file = f"read_parquet({literal(str(path))})"
    try:
        described = [(str(row[0]), str(row[1])) for row in task.rows(f"describe from {file}")]
    except duckdb.Error as error:
        raise _unreadable(task, error) from error
    names = header_names(task, [name for name, _ in described])
    texts = [_as_text(name, kind) for name, kind in described]
    return ParquetReading(file, dict(zip(names, texts, strict=True)))


def _as_text(name: str, kind: str) -> str:
    is_nested = kind.startswith(("STRUCT", "MAP")) or kind.endswith("]")
    return f"cast({f'to_json({quoted(name)})' if is_nested else quoted(name)} as varchar)"


def _unreadable(task: Task, error: Exception) -> ExtractError:
    reason = str(error).splitlines()[0]
    return task.refuse("unreadable_parquet", f"it is no whole Parquet file ({reason}).")
