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
from xml.etree.ElementTree import Element, iterparse

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from pipelines.contracts import SourceContract
from pipelines.ingest.delimiter import parsed_delimiter, with_sign
from pipelines.ingest.json_text import value_at
from pipelines.ingest.unpack import packing, unpacked_file

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
csv.field_size_limit(sys.maxsize)


def independent_count(contract: SourceContract, path: Path, scratch: Path) -> int:
    """The records behind the header; packed files are unpacked into `scratch` first."""
    if not (contract.format == "xlsx" and packing(path) == "zip"):
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
            return sum(
                1
                for row in _elements(sheet, "row")
                if int(row.get("r", "0")) > contract.header_row
                and any(_has_value(cell, empty) for cell in row)
            )


def _sheet_member(book: zipfile.ZipFile, wanted: str | None) -> str:
    with book.open("xl/workbook.xml") as stream:
        sheets = [(s.get("name"), s.get(_RELATION)) for s in _elements(stream, "sheet")]
    relation = next(r for name, r in sheets if wanted in (None, name))
    with book.open("xl/_rels/workbook.xml.rels") as stream:
        for _, element in iterparse(stream):  # noqa: S314 - see `_elements`
            if element.get("Id") == relation:
                return "xl/" + str(element.get("Target")).removeprefix("/xl/")
    raise KeyError(relation)


def _empty_strings(book: zipfile.ZipFile) -> set[str]:
    """The numbers of shared texts that hold nothing."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return set()
    with book.open("xl/sharedStrings.xml") as stream:
        texts = ("".join(item.itertext()) for item in _elements(stream, "si"))
        return {str(number) for number, text in enumerate(texts) if not text}


def _elements(stream: object, tag: str) -> Iterator[Element]:
    """Only workbooks that the gate has opened come here; expat bounds expanding entities."""
    for _, element in iterparse(stream):  # type: ignore[arg-type]  # noqa: S314
        if element.tag == _SHEET + tag:
            yield element
            element.clear()


def _has_value(cell: Element, empty: set[str]) -> bool:
    if cell.get("t") == "s":
        return cell.findtext(f"{_SHEET}v") not in (None, *empty)
    return any(text for text in cell.itertext())


_COUNTERS: Mapping[str, Callable[[SourceContract, Path], int]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "xlsx": _xlsx,
}
