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
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from pipelines.contracts.names import folded
from pipelines.errors import ExtractError
from pipelines.ingest.headers import header_names
from pipelines.ingest.reading import FIRST_DAY, Reading, Task, literal, quoted
from pipelines.ingest.unpack import (
    BOMB_FLOOR_BYTES,
    BOMB_RATIO,
    bomb,
    is_workbook,
    packing,
    unpacked_file,
)
from pipelines.ingest.workbook import FIRST_UNSURE, Workbook, read_workbook

# What DuckDB says where the file may be right and the machine is too small.
_MACHINE = re.compile("Out of Memory|No space left|Could not write")
_FIRST_DAY_1904 = "1904-01-01"
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

# Instead of a whole number whose last digits a sheet cannot hold.
_UNSURE = "#DIGITS!"


def read_xlsx(task: Task) -> Reading:
    """A reading of the contract's sheet; rows without any text are no records."""
    path = _workbook(task)
    table, book = _sheet(task, path)
    if table.is_empty():
        raise task.refuse("empty_file", "the sheet has no header; export the file again.")
    titles = [str(title) if title is not None else "" for title in table.row(0)]
    rows = table.slice(1)
    used = [n for n, t in enumerate(titles) if t.strip() or rows[:, n].null_count() < rows.height]
    names = header_names(task, [titles[n] for n in used])
    frame = rows.select(pl.nth(n).alias(f"c{place}") for place, n in enumerate(used))
    task.connection.register("sheet", frame.to_arrow())
    task.rows("create or replace temp table cells as select * from sheet")
    task.connection.unregister("sheet")
    return Reading(
        relation="cells",
        columns={name: f"c{place}" for place, name in enumerate(names)},
        error_cells=(*_ERROR_TEXTS.values(), _UNSURE),
        first_day=_FIRST_DAY_1904 if book.days_1904 else FIRST_DAY,
    )


def _sheet(task: Task, path: Path) -> tuple[pl.DataFrame, Workbook]:
    """The rows with a text from the header on, every cell as text, errors as a person sees them."""
    contract = task.contract
    try:
        cells = fastexcel.read_excel(path)
        book = read_workbook(path)
        wanted = contract.sheet or next(iter(book.visible_sheets), cells.sheet_names[0])
        if wanted not in cells.sheet_names:
            raise task.refuse(
                "missing_sheet",
                f"sheet '{wanted}' is promised, but there are {', '.join(cells.sheet_names)}; "
                "rename the sheet, or name it in the contract.",
            )
        sheet = cells.load_sheet(
            wanted, header_row=None, skip_rows=contract.header_row - 1, dtypes="string"
        )
        batch, errors = sheet.to_arrow_with_errors()
        look = book.look(wanted)
    except (fastexcel.FastExcelError, zipfile.BadZipFile, KeyError, ParseError) as error:
        reason = str(error).splitlines()[0]
        raise task.refuse(
            "unreadable_workbook",
            f"it is no workbook that can be opened ({reason}); save it as .xlsx without password.",
        ) from error
    if look.has_uncomputed_formulas:
        raise task.refuse(
            "uncomputed_formulas",
            f"sheet '{wanted}' has formulas without values, because no spreadsheet has computed "
            "them; open and save it in one, or export values.",
        )
    if look.merged_until > contract.header_row:
        raise task.refuse(
            "merged_cells",
            f"sheet '{wanted}' has cells merged over several rows, so that only the first of them "
            "has the value; part them and fill every row.",
        )
    found = errors.errors if errors else []
    table = _with_errors(pl.DataFrame(batch), [(e.offset_position, e.detail) for e in found])
    others = {"": None, **dict.fromkeys(look.unsure_numbers, _UNSURE)}
    table = table.with_columns(pl.all().replace(others))
    return table.filter(~pl.all_horizontal(pl.all().is_null())) if table.width else table, book


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
    path = task.path
    if not is_workbook(path):
        path = unpacked_file(path, task.scratch / "book.xlsx")
    if packing(path) == "zip":
        try:
            with zipfile.ZipFile(path) as book:
                size = sum(member.file_size for member in book.infolist())
        except zipfile.BadZipFile:
            return path
        if size > BOMB_FLOOR_BYTES and size > BOMB_RATIO * path.stat().st_size:
            raise bomb(task.path)
    return path


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
    _refuse_durations(task, path)
    names = header_names(task, [name for name, _ in described])
    texts = [_as_text(name, kind) for name, kind in described]
    return ParquetReading(file, dict(zip(names, texts, strict=True)))


def _refuse_durations(task: Task, path: Path) -> None:
    """To Parquet they are whole numbers; of what unit only a note of Arrow tells."""
    wanted = {folded(header) for column in task.contract.columns for header in column.headers}
    for field in pq.read_schema(path):
        if pa.types.is_duration(field.type) and folded(field.name) in wanted:
            raise task.refuse(
                "unreadable_parquet",
                f"column '{field.name}' has durations in {field.type.unit}, which other readers "
                "take for plain numbers; export it as a number of seconds.",
            )


def _as_text(name: str, kind: str) -> str:
    """Bytes are text that its writer has not called so; a column with gaps makes ids 12.0."""
    own = quoted(name)
    if kind == "BLOB":
        return f"decode({own})"
    if kind in ("FLOAT", "DOUBLE"):
        is_whole = f"{own} = trunc({own}) and abs({own}) < {FIRST_UNSURE}"
        whole = f"cast(cast({own} as bigint) as varchar)"
        return f"case when {is_whole} then {whole} else cast({own} as varchar) end"
    is_nested = kind.startswith(("STRUCT", "MAP")) or kind.endswith("]")
    return f"cast({f'to_json({own})' if is_nested else own} as varchar)"


def _unreadable(task: Task, error: Exception) -> ExtractError:
    reason = str(error).splitlines()[0]
    return task.refuse("unreadable_parquet", f"it is no whole Parquet file ({reason}).")
