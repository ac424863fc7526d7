"""Worked examples of Erlang C and of the service level, computed by the project's own models.

The SQL is the compiled model itself; only the table it reads is made here, so that loads, targets
and thresholds can be those of the examples.
"""

import json
from math import inf
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.metrics.compiled import Request
from pipelines.metrics.compiler import Compiler

pytestmark = [pytest.mark.realdata, pytest.mark.xdist_group("realdata")]

Desk = dict[str, Any]


@pytest.fixture(scope="module")
def oracle(shared_oracles: Path) -> dict[str, Any]:
    text = (shared_oracles / "call_erlang_c.json").read_text(encoding="utf-8")
    examples: dict[str, Any] = json.loads(text)
    return examples


def model(target: Path, name: str) -> str:
    """The SQL dbt runs for a model, reading tables without a database name."""
    path = next((target / "compiled").rglob(f"{name}.sql"))
    text = path.read_text(encoding="utf-8")
    return text.replace('"warehouse".', "").replace('"working".', "")


def desk(key: str, load: float, handle: float = 180, staffed: int | None = None) -> Desk:
    return {
        "staffing_key": key,
        "load_erlangs": load,
        "average_handle_seconds": handle,
        "staffed_agents_count": staffed,
        "answer_within_seconds": 20,
        "target_ratio": 0.8,
        "max_occupancy_ratio": None,
        "shrinkage_ratio": 0.3,
    }


def estimated(target: Path, desks: list[Desk]) -> dict[str, Desk]:
    """What fct_staffing_intervals says of desks."""
    columns = {
        "staffing_key": "varchar", "source": "varchar", "line_key": "varchar",
        "calendar_id": "varchar", "offered_count": "bigint", "average_handle_seconds": "double",
        "load_erlangs": "double", "staffed_seconds": "bigint", "staffed_agents_count": "bigint",
        "answer_within_seconds": "double", "target_ratio": "double",
        "max_occupancy_ratio": "double", "shrinkage_ratio": "double",
        "half_hour_started_at": "timestamp", "interval_date": "date", "half_hour": "varchar",
        "iso_weekday": "varchar",
    }  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate; create schema reference")
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"create table intermediate.int_staffing__loaded ({declared})")
        connection.executemany(
            "insert into intermediate.int_staffing__loaded by name select "
            + ", ".join(f"${name} as {name}" for name in desks[0]),
            desks,
        )
        connection.execute(
            f"create table reference.whole_numbers as {model(target, 'whole_numbers')}"
        )
        cursor = connection.execute(model(target, "fct_staffing_intervals"))
        names = [column[0] for column in cursor.description or []]
        told = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["staffing_key"]: row for row in told}


@pytest.fixture(scope="module")
def target(published_home: Path) -> Path:
    """dbt's artefacts of this project."""
    return published_home / "dbt" / "target"


def test_erlang_c(target: Path, oracle: dict[str, Any]) -> None:
    names = {
        "pw": "estimated_wait_ratio",
        "sl": "estimated_service_level_ratio",
        "asa": "estimated_answer_seconds",
    }
    cases = {str(n): case for n, case in enumerate(oracle["erlang_c"])}
    desks = [
        desk(key, case["A"], case["aht"], case["N"])
        | {"answer_within_seconds": case.get("sl_t", 20)}
        for key, case in cases.items()
    ]
    told = estimated(target, desks)
    checked = 0
    for key, case in cases.items():
        for name, column in names.items():
            if name in case:
                assert told[key][column] == pytest.approx(case[name], abs=case["tol"]), case
                checked += 1
    assert checked == len(cases) == 12


def test_too_few_agents_never_catch_up(target: Path, oracle: dict[str, Any]) -> None:
    for case in oracle["unstable"]:
        told = estimated(target, [desk("x", case["A"], staffed=case["N"])])["x"]
        assert told["estimated_wait_ratio"] == case["pw"]
        assert told["estimated_service_level_ratio"] == case["sl"]
        # an endless mean is no number: null
        assert float(case["asa"]) == inf
        assert told["estimated_answer_seconds"] is None


