"""Suites compiled from contracts, and what the gate does with an extract that breaks one."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipelines.contracts import SourceContract, load_contracts
from pipelines.ingest import (
    Extract,
    accepted_path,
    ingest_source,
    read_ledger,
    unjudged_extracts,
)
from pipelines.quality import extract_gate
from pipelines.quality.extract_gate import contract_suite, gate_extracts
from pipelines.quality.results import Verdict, read_verdicts
from pipelines.quality.validate import validate
from pipelines.settings import Settings

GOOD = {
    "call_id": ["c1", "c2"],
    "_extract": ["e", "e"],
    "started_at": pd.to_datetime(["2026-01-01", "2026-01-02"]),
    "outcome": ["answered", "abandoned"],
    "ivr_seconds": [1, 2],
    "ring_seconds": [4, None],
    "wait_seconds": [1, 2],
    "talk_seconds": [60, None],
    "hold_seconds": [0, None],
    "wrap_seconds": [5, None],
}


@pytest.fixture(scope="module")
def contract() -> SourceContract:
    return load_contracts(Settings().contracts_dir).sources["demo_callcenter", "call"]


def broken(verdicts: list[Verdict]) -> set[tuple[str, str | None]]:
    return {(v.expectation, v.column_name) for v in verdicts if not v.is_met}


def test_good_rows_meet_the_contract(contract: SourceContract) -> None:
    verdicts = validate(pd.DataFrame(GOOD), "s", contract_suite(contract), "r")
    assert verdicts
    assert broken(verdicts) == set()


@pytest.mark.parametrize(
    ("column", "values", "expectation", "judged"),
    [
        ("call_id", ["c1", None], "expect_column_values_to_not_be_null", "call_id"),
        ("outcome", ["answered", "lost"], "expect_column_values_to_be_in_set", "outcome"),
        ("wait_seconds", [-1, 2], "expect_column_values_to_be_between", "wait_seconds"),
        (
            "call_id",
            ["c1", "c1"],
            "expect_compound_columns_to_be_unique",
            "_extract, call_id",
        ),
    ],
)
def test_each_promise_is_judged(
    contract: SourceContract, column: str, values: list[object], expectation: str, judged: str
) -> None:
    frame = pd.DataFrame(GOOD | {column: values})
    verdicts = validate(frame, "s", contract_suite(contract), "r")
    assert (expectation, judged) in broken(verdicts)
    assert any(v.blocks for v in verdicts)


def test_a_missing_column_is_an_unmet_expectation_not_a_crash(contract: SourceContract) -> None:
    frame = pd.DataFrame({k: v for k, v in GOOD.items() if k != "outcome"})
    verdicts = validate(frame, "s", contract_suite(contract), "r")
    assert any(v.blocks and v.column_name == "outcome" for v in verdicts)


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
    ratio = [v for v in verdicts if v.column_name == "quarantined_ratio"]
    assert {(v.severity, v.is_met) for v in ratio} == {
        ("error", bad / (good + bad) <= 0.5),
        ("warn", bad / (good + bad) <= 0.02),
    }


@pytest.mark.parametrize("chunk_rows", [1, 1_000_000])
def test_only_the_broken_extract_leaves_raw(
    landed: tuple[Settings, Landed],
    contract: SourceContract,
    monkeypatch: pytest.MonkeyPatch,
    chunk_rows: int,
) -> None:
    settings, land = landed
    monkeypatch.setattr(extract_gate, "CHUNK_ROWS", chunk_rows)
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
    assert "demo_callcenter.call" in read_verdicts(settings)["suite"].to_list()


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
