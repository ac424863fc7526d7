"""Rows read = accepted + quarantined, and every record is somewhere, whatever the file."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines.ingest.records import count_records
from tests.unit.ingest.request_source import HEADER, ROW, Desk

# Texts that break naive readers, beside ordinary ones.
CELLS = st.one_of(
    st.sampled_from(["", " ", "开", "关", "7", "是", "2026-03-01 08:00:00", "合计", "-", '"', ","]),
    st.text(alphabet='ab,"\n\r\t ;\u3000高', max_size=6),
)
ROWS = st.lists(
    st.one_of(st.just(ROW.split(",")), st.lists(CELLS, min_size=1, max_size=12)), max_size=12
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030"])
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@pytest.fixture(scope="module")
def shared_desk() -> Desk:
    return Desk(Path(tempfile.mkdtemp()))


def written(rows: list[list[str]], line_end: str, encoding: str) -> bytes:
    """As a careful exporter writes it: Python alone leaves line ends of other kinds unquoted."""
    has_return = line_end == "\r" or any("\r" in cell for row in rows for cell in row)
    stream = io.StringIO()
    writer = csv.writer(
        stream, lineterminator=line_end, quoting=csv.QUOTE_ALL if has_return else csv.QUOTE_MINIMAL
    )
    writer.writerows([HEADER.split(","), *rows])
    return stream.getvalue().encode(encoding)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, encoding=ENCODINGS, line_end=LINE_ENDS)
def test_well_formed_files_lose_no_record(
    shared_desk: Desk, rows: list[list[str]], encoding: str, line_end: str
) -> None:
    extract = shared_desk.ingest(written(rows, line_end, encoding))
    assert extract.outcome == "loaded", extract.message
    assert extract.rows_read == len(rows)
    assert extract.rows_read == extract.rows_accepted + extract.rows_quarantined
    records = [
        row["_record"]
        for part in ("accepted", "quarantined")
        for row in shared_desk.rows(extract, part)
    ]
    assert sorted(records) == list(range(1, len(rows) + 1))


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS,
    encoding=ENCODINGS,
    junk=st.binary(max_size=4),
    place=st.floats(0, 1),
    cut=st.floats(0.3, 1),
)
def test_broken_files_are_refused_or_add_up(
    shared_desk: Desk,
    rows: list[list[str]],
    encoding: str,
    junk: bytes,
    place: float,
    cut: float,
) -> None:
    content = written(rows, "\n", encoding)
    content = content[: int(len(content) * cut)]
    at = int(len(content) * place)
    extract = shared_desk.ingest(content[:at] + junk + content[at:])
    if extract.outcome == "refused":
        assert extract.reason
        assert extract.message
        return
    assert extract.rows_read == extract.rows_accepted + extract.rows_quarantined
    records = [
        row["_record"]
        for part in ("accepted", "quarantined")
        for row in shared_desk.rows(extract, part)
    ]
    assert sorted(records) == list(range(1, extract.rows_read + 1))


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=30),
    blanks=st.integers(0, 3),
    has_last_line_end=st.booleans(),
)
def test_second_parser_agrees_with_the_first_of_python(
    rows: list[list[str]], blanks: int, has_last_line_end: bool
) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    text = stream.getvalue() + "\n" * blanks
    if not has_last_line_end:
        text = text.removesuffix("\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.csv"
        path.write_text(text, "utf-8", newline="")
        census = count_records(path, 0)
    assert census.is_balanced
    assert census.records == len(rows)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64])
def test_second_parser_does_not_depend_on_chunks(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.ingest.records._CHUNK_BYTES", size)
    path = tmp_path / "text.csv"
    path.write_text('\n\na,"b\n\n""c"\n\nd,e\n\n\n"f\n",g', "utf-8")
    census = count_records(path, 0)
    assert (census.records, census.blank_lines.tolist()) == (3, [1, 2, 4, 6, 7])
    assert census.has_quoted_line_ends
    assert census.is_balanced


SPACE = " \t\v\f\n\u00a0\u3000"


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(
        st.lists(
            st.text(alphabet='ab高,;"\n\t \v\f\u00a0\u3000', max_size=4), min_size=1, max_size=3
        ),
        max_size=6,
    ),
    delimiter=st.sampled_from([",", ";", "\t", " ", "|", "\u3000"]),
    has_all_quoted=st.booleans(),
    size=st.sampled_from([1, 2, 3, 5, 64]),
    has_last_line_end=st.booleans(),
)
@example([["\n"]], ",", False, 64, True)
@example([["a", " "]], ",", False, 3, False)
def test_outer_space_is_never_missed(
    rows: list[list[str]], delimiter: str, has_all_quoted: bool, size: int, has_last_line_end: bool
) -> None:
    stream = io.StringIO()
    writer = csv.writer(
        stream,
        delimiter=delimiter,
        lineterminator="\n",
        quoting=csv.QUOTE_ALL if has_all_quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerows(rows)
    text = stream.getvalue()
    if not has_last_line_end:
        text = text.removesuffix("\n")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.ingest.records._CHUNK_BYTES", size)
        path = Path(folder) / "text.csv"
        path.write_text(text, "utf-8", newline="")
        census = count_records(path, 0, delimiter)
    if any(cell != cell.strip(SPACE) for row in rows for cell in row):
        assert census.has_outer_space


def test_space_inside_texts_is_not_outer_space(tmp_path: Path) -> None:
    path = tmp_path / "text.csv"
    path.write_text('a b,2026-03-01 08:00:00,"c d"\n高 级,,\n', "utf-8")
    assert not count_records(path, 0).has_outer_space


def test_order_and_numbers_survive_parallel_reading(desk: Desk) -> None:
    """40 MB with rejects in between: more than one buffer of DuckDB's parser."""
    good = [ROW.replace("R1", f"R{n:07}", 1) for n in range(1, 400_001)]
    bad = set(range(5_000, 400_000, 7_919))
    lines = [f"short,{n}" if n in bad else line for n, line in enumerate(good, start=1)]
    extract = desk.ingest("\n".join([HEADER, *lines]))
    assert (extract.rows_read, extract.rows_quarantined) == (400_000, len(bad))
    assert {row["_record"] for row in desk.rows(extract, "quarantined")} == bad
    assert all(int(row["request_id"][1:]) == row["_record"] for row in desk.rows(extract))
