"""Patterns of times: proved where the texts prove them, both told where they do not."""

from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from pipelines.sourcing.times import Times, guess_times, is_clock


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        yield connection


@pytest.mark.parametrize(
    ("texts", "patterns"),
    [
        (["2026-03-01 08:00:00", "2026-12-31 23:59:59"], ("yyyy-MM-dd HH:mm:ss",)),
        (["29/2/2016 01:16", "3/4/2016 23:00"], ("d/M/yyyy HH:mm",)),
        (["7/29/2013", "1/2/2013"], ("M/d/yyyy",)),
        (["990101", "990131"], ("yyMMdd",)),
        (["2026年3月1日", "2026年12月31日"], ("yyyy年M月d日",)),
        (["2026-03-01 上午08:00:00", "2026-03-01 下午01:30:00"], ("yyyy-MM-dd ahh:mm:ss",)),
        (["2026-03-01T08:00:00Z", "2026-03-01T08:00:00+08:00"], ("yyyy-MM-dd'T'HH:mm:ssXXX",)),
        (["2026-03-01 08:00:00", "31/3/2026 09:15"], ("yyyy-MM-dd HH:mm:ss", "d/M/yyyy HH:mm")),
    ],
)
def test_what_reads_all_texts_one_way(
    connection: duckdb.DuckDBPyConnection, texts: list[str], patterns: tuple[str, ...]
) -> None:
    assert guess_times(connection, pl.Series(texts)) == Times(patterns)


@pytest.mark.parametrize(
    ("texts", "both"),
    [
        (["03/04/2026", "12/11/2026"], {"d/M/yyyy", "M/d/yyyy"}),
        (["2026-03-01", "03/04/2026"], {"d/M/yyyy", "M/d/yyyy"}),
        (["13/04/2026", "04/13/2026"], {"d/M/yyyy", "M/d/yyyy"}),
    ],
)
def test_day_first_or_month_first_is_never_guessed(
    connection: duckdb.DuckDBPyConnection, texts: list[str], both: set[str]
) -> None:
    """Alone, beside another pattern, and where each reads what the other cannot."""
    times = guess_times(connection, pl.Series(texts))
    assert times is not None
    assert times.rivals
    assert both <= {*times.patterns, *times.rivals}


def test_texts_no_pattern_reads_are_told(connection: duckdb.DuckDBPyConnection) -> None:
    days = [f"2026-03-{day:02d}" for day in range(1, 31)]
    times = guess_times(connection, pl.Series([*days, "2026-03-32"]))
    assert times == Times(("yyyy-MM-dd",), unread=("2026-03-32",))


@pytest.mark.parametrize("texts", [["A1", "B2"], ["13800000000"], ["0.5", "1.5"]])
def test_other_texts_are_no_times(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    assert guess_times(connection, pl.Series(texts)) is None


def test_a_clock_alone(connection: duckdb.DuckDBPyConnection) -> None:
    assert is_clock(connection, pl.Series(["0:00:31", "23:59:59"]))
    assert not is_clock(connection, pl.Series(["0:00:31", "24:00:00"]))
