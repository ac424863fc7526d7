"""The beginning of an extract as a frame of texts, with what its reader must know.

Here: files of every format, files behind a URL, tables of a database. Not here: what a text says
about itself (`sample_text`) and what the columns mean (`profile`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import fastexcel
import polars as pl

from pipelines.contracts.names import folded
from pipelines.contracts.protocols import HttpFetch, SqlFetch
from pipelines.errors import SampleError
from pipelines.fetch import fetch_sample
from pipelines.fetch.secrets import Secrets
from pipelines.ingest.delimiter import parsed_delimiter, with_sign, without_sign
from pipelines.ingest.json_text import list_path, record_texts
from pipelines.ingest.reading import literal, quoted
from pipelines.ingest.unpack import chunks, packing, unpacked_file
from pipelines.settings import Settings
from pipelines.sourcing.sample_text import decode_sample, layout
from pipelines.sourcing.web import get, guess_fetch

SAMPLE_BYTES = 64 << 20
SAMPLE_ROWS = 200_000
_TABLES, _TABLE_ROWS = ("sqlite", "postgres", "postgresql"), 20_000


@dataclass(frozen=True)
class Sample:
    """Rows of one table, every cell a trimmed text or null; and how they are read.

    `encodings` are all that fit, the best first; `other_sheets` those a workbook has besides;
    `fetch` says where a database or a web service has the rows, `records` where a JSON document has
    them.
    """

    name: str
    frame: pl.DataFrame
    format: str
    is_whole: bool = True
    packing: str | None = None
    encodings: tuple[str, ...] = ()
    delimiter: str = ","
    header_row: int = 1
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    records: str = ""
    fetch: SqlFetch | HttpFetch | None = None


def read_sample(
    address: str,
    scratch: Path,
    known_headers: frozenset[str],
    sent: Mapping[str, str] | None = None,
) -> Sample:
    """A sample of a file, of a URL or of a table; downloads go to `scratch`.

    `known_headers` (folded) tell which sheet of a workbook is meant; `sent` are the headers of the
    request for a URL.
    """
    scheme = urlsplit(address).scheme
    if scheme in _TABLES:
        return sample_of_table(address, scratch)
    if scheme in ("http", "https"):
        return _sample_of_url(address, scratch, known_headers, sent or {})
    path = Path(address)
    if not path.is_file():
        raise SampleError(f"{path} is no file; give a file, an http(s) URL or a table's address.")
    return _sample_of_file(path, scratch, known_headers)


def sample_of_table(address: str, scratch: Path) -> Sample:
    """A sample of a database table, and how a contract says where it is."""
    fetched = fetch_sample(Settings(), address, scratch, rows=_TABLE_ROWS)
    sample = _parquet(fetched.path, fetched.path)
    name, is_whole = ".".join(fetched.fetch.table), sample.frame.height < _TABLE_ROWS
    return replace(sample, name=name, is_whole=is_whole, fetch=fetched.fetch)


def sample_of_frame(name: str, frame: pl.DataFrame, file_format: str) -> Sample:
    """A sample made of rows that were read elsewhere, whatever their types."""
    return Sample(name, _texts(frame), file_format)


def _sample_of_url(
    url: str, scratch: Path, known_headers: frozenset[str], sent: Mapping[str, str]
) -> Sample:
    """A JSON document is taken for the first page of a service, anything else for a file."""
    answer = get(url, sent, Secrets(Settings()), scratch)
    sample = _sample_of_file(answer.path, scratch, known_headers)
    if sample.format != "json":
        return sample
    page = json.loads(decode_sample(answer.path.read_bytes(), is_whole=True).text)
    fetch = guess_fetch(url, sent, page, answer.link, sample.records)
    return replace(sample, format="jsonl", encodings=(), records="", fetch=fetch)


def _sample_of_file(path: Path, scratch: Path, known_headers: frozenset[str]) -> Sample:
    kind = packing(path)
    if path.suffix.lower() == ".xlsx" and kind == "zip":
        return _workbook(path, known_headers)
    head = next(chunks(path), b"")
    if head.startswith(b"PAR1"):
        return _parquet(path, unpacked_file(path, scratch / "table.parquet"))
    if not head.strip():
        raise SampleError(f"{path.name} is empty; give a file that has at least a header.")
    data, is_whole = _beginning(path)
    decoded = decode_sample(data, is_whole)
    start = decoded.text.lstrip()[:1]
    if start == "<":
        raise SampleError(
            f"{path.name} is a web page or XML; export CSV, JSON lines, XLSX or Parquet."
        )
    is_whole = is_whole and decoded.text.count("\n") <= SAMPLE_ROWS
    sample = Sample(path.name, pl.DataFrame(), "csv", is_whole, kind, decoded.encodings)
    if start in ("{", "["):
        return _json(sample, decoded.text)
    form = layout(decoded.text)
    frame = _table(decoded.text, form.delimiter, form.header_row)
    return replace(sample, frame=frame, delimiter=form.delimiter, header_row=form.header_row)


def _beginning(path: Path) -> tuple[bytes, bool]:
    data = bytearray()
    for chunk in chunks(path):
        data += chunk
        if len(data) >= SAMPLE_BYTES:
            return bytes(data[:SAMPLE_BYTES]), False
    return bytes(data), True


def _table(text: str, delimiter: str, header_row: int) -> pl.DataFrame:
    frame = pl.read_csv(
        with_sign(text, delimiter).encode("utf-8"),
        separator=parsed_delimiter(delimiter),
        skip_lines=header_row - 1,
        infer_schema=False,
        truncate_ragged_lines=True,
        n_rows=SAMPLE_ROWS,
    )
    if len(delimiter) == 1:
        return _texts(frame)
    names = {name: without_sign(name, delimiter) for name in frame.columns}
    signs = pl.col(pl.String).str.replace_all(parsed_delimiter(delimiter), delimiter, literal=True)
    return _texts(frame.rename(names).with_columns(signs))


def _json(sample: Sample, text: str) -> Sample:
    """Lines of JSON, or one document with a list of records."""
    document = _document(text)
    records = list_path(document)
    if records is None and document is None and text.lstrip().startswith("["):
        raise SampleError(f"{sample.name} is no whole JSON document; export JSON lines.")
    if records is None and isinstance(document, list):
        raise SampleError(f"{sample.name} is a list without objects; export records.")
    if records is None:
        return replace(sample, frame=_objects(text), format="jsonl")
    lines = "\n".join(islice(record_texts(text, records), SAMPLE_ROWS))
    return replace(sample, frame=_objects(lines), format="json", records=records)


def _document(text: str) -> Any:
    """The value of the text; None where it is not one value, as lines of JSON are not."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _objects(text: str) -> pl.DataFrame:
    """JSON lines; what lies in an object inside becomes a dotted path."""
    try:
        frame = pl.read_ndjson(text.encode("utf-8"), infer_schema_length=None, n_rows=SAMPLE_ROWS)
    except pl.exceptions.PolarsError as error:
        raise SampleError(f"its lines are not all JSON objects: {error}.") from error
    while nested := [n for n, kind in frame.schema.items() if isinstance(kind, pl.Struct)]:
        frame = frame.unnest(nested, separator=".")
    return _texts(frame.select(pl.exclude(pl.List)))


