"""Suites compiled from contracts, and what the gate does with an extract that breaks one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import BatchRule, SourceContract, load_contracts
from pipelines.ingest import (
    Extract,
    accepted_path,
    ingest_source,
    read_ledger,
    unjudged_extracts,
)
from pipelines.quality.extract_gate import contract_suite, gate_extracts
from pipelines.quality.results import read_extract_verdicts, read_verdicts
from pipelines.settings import Settings


@pytest.fixture(scope="module")
def contract() -> SourceContract:
    return load_contracts(Settings().contracts_dir).sources["demo_callcenter", "call"]


Landed = Callable[[str, int, int], None]


@pytest.fixture
def landed(tmp_path: Path, contract: SourceContract) -> tuple[Settings, Landed]:
    settings = Settings(home=tmp_path)
    folder = settings.landing_dir / "demo_callcenter"
    folder.mkdir(parents=True)
    mapped = [column for column in contract.columns if column.headers]

    def land(day: str, good: int, bad: int) -> None:
        lines = [",".join(column.headers[0] for column in mapped)]
        for number in range(good + bad):
            values = {
                "call_id": f"{day}-{number}",
                "started_at": "2026/9/1 8:00:00" if number < good else "yesterday",
                "outcome": word(contract, "outcome", "answered"),
                "wait_seconds": "3",
            }
            lines.append(",".join(values.get(column.name, "") for column in mapped))
        text = "\n".join(lines) + "\n"
        (folder / f"calls_{day}_{day}T230000.csv.gz").write_text(text, encoding="utf-8")

    return settings, land


def word(contract: SourceContract, column: str, value: str) -> str:
    """The source's own word for a canonical value."""
    (found,) = (c for c in contract.columns if c.name == column)
    words = {canonical: own for own, canonical in (found.value_map or {}).items()}
    return words.get(value, value)


def ingest(settings: Settings, contract: SourceContract) -> list[Extract]:
    return ingest_source(settings, contract, "r")


@pytest.mark.parametrize(("good", "bad", "refused"), [(49, 1, 0), (40, 10, 0), (10, 40, 1)])
def test_an_extract_that_is_mostly_bad_is_refused(
    landed: tuple[Settings, Landed], contract: SourceContract, good: int, bad: int, refused: int
) -> None:
    """1 of 50 is 2 %: fine. 10 of 50 is 20 %: a warning. 40 of 50 is 80 %: refused."""
    settings, land = landed
    land("20260901", good, bad)
    extracts, verdicts = gate_extracts(settings, contract, ingest(settings, contract), "r")
    assert sum(e.outcome == "refused" for e in extracts) == refused
    ratio = [v for v in verdicts if v.rule == "quarantined_ratio"]
    assert {(v.severity, v.is_met) for v in ratio} == {
        ("error", bad / (good + bad) <= 0.5),
        ("warn", bad / (good + bad) <= 0.02),
    }


def test_only_the_broken_extract_leaves_raw(
    landed: tuple[Settings, Landed], contract: SourceContract
) -> None:
    settings, land = landed
    land("20260901", 10, 0)
    land("20260902", 1, 9)
    land("20260903", 10, 0)
    loaded = ingest(settings, contract)
    extracts, _ = gate_extracts(settings, contract, loaded, "r")
    outcomes = {e.file.split("_")[-2]: e.outcome for e in extracts}
    assert outcomes == {"20260901": "loaded", "20260902": "refused", "20260903": "loaded"}
    (refused,) = (e for e in extracts if e.outcome == "refused")
    assert not accepted_path(settings, refused).exists()
    assert "quarantined_ratio" in str(refused.message)
    assert read_ledger(settings)["rows_accepted"].sum() == 20
    assert set(read_verdicts(settings)["suite"]) == {"demo_callcenter.call"}
    assert read_extract_verdicts(settings)["extract_id"].n_unique() == 3


