"""Quarantined rows are told, veiled, exported, and read again once the contract is mended."""

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import QueryError
from pipelines.ingest import (
    count_quarantine,
    export_quarantine,
    find_extracts,
    quarantined_rows,
    read_history,
    read_ledger,
    read_quarantine,
    refused_files,
    replay_source,
    rule_sentence,
)
from pipelines.ingest.ledger import extract_dir
from tests.unit.ingest.request_source import (
    ROW,
    Desk,
    column,
    set_custom,
    set_reader,
    table,
    with_values,
)

STOPPED = {"开": "open", "关": "closed", "停": "closed"}
FLAWS = table(
    ROW,
    with_values(request_id="R2", status="停", phone="13911112222", note="王小明"),
    with_values(request_id="R3", score="99", code="=1+1"),
    "R4,开",
)


def mend_status(desk: Desk) -> None:
    desk.changed(lambda source, _: set_custom(column(source, "status"), "valueMap", STOPPED))


def test_reasons_are_counted_over_extracts_and_refusals_told(desk: Desk) -> None:
    desk.ingest(FLAWS)
    desk.ingest(table(with_values(status="停")))
    desk.ingest("<html>")
    counts = {row[2]: row[3:] for row in count_quarantine(desk.settings).iter_rows()}
    assert counts["status:unknown_value"] == (2, 2)
    assert counts["score:above_maximum"] == (1, 1)
    assert [extract.reason for extract in refused_files(desk.settings, "desk")] == ["not_a_table"]
    assert count_quarantine(desk.settings, entity="other").is_empty()


def test_veiled_text_shows_what_is_wrong_and_nobody(desk: Desk) -> None:
    extract = desk.ingest(FLAWS)
    rows = quarantined_rows(desk.settings, desk.contract, extract)
    text = "\n".join(rows["raw"])
    assert json.loads(rows["raw"][0])["状态"] == "停"
    assert "王小明" not in text
    assert "13911112222" not in text
    assert rows["raw"][2] == "[withheld]"
    whole = quarantined_rows(desk.settings, desk.contract, extract, is_veiled=False)
    assert json.loads(whole["raw"][0])["电话"] == "13911112222"
    assert whole["raw"][2] == "R4,开"


def test_personal_header_is_veiled_in_any_writing(desk: Desk) -> None:
    desk.changed(lambda source, _: set_custom(column(source, "note"), "sourceHeaders", ["Note"]))
    text = FLAWS.replace("备注", "ＮＯＴＥ ")
    rows = quarantined_rows(desk.settings, desk.contract, desk.ingest(text))
    assert "王小明" not in "".join(rows["raw"])


def test_nested_personal_path_is_veiled(desk: Desk) -> None:
    def change(source: dict[str, object], _: object) -> None:
        source["servers"][0]["format"] = "jsonl"  # type: ignore[index]
        set_custom(column(source, "note"), "sourceHeaders", ["customer.name"])

    desk.changed(change)
    row = dict(zip(table().strip().split(","), with_values(status="停").split(","), strict=True))
    del row["备注"]
    line = row | {"customer": {"name": "王小明", "tier": "gold"}}
    extract = desk.ingest(json.dumps(line, ensure_ascii=False), "a.jsonl")
    assert extract.rows_quarantined == 1, extract.message
    (text,) = quarantined_rows(desk.settings, desk.contract, extract)["raw"]
    assert json.loads(text)["customer"] == {"name": "[withheld]", "tier": "gold"}


def test_export_is_for_its_owner_and_runs_no_formula(desk: Desk, tmp_path: Path) -> None:
    desk.changed(without_personal_columns)
    desk.ingest(FLAWS.replace("R4,开", "=cmd()"))
    file = tmp_path / "rows.csv"
    assert export_quarantine(read_quarantine(desk.settings, desk.contracts), file) == 3
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[2]["raw"] == "'=cmd()"
    assert rows[0]["reasons"] == "status:unknown_value"
    assert file.stat().st_mode & 0o077 == 0


def without_personal_columns(_: object, entity: dict[str, object]) -> None:
    for name in ("phone", "note"):
        set_custom(column(entity, name), "pii", None)


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_export_for_machines_keeps_types(desk: Desk, tmp_path: Path, suffix: str) -> None:
    desk.ingest(FLAWS)
    file = tmp_path / f"rows.{suffix}"
    export_quarantine(read_quarantine(desk.settings, desk.contracts), file)
    frame = pl.read_parquet(file) if suffix == "parquet" else pl.read_ndjson(file)
    assert frame["record"].to_list() == [2, 3, 4]
    assert frame["reasons"].to_list()[0] == ["status:unknown_value"]


def test_export_of_nothing_and_into_nothing_known(desk: Desk, tmp_path: Path) -> None:
    for suffix in ("csv", "parquet", "jsonl"):
        assert export_quarantine(iter(()), tmp_path / f"none.{suffix}") == 0
    with pytest.raises(QueryError, match="must end in"):
        export_quarantine(iter(()), tmp_path / "none.xlsx")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("status:unknown_value", "status must be one of 开, 关"),
        ("status:required", "status must not be empty"),
        ("created_at:type", "must be a timestamp written as yyyy-MM-dd HH:mm:ss or d/M/yyyy H:mm"),
        ("score:above_maximum", "score must be 10 or less"),
        ("code:pattern", "code must match ^[A-Z]+$"),
        ("rule:closing_not_before_creation", "closed_at >= created_at"),
        ("request_id:duplicate", "request_id must be the key of one row"),
        ("csv:missing_columns", "one value for each header, quoted as CSV prescribes: missing col"),
        ("colour:type", "no rule of this contract any more"),
    ],
)
def test_a_code_is_told_in_the_words_of_the_contract(desk: Desk, code: str, sentence: str) -> None:
    told = rule_sentence(desk.contract, code)
    assert sentence in told
    assert told.endswith("(desk.request 1.0.0)")


