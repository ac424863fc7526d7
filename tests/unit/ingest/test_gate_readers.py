"""JSONL, XLSX and Parquet go through the same gate; shape queries may not lose a record."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from tests.unit.ingest.request_source import (
    HEADER,
    ROW,
    Desk,
    Document,
    column,
    set_custom,
    set_reader,
    table,
    with_values,
)

NAMES = HEADER.split(",")


def format_is(desk: Desk, name: str, **reader: object) -> Desk:
    def change(source: Document, _: Document) -> None:
        source["servers"][0]["format"] = name
        for key, value in reader.items():
            set_reader(source, key, value)
        if name == "jsonl":
            set_custom(column(source, "phone"), "sourceHeaders", ["人.电话"])

    desk.changed(change)
    return desk


def record(**values: Any) -> dict[str, Any]:
    cells = dict(zip(NAMES, ROW.split(","), strict=True)) | values
    return {"人": {"电话": cells.pop("电话")}, **cells}


def lines(*records: object) -> str:
    return "\n".join(json.dumps(r, ensure_ascii=False) for r in records) + "\n"


def test_broken_lines_are_quarantined_and_the_others_keep_their_number(desk: Desk) -> None:
    format_is(desk, "jsonl")
    text = lines(record()) + '{"编号": \n\n[1]\n7\n' + lines(record(编号="R2", 评分=7.0))
    extract = desk.ingest(text)
    assert (extract.rows_read, dict(extract.reasons)) == (5, {"json:invalid": 3})
    assert [row["_record"] for row in desk.rows(extract)] == [1, 5]
    kept = desk.rows(extract, "quarantined")
    assert [(row["_record"], row["raw"]) for row in kept] == [
        (2, '{"编号": '),
        (3, "[1]"),
        (4, "7"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps([record()]), "not_a_table"),
        ("<html>", "not_a_table"),
        ("", "empty_file"),
        (lines({**record(), "新": 1}), "extra_column"),
        (lines({"编号": "R1"}), "missing_column"),
    ],
)
def test_refused_jsonl(desk: Desk, text: str, reason: str) -> None:
    assert format_is(desk, "jsonl").ingest(text).reason == reason


def test_values_of_json(desk: Desk) -> None:
    desk = format_is(desk, "jsonl", extraColumns="record")
    rows = desk.rows(
        desk.ingest(
            lines(
                record(编号="00" + "9" * 30, 评分=None, 比率=0.25),
                {**record(编号="R2"), "新": {"a": [1]}},
                {key: value for key, value in record(编号="R3").items() if key != "代码"},
            )
        )
    )
    assert rows[0]["request_id"] == "00" + "9" * 30
    assert (rows[0]["score"], rows[0]["ratio"]) == (None, 0.25)
    assert [row["extra"] for row in rows] == [None, '{"新":{"a":[1]}}', None]
    assert [row["code"] for row in rows] == ["AB", "AB", None]


def test_line_of_nine_megabytes_is_quarantined(desk: Desk) -> None:
    format_is(desk, "jsonl")
    long = record(编号="R2", 备注="x" * (9 << 20))
    extract = desk.ingest(lines(record(), long, "no object", record(编号="R3")))
    assert extract.rows_read == 4, extract.message
    assert sorted(extract.reasons) == ["csv:line_size_over_maximum", "json:invalid"]
    assert [row["_record"] for row in desk.rows(extract)] == [1, 4]
    assert [row["_record"] for row in desk.rows(extract, "quarantined")] == [2, 3]


def workbook(rows: list[list[object]], sheet: str = "答卷") -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    page = book.add_worksheet(sheet)
    book.add_worksheet("说明")
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if isinstance(value, dt.datetime):
                page.write_datetime(y, x, value, moment)
            elif value == "=NA()":
                page.write_formula(y, x, "=NA()", None, "#N/A")
            elif value is not None:
                page.write(y, x, value)
    book.close()
    return stream.getvalue()


def cells(**values: object) -> list[object]:
    return list((dict(zip(NAMES, ROW.split(","), strict=True)) | values).values())


def test_sheet_is_read_as_text_and_judged_like_any_other(desk: Desk) -> None:
    format_is(desk, "xlsx", sheet="答卷")
    created = dt.datetime(2026, 3, 1, 8)  # noqa: DTZ001 - a local time in a sheet
    extract = desk.ingest(
        workbook(
            [
                list(NAMES),
                cells(编号="00123", 创建时间=created, 评分=7, 比率=0.5),
                [None] * 10,
                cells(编号="R2", 评分="=NA()"),
                cells(编号="R3", 代码="=NA()"),
                cells(编号="R4"),
            ]
        ),
        "a.xlsx",
    )
    assert dict(extract.reasons) == {"code:type": 1, "score:type": 1}, extract.message
    rows = desk.rows(extract)
    assert [(row["request_id"], row["_record"]) for row in rows] == [("00123", 1), ("R4", 4)]
    assert rows[0]["created_at"] == dt.datetime(2026, 3, 1)  # noqa: DTZ001 - UTC without zone
    assert (rows[0]["score"], rows[0]["ratio"]) == (7, 0.5)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (workbook([list(NAMES)], "别的"), "missing_sheet"),
        (workbook([]), "empty_file"),
        (workbook([list(NAMES[:-1]), cells()[:-1]]), "missing_column"),
        (workbook([[*NAMES, "新"], [*cells(), 1]]), "extra_column"),
        (workbook([[*NAMES, "编号"], [*cells(), 1]]), "duplicate_header"),
        (workbook([list(NAMES), cells()])[:-200], "unreadable_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "unreadable_workbook"),
        (table(ROW).encode(), "unreadable_workbook"),
    ],
)
def test_refused_workbook(desk: Desk, content: bytes, reason: str) -> None:
    extract = format_is(desk, "xlsx", sheet="答卷").ingest(content, "a.xlsx")
    assert extract.reason == reason, extract.message
    if reason == "missing_sheet":
        assert "别的, 说明" in str(extract.message)


def test_parquet_is_read_as_text(desk: Desk, tmp_path: Path) -> None:
    format_is(desk, "parquet")
    frame = pl.DataFrame([cells(), cells(编号="R2", 评分="x")], schema=NAMES, orient="row")
    frame.write_parquet(tmp_path / "x.parquet")
    content = (tmp_path / "x.parquet").read_bytes()
    extract = desk.ingest(content, "a.parquet")
    assert (extract.rows_accepted, dict(extract.reasons)) == (1, {"score:type": 1})
    assert desk.ingest(content[:-50], "b.parquet").reason == "unreadable_parquet"


def shaped(desk: Desk, sql: str) -> Desk:
    sources = desk.folder / "data_contracts" / "sources" / "desk"
    sources.mkdir(parents=True, exist_ok=True)
    (sources / "request.sql").write_text(sql, "utf-8")
    desk.changed(lambda source, _: set_reader(source, "shape", "request.sql"))
    return desk


def test_shape_may_split_records(desk: Desk) -> None:
    sql = """
    select * replace (concat("编号", '-', part) as "编号")
    from extract cross join (values (1), (2)) as parts (part)"""
    extract = shaped(desk, sql).ingest(table(ROW, "a,b", with_values(request_id="R2")))
    assert (extract.rows_read, extract.rows_accepted) == (5, 4), extract.message
    rows = desk.rows(extract)
    assert sorted((row["request_id"], row["_record"]) for row in rows) == [
        ("R1-1", 1),
        ("R1-2", 1),
        ("R2-1", 3),
        ("R2-2", 3),
    ]


@pytest.mark.parametrize(
    ("sql", "reason", "told"),
    [
        ("select * from extract where \"编号\" <> 'R2'", "shape_lost_rows", "leaves out 1 of 2"),
        ("select * exclude (_record) from extract", "shape_failed", "must give _record"),
        ("select nothing from extract", "shape_failed", "nothing"),
        ('select * exclude ("代码") from extract', "missing_column", "代码"),
        (
            "select * from extract union all by name select null as _record",
            "shape_lost_rows",
            "gives 1 rows",
        ),
    ],
)
def test_shape_may_not_lose_records(desk: Desk, sql: str, reason: str, told: str) -> None:
    extract = shaped(desk, sql).ingest(table(ROW, with_values(request_id="R2")))
    assert extract.reason == reason, extract.message
    assert told in str(extract.message)


def test_shape_over_json_objects(desk: Desk) -> None:
    format_is(desk, "jsonl")

    def change(source: Document, _: Document) -> None:
        source["servers"][0]["format"] = "jsonl"
        set_reader(source, "shape", "request.sql")

    sources = desk.folder / "data_contracts" / "sources" / "desk"
    sql = """select * exclude ("人"), "人"->>'电话' as "电话" from extract"""
    (sources / "request.sql").write_text(sql, "utf-8")
    desk.changed(change)
    extract = desk.ingest(lines(record(), "x", record(编号="R2")))
    assert (extract.rows_read, extract.rows_accepted) == (3, 2), extract.message
    assert [row["_record"] for row in desk.rows(extract)] == [1, 3]
