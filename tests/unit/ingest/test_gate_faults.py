"""Every named fault of a file ends as promised: loaded, row quarantined, or file refused."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from pipelines.ingest.unpack import BOMB_FLOOR_BYTES
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

GOOD = [with_values(request_id=f"R{n}") for n in range(1, 6)]
TEXT = table(*GOOD)


def zipped(*members: tuple[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return stream.getvalue()


def corrupted(content: bytes) -> bytes:
    """The checksum in the gzip trailer does not fit any more."""
    return content[:-8] + bytes([content[-8] ^ 0xFF]) + content[-7:]


REFUSED: dict[str, tuple[bytes | str, str, str]] = {
    "truncated gzip": (gzip.compress(TEXT.encode())[:-20], "truncated_archive", "gzip"),
    "gzip with a wrong checksum": (
        corrupted(gzip.compress(TEXT.encode())),
        "truncated_archive",
        "CRC",
    ),
    "truncated zip": (zipped(("a.csv", TEXT))[:-30], "truncated_archive", "zip"),
    "zip with two files": (zipped(("a.csv", TEXT), ("b.csv", TEXT)), "archive_members", "holds 2"),
    "zip with no file": (zipped(("empty/", "")), "archive_members", "holds 0"),
    "truncated zstandard": (
        bytes(pa.compress(TEXT.encode() * 50, codec="zstd", asbytes=True))[:-9],
        "truncated_archive",
        "zstd",
    ),
    "wrong delimiter": (TEXT.replace(",", ";"), "missing_column", "wrong delimiter?"),
    "tabs instead of commas": (TEXT.replace(",", "\t"), "missing_column", "wrong delimiter?"),
    "UTF-16": (TEXT.encode("utf-16"), "encoding", "starts like utf-16"),
    "UTF-16 without mark": (table(*GOOD).encode("utf-16-le"), "encoding", "byte"),
    "bad byte in the middle": (TEXT.encode() + b"\xff\xff,x\n", "encoding", "byte"),
    "NUL byte": (TEXT.replace("R3", "R\x003"), "nul_byte", "NUL"),
    "quote never closed": (
        table(GOOD[0], with_values(request_id='"R2'), *GOOD[2:]),
        "unbalanced_quote",
        "quote",
    ),
    "two quotes not closed": (
        table(with_values(request_id='"R1'), *GOOD[1:4], with_values(request_id='"R5')),
        "unbalanced_quote",
        "quote",
    ),
    "title row above the header": (f"客服月报\n{TEXT}", "missing_column", "编号"),
    "duplicate header": (
        table(*(f"{row},x" for row in GOOD), header=f"{HEADER},状态"),
        "duplicate_header",
        "状态",
    ),
    "same header in full width": (
        table(*(f"{row},x,y" for row in GOOD), header=f"{HEADER},ABC,ＡＢＣ"),
        "duplicate_header",
        "ＡＢＣ",
    ),
    "missing column": (TEXT.replace("状态", "状况", 1), "missing_column", "nearest is '状况'"),
    "extra column": (
        table(*(f"{row},x" for row in GOOD), header=f"{HEADER},新列"),
        "extra_column",
        "新列",
    ),
    "trailing comma in every line": (
        table(*(f"{row}," for row in GOOD), header=f"{HEADER},"),
        "extra_column",
        "column 11",
    ),
    "login page": ("<!DOCTYPE html><html>Login</html>", "not_a_table", "web page"),
    "page without doctype": ("\n <HTML><body>502</body>", "not_a_table", "web page"),
    "XML error": ("<?xml version='1.0'?><Error/>", "not_a_table", "web page"),
    "JSON error": ('{"error": "token expired"}', "not_a_table", "JSON"),
    "header without end": ("x," * 600_000, "not_a_table", "within 1,048,576"),
    "quote never closed in the header": (
        TEXT.replace("编号", '"编号') + TEXT * 20_000,
        "not_a_table",
        "within 1,048,576",
    ),
    "empty file": (b"", "empty_file", "empty"),
    "only blank lines": ("\n\n  \n", "empty_file", "empty"),
    "only a byte order mark": ("\ufeff", "empty_file", "empty"),
    "empty gzip": (gzip.compress(b""), "empty_file", "empty"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_file_is_refused_with_its_reason(desk: Desk, fault: str) -> None:
    content, reason, told = REFUSED[fault]
    extract = desk.ingest(content)
    assert (extract.outcome, extract.reason) == ("refused", reason), extract.message
    assert told in str(extract.message)
    assert "request.odcs.yaml" in str(extract.message) or reason.startswith(("trunc", "archive"))
    folder = desk.settings.raw_dir / "request" / "source=desk" / f"extract={extract.extract_id}"
    assert [path.name for path in folder.iterdir()] == ["extract.json"]


LOADED: dict[str, bytes | str] = {
    "plain": TEXT,
    "byte order mark": "\ufeff" + TEXT,
    "GB18030": TEXT.encode("gb18030"),
    "no line end at the end": TEXT.rstrip("\n"),
    "Windows line ends": TEXT.replace("\n", "\r\n"),
    "carriage returns only": TEXT.replace("\n", "\r"),
    "mixed line ends": TEXT.replace("\n", "\r\n", 3),
    "blank lines": TEXT.replace("\n", "\n\n"),
    "blank lines before the header": "\n\n" + TEXT,
    "full-width header": TEXT.replace("编号", " 编号　").replace("代码", "\u3000代码"),
    "gzip under a plain name": gzip.compress(TEXT.encode()),
    "two gzip members": gzip.compress(TEXT[:100].encode()) + gzip.compress(TEXT[100:].encode()),
    "zip": zipped(("a.csv", TEXT)),
    "zstandard": bytes(pa.compress(TEXT.encode() * 1, codec="zstd", asbytes=True)),
    "quoted everything": "".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in TEXT.splitlines()
    ),
    "line ends and quotes inside quotes": TEXT.replace("随便", '"他说 ""好"",\n再见"'),
    "quote inside plain text": TEXT.replace("随便", '5" 屏'),
    "outer spaces": TEXT.replace(",", " , ").replace("开 ", "开\u3000"),
    "formula": TEXT.replace("随便", "\"=cmd|' /C calc'!A0\""),
    "columns in another order": "\n".join(
        ",".join(reversed(line.split(","))) for line in TEXT.splitlines()
    ),
    "a field of two million characters": TEXT.replace("随便", "长" * 700_000, 1),
}


@pytest.mark.parametrize("fault", LOADED)
def test_file_is_loaded_in_full(desk: Desk, fault: str) -> None:
    extract = desk.ingest(LOADED[fault])
    assert (extract.outcome, dict(extract.reasons)) == ("loaded", {}), extract.message
    assert (extract.rows_read, extract.rows_accepted) == (5, 5)
    rows = desk.rows(extract)
    assert [row["request_id"] for row in rows] == ["R1", "R2", "R3", "R4", "R5"]
    assert [row["_record"] for row in rows] == [1, 2, 3, 4, 5]
    assert {row["status"] for row in rows} == {"open"}


QUARANTINED: dict[str, tuple[str, str]] = {
    "too few columns": ("a,b,c", "csv:missing_columns"),
    "too many columns": (f"{ROW},x", "csv:too_many_columns"),
    "text after a quote": (with_values(note='"a"b'), "csv:unquoted_value"),
    "only spaces": ("   ", "csv:missing_columns"),
    "only commas": ("," * 9, "request_id:required"),
    "total row at the end": ("合计,,,,5,,,,,", "status:required"),
    "second header row": (HEADER, "status:unknown_value"),
    "longer than eight megabytes": (with_values(note="x" * (9 << 20)), "csv:line_size"),
}


@pytest.mark.parametrize("fault", QUARANTINED)
def test_row_is_quarantined_and_the_others_keep_their_number(desk: Desk, fault: str) -> None:
    line, reason = QUARANTINED[fault]
    extract = desk.ingest(table("", GOOD[0], "", "", line, "", *GOOD[1:]))
    assert extract.outcome == "loaded", extract.message
    assert (extract.rows_read, extract.rows_accepted, extract.rows_quarantined) == (6, 5, 1)
    assert any(code.startswith(reason) for code in extract.reasons), extract.reasons
    assert [row["_record"] for row in desk.rows(extract)] == [1, 3, 4, 5, 6]
    (kept,) = desk.rows(extract, "quarantined")
    assert kept["_record"] == 2
    assert kept["raw"] is not None


def test_header_alone_is_an_extract_without_rows(desk: Desk) -> None:
    extract = desk.ingest(HEADER)
    assert (extract.outcome, extract.rows_read) == ("loaded", 0)
    assert desk.rows(extract) == desk.rows(extract, "quarantined") == []


def test_truncated_text_loses_only_its_last_record(desk: Desk) -> None:
    extract = desk.ingest(TEXT[:-20])
    assert (extract.rows_read, extract.rows_accepted) == (5, 4)
    assert dict(extract.reasons) == {"csv:missing_columns": 1}


def test_bomb_is_refused_and_honest_compression_is_not(desk: Desk) -> None:
    bomb = gzip.compress(b"," * (BOMB_FLOOR_BYTES + (1 << 22)))
    assert desk.ingest(bomb).reason == "archive_bomb"
    small = gzip.compress(table(*[with_values(note="x" * 1000)] * 2000).encode())
    assert desk.ingest(small).outcome == "loaded"


def changed(desk: Desk, change: Callable[[Document], object]) -> Desk:
    desk.changed(lambda source, _: change(source))
    return desk


def test_header_row_may_stand_lower(desk: Desk) -> None:
    changed(desk, lambda source: set_reader(source, "headerRow", 3))
    extract = desk.ingest(f'客服"月报\n2026-03\n{TEXT}')
    assert (extract.rows_accepted, extract.rows_quarantined) == (5, 0), extract.message


def test_another_delimiter(desk: Desk) -> None:
    changed(desk, lambda source: set_reader(source, "delimiter", ";"))
    assert desk.ingest(TEXT.replace(",", ";")).rows_accepted == 5


def test_listed_utf_16(desk: Desk) -> None:
    changed(desk, lambda source: set_reader(source, "encodings", ["utf-8", "utf-16"]))
    assert desk.ingest(TEXT.encode("utf-16")).rows_accepted == 5


def test_recorded_extra_columns(desk: Desk) -> None:
    changed(desk, lambda source: set_reader(source, "extraColumns", "record"))
    extract = desk.ingest(table(f"{ROW},x,", header=f"{HEADER},新列,又一列"))
    assert desk.rows(extract)[0]["extra"] == '{"新列":"x","又一列":null}'


def test_column_that_may_be_absent(desk: Desk) -> None:
    changed(desk, lambda source: set_custom(column(source, "code"), "mayBeAbsent", True))
    extract = desk.ingest(table(ROW.rpartition(",")[0], header=HEADER.rpartition(",")[0]))
    assert desk.rows(extract)[0]["code"] is None


def test_headers_are_compared_without_width_and_case(desk: Desk) -> None:
    changed(desk, lambda source: set_custom(column(source, "code"), "sourceHeaders", ["Code"]))
    assert desk.ingest(TEXT.replace("代码", " ＣＯＤＥ ")).rows_accepted == 5


def test_two_aliases_in_one_file_are_refused(desk: Desk) -> None:
    changed(desk, lambda s: set_custom(column(s, "code"), "sourceHeaders", ["代码", "代号"]))
    extract = desk.ingest(table(f"{ROW},AB", header=f"{HEADER},代号"))
    assert extract.reason == "duplicate_header"


@pytest.mark.parametrize("name", ["x.csv.part", "x.tmp", "x.filepart", "~$x.csv", ".x.csv"])
def test_upload_in_progress_is_left_alone(desk: Desk, name: str) -> None:
    from pipelines.ingest.landing import landing_files

    landing = desk.settings.landing_dir / "desk"
    landing.mkdir(parents=True)
    (landing / name).write_text(TEXT)
    whole = landing / "x.csv"
    whole.write_text(TEXT)
    assert landing_files(desk.settings, desk.contract) == [Path(whole)]
