"""Delimiters of several characters, wherever a file is cut while it is read."""

import csv
import io

import pytest

from pipelines.ingest import delimiter
from tests.unit.ingest.request_source import ROW, Desk, set_reader, table, with_values


@pytest.mark.parametrize("sign", ["||", "~|~", "aba", "::::::"])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_where_a_chunk_ends_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, sign: str, size: int
) -> None:
    monkeypatch.setattr(delimiter, "_CHUNK_CHARACTERS", size)
    desk.changed(lambda source, _: set_reader(source, "delimiter", sign))
    texts = [sign[:-1] + "x", "x" + sign[:-1] + "y" + sign[:-1] + "z"]
    rows = [with_values(request_id=text) for text in texts]
    text = "\n".join(sign.join(cells) for cells in csv.reader(io.StringIO(table(ROW, *rows))))
    extract = desk.ingest(text + "\n")
    assert (extract.rows_accepted, extract.reason) == (3, None)
    assert [row["request_id"] for row in desk.rows(extract)] == ["R1", *texts]
