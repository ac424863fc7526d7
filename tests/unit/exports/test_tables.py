"""Exported tables, read back: by Python's csv, by the workbook's XML, by a spreadsheet reader."""

import csv
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree

import fastexcel
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.exports import Chart, ExportedTable, csv_bytes, xlsx_bytes

SIGNS = "=+-@\t\r\n＝＋－＠"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def table(frame: pl.DataFrame, **more: Any) -> ExportedTable:
    facts = (("时段", "2026-09-01 – 2026-09-30"), ("Snapshot", "20261001-a"))
    return ExportedTable(frame, "SLA 达成率", facts, "表格", "说明", **more)


def records(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_cells(content: bytes, number: int = 1) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
    return {str(cell.get("r")): cell for cell in root.iter(f"{MAIN}c")}


def test_csv_opens_in_chinese_excel_and_says_what_it_is() -> None:
    frame = pl.DataFrame(
        {"班组": ["一组", "二组"], "达成率": [0.934, None], "已完成": [True, False]}
    )
    content = csv_bytes(table(frame))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") == 7
    assert records(content) == [
        ["班组", "达成率", "已完成"],
        ["一组", "0.934", "true"],
        ["二组", "", "false"],
        ["", "", ""],
        ["SLA 达成率", "", ""],
        ["时段: 2026-09-01 – 2026-09-30", "", ""],
        ["Snapshot: 20261001-a", "", ""],
    ]


def test_csv_writes_times_in_iso_and_numbers_untouched() -> None:
    frame = pl.DataFrame(
        {
            "at": [datetime(2026, 9, 1, 8, 30, tzinfo=UTC)],
            "day": [date(2026, 9, 1)],
            "change": [-5],
            "share": [-0.25],
            "p90": [6796.000000000001],
            "price": [Decimal("-1.50")],
            "wait": [timedelta(minutes=2)],
            "list": [["=1", "b"]],
        }
    )
    assert records(csv_bytes(table(frame)))[1] == [
        *("2026-09-01T08:30:00+00:00", "2026-09-01"),
        *("-5", "-0.25", "6796", "-1.5", "120", '["=1", "b"]'),
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_no_cell_of_a_csv_is_a_formula(texts: list[str]) -> None:
    named = [f"={texts[0]}", "b"]
    frame = pl.DataFrame([texts, [s + texts[0] for s in SIGNS][: len(texts)]], schema=named)
    exported = ExportedTable(
        frame, f"@{texts[0]}", ((f"+{texts[0]}", texts[-1]),), sheet="a", facts_sheet="b"
    )
    found = records(csv_bytes(exported))
    assert all(len(record) == 2 for record in found)
    assert [cell for record in found for cell in record if cell.startswith(tuple(SIGNS))] == []
    assert [record[0].removeprefix("'") for record in found[1 : 1 + len(texts)]] == [
        text.removeprefix("'") for text in texts
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_no_cell_of_a_workbook_is_a_formula(texts: list[str]) -> None:
    frame = pl.DataFrame({"=name": [*texts, *(f"{sign}1+1" for sign in SIGNS), "https://a.b"]})
    content = xlsx_bytes(table(frame))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        sheets = b"".join(archive.read(f"xl/worksheets/sheet{n}.xml") for n in (1, 2))
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets
    written = [cell for place, cell in sheet_cells(content).items() if place != "A1"]
    assert {cell.get("t") for cell in written} <= {"s"}


def test_a_workbook_has_numbers_as_numbers_in_their_unit() -> None:
    frame = pl.DataFrame(
        {
            "name": ["007", "b"],
            "share": [0.934, 0.5],
            "seconds": [93_600, -90],
            "n": [1234, 2**60],
            "at": [datetime(2026, 9, 1, 8, 30, tzinfo=UTC), None],
            "infinite": [float("inf"), float("nan")],
        }
    )
    units = {"share": "ratio", "seconds": "seconds", "n": "count"}
    content = xlsx_bytes(table(frame, units=units))
    cells = sheet_cells(content)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        styles = ElementTree.fromstring(archive.read("xl/styles.xml"))  # noqa: S314
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    forms = {int(f.get("numFmtId", "")): f.get("formatCode") for f in styles.iter(f"{MAIN}numFmt")}
    built_in = {3: "#,##0", 0: "General"}
    shapes = [int(x.get("numFmtId", "0")) for x in next(styles.iter(f"{MAIN}cellXfs"))]

    def form(place: str) -> str | None:
        number = shapes[int(cells[place].get("s", "0"))]
        return forms.get(number) or built_in.get(number)

    assert (cells["A2"].get("t"), cells["F2"].get("t"), cells["D3"].get("t")) == ("s", "s", "s")
    assert (form("B2"), form("C2"), form("D2")) == ("0.0%", "[h]:mm:ss", "#,##0")
    assert form("E2") == "yyyy-mm-dd hh:mm:ss"
    assert float(cells["C2"].findtext(f"{MAIN}v") or "") == pytest.approx(26 / 24)
    assert float(cells["C3"].findtext(f"{MAIN}v") or "") == -90
    assert form("C3") == "General"
    assert '<pane ySplit="1"' in sheet
    assert '<autoFilter ref="A1:F3"/>' in sheet


def test_a_workbook_is_read_back_as_it_was() -> None:
    long = "长" * 40_000
    frame = pl.DataFrame({"班组": ["一组", long], "n": [3, None]})
    read = fastexcel.read_excel(xlsx_bytes(table(frame, units={"n": "count"})))
    assert read.sheet_names == ["表格", "说明"]
    rows = read.load_sheet("表格").to_polars()
    assert rows.columns == ["班组", "n"]
    assert rows["班组"].to_list() == ["一组", "长" * 32_766 + "…"]
    facts = read.load_sheet("说明", header_row=None).to_polars().rows()
    assert facts == [
        ("SLA 达成率", None), ("时段", "2026-09-01 – 2026-09-30"), ("Snapshot", "20261001-a"),
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "element"), [("line", "lineChart"), ("bar", "barChart")])
def test_a_workbook_draws_its_own_chart(kind: Any, element: str) -> None:
    frame = pl.DataFrame({"月": ["7", "8"], "甲": [0.1, 0.2], "乙": [0.3, 0.4]})
    exported = table(
        frame, units={"甲": "ratio", "乙": "ratio"}, chart=Chart(kind, "月", ("甲", "乙"))
    )
    with zipfile.ZipFile(BytesIO(xlsx_bytes(exported))) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    assert f"<c:{element}>" in drawn
    assert re.findall(r"<c:f>(.*?)</c:f>", drawn) == [
        "表格!$B$1", "表格!$A$2:$A$3", "表格!$B$2:$B$3",
        "表格!$C$1", "表格!$A$2:$A$3", "表格!$C$2:$C$3",
    ]  # fmt: skip
    assert "0.0%" in drawn


def test_a_table_without_rows_is_a_file_all_the_same() -> None:
    frame = pl.DataFrame({"a": []}, schema={"a": pl.String})
    assert records(csv_bytes(table(frame)))[0] == ["a"]
    empty = table(frame, chart=Chart("bar", "a", ("a",)))
    assert fastexcel.read_excel(xlsx_bytes(empty)).load_sheet(0).to_polars().height == 0
