"""Delimited text through DuckDB's parser: all columns text, nothing detected, nothing skipped.

Here: the header row, DuckDB's rejects, and the agreement of two parsers on the number of
records. Not here: decoding (`decode`), counting (`records`), meaning (`gate`).
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipelines.ingest.decode import decode_file
from pipelines.ingest.delimiter import (
    parsed_delimiter,
    signed_file,
    sql_without_sign,
    without_sign,
)
from pipelines.ingest.headers import header_names
from pipelines.ingest.reading import LARGEST_RECORD_BYTES, Reading, Reject, Task, literal
from pipelines.ingest.records import Census, count_records, count_strictly

_REJECTS, _SCANS = "csv_rejects", "csv_scans"
_LARGEST_HEADER = 1 << 20
_QUOTE_ERROR = "UNQUOTED VALUE"
# A file that is plain text by content may still be called .gz: DuckDB must not guess by name.
STRICT = f"""compression = 'none', auto_detect = false, header = false, strict_mode = true,
        store_rejects = true, rejects_limit = 0,
        rejects_table = '{_REJECTS}', rejects_scan = '{_SCANS}',
        max_line_size = {LARGEST_RECORD_BYTES}, buffer_size = {4 * LARGEST_RECORD_BYTES}"""


@dataclass(frozen=True)
class _Header:
    names: tuple[str, ...]
    physical_lines: int
    byte_length: int


@dataclass(kw_only=True)
class CsvReading(Reading):
    """A `read_csv` relation that has rejects only after it was read to the end."""

    text: Path
    header: _Header
    census: Census

    def settle(self, task: Task, loaded: int) -> None:
        self.rejects = _rejects(task, self.header, self.census)
        total = loaded + len(self.rejects)
        is_swallowing = any(
            f"csv:{_slug(_QUOTE_ERROR)}" in r.reasons and "\n" in (r.raw or "").strip("\n")
            for r in self.rejects
        )
        if not is_swallowing and self.census.is_balanced and total == self.census.records:
            return
        delimiter = parsed_delimiter(task.contract.delimiter)
        counted = count_strictly(self.text, self.header.byte_length, delimiter)
        if is_swallowing or counted is None or counted[0] != total:
            raise task.refuse(
                "unbalanced_quote",
                f"its records cannot be told apart: one parser finds {total}, another "
                f"{'an open quote' if counted is None else counted[0]}; look for a quote that is "
                "not closed and export the file again.",
            )
        # quotes inside plain texts have hidden blank lines from the census
        self.census = replace(self.census, blank_lines=counted[1])
        self.rejects = _rejects(task, self.header, self.census)


def read_csv(task: Task) -> Reading:
    """A reading of the CSV file; rows are parsed when the gate reads the relation."""
    decoded = decode_file(task.contract, task.path, task.scratch / "text.csv")
    text = signed_file(task, decoded, task.scratch / "signed.csv")
    delimiter = parsed_delimiter(task.contract.delimiter)
    header = _read_header(task, text)
    census = count_records(text, header.byte_length, delimiter)
    drop_parser_rejects(task)
    cells = [sql_without_sign(f"c{n}", task.contract.delimiter) for n in range(len(header.names))]
    return CsvReading(
        relation=_relation(text, header, census, delimiter),
        columns={n: f"nullif({sql}, '')" for n, sql in zip(header.names, cells, strict=True)},
        has_outer_space=census.has_outer_space,
        text=text,
        header=header,
        census=census,
    )


def _read_header(task: Task, text: Path) -> _Header:
    """The names in the header row, and where the data begin."""
    contract = task.contract
    with text.open("r", encoding="utf-8", newline="") as stream:
        head = stream.read(_LARGEST_HEADER)
    lines = io.StringIO(head, newline="")
    used = [lines.readline() for _ in range(contract.header_row - 1)]
    delimiter = parsed_delimiter(contract.delimiter)
    rows = csv.reader(_noted(lines, used), delimiter=delimiter, strict=True)
    try:
        titles = next((row for row in rows if row), [])
        names = [without_sign(title, contract.delimiter) for title in titles]
    except csv.Error:
        names = None
    if len(head) == _LARGEST_HEADER == sum(map(len, used)):
        raise task.refuse(
            "not_a_table",
            f"row {contract.header_row} must be the header, but does not end within "
            f"{_LARGEST_HEADER:,} characters; look at the file by hand.",
        )
    if names is None:
        raise task.refuse(
            "unbalanced_quote",
            "a quote of its header is not closed, or stands inside a name; export it again.",
        )
    return _Header(header_names(task, names), len(used), len("".join(used).encode("utf-8")))


def _noted(lines: Iterable[str], used: list[str]) -> Iterator[str]:
    for line in lines:
        used.append(line)
        yield line


def _relation(text: Path, header: _Header, census: Census, delimiter: str) -> str:
    """Lines are read in parallel only where no quoted text holds a line end."""
    columns = ", ".join(f"'c{position}': 'varchar'" for position in range(len(header.names)))
    # DuckDB drops a value too many where it is null. So nothing is null to it: no text holds NUL.
    return f"""read_csv({literal(str(text))}, columns = {{{columns}}},
        skip = {header.physical_lines}, delim = {literal(delimiter)}, quote = '"', escape = '"',
        nullstr = chr(0), parallel = {str(not census.has_quoted_line_ends).lower()}, {STRICT})"""


def drop_parser_rejects(task: Task) -> None:
    """Forget the rejects of the file before; DuckDB would add to them."""
    for table in (_REJECTS, _SCANS):
        task.rows(f"drop table if exists {table}")


def _rejects(task: Task, header: _Header, census: Census) -> list[Reject]:
    """The parser's rejects with their text as it was delivered."""
    return [
        replace(reject, raw=reject.raw and without_sign(reject.raw, task.contract.delimiter))
        for reject in parser_rejects(task, header.physical_lines, census)
    ]


def parser_rejects(task: Task, lines_before: int, census: Census) -> list[Reject]:
    """The records DuckDB could not take apart, numbered without blank lines."""
    rows = task.connection.execute(
        f"""select line, list_sort(list(distinct error_type::varchar)), max(csv_line)
        from {_REJECTS} group by line, line_byte_position order by line, line_byte_position"""
    ).fetchall()
    rejects = []
    for line, kinds, raw in rows:
        place = int(line) - lines_before
        blanks_before = int(np.searchsorted(census.blank_lines, place))
        reasons = tuple(f"csv:{_slug(kind)}" for kind in kinds)
        rejects.append(Reject(place - blanks_before, reasons, raw.strip("\n") if raw else raw))
    return rejects


def _slug(error_type: str) -> str:
    return error_type.lower().replace(" ", "_")