@pytest.mark.parametrize(
    ("change", "rule", "column"),
    [
        ("call_id = null where _record = 1", "required", "call_id"),
        ("outcome = 'lost' where _record = 1", "valid_values", "outcome"),
        ("wait_seconds = -1 where _record = 1", "range", "wait_seconds"),
        ("call_id = 'same' where _record <= 2", "unique_key", None),
    ],
)
def test_accepted_rows_are_counted_again(
    landed: tuple[Settings, Landed],
    contract: SourceContract,
    change: str,
    rule: str,
    column: str | None,
) -> None:
    """Rows that a faulty gate would have let through: one of ten breaks a promise."""
    settings, land = landed
    land("20260901", 10, 0)
    (extract,) = ingest(settings, contract)
    file = accepted_path(settings, extract)
    with duckdb.connect() as connection:
        connection.execute(f"create table t as from '{file}'")
        connection.execute(f"update t set {change}")
        connection.execute(f"copy t to '{file}' (format parquet)")
    (judged,), verdicts = gate_extracts(settings, contract, [extract], "r")
    broken = {(v.rule, v.column_name): v.found for v in verdicts if v.blocks}
    assert broken == {(rule, column): 1}
    assert judged.outcome == "refused"


def test_a_column_the_suite_asks_for_must_be_there(contract: SourceContract) -> None:
    judged = {(rule.name, rule.column) for rule, _ in contract_suite(contract).values()}
    assert {("required", "started_at"), ("valid_values", "outcome"), ("unique_key", None)} <= judged
    assert {("drift", "outcome"), ("null_rise", "agent_id"), ("volume", None)} <= judged
    dropped = replace(contract, columns=tuple(replace(c, pii="drop") for c in contract.columns))
    rules = {rule.name for rule, _ in contract_suite(replace(dropped, batch_rules=())).values()}
    assert rules == {"unique_key"}


def test_an_extract_waits_for_its_verdict_until_it_has_one(
    landed: tuple[Settings, Landed], contract: SourceContract
) -> None:
    """Read by hand, or by a run killed before its gate: the next night judges it."""
    settings, land = landed
    land("20260901", 10, 0)
    assert [e.is_new for e in ingest(settings, contract)] == [True]
    assert [e.is_new for e in ingest(settings, contract)] == [False]
    waiting = unjudged_extracts(settings, contract)
    assert len(waiting) == 1
    gate_extracts(settings, contract, waiting, "r")
    assert unjudged_extracts(settings, contract) == []


@pytest.mark.parametrize(("severity", "outcome"), [("error", "refused"), ("warn", "loaded")])
def test_an_error_refuses_and_a_warning_is_loaded_and_told(
    landed: tuple[Settings, Landed], contract: SourceContract, severity: str, outcome: str
) -> None:
    """Four Tuesdays of ten rows and one of four: 0.4 of the median, half of it is asked for."""
    settings, land = landed
    rule = BatchRule("volume", severity, low=0.5, high=2)
    judging = replace(contract, batch_rules=(rule,))
    for day in ("0901", "0908", "0915", "0922"):
        land(f"2026{day}", 10, 0)
    first, none = gate_extracts(settings, judging, ingest(settings, contract), "night 1")
    assert {e.outcome for e in first} == {"loaded"}
    assert {v.rule for v in none}.isdisjoint({"volume"}), "too little to compare with"
    land("20260929", 4, 0)
    waiting = [e for e in ingest(settings, contract) if e.is_new]
    (judged,), verdicts = gate_extracts(settings, judging, waiting, "night 2")
    assert judged.outcome == outcome
    (told,) = (v for v in verdicts if not v.is_met)
    assert (told.rule, told.found, told.low, told.high) == ("volume", 4, 5, 20)
    kept = read_extract_verdicts(settings)
    assert set(kept["run_id"]) == {"night 1", "night 2"}
    assert kept.filter(~kept["is_met"])["extract_id"].to_list() == [judged.extract_id]
    assert ("volume" in str(judged.message)) == (severity == "error")
