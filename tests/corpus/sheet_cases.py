"""Faults of workbooks: sheets, merged headers, error cells, formulas, dates as numbers, bombs."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from pipelines.ingest.unpack import BOMB_FLOOR_BYTES
from tests.corpus.case import (
    ALL,
    NAMES,
    TEXT,
    WHOLE,
    Case,
    Loaded,
    Outcome,
    Refused,
    bad,
    cells,
    good,
    one,
)
from tests.corpus.delivery_cases import zipped

_SHEET, _PART = "数据", "xl/worksheets/sheet1.xml"
_CREATED = datetime(2026, 3, 1, 8)  # noqa: DTZ001 - a local time in a sheet
_Rows = Sequence[Sequence[object]]


def _cells(request_id: str = "R1", **values: object) -> Sequence[object]:
    return list(cells(request_id, **values).values())


def _book(rows: _Rows, sheets: Mapping[str, _Rows] | None = None, *, date_1904: bool = False,
          change: Callable[[Any, Any], object] | None = None) -> bytes:  # fmt: skip
    """A workbook whose first sheet has the rows; `change` gets the book and that sheet."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "date_1904": date_1904})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for name, content in {_SHEET: rows, **(sheets or {})}.items():
        page = book.add_worksheet(name)
        for y, row in enumerate(content):
            for x, value in enumerate(row):
                _write(page, y, x, value, moment)
    if change:
        change(book, book.worksheets_objs[0])
    book.close()
    return stream.getvalue()


def _write(page: Any, y: int, x: int, value: object, moment: object) -> None:
    if isinstance(value, datetime):
        page.write_datetime(y, x, value, moment)
    elif isinstance(value, tuple):  # a formula and its cached value
        page.write_formula(y, x, value[0], None, value[1])
    elif isinstance(value, str):
        page.write_string(y, x, value)
    elif value is not None:
        page.write(y, x, value)


