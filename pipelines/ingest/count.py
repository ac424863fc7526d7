"""How many records an archived file holds, counted without DuckDB and without the gate's readers.

Python's own parsers count one record after the other; nothing of a file is kept in memory. Not
here: what is in the records.
"""

import csv
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO
from xml.parsers import expat

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from pipelines.contracts import SourceContract
from pipelines.ingest.delimiter import parsed_delimiter, with_sign
from pipelines.ingest.json_text import value_at
from pipelines.ingest.unpack import is_workbook, unpacked_file

csv.field_size_limit(sys.maxsize)


def independent_count(contract: SourceContract, path: Path, scratch: Path) -> int:
    """The records behind the header; packed files are unpacked into `scratch` first."""
    if contract.format != "xlsx" or not is_workbook(path):
        path = unpacked_file(path, scratch / "unpacked")
    return _COUNTERS[contract.format](contract, path)


def _csv(contract: SourceContract, path: Path) -> int:
    def count(lines: Iterator[str]) -> int:
        for _ in range(contract.header_row - 1):
            next(lines, None)
        delimiter = contract.delimiter
        signed = (with_sign(line, delimiter) for line in lines)
        rows = csv.reader(signed, delimiter=parsed_delimiter(delimiter))
        return max(sum(1 for row in rows if row) - 1, 0)

    return _decoded(contract, path, "", count)


def _jsonl(contract: SourceContract, path: Path) -> int:
    return _decoded(contract, path, None, lambda lines: sum(1 for line in lines if line != "\n"))


def _json(contract: SourceContract, path: Path) -> int:
    def count(lines: Iterator[str]) -> int:
        return len(value_at(json.loads("".join(lines)), contract.records))

    return _decoded(contract, path, "", count)


def _decoded(
    contract: SourceContract, path: Path, newline: str | None, count: Callable[[Iterator[str]], int]
) -> int:
    """The count over the text by the first encoding of the contract that fits."""
    for encoding in contract.encodings[:-1]:
        try:
            return _count_as(path, encoding, newline, count)
        except UnicodeError:
            continue
    return _count_as(path, contract.encodings[-1], newline, count)


def _count_as(
    path: Path, encoding: str, newline: str | None, count: Callable[[Iterator[str]], int]
) -> int:
    name = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    with path.open("r", encoding=name, errors="strict", newline=newline) as lines:
        return count(iter(lines))


def _parquet(_: SourceContract, path: Path) -> int:
    return int(pq.ParquetFile(path).metadata.num_rows)


def _xlsx(contract: SourceContract, path: Path) -> int:
    """Rows of the sheet below the header in which a cell has a value."""
    with zipfile.ZipFile(path) as book:
        empty = _empty_strings(book)
        with book.open(_sheet_member(book, contract.sheet)) as sheet:
            return max(_rows_with_values(sheet, contract.header_row, empty) - 1, 0)


def _sheet_member(book: zipfile.ZipFile, wanted: str | None) -> str:
    sheets: list[dict[str, str]] = []
    links: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            sheets.append({_local(key): value for key, value in attributes.items()})

    def link(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            links[attributes["Id"]] = attributes["Target"]

    for member, handler in (("xl/workbook.xml", sheet), ("xl/_rels/workbook.xml.rels", link)):
        with book.open(member) as stream:
            _parse(stream, handler)
    visible = [one for one in sheets if one.get("state", "visible") == "visible"]
    chosen = visible or sheets if wanted is None else [s for s in sheets if s["name"] == wanted]
    return "xl/" + links[chosen[0]["id"]].removeprefix("/xl/")


def _empty_strings(book: zipfile.ZipFile) -> set[str]:
    """The numbers of shared texts that hold nothing."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return set()
    has_text = bytearray()

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            has_text.append(False)

    def text(_: str) -> None:
        if has_text:
            has_text[-1] = True

    with book.open("xl/sharedStrings.xml") as stream:
        _parse(stream, start, text)
    return {str(number) for number, is_told in enumerate(has_text) if not is_told}


def _rows_with_values(stream: IO[bytes], first_row: int, empty: set[str]) -> int:
    """How many rows from the first one on have a value that is no empty text."""
    number = counted = 0
    is_told = is_shared = is_value = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal number, is_told, is_shared, is_value
        if name == "c":
            is_shared = attributes.get("t") == "s"
        elif name == "row":  # a row may leave out its number
            number = int(attributes.get("r", number + 1))
            is_told = number < first_row
        is_value = name in ("v", "t")

    def text(data: str) -> None:
        nonlocal counted, is_told
        if is_value and not is_told and not (is_shared and data in empty):
            counted += 1
            is_told = True

    _parse(stream, start, text)
    return counted


def _parse(
    stream: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Tell of the elements of an XML part, without their prefixes, and of its texts.

    Only workbooks that the gate has opened come here; expat bounds expanding entities.
    """

    def first(name: str, attributes: dict[str, str]) -> None:
        """Elements of the root's kind share its prefix; stripping none doubles the time."""
        parser.StartElementHandler = stripped if ":" in name else start
        parser.StartElementHandler(name, attributes)

    def stripped(name: str, attributes: dict[str, str]) -> None:
        start(_local(name), attributes)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = first
    if text:
        parser.CharacterDataHandler = text
    parser.ParseFile(stream)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


_COUNTERS: Mapping[str, Callable[[SourceContract, Path], int]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "xlsx": _xlsx,
}