def test_required_agents(target: Path, oracle: dict[str, Any]) -> None:
    cases = {str(n): case for n, case in enumerate(oracle["required_agents"])}
    told = estimated(
        target,
        [
            desk(key, case["calls"] * case["aht"] / case["interval"], case["aht"])
            | {
                "answer_within_seconds": case["t"],
                "target_ratio": case["sl"],
                "max_occupancy_ratio": case.get("max_occupancy"),
            }
            for key, case in cases.items()
        ],
    )
    for key, case in cases.items():
        assert told[key]["needed_agents_count"] == case["expected"], case
        if "with_shrinkage_30pct" in case:
            assert told[key]["needed_scheduled_count"] == case["with_shrinkage_30pct"]


def test_erlang_b_within(target: Path, oracle: dict[str, Any]) -> None:
    """C = B / (1 - r (1 - B)) turned round: B = C (1 - r) / (1 - r C), r the load per agent."""
    for case in oracle["erlang_b"]:
        if case["N"] <= case["A"]:
            continue
        told = estimated(target, [desk("x", case["A"], staffed=case["N"])])["x"]
        waits, busy = told["estimated_wait_ratio"], case["A"] / case["N"]
        assert waits * (1 - busy) / (1 - busy * waits) == pytest.approx(case["b"], abs=5e-5)


def test_cleveland_table(target: Path, oracle: dict[str, Any]) -> None:
    table = oracle["cleveland_table"]
    load = table["calls"] * table["aht"] / table["interval"]
    desks = [desk(str(row["N"]), load, table["aht"], row["N"]) for row in table["rows"]]
    told = estimated(target, desks)
    for row in table["rows"]:
        found = told[str(row["N"])]
        assert round(100 * found["estimated_service_level_ratio"]) == row["sl_pct"]
        assert round(found["estimated_answer_seconds"]) == row["asa"]
        assert round(100 * load / row["N"]) == row["occ_pct"]


def test_service_level_variants(target: Path, shared_oracles: Path) -> None:
    """The metrics' own SQL on a fact of as many calls as the example has."""
    name = "call_service_level_variants_icmi.json"
    example = json.loads((shared_oracles / name).read_text(encoding="utf-8"))
    given, expected = example["input"], example["expected_exact"]
    groups = [
        ("answered", given["answered_within_T"], True, False, False),
        ("answered", given["answered"] - given["answered_within_T"], False, False, False),
        ("abandoned", given["abandoned_within_5s"], False, True, True),
        (
            "abandoned",
            given["abandoned_within_T"] - given["abandoned_within_5s"],
            False,
            True,
            False,
        ),
        ("abandoned", given["abandoned_after_T"], False, False, False),
    ]
    compiler = Compiler((target / "semantic_manifest.json").read_text(encoding="utf-8"))
    metrics = {
        "f1_abandons_in_T_count_as_success": "calls_service_level_f1_ratio",
        "f2_answered_only": "calls_service_level_f2_ratio",
        "f3_all_abandons_negative": "calls_service_level_strict_ratio",
        "f4_exclude_abandons_within_T": "calls_service_level_f4_ratio",
        "f5_short_abandons_count_as_success": "calls_service_level_f5_ratio",
        "f6_exclude_short_abandons_from_denominator": "calls_service_level_ratio",
    }
    assert metrics.keys() == expected.keys()
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; create schema warehouse.marts")
        connection.execute(
            "create table warehouse.marts.fct_calls (source varchar, is_offered boolean, "
            "is_answered boolean, is_abandoned boolean, is_answered_in_time boolean, "
            "is_abandoned_in_time boolean, is_short_abandoned boolean)"
        )
        for outcome, size, answered_in_time, abandoned_in_time, short in groups:
            connection.execute(
                "insert into warehouse.marts.fct_calls select 'x', true, $1, not $1, $2, $3, $4 "
                f"from range({size})",
                [outcome == "answered", answered_in_time, abandoned_in_time, short],
            )
        for variant, metric in metrics.items():
            sql = compiler.compile(Request((metric,))).sql
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description or []]
            row = dict(zip(names, cursor.fetchall()[0], strict=True))
            assert row[metric] == pytest.approx(expected[variant], abs=1e-12), variant