def test_every_code_of_the_gate_has_a_sentence(desk: Desk) -> None:
    """Codes are made where rows are judged; each must be told."""
    desk.ingest(FLAWS + with_values(request_id="", created_at="x", code="ABCD") + "\n")
    for code in count_quarantine(desk.settings)["reason"]:
        assert "no rule" not in rule_sentence(desk.contract, code)


def test_replay_loads_exactly_what_was_missing(desk: Desk) -> None:
    kept_out = desk.ingest(FLAWS)
    whole = desk.ingest(table(ROW))
    before = desk.rows(kept_out)
    mend_status(desk)
    (replay,) = replay_source(desk.settings, desk.contract, "again")
    assert replay.after is not None
    assert (replay.before.rows_accepted, replay.after.rows_accepted) == (1, 2)
    assert (replay.gained, replay.withdrawn, replay.changed) == (1, 0, 0)
    assert [row for row in desk.rows(kept_out) if row["_record"] == 1] == before
    assert [row["request_id"] for row in desk.rows(kept_out)] == ["R1", "R2"]
    assert list(replay_source(desk.settings, desk.contract, "nothing left")) == []
    (rest,) = replay_source(desk.settings, desk.contract, "all", whole=True)
    assert rest.before == whole


def test_dry_run_changes_nothing(desk: Desk) -> None:
    extract = desk.ingest(FLAWS)
    mend_status(desk)
    ledger = read_ledger(desk.settings)
    (replay,) = replay_source(desk.settings, desk.contract, "dry", is_dry_run=True)
    assert replay.gained == 1
    assert read_ledger(desk.settings).equals(ledger)
    assert len(desk.rows(extract)) == 1


def test_rows_that_are_not_accepted_any_more_or_read_otherwise_are_told(desk: Desk) -> None:
    desk.ingest(table(ROW, with_values(request_id="R2", score="5"), with_values(status="停")))

    def change(source: dict[str, object], entity: dict[str, object]) -> None:
        column(entity, "score")["logicalTypeOptions"]["maximum"] = 6
        words = {"开": "closed", "关": "closed", "停": "closed"}
        set_custom(column(source, "status"), "valueMap", words)

    desk.changed(change)
    (replay,) = replay_source(desk.settings, desk.contract, "again")
    assert (replay.withdrawn, replay.changed, replay.gained) == (1, 1, 0)
    assert replay.needs_a_look


def test_replay_of_a_refused_file_and_into_a_refusal(desk: Desk) -> None:
    def expect(title: str) -> None:
        desk.changed(lambda s, _: set_custom(column(s, "code"), "sourceHeaders", [title]))

    extract = desk.ingest(FLAWS.replace("代码", "代号"))
    assert extract.outcome == "refused"
    expect("代号")
    (replay,) = replay_source(desk.settings, desk.contract, "again")
    assert (replay.gained, replay.needs_a_look) == (1, False)
    expect("号")
    (replay,) = replay_source(desk.settings, desk.contract, "once more")
    assert (replay.withdrawn, replay.gained, replay.needs_a_look) == (1, 0, True)


def test_replay_keeps_the_name_the_file_came_with(desk: Desk) -> None:
    told = {"pattern": r"_(\d{8})\.", "format": "yyyyMMdd", "timezone": "UTC"}
    desk.changed(lambda source, _: set_reader(source, "extractedAt", told))
    desk.ingest(FLAWS, "first_20260401.csv")
    with_name = extract_dir(desk.settings, "desk", "request", "x").parent
    assert len(list(with_name.glob("extract=*"))) == 1

    def mend(source: dict[str, object], _: object) -> None:
        set_reader(source, "extractedAt", told)
        set_custom(column(source, "status"), "valueMap", STOPPED)

    desk.changed(mend)
    (replay,) = replay_source(desk.settings, desk.contract, "again")
    assert replay.after is not None
    assert replay.after.extracted_at == replay.before.extracted_at
    assert replay.after.file == "first_20260401.csv"


def test_missing_archive_file_is_told_and_the_old_reading_stays(desk: Desk) -> None:
    extract = desk.ingest(FLAWS)
    (desk.settings.archive_dir / extract.sha256 / "requests.csv").unlink()
    mend_status(desk)
    (replay,) = replay_source(desk.settings, desk.contract, "again")
    assert (replay.after, replay.needs_a_look) == (None, True)
    assert len(desk.rows(extract)) == 1


def test_history_keeps_every_reading_in_order(desk: Desk) -> None:
    desk.ingest(FLAWS)
    mend_status(desk)
    list(replay_source(desk.settings, desk.contract, "again"))
    desk.changed(None)
    list(replay_source(desk.settings, desk.contract, "back"))
    history = read_history(desk.settings)
    assert history["run_id"].to_list() == ["test", "again", "back"]
    assert history["rows_accepted"].to_list() == [1, 2, 1]
    assert history["is_current"].to_list() == [False, False, True]
    assert history["sequence"].to_list() == [1, 2, 3]
    assert read_ledger(desk.settings).height == 1


def test_extract_is_found_by_the_beginning_of_its_id(desk: Desk) -> None:
    extract = desk.ingest(FLAWS)
    assert find_extracts(desk.settings, extract.extract_id[:5]) == [extract]
    with pytest.raises(QueryError, match="begins with 'zz'"):
        find_extracts(desk.settings, "zz")