def _parquet(path: Path, file: Path) -> Sample:
    """As text the way the gate makes texts of it."""
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        source = f"read_parquet({literal(str(file))})"
        names = [str(row[0]) for row in connection.execute(f"describe from {source}").fetchall()]
        texts = ", ".join(f"cast({quoted(n)} as varchar) as {quoted(n)}" for n in names)
        frame = connection.sql(f"select {texts} from {source} limit {SAMPLE_ROWS}").pl()
    return Sample(path.name, _texts(frame), "parquet", frame.height < SAMPLE_ROWS, packing(path))


def _workbook(path: Path, known_headers: frozenset[str]) -> Sample:
    """The sheet with most of the known headers, of equals the longest."""
    try:
        book = fastexcel.read_excel(path)
        sheets = [_sheet(book, name) for name in book.sheet_names]
    except fastexcel.FastExcelError as error:
        raise SampleError(f"{path.name} is no workbook that opens: {error}.") from error

    def fitness(sheet: tuple[str, int, pl.DataFrame]) -> tuple[int, int]:
        _, _, frame = sheet
        return sum(folded(name) in known_headers for name in frame.columns), frame.height

    name, header_row, frame = max(sheets, key=fitness)
    others = tuple(other for other, _, rows in sheets if other != name and rows.width)
    return Sample(path.name, frame, "xlsx", header_row=header_row, sheet=name, other_sheets=others)


def _sheet(book: fastexcel.ExcelReader, name: str) -> tuple[str, int, pl.DataFrame]:
    cells = pl.DataFrame(book.load_sheet(name, header_row=None, dtypes="string").to_arrow())
    widths = [sum(cell is not None for cell in row) for row in cells.head(50).rows()]
    if not widths:
        return name, 1, pl.DataFrame()
    header_row = next(n for n, width in enumerate(widths, start=1) if width >= 0.8 * max(widths))
    titles = cells.row(header_row - 1)
    named = {cells.columns[n]: str(title) for n, title in enumerate(titles) if title}
    rows = cells.slice(header_row, SAMPLE_ROWS).select(list(named)).rename(_once(named))
    return name, header_row, _texts(rows)


def _once(names: dict[str, str]) -> dict[str, str]:
    """The second column of a name is told apart, as the CSV reader does."""
    seen: set[str] = set()
    told = {}
    for column, name in names.items():
        told[column] = f"{name}_duplicated_{column}" if name in seen else name
        seen.add(name)
    return told


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Trimmed texts under trimmed names, empty ones null; columns without a name are left out."""
    named: Sequence[str] = [name for name in frame.columns if name.strip()]
    texts = frame.select(pl.col(named).cast(pl.String).str.strip_chars())
    emptied = texts.with_columns(pl.when(pl.all() != "").then(pl.all()))
    return emptied.rename({name: name.strip() for name in named})
