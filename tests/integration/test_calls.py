"""Calls through the whole project: random histories against the plain-Python reference, published
examples, and sums of days against weeks."""

import json
import os
import random
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.metrics.compiled import Request
from pipelines.metrics.compiler import Compiler
from pipelines.settings import Settings
from pipelines.warehouse.calendars import write_business_days
from pipelines.warehouse.dbt import dbt_executable
from tests.integration.raw_store import write_empty_raw, write_raw
from tests.reference import calls as reference

pytestmark = pytest.mark.xdist_group("dbt")

AS_OF = datetime(2026, 3, 20)  # noqa: DTZ001 - raw holds UTC without zone
FIRST = datetime(2026, 2, 26, 3)  # noqa: DTZ001
WITHIN, SHORT = 20, 5
Calls = list[dict[str, Any]]


def random_calls(generator: random.Random, size: int) -> Calls:
    """Few callers, so that they repeat; waits around the thresholds; unknown parts."""
    outcomes = ["answered"] * 8 + ["abandoned"] * 3 + ["ivr_only", "failed", "callback"]
    calls = []
    for number in range(size):
        outcome = generator.choice(outcomes)
        answered = outcome == "answered"
        started = FIRST + timedelta(seconds=generator.randrange(20 * 86_400))
        calls.append(
            {
                "call_id": f"{number:05}",
                "caller_id": generator.choice([None, *(f"p{n}" for n in range(size // 6))]),
                "is_caller_hidden": generator.choice([None, False, False, True]),
                "line_id": generator.choice(["one", "two"]),
                "queue_id": generator.choice(["a", "b", None]),
                "started_at": started,
                "outcome": outcome,
                "wait_seconds": generator.choice([0, 4, 5, 6, 19, 20, 21, 61])
                if outcome in ("answered", "abandoned")
                else None,
                "talk_seconds": generator.choice([None, *range(1, 300)]) if answered else None,
                "hold_seconds": generator.choice([None, 0, 30]) if answered else None,
                "wrap_seconds": generator.choice([None, 0, 45]) if answered else None,
                "is_transferred": generator.choice([None, True, False]) if answered else None,
                "called_back_at": started + timedelta(minutes=generator.randrange(1, 90))
                if outcome in ("abandoned", "callback") and generator.random() < 0.5
                else None,
            }
        )
    return calls


def random_states(generator: random.Random, size: int) -> Calls:
    """Overlapping, open, empty and long states of five agents."""
    kinds = ["available", "talk", "hold", "wrap", "break", "training", "offline"]
    states = []
    for number in range(size):
        started = FIRST + timedelta(seconds=generator.randrange(20 * 86_400))
        length = generator.choice([0, 1, 59, 600, 900, 4_000, 30_000])
        ended = started + timedelta(seconds=length) if generator.random() < 0.9 else None
        states.append(
            {
                "state_id": f"{number:05}",
                "agent_id": f"x{generator.randrange(5)}",
                "line_id": generator.choice(["one", "two"]),
                "state": generator.choice(kinds),
                "started_at": started,
                "ended_at": ended if ended is None or ended <= AS_OF else None,
            }
        )
    return states


def icmi_calls() -> Calls:
    """ICMI QueueTips 2002, "Service Level Calculations": 1,000 answered, 860 of them within T; 60
    abandoned, 20 within T, of those 10 within 5 s."""
    waits = [("answered", 20)] * 860 + [("answered", 21)] * 140
    waits += [("abandoned", 5)] * 10 + [("abandoned", 20)] * 10 + [("abandoned", 60)] * 40
    return [
        {
            "call_id": str(number),
            "started_at": FIRST,
            "outcome": outcome,
            "wait_seconds": wait,
        }
        for number, (outcome, wait) in enumerate(waits)
    ]


def erlang_day() -> tuple[Calls, Calls]:
    """360 calls of 240 s in half an hour, 55 agents: 48 erlangs (mitan.co.uk, "The Erlang-C
    Formula"); an hour later 100 calls of 180 s, 14 agents: 10 erlangs (callcentrehelper.com)."""
    calls, states = [], []
    for start, size, talk, agents in (
        (FIRST, 360, 240, 55),
        (FIRST + timedelta(hours=1), 100, 180, 14),
    ):
        calls += [
            {
                "call_id": f"{start:%H}-{number}",
                "line_id": "desk",
                "started_at": start + timedelta(seconds=number * 1800 // size),
                "outcome": "answered",
                "wait_seconds": 0,
                "talk_seconds": talk,
            }
            for number in range(size)
        ]
        states += [
            {
                "state_id": f"{start:%H}-{agent}",
                "agent_id": f"a{agent}",
                "line_id": "desk",
                "state": "available",
                "started_at": start,
                "ended_at": start + timedelta(minutes=30),
            }
            for agent in range(agents)
        ]
    return calls, states


def transferred_calls() -> Calls:
    """One call in three legs, and one whose first leg is not on record."""
    legs = [("1", None, 60), ("1b", "1", 30), ("1c", "1", 10), ("9b", "9", 40)]
    return [
        {
            "call_id": name,
            "leg_of_call_id": first,
            "started_at": FIRST,
            "outcome": "answered",
            "wait_seconds": 3,
            "talk_seconds": talk,
            "is_transferred": False,
        }
        for name, first, talk in legs
    ]


@pytest.fixture(scope="module")
def rows() -> tuple[Calls, Calls]:
    generator = random.Random(20260225)  # noqa: S311 - the same rows every time
    return random_calls(generator, 3_000), random_states(generator, 1_500)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, rows: tuple[Calls, Calls]) -> Path:
    """A home on which all models were built; the data tests run with the other hand-made store."""
    home = tmp_path_factory.mktemp("calls")
    (home / "build").mkdir()
    write_empty_raw(home)
    exported = AS_OF.isoformat()
    write_raw(home, "call", rows[0], "random", extracted_at=exported)
    write_raw(home, "agent_state", rows[1], "random", extracted_at=exported)
    write_raw(home, "call", icmi_calls(), "icmi", extracted_at=exported)
    write_raw(home, "call", transferred_calls(), "legs", extracted_at=exported)
    erlang_calls, erlang_states = erlang_day()
    write_raw(home, "call", erlang_calls, "erlang", extracted_at=exported)
    write_raw(home, "agent_state", erlang_states, "erlang", extracted_at=exported)
    settings = Settings(home=home)
    pieces = write_business_days(settings, date(2026, 1, 1), date(2026, 6, 30))
    variables = json.dumps({"as_of": f"{AS_OF}", "business_day_pieces": pieces})
    done = subprocess.run(
        [
            *(dbt_executable(), "build", "--profiles-dir", ".", "--vars", variables),
            *("--exclude-resource-type", "unit_test"),
        ],
        cwd=settings.dbt_dir,
        env=os.environ
        | {
            "KPI_HOME": str(home),
            "DBT_TARGET_PATH": str(home / "target"),
            "DBT_LOG_PATH": str(home / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    return home


@pytest.fixture(scope="module")
def warehouse(built: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(built / "build" / "warehouse.duckdb"), read_only=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def compiler(built: Path) -> Compiler:
    return Compiler((built / "target" / "semantic_manifest.json").read_text(encoding="utf-8"))


Answer = dict[str, float | None]


def answer(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler, metric: str, source: str
) -> Answer:
    """A KPI of one source over all time, with its parts."""
    query = compiler.compile(Request((metric,), filtered=("source",)))
    cursor = warehouse.execute(query.sql, {"members_0": [source]})
    names = [column[0] for column in cursor.description or []]
    return dict(zip(names, cursor.fetchall()[0], strict=True))


@pytest.mark.parametrize(
    ("metric", "percent"),
    [
        ("calls_service_level_f1_ratio", 83.02),
        ("calls_service_level_f2_ratio", 86.00),
        ("calls_service_level_strict_ratio", 81.13),
        ("calls_service_level_f4_ratio", 82.69),
        ("calls_service_level_f5_ratio", 82.08),
        ("calls_service_level_ratio", 81.90),
        ("calls_answered_ratio", 100 * 1000 / 1060),
        ("calls_abandoned_ratio", 100 * 50 / 1050),
        ("calls_abandoned_all_ratio", 100 * 60 / 1060),
    ],
)
def test_service_levels_of_icmi(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler, metric: str, percent: float
) -> None:
    value = answer(warehouse, compiler, metric, "icmi")[metric]
    assert value is not None
    assert 100 * value == pytest.approx(percent, abs=0.005)


VARIANTS = {
    "f1": "calls_service_level_f1_ratio",
    "f2": "calls_service_level_f2_ratio",
    "f3": "calls_service_level_strict_ratio",
    "f4": "calls_service_level_f4_ratio",
    "f5": "calls_service_level_f5_ratio",
    "f6": "calls_service_level_ratio",
}


def test_service_levels_equal_the_reference(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler, rows: tuple[Calls, Calls]
) -> None:
    expected = reference.service_levels(reference.components(rows[0], WITHIN, SHORT))
    found = {
        name: answer(warehouse, compiler, metric, "random")[metric]
        for name, metric in VARIANTS.items()
    }
    assert found == pytest.approx(expected)


def test_means_equal_the_reference(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler, rows: tuple[Calls, Calls]
) -> None:
    answered = [call for call in rows[0] if call["outcome"] == "answered"]
    handled = [call for call in answered if call["talk_seconds"] is not None]
    left = [c for c in rows[0] if c["outcome"] in ("abandoned", "callback")]
    back = [c for c in left if c["called_back_at"]]
    pairs: dict[str, list[float]] = {
        "average_speed_of_answer": [c["wait_seconds"] for c in answered],
        "average_handle_time": [
            c["talk_seconds"] + (c["hold_seconds"] or 0) + (c["wrap_seconds"] or 0) for c in handled
        ],
        "average_talk_time": [c["talk_seconds"] for c in handled],
        "average_hold_time": [c["hold_seconds"] for c in handled if c["hold_seconds"] is not None],
        "average_wrap_time": [c["wrap_seconds"] for c in handled if c["wrap_seconds"] is not None],
        "calls_transferred_ratio": [
            c["is_transferred"] for c in answered if c["is_transferred"] is not None
        ],
        "calls_called_back_ratio": [
            c["called_back_at"] is not None for c in left if c["outcome"] == "callback"
        ],
        "calls_abandoned_called_back_ratio": [
            c["called_back_at"] is not None for c in left if c["outcome"] == "abandoned"
        ],
        "callback_calendar_mean": [
            (c["called_back_at"] - c["started_at"]).total_seconds() for c in back
        ],
    }
    for metric, values in pairs.items():
        parts = answer(warehouse, compiler, metric, "random")
        definition = compiler.metrics[metric]
        assert parts[str(definition.numerator_metric)] == sum(values), metric
        assert parts[str(definition.denominator_metric)] == len(values), metric
        assert parts[metric] == pytest.approx(sum(values) / len(values)), metric


@pytest.mark.parametrize(("name", "hours"), [("24h", 24), ("7d", 7 * 24)])
def test_repeats_equal_the_reference(
    warehouse: duckdb.DuckDBPyConnection,
    compiler: Compiler,
    rows: tuple[Calls, Calls],
    name: str,
    hours: int,
) -> None:
    repeated, judged = reference.repeats(rows[0], hours)
    parts = answer(warehouse, compiler, f"calls_repeated_{name}_ratio", "random")
    assert repeated > 20
    assert parts[f"calls_repeat_{name}_count"] == repeated
    assert parts[f"calls_repeat_{name}_known_count"] == judged


def test_agents_time_equals_the_reference(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler, rows: tuple[Calls, Calls]
) -> None:
    expected = reference.agent_quarters(rows[1], AS_OF)
    names = ("available", "talk", "hold", "wrap", "break", "training")
    found = warehouse.execute(
        "select agent_key, line_key, interval_started_at, "
        + ", ".join(f"{name}_seconds" for name in names)
        + " from marts.fct_agent_intervals where source = 'random'"
    ).fetchall()
    told = {
        (agent.split(":")[1], line.split(":")[1], at): dict(zip(names, seconds, strict=True))
        for agent, line, at, *seconds in found
    }
    assert len(told) == len(found) > 1_000
    assert told == {
        key: {name: seconds.get(name, 0) for name in names} for key, seconds in expected.items()
    }
    handled = sum(s for q in expected.values() for n, s in q.items() if n in names[1:4])
    available = sum(q.get("available", 0) for q in expected.values())
    occupancy = answer(warehouse, compiler, "agents_occupancy_ratio", "random")
    assert occupancy["agents_occupancy_ratio"] == pytest.approx(handled / (handled + available))


def test_overlaps_are_told(warehouse: duckdb.DuckDBPyConnection) -> None:
    told = warehouse.execute(
        "select count(*), max(overlap_calendar_seconds) from marts.fct_agent_states "
        "where overlap_calendar_seconds > 0"
    ).fetchall()
    assert told[0][0] > 0
    # the longest state of the generator is 30,000 s
    assert told[0][1] <= 30_000


def test_intervals_equal_the_reference(
    warehouse: duckdb.DuckDBPyConnection, rows: tuple[Calls, Calls]
) -> None:
    expected: dict[Any, Calls] = defaultdict(list)
    for call in rows[0]:
        at = call["started_at"]
        quarter = at.replace(minute=at.minute // 15 * 15, second=0)
        expected[call["line_id"], call["queue_id"], quarter].append(call)
    found = warehouse.execute(
        "select line_key, queue_key, interval_started_at, calls_count, answered_count, "
        "abandoned_count, answered_in_time_count, abandoned_in_time_count, short_abandoned_count, "
        "half_hour_started_at from marts.fct_call_intervals where source = 'random'"
    ).fetchall()
    assert len(found) == len(expected)
    names = ("answered", "abandoned", "answered_in_time", "abandoned_in_time", "short")
    for line, queue, at, size, *counts, half in found:
        named = None if queue == "unknown" else queue.split(":")[1]
        calls = expected[line.split(":")[1], named, at]
        parts = reference.components(calls, WITHIN, SHORT)
        assert (size, counts) == (len(calls), [parts[name] for name in names])
        assert half == reference.half_hour_start(at, "UTC")


def test_staffing_equals_the_reference(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select load_erlangs, average_handle_seconds, staffed_agents_count, needed_agents_count, "
        "needed_scheduled_count, estimated_wait_ratio, estimated_service_level_ratio, "
        "estimated_answer_seconds from marts.fct_staffing_intervals "
        "where load_erlangs > 0 and staffed_seconds is not null"
    ).fetchall()
    assert len(found) > 500
    for load, handle, staffed, needed, scheduled, waits, level, seconds in found:
        assert needed == reference.agents_needed(load, handle, WITHIN, 0.8)
        assert scheduled == reference.scheduled(needed, 0.3)
        expected = reference.erlang_c(load, staffed, handle, WITHIN)
        told = (waits, level, float("inf") if seconds is None else seconds)
        assert told == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_published_erlang_c(warehouse: duckdb.DuckDBPyConnection) -> None:
    """48 erlangs, 55 agents: C 0.2387, 86.68 % in 20 s, 8.18 s, 54 needed for 80/20; 10 erlangs, 14
    agents: 88.8 %."""
    first, second = warehouse.execute(
        "select load_erlangs, staffed_agents_count, needed_agents_count, estimated_wait_ratio, "
        "estimated_service_level_ratio, estimated_answer_seconds, is_understaffed "
        "from marts.fct_staffing_intervals where source = 'erlang' order by half_hour_started_at"
    ).fetchall()
    assert first[:3] == (48, 55, 54)
    assert first[3:6] == (
        pytest.approx(0.2387, abs=5e-5),
        pytest.approx(0.8668, abs=5e-5),
        pytest.approx(8.184, abs=0.005),
    )
    assert first[6] is False
    assert second[:2] == (10, 14)
    assert second[4] == pytest.approx(0.888, abs=0.0006)


def test_a_call_in_legs_is_one_call(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler
) -> None:
    parts = answer(warehouse, compiler, "calls_transferred_ratio", "legs")
    assert parts["calls_transferred_ratio"] == 0.5
    handle = answer(warehouse, compiler, "average_handle_time", "legs")
    assert handle["average_handle_time"] == (60 + 30 + 10 + 40) / 2
    left_out = warehouse.execute(
        "select source, reason, rows_count from marts.mart_data_quality__exclusions "
        "where entity = 'call'"
    ).fetchall()
    assert left_out == [("legs", "leg_of_another_call", 2)]


def test_weeks_are_sums_of_days(warehouse: duckdb.DuckDBPyConnection, compiler: Compiler) -> None:
    """Numerators and denominators of every ratio about calls."""
    for name, metric in compiler.metrics.items():
        if metric.family != "calls" or metric.unit == "count" or not metric.numerator_metric:
            continue
        parts = (metric.numerator_metric, metric.denominator_metric)
        sums: dict[str, dict[date, list[float]]] = {}
        for grain in ("day", "week"):
            query = compiler.compile(Request((name,), grain=grain))
            cursor = warehouse.execute(query.sql)
            names = [column[0] for column in cursor.description or []]
            by_week: dict[date, list[float]] = {}
            for row in cursor.fetchall():
                told = dict(zip(names, row, strict=True))
                day = told[next(c for c in names if c.startswith("metric_time"))]
                week = (day if isinstance(day, date) else day.date()) - timedelta(day.weekday())
                week = week.date() if isinstance(week, datetime) else week
                total = by_week.setdefault(week, [0.0, 0.0])
                for place, part in enumerate(parts):
                    total[place] += float(told[str(part)] or 0)
            sums[grain] = by_week
        for week, total in sums["week"].items():
            assert sums["day"][week] == pytest.approx(total), (name, week)
        assert sums["day"].keys() == sums["week"].keys()
