"""Which patterns read all texts of a column as times, and whether more than one meaning fits.

The texts are judged by the function that will read them (DuckDB's strptime). Not here: zones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import duckdb
import polars as pl

from pipelines.contracts.patterns import clashing_text, read_pattern
from pipelines.ingest.reading import literal

_DATES = (
    "yyyy-MM-dd", "yyyy/M/d", "yyyy.M.d", "yyyy年M月d日", "yyyyMMdd", "yyMMdd",
    "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "M-d-yyyy", "d.M.yyyy", "d/M/yy", "M/d/yy",
    "dd MMM yyyy", "dd-MMM-yyyy", "dd-MMM-yy", "MMM d, yyyy",
)  # fmt: skip
_CLOCKS = (
    "", " HH:mm:ss", " HH:mm", "'T'HH:mm:ss", "'T'HH:mm", " HH:mm:ss.SSS", " HH:mm:ss.SSSSSS",
    "'T'HH:mm:ss.SSS", "'T'HH:mm:ssXXX", "'T'HH:mm:ss.SSSXXX", " HH:mm:ssXXX",
    " HH:mm:ss.SSSSSSXXX",    " hh:mm:ss a", " hh:mm a", " ahh:mm:ss", " ahh:mm", "HHmmss",
)  # fmt: skip
_PATTERNS = tuple(read_pattern(date + clock) for date in _DATES for clock in _CLOCKS)
CLOCK_ONLY = ("H:mm:ss", "H:mm")
_FIRST_LOOK = 25
# A column is one of times where this share of its texts is; the rest is told to the person.
_ENOUGH = 0.9


@dataclass(frozen=True)
class Times:
    """The patterns that read a column together; `rivals` read the same texts otherwise.

    `unread` are texts no pattern reads. `has_clock` False: days without a time.
    """

    patterns: tuple[str, ...]
    rivals: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def has_clock(self) -> bool:
        return any("H" in p or "h" in p for p in self.patterns)

    @property
    def has_offset(self) -> bool:
        return all(read_pattern(p).has_offset for p in self.patterns)


def guess_times(connection: duckdb.DuckDBPyConnection, texts: pl.Series) -> Times | None:
    """How the distinct texts of a column are read as times; None where they are none."""
    candidates = [p.text for p in _PATTERNS]
    first = _read(connection, texts.head(_FIRST_LOOK), candidates)
    hopeful = [name for name in candidates if first[name].any()]
    if not hopeful:
        return None
    read = _read(connection, texts, hopeful)
    chosen: list[str] = []
    rivals: list[str] = []
    left = pl.Series([True] * texts.len())
    while left.any():
        best = max(hopeful, key=lambda name: int((read[name] & left).sum()))
        new = read[best] & left
        if not new.any():
            break
        chosen.append(best)
        rivals += _rivals(best, [name for name in hopeful if (read[name] | ~new).all()])
        left &= ~new
    if int(left.sum()) > (1 - _ENOUGH) * texts.len():
        return None
    clashing = [b for a, b in combinations(chosen, 2) if _rivals(a, [b])]
    told = tuple(dict.fromkeys(name for name in rivals + clashing if name not in chosen[:1]))
    return Times(tuple(chosen), told, tuple(texts.filter(left).head(5)))


def is_clock(connection: duckdb.DuckDBPyConnection, texts: pl.Series) -> bool:
    """Whether all texts are times of a day without a day."""
    read = _read(connection, texts, CLOCK_ONLY)
    return any(bool(read[name].all()) for name in CLOCK_ONLY)


def _rivals(chosen: str, others: Sequence[str]) -> list[str]:
    """Of the patterns that read the same texts, those that understand another instant."""
    own = read_pattern(chosen)
    return [o for o in others if o != chosen and clashing_text(own, read_pattern(o))]


def _read(
    connection: duckdb.DuckDBPyConnection, texts: pl.Series, patterns: Sequence[str]
) -> pl.DataFrame:
    """A column of yes and no per pattern, in the order of the texts."""
    connection.register("texts", pl.DataFrame({"t": texts}).with_row_index("n").to_arrow())
    columns = ", ".join(
        f"coalesce({_is_read(pattern)}, false) as {name}"
        for name, pattern in zip(_names(patterns), patterns, strict=True)
    )
    frame: pl.DataFrame = connection.sql(f"select {columns} from texts order by n").pl()
    connection.unregister("texts")
    return frame.rename(dict(zip(_names(patterns), patterns, strict=True)))


def _names(patterns: Sequence[str]) -> list[str]:
    return [f"p{place}" for place in range(len(patterns))]


def _is_read(text: str) -> str:
    """A year below 1000 is a two-digit year read by a four-digit pattern: not read."""
    pattern, sql = read_pattern(text), "t"
    if pattern.has_clock_half:
        sql = "replace(replace(t, '上午', 'AM'), '下午', 'PM')"
    if pattern.has_offset:
        sql = rf"regexp_replace({sql}, '[Zz]$', '+00:00')"
    read = f"try_strptime({sql}, {literal(pattern.strptime)})"
    return f"{read} >= '1000-01-01'" if "%Y" in pattern.parts else f"{read} is not null"
