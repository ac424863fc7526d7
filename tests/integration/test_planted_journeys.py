"""What the simulator planted in the tickets' lives stands in the marts, to the second."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.warehouse.snapshots import current_snapshot

Truth = dict[str, Any]


@pytest.fixture(scope="module")
def marts(published_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    snapshot = current_snapshot(Settings(home=published_home))
    with duckdb.connect(snapshot.path, read_only=True) as connection:
        connection.execute("use marts")
        yield connection


def _counts(marts: duckdb.DuckDBPyConnection, sql: str) -> dict[str, int]:
    return {name: int(count) for name, count in marts.execute(sql).fetchall()}


def _row(marts: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    (row,) = marts.execute(sql).fetchall()
    return tuple(int(value) for value in row)


def test_exclusions_by_reason(marts: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    found = _counts(
        marts,
        "select reason, rows_count from mart_data_quality__exclusions where entity = 'ticket'",
    )
    planted = truth["expected"]["tickets_excluded"]
    assert found == {reason: count for reason, count in planted.items() if count}
    assert (
        sum(planted.values())
        == truth["totals"]["tickets"] - _row(marts, "select count(*) from fct_tickets")[0]
    )


def test_steps(marts: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    planted = truth["expected"]["steps"]
    found = _row(
        marts,
        "select count(acknowledged_at), sum(agent_reassignment_count), count(arrived_at), "
        "count(first_called_back_at), sum(escalation_count), sum(returned_team_count), "
        "sum(team_reassignment_count) from fct_tickets",
    )
    assert dict(zip(sorted(planted), found, strict=True)) == planted


@pytest.mark.parametrize("metric", ["acknowledgement", "arrival", "callback"])
def test_promises(marts: duckdb.DuckDBPyConnection, truth: Truth, metric: str) -> None:
    planted = truth["expected"]["promises"]
    # the clock of a broken promise that nobody kept yet has run up to the cutoff
    stopped, met = _row(
        marts,
        "select count(*) filter (where targets.ended_at < tickets.cutoff_at), "
        "count(*) filter (where targets.state = 'met') "
        "from fct_sla_targets as targets inner join fct_tickets as tickets using (ticket_key) "
        f"where targets.metric = '{metric}' and targets.state in ('met', 'breached')",
    )
    assert (stopped, met) == (planted[f"{metric}_stopped"], planted[f"{metric}_met"])


def test_causes_and_complaints(marts: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    planted = truth["expected"]
    causes = _counts(marts, "select cause, count(*) from fct_tickets group by cause")
    assert {cause: n for cause, n in causes.items() if cause != "unknown"} == planted["causes"]
    found = _row(
        marts,
        "select count(*), sum(cast(is_justified as integer)), "
        "sum(cast(is_repeat_complaint as integer)), count(*) filter (where not is_justified) "
        "from fct_tickets where ticket_type = 'complaint'",
    )
    assert dict(zip(sorted(planted["complaints"]), found, strict=True)) == planted["complaints"]


def test_stages(marts: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    planted = truth["expected"]
    entered = _counts(marts, "select stage, count(*) from fct_ticket_stages group by stage")
    assert entered == planted["stages_entered"]
    changes = _counts(
        marts,
        "select stage || ' to ' || next_stage, count(*) from fct_ticket_stages "
        "where next_stage <> 'none' group by all",
    )
    assert changes == planted["stage_changes"]
    seconds = _counts(
        marts,
        "select stage, sum(calendar_seconds) from fct_ticket_intervals "
        "where not is_current and status in ('new', 'open', 'pending', 'on_hold') group by stage",
    )
    assert seconds == {s: n for s, n in planted["stage_backlog_seconds"].items() if n}
