"""Reconciliation finds whatever was lost, doubled or edited, and nothing where nothing was."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.ingest import Extract, ensure_empty_raw, reconcile, refuse_extract
from pipelines.ingest.count import independent_count
from pipelines.ingest.ledger import extract_dir
from tests.unit.ingest.request_source import ROW, Desk, column, set_custom, table, with_values

TEXT = table(
    ROW,
    with_values(request_id="R2", status="停"),
    with_values(request_id="R3", note='"两行\n文字"'),
    "short,row",
    "",
)


def differences(desk: Desk, source: str | None = None) -> list[str]:
    return [str(found) for found in reconcile(desk.settings, desk.contracts, source)]


@pytest.fixture
def filled(desk: Desk) -> tuple[Desk, Extract, Path]:
    ensure_empty_raw(desk.settings, desk.contracts)
    extract = desk.ingest(TEXT, "a.csv")
    desk.ingest(table(ROW).encode("gb18030"), "b.csv")
    desk.ingest("<html>", "c.csv")
    return desk, extract, extract_dir(desk.settings, "desk", "request", extract.extract_id)


def test_nothing_differs(filled: tuple[Desk, Extract, Path]) -> None:
    desk, extract, _ = filled
    told: list[tuple[int, int, str]] = []
    found = reconcile(desk.settings, desk.contracts, on_progress=lambda *step: told.append(step))
    assert list(found) == []
    assert [(number, total) for number, total, _ in told] == [(1, 3), (2, 3), (3, 3)]
    refuse_extract(desk.settings, extract, "contract_suite", "not good enough")
    assert differences(desk) == []
    assert not list(desk.settings.work_dir.glob("draft*"))


def edit(file: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    change(pl.read_parquet(file, hive_partitioning=False)).write_parquet(file)


def set_entry(folder: Path, **fields: Any) -> None:
    file = folder / "extract.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | fields), "utf-8")


def archived(desk: Desk, extract: Extract) -> Path:
    return desk.settings.archive_dir / extract.sha256 / "a.csv"


FAULTS: dict[str, tuple[Callable[[Desk, Extract, Path], object], str]] = {
    "archived file gone": (lambda d, e, _: archived(d, e).unlink(), "archived file: expected"),
    "archived byte changed": (
        lambda d, e, _: archived(d, e).write_bytes(TEXT.replace("R1", "R9").encode()),
        "bytes of the archived file",
    ),
    "accepted gone": (
        lambda _, __, f: (f / "accepted.parquet").unlink(),
        "accepted.parquet: expected 2 rows, found missing",
    ),
    "quarantine gone": (
        lambda _, __, f: (f / "quarantined.parquet").unlink(),
        "quarantined.parquet: expected 2 rows, found missing",
    ),
    "accepted row lost": (
        lambda _, __, f: edit(f / "accepted.parquet", lambda t: t.head(1)),
        "rows of accepted.parquet: expected 2, found 1",
    ),
    "accepted value edited": (
        lambda _, __, f: edit(
            f / "accepted.parquet", lambda t: t.with_columns(score=pl.lit(9, pl.Int64))
        ),
        "rows of accepted.parquet that the archive does not give: expected 0, found 2",
    ),
    "quarantined text edited": (
        lambda _, __, f: edit(f / "quarantined.parquet", lambda t: t.with_columns(raw=pl.lit("?"))),
        "rows of quarantined.parquet that the archive does not give",
    ),
    "accepted torn": (
        lambda _, __, f: (f / "accepted.parquet").write_bytes(b"PAR1"),
        "accepted.parquet: expected 2 rows, found Invalid Input",
    ),
    "entry gone": (lambda _, __, f: (f / "extract.json").unlink(), "folder without ledger entry"),
    "entry torn": (
        lambda _, __, f: (f / "extract.json").write_text("{"),
        "a readable extract.json",
    ),
    "data gone": (lambda _, __, f: shutil.rmtree(f), "archived file that no ledger entry knows"),
    "counts edited": (
        lambda _, __, f: set_entry(f, rows_read=5, rows_accepted=3),
        "rows_accepted in the ledger: expected 2, found 3",
    ),
    "reasons edited": (
        lambda _, __, f: set_entry(f, reasons={}),
        "reasons in the ledger",
    ),
    "extract doubled": (
        lambda _, __, f: shutil.copytree(f, f.with_name("extract=0000000000000000")),
        "doubled extract",
    ),
    "extract under another source": (
        lambda _, __, f: shutil.copytree(f, f.parents[1] / "source=other" / f.name),
        "doubled extract",
    ),
    "folder of nobody": (
        lambda _, __, f: (f.parent / "old").mkdir(),
        "extra file or folder in raw",
    ),
    "file of nobody": (lambda _, __, f: (f / "copy.parquet").touch(), "extra file or folder"),
    "refusal with rows": (
        lambda _, __, f: set_entry(f, outcome="refused", reason="x", rows_accepted=0),
        "accepted.parquet: expected no file",
    ),
    "another key": (lambda _, __, f: set_entry(f, key_id="0"), "key of its pseudonyms"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(filled: tuple[Desk, Extract, Path], name: str) -> None:
    desk, extract, folder = filled
    damage, sentence = FAULTS[name]
    damage(desk, extract, folder)
    found = differences(desk)
    assert any(sentence in line for line in found), found


def test_rows_dbt_reads_are_those_of_the_ledger(filled: tuple[Desk, Extract, Path]) -> None:
    desk, _, folder = filled
    shutil.copytree(folder, folder.with_name("extract=0000000000000000"))
    line = "request of desk, extract 0000000000000000: rows dbt reads: expected 0, found 2"
    assert line in differences(desk)


def test_extract_of_an_older_contract_is_told(filled: tuple[Desk, Extract, Path]) -> None:
    desk, _, _ = filled
    desk.changed(lambda source, _: set_custom(column(source, "score"), "nullTokens", ["-", "?"]))
    found = differences(desk)
    assert len(found) == 3
    assert all("kpi quarantine replay --all" in line for line in found)


def test_contract_gone_is_told(filled: tuple[Desk, Extract, Path]) -> None:
    desk, _, _ = filled
    shutil.rmtree(desk.folder / "data_contracts" / "sources")
    from pipelines.contracts import load_contracts

    found = list(reconcile(desk.settings, load_contracts(desk.folder / "data_contracts")))
    assert {difference.what for difference in found} == {"contract"}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TEXT, 4),
        (table(), 0),
        ("\ufeff" + TEXT.replace("\n", "\r\n"), 4),
        (table(*[ROW] * 7).rstrip("\n"), 7),
    ],
)
def test_independent_count(
    desk: Desk, tmp_path: Path, content: str, expected: int, packed: bool
) -> None:
    import gzip

    path = tmp_path / "x"
    path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
    assert independent_count(desk.contract, path, tmp_path) == expected


def test_a_document_is_counted_by_its_own_list(desk: Desk) -> None:
    def change(source: dict[str, Any], _: object) -> None:
        source["servers"][0]["format"] = "json"
        set_custom(source["servers"][0], "records", "data")

    desk.changed(change)
    record = dict(zip(table().strip().split(","), ROW.split(","), strict=True))
    extract = desk.ingest(json.dumps({"data": [record, record | {"编号": "R2"}, 7]}), "x.json")
    assert (extract.rows_read, extract.rows_accepted) == (3, 2)
    assert differences(desk) == []


def test_a_table_of_a_long_delimiter_is_counted_record_by_record(desk: Desk) -> None:
    desk.changed(lambda source, _: set_custom(source["servers"][0], "delimiter", "||"))
    rows = [ROW, with_values(request_id="R2", note='"两行\n,文字"')]
    text = table(*rows).replace(",", "||").replace("\n||文", "\n文")
    assert desk.ingest(text).rows_accepted == 2
    assert differences(desk) == []


def test_workbook_is_counted_by_its_own_cells(desk: Desk, tmp_path: Path) -> None:
    import xlsxwriter  # type: ignore[import-untyped]

    def change(source: dict[str, Any], _: object) -> None:
        source["servers"][0]["format"] = "xlsx"

    desk.changed(change)
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, table().strip().split(","))
        sheet.write_row(1, 0, ROW.split(","))
        sheet.write_blank(2, 3, None, book.add_format({"bold": True}))
        sheet.write_row(4, 0, with_values(request_id="R2").split(","))
    desk.ingest(path.read_bytes(), "book.xlsx")
    assert independent_count(desk.contract, path, tmp_path) == 2
    assert differences(desk) == []


def test_counts_that_disagree_are_told(
    filled: tuple[Desk, Extract, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _, _ = filled
    module = sys.modules["pipelines.ingest.reconcile"]
    monkeypatch.setattr(module, "independent_count", lambda *_: 1)
    assert differences(desk)[:2] == [
        "a.csv: records in Parquet, by an independent count: expected 1, found 4",
        "a.csv: records in the ledger: expected 1, found 4",
    ]
