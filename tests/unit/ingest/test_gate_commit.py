"""The same bytes never load twice, and a crash leaves an extract whole or absent."""

import json
from pathlib import Path

import pytest

from pipelines.contracts import load_contracts
from pipelines.errors import ContractError
from pipelines.ingest import (
    clear_landing,
    ensure_empty_raw,
    ingest_source,
    read_ledger,
    replay_source,
)
from pipelines.ingest import commit as commit_module
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

TEXT = table(ROW, with_values(request_id="R2", status="停"))


def land(desk: Desk, name: str, text: str = TEXT) -> Path:
    path = desk.settings.landing_dir / "desk" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def allow_stopped(desk: Desk) -> None:
    words = {"开": "open", "关": "closed", "停": "closed"}
    desk.changed(lambda source, _: set_custom(column(source, "status"), "valueMap", words))


def test_same_bytes_under_another_name_are_known(desk: Desk) -> None:
    first = desk.ingest(TEXT, "a.csv")
    second = desk.ingest(TEXT, "b.csv")
    assert (first.is_new, second.is_new) == (True, False)
    assert first == second
    assert read_ledger(desk.settings).height == 1


def test_same_name_with_other_bytes_is_another_extract(desk: Desk) -> None:
    assert desk.ingest(TEXT).extract_id != desk.ingest(TEXT + "\n").extract_id
    assert read_ledger(desk.settings).height == 2


def test_archive_holds_the_very_bytes(desk: Desk) -> None:
    content = "\ufeff" + TEXT.replace("\n", "\r\n")
    extract = desk.ingest(content, "a.csv")
    copy = desk.settings.archive_dir / extract.sha256 / "a.csv"
    assert copy.read_bytes() == content.encode()


def test_changed_contract_reads_again_and_replaces(desk: Desk) -> None:
    first = desk.ingest(TEXT)
    allow_stopped(desk)
    second = desk.ingest(TEXT)
    assert (first.rows_accepted, second.rows_accepted) == (1, 2)
    assert second.is_new
    assert read_ledger(desk.settings)["rows_accepted"].to_list() == [2]


def test_replay_reads_the_archive_after_a_changed_contract(desk: Desk) -> None:
    path = land(desk, "a.csv")
    ingest_source(desk.settings, desk.contract, "first")
    path.unlink()
    assert list(replay_source(desk.settings, desk.contract, "second")) == []
    allow_stopped(desk)
    (replay,) = replay_source(desk.settings, desk.contract, "second")
    assert replay.after is not None
    assert (replay.after.rows_accepted, replay.after.run_id) == (2, "second")


def test_refused_file_stays_refused_until_the_contract_changes(desk: Desk) -> None:
    text = TEXT.replace("代码", "代号")
    assert desk.ingest(text).outcome == "refused"
    assert not desk.ingest(text).is_new
    desk.changed(lambda source, _: set_custom(column(source, "code"), "sourceHeaders", ["代号"]))
    assert desk.ingest(text).outcome == "loaded"


def test_refused_file_does_not_stop_the_others(desk: Desk) -> None:
    land(desk, "1.csv", "<html>")
    land(desk, "2.csv")
    seen: list[str] = []
    extracts = ingest_source(
        desk.settings, desk.contract, "test", lambda extract: seen.append(extract.file)
    )
    assert [extract.outcome for extract in extracts] == ["refused", "loaded"]
    assert seen == ["desk/1.csv", "desk/2.csv"]


def test_ledger_entry_says_everything(desk: Desk) -> None:
    extract = desk.ingest(TEXT)
    path = desk.settings.raw_dir / "request/source=desk" / f"extract={extract.extract_id}"
    entry = json.loads((path / "extract.json").read_text("utf-8"))
    assert entry["extract_id"] == entry["sha256"][:16]
    assert entry["rows_read"] == entry["rows_accepted"] + entry["rows_quarantined"] == 2
    assert entry["reasons"] == {"status:unknown_value": 1}
    assert entry["contract_sha256"] == desk.contract.sha256
    assert entry["bytes"] == len(TEXT.encode())
    assert "is_new" not in entry


STEPS = [
    "pipelines.ingest.archive._copy",
    "pipelines.ingest.archive.sync_dir",
    "pipelines.ingest.run.pass_gate",
    "pipelines.ingest.gate.pour",
    "pipelines.ingest.sieve._Sinks.write",
    "pipelines.ingest.gate.pq.read_metadata",
    "pipelines.ingest.ledger.commit_folder",
    "pipelines.ingest.commit.sync_file",
    "pipelines.ingest.commit.sync_dir",
]


