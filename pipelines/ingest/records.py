"""The second parser: how many records a delimited text holds, counted without DuckDB.

Quotes switch between inside and outside; a line end outside ends a record. Where that
disagrees with DuckDB the file is read once more by Python's strict CSV parser, and refused if
that disagrees too. Not here: what is in the records.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_CHUNK_BYTES = 1 << 22
_SMALL_BYTES = 1 << 18
_QUOTE, _LINE_END = 34, 10
csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True)
class Census:
    """Records after the header; blank lines are none. `blank_lines` are their line numbers,

    counted as DuckDB counts: one line per record or blank line, the first after the header 1.
    """

    records: int
    blank_lines: NDArray[np.int64]
    has_quoted_line_ends: bool
    is_balanced: bool


def count_records(path: Path, offset: int, has_quotes: bool = True) -> Census:
    """Count the records of a UTF-8 file with `\\n` line ends from a byte offset on.

    `has_quotes` False: a quote is a character like any other, as in lines of JSON.
    """
    lines, blanks = 0, [np.zeros(0, np.int64)]
    is_inside, spans, tail_is_blank = False, False, True
    with path.open("rb") as stream:
        stream.seek(offset)
        while chunk := stream.read(_CHUNK_BYTES):
            ends, inside_ends, is_inside = _line_ends(chunk, is_inside, has_quotes)
            spans = spans or inside_ends > 0
            previous = np.concatenate(([0 if tail_is_blank else -1], ends[:-1] + 1))
            if len(ends):
                empty = np.flatnonzero(ends == previous)
                blanks.append(empty + lines + 1)
                lines += len(ends)
                tail_is_blank = int(ends[-1]) == len(chunk) - 1
            else:
                tail_is_blank = False
    total = lines if tail_is_blank else lines + 1
    blank_lines = np.concatenate(blanks)
    return Census(total - len(blank_lines), blank_lines, spans, not is_inside)


def _line_ends(
    chunk: bytes, is_inside: bool, has_quotes: bool
) -> tuple[NDArray[np.int64], int, bool]:
    """Positions of line ends outside quotes, the number inside, and the state at the end."""
    data = np.frombuffer(chunk, np.uint8)
    if not has_quotes or (not is_inside and b'"' not in chunk):
        return np.flatnonzero(data == _LINE_END), 0, False
    marks = np.flatnonzero((data == _QUOTE) | (data == _LINE_END))
    is_quote = data[marks] == _QUOTE
    inside = (np.cumsum(is_quote) + is_inside) % 2 == 1
    ends = marks[~is_quote & ~inside]
    return ends, int(np.count_nonzero(~is_quote & inside)), bool((is_quote.sum() + is_inside) % 2)


def has_outer_space(path: Path, delimiter: str) -> bool:
    """Whether a text may begin or end with space. Only small files are looked at.

    There a shorter query plan saves more than looking costs.
    """
    if path.stat().st_size > _SMALL_BYTES:
        return True
    with path.open("r", encoding="utf-8", newline="") as stream:
        try:
            rows = csv.reader(stream, delimiter=delimiter)
            return any(cell != cell.strip() for row in rows for cell in row)
        except csv.Error:
            return True


def count_strictly(path: Path, offset: int, delimiter: str) -> int | None:
    """Records by Python's strict parser; None where a quote is never closed or misplaced."""
    with path.open("r", encoding="utf-8", newline="") as stream:
        stream.seek(offset)
        try:
            return sum(1 for row in csv.reader(stream, delimiter=delimiter, strict=True) if row)
        except csv.Error:
            return None