def _rewritten(content: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part of it changed."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, change(data) if info.filename == member else data)
    return stream.getvalue()


def _without_cached_values(content: bytes) -> bytes:
    """As libraries write formulas that no spreadsheet has ever computed."""
    drop = lambda xml: re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", xml)  # noqa: E731
    return _rewritten(content, _PART, drop)


def _sheet(name: str, fault: int, content: bytes | Callable[[], bytes], outcome: Outcome,
           contract: str = "sheet") -> Case:  # fmt: skip
    return Case(f"sheet_{name}", fault, content, outcome, contract, "{}.xlsx")


def _number_as(form: str, number: float) -> Callable[[Any, Any], object]:
    """Writes a number into the first cell of a creation time, shown in this form."""
    return lambda book, page: page.write_number(
        "C2", number, book.add_format({"num_format": form}))  # fmt: skip


def _put(place: str, value: bytes) -> bytes:
    """A good row with the XML of one cell's value as it is given."""
    cell, new = f'<c r="{place}"', rb'<c r="' + place.encode() + rb'">' + value + b"</c>"
    return _rewritten(_book([NAMES, _cells()]), _PART,
                      lambda xml: re.sub(cell.encode() + rb".*?</c>", new, xml))  # fmt: skip


def _strict(content: bytes) -> bytes:
    """As a spreadsheet saves it that follows the standard to the letter."""
    for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", _PART):
        content = _rewritten(content, part, lambda xml: re.sub(
            rb"http://schemas.openxmlformats.org/(\w+)/2006/(main|relationships)",
            rb"http://purl.oclc.org/ooxml/\1/\2", xml))  # fmt: skip
    return content


_THREE: _Rows = [NAMES, *(_cells(f"R{n}") for n in (1, 2, 3))]
_OTHER: _Rows = [NAMES, _cells("X1")]
_GOOD_BOOK = _book(_THREE)
_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")

CASES = [
    _sheet("whole", 24, _GOOD_BOOK, WHOLE),
    _sheet("second", 34, _book([["说明"]], {"x": _OTHER}), Refused("missing_column")),
    _sheet("named_among_others", 34, _book(_THREE, {"其他": _OTHER}), WHOLE),
    _sheet("missing", 34, _rewritten(_GOOD_BOOK, "xl/workbook.xml",
           lambda xml: xml.replace(_SHEET.encode(), "别的".encode())),
           Refused("missing_sheet", "别的")),
    _sheet("hidden_and_named", 34, _book(_THREE, {"表": [["x"]]}, change=lambda book, page: (
           page.hide(), book.worksheets_objs[1].activate())), WHOLE),
    _sheet("hidden_first_and_none_named", 34, _book([["秘密"], ["x"]], {"表": _THREE},
           change=lambda book, page: (page.hide(), book.worksheets_objs[1].activate())), WHOLE,
           "first_sheet"),
    _sheet("hidden_firmly_and_none_named", 34, _book([["秘密"], ["x"]], {"表": _THREE},
           change=lambda book, page: (page.very_hidden(), book.worksheets_objs[1].activate())),
           WHOLE, "first_sheet"),
    _sheet("none_named", 34, _book(_THREE, {"表": [["x"]]}), WHOLE, "first_sheet"),
    _sheet("numbers_and_texts", 34, _book([NAMES, _cells(评分=7, 比率=0.5), _cells("R2", 评分="7"),
           _cells("R3", 评分=7.0)]), WHOLE),
    _sheet("number_as_id", 27, _book([NAMES, _cells(电话=13800000000)]), one()),
    _sheet("long_number_as_id", 27, _book([NAMES, _cells(电话=123456789012345)]),
           one(phone="123456789012345")),
    _sheet("number_that_no_cell_can_hold_as_id", 27, _book([NAMES, _cells(编号=110105194912310020),
           _cells("110105194912310020"), _cells("R3")]),
           Loaded({2: good("110105194912310020"), 3: good("R3")}, {1: ["request_id:type"]})),
    _sheet("number_in_an_exponent_as_id", 27, _put("A2", b"<v>1.2345678901234567E+19</v>"),
           bad("request_id:type")),
    _sheet("last_number_a_cell_tells_as_id", 27, _book([NAMES, _cells(编号=9007199254740991)]),
           one("9007199254740991")),
    _sheet("text_with_zeros_as_id", 27, _book([NAMES, _cells("00123")]), one("00123")),
    _sheet("truth", 26, _book([NAMES, _cells(达标=True)]), bad("is_met:unknown_value")),
    *(_sheet(f"error_{n}_in_a_number", 34, _book([NAMES, _cells(评分=("=1/0", text))]),
             bad("score:type")) for n, text in enumerate(_ERRORS)),
    _sheet("error_in_a_text", 34, _book([NAMES, _cells(代码=("=NA()", "#N/A")), _cells("R2")]),
           Loaded({2: good("R2")}, {1: ["code:type"]})),
    _sheet("error_in_a_free_text", 34, _book([NAMES, _cells(备注=("=X", "#NAME?"))]),
           bad("note:type")),
    _sheet("error_in_a_key", 34, _book([NAMES, _cells(编号=("=X", "#REF!"))]),
           bad("request_id:type")),
    _sheet("error_in_the_header", 34, _book([[*NAMES[:-1], ("=X", "#REF!")], _cells()]),
           Refused("missing_column")),
    _sheet("formula_with_its_value", 34, _book([NAMES, _cells(评分=("=3+4", 7),
           代码=('=T("AB")', "AB"))]), one()),
    _sheet("formula_without_value", 34, _without_cached_values(_book([NAMES,
           _cells(评分=("=3+4", 7))])), Refused("uncomputed_formulas")),
    _sheet("formula_text", 39, _book([NAMES, _cells(备注="=1+1")]), one(note="=1+1")),
    _sheet("date_cells", 33, _book([NAMES, _cells(创建时间=_CREATED)]), one()),
    _sheet("date_cells_of_1904", 33, _book([NAMES, _cells(创建时间=_CREATED)], date_1904=True),
           one()),
    _sheet("time_without_a_day", 33, _book([NAMES, _cells()], change=_number_as("h:mm", 0.5)),
           bad("created_at:type")),
    _sheet("day_that_never_was", 33, _book([NAMES, _cells()], change=_number_as("d/m/yyyy", 60)),
           bad("created_at:type")),
    *(_sheet(f"date_written_as_{n}", 33, _book([NAMES, _cells()],
             change=_number_as(form, 46082 + 8 / 24)), one())
      for n, form in enumerate(('yyyy"年"m"月"d"日"', "[$-804]yyyy-m-d h:mm", "上午/下午 h:mm"))),
    _sheet("number_of_days", 33, _book([NAMES, _cells()], change=_number_as("0.00", 46082)),
           bad("created_at:type")),
    _sheet("serial_numbers", 33, _book([NAMES, _cells(创建时间=46082.25, 关闭时间=None)]),
           one(created_at=datetime(2026, 3, 1, 6), closed_at=None),  # noqa: DTZ001
           "sheet_serials"),
    _sheet("serial_numbers_of_1904", 33, _book([NAMES, _cells(创建时间=46082.25 - 1462,
           关闭时间=None)], date_1904=True),
           one(created_at=datetime(2026, 3, 1, 6), closed_at=None),  # noqa: DTZ001
           "sheet_serials"),
    _sheet("serial_numbers_undeclared", 33, _book([NAMES, _cells(创建时间=46082.25)]),
           bad("created_at:type")),
    _sheet("merged_header", 17, _book([[], _cells()], change=lambda _, page: (
           page.merge_range(0, 0, 0, 1, "编号"), page.write_row(0, 2, NAMES[2:]))),
           Refused("missing_column")),
    _sheet("merged_rows", 17, _book([*_THREE], change=lambda _, page: page.merge_range(
           "I2:I4", "随便")), Refused("merged_cells", "several rows")),
    _sheet("merged_title", 17, _book([["客服月报"], ["x"], *_THREE], change=lambda _, page: (
           page.merge_range("A1:B2", "客服月报"))), WHOLE, "sheet_third_row"),
    _sheet("title_above_the_header", 17, _book([["客服月报"], [], *_THREE]),
           Refused("missing_column")),
    _sheet("third_row_is_the_header", 17, _book([["客服月报"], ["x"], *_THREE]), WHOLE,
           "sheet_third_row"),
    _sheet("third_row_is_the_header_and_the_first_is_empty", 17, _book([[], ["x"], *_THREE]),
           WHOLE, "sheet_third_row"),
    _sheet("empty_rows_above_the_header", 16, _book([[], [], *_THREE]), WHOLE),
    _sheet("row_of_empty_texts", 16, _rewritten(_book([*_THREE, ["@"] * 10]),
           "xl/sharedStrings.xml", lambda xml: xml.replace(b"<t>@</t>", b"<t></t>")), WHOLE),
    _sheet("rows_without_numbers", 24, _rewritten(_GOOD_BOOK, _PART,
           lambda xml: re.sub(rb'(<row|<c) r="\w+"', rb"\1", xml)), WHOLE),
    _sheet("in_a_zip", 24, zipped(("a.xlsx", _GOOD_BOOK)), WHOLE),
    _sheet("strict", 24, _strict(_GOOD_BOOK), WHOLE),
    _sheet("rows_hidden_by_a_filter", 34, _book(_THREE, change=lambda _, page: page.set_row(
           2, None, None, {"hidden": True})), WHOLE),
    _sheet("header_twice", 19, _book([[*NAMES, "编号"], [*_cells(), "x"]]),
           Refused("duplicate_header")),
    _sheet("extra_column", 23, _book([[*NAMES, "新"], [*_cells(), 1]]), Refused("extra_column")),
    _sheet("value_beside_the_table", 23, _book([NAMES, [*_cells(), None, "注"]]),
           Refused("extra_column", "column 11")),
    _sheet("empty_rows", 16, _book([NAMES, _cells(), [], [], _cells("R2"), _cells("R3"), []]),
           WHOLE),
    _sheet("total_row", 18, _book([*_THREE, ["合计", None, None, None, 21]]),
           Loaded(ALL, {4: ["status:required", "created_at:required", "score:above_maximum"]})),
    _sheet("header_alone", 38, _book([NAMES]), Loaded()),
    _sheet("empty", 38, _book([]), Refused("empty_file")),
    _sheet("line_end_in_a_cell", 13, _book([NAMES, _cells(备注="a\nb")]), one(note="a\nb")),
    _sheet("truncated", 4, _GOOD_BOOK[:-200], Refused("unreadable_workbook")),
    _sheet("text", 37, TEXT.encode(), Refused("unreadable_workbook")),
    _sheet("page", 37, b"<html><table></table></html>", Refused("unreadable_workbook")),
    _sheet("old_format_or_password", 34, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
           Refused("unreadable_workbook", "password")),
    _sheet("bomb", 35, lambda: _rewritten(_GOOD_BOOK, _PART,
           lambda xml: xml.replace(b"<sheetData>", b" " * (BOMB_FLOOR_BYTES + (1 << 22))
                                   + b"<sheetData>")), Refused("archive_bomb")),
]  # fmt: skip