class PowerCutError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("step", STEPS)
def test_crash_at_a_step_is_repaired_by_the_next_run(
    desk: Desk, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise PowerCutError

    land(desk, "a.csv")
    with monkeypatch.context() as patch:
        patch.setattr(step, cut)
        with pytest.raises(PowerCutError):
            ingest_source(desk.settings, desk.contract, "first")
    assert read_ledger(desk.settings).height == 0
    (extract,) = ingest_source(desk.settings, desk.contract, "second")
    assert (extract.rows_read, extract.rows_accepted) == (2, 1)
    assert read_ledger(desk.settings)["run_id"].to_list() == ["second"]
    assert not list(desk.settings.work_dir.glob("draft-*"))


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_crash_between_the_renames_of_a_replacement(
    desk: Desk, renames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first, between, after the second: old, old again, new."""
    landed = land(desk, "a.csv")
    ingest_source(desk.settings, desk.contract, "first")
    allow_stopped(desk)
    done = 0
    rename = Path.rename

    def rename_or_cut(self: Path, target: Path) -> Path:
        nonlocal done
        if done == renames:
            raise PowerCutError
        done += 1
        return rename(self, target)

    def cut(*_: object, **__: object) -> None:
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename_or_cut)
        if renames == 2:
            patch.setattr(commit_module, "sync_dir", sync_then_cut(cut))
        with pytest.raises(PowerCutError):
            ingest_source(desk.settings, desk.contract, "second")
    landed.unlink()
    assert ingest_source(desk.settings, desk.contract, "nothing in landing") == []
    expected = {0: "first", 1: "first", 2: "second"}[renames]
    assert read_ledger(desk.settings)["run_id"].to_list() == [expected]
    list(replay_source(desk.settings, desk.contract, "third"))
    assert read_ledger(desk.settings)["rows_accepted"].to_list() == [2]
    assert not list(desk.settings.work_dir.glob("replaced*"))


def sync_then_cut(cut: object) -> object:
    """Stands for `sync_dir`: lets the draft be synced, ends at the sync after the rename."""
    calls = 0

    def sync(folder: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            assert callable(cut)
            cut()

    return sync


def test_landing_is_cleared_of_what_is_in_the_ledger(desk: Desk) -> None:
    known = land(desk, "a.csv")
    ingest_source(desk.settings, desk.contract, "test")
    new = land(desk, "b.csv", table(ROW))
    stranger = desk.settings.landing_dir / "elsewhere" / "x.csv"
    stranger.parent.mkdir()
    stranger.write_text("?")
    partial = land(desk, "c.csv.part")
    contracts = load_contracts(desk.folder / "data_contracts")
    assert clear_landing(desk.settings, contracts) == [stranger]
    assert not known.exists()
    assert new.exists()
    assert stranger.exists()
    assert partial.exists()


def test_file_one_contract_has_not_read_stays_in_landing(desk: Desk) -> None:
    path = land(desk, "a.csv")
    (extract,) = ingest_source(desk.settings, desk.contract, "test")
    folder = extract_dir(desk.settings, "desk", "request", extract.extract_id)
    (folder / "extract.json").unlink()
    assert clear_landing(desk.settings, load_contracts(desk.folder / "data_contracts")) == []
    assert path.exists()


def test_file_that_changed_after_ingestion_stays_in_landing(desk: Desk) -> None:
    path = land(desk, "a.csv")
    ingest_source(desk.settings, desk.contract, "test")
    path.write_text(TEXT + ROW.replace("R1", "R9") + "\n", "utf-8")
    clear_landing(desk.settings, load_contracts(desk.folder / "data_contracts"))
    assert path.exists()


def test_every_entity_has_an_empty_extract(desk: Desk) -> None:
    contracts = load_contracts(desk.folder / "data_contracts")
    ensure_empty_raw(desk.settings, contracts)
    ensure_empty_raw(desk.settings, contracts)
    folder = desk.settings.raw_dir / "request" / "source=_none" / "extract=_none"
    assert [path.name for path in folder.iterdir()] == ["accepted.parquet"]
    desk.ingest(TEXT)
    assert read_ledger(desk.settings).height == 1


def test_empty_extract_has_the_columns_of_a_full_one(desk: Desk) -> None:
    import duckdb

    ensure_empty_raw(desk.settings, load_contracts(desk.folder / "data_contracts"))
    desk.ingest(TEXT)
    files = sorted(desk.settings.raw_dir.glob("request/*/*/accepted.parquet"))
    with duckdb.connect() as connection:
        described = [
            connection.execute(
                "select column_name, column_type from (describe select * from "
                "read_parquet($1, hive_partitioning = false))",
                [str(file)],
            ).fetchall()
            for file in files
        ]
    assert described[0] == described[1]


def test_broken_contract_is_an_error_of_the_contract(desk: Desk) -> None:
    with pytest.raises(ContractError, match="header_row"):
        desk.changed(lambda source, _: set_reader(source, "headerRow", 0))
