"""The whole project on a hand-made raw store: dbt's own tests pass, published answers come out.

Each source is one published or hand-computed example; arithmetic and origin stand beside it.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.metrics.compiled import Request
from pipelines.metrics.compiler import Compiler
from pipelines.metrics.model import GRAINS
from pipelines.settings import Settings
from pipelines.warehouse.calendars import write_business_days
from pipelines.warehouse.dbt import dbt_executable
from tests.integration.raw_store import write_empty_raw, write_raw

pytestmark = pytest.mark.xdist_group("dbt")

AS_OF = "2026-03-20 00:00:00"
DAY = "2026-03-02T"

Events = list[tuple[str, str, str | None, str | None]]

# Zendesk's definitions (article 4408834848154) on eight histories: time, type, actor, status.
LIVES: dict[str, Events] = {
    "T1": [
        ("09:00", "created", "requester", "new"),
        ("09:30", "public_reply", "agent", None),
        ("09:30", "status_changed", "agent", "solved"),
    ],
    "T2": [
        ("09:00", "created", "requester", "new"),
        ("09:20", "public_reply", "agent", None),
        ("09:20", "status_changed", "agent", "pending"),
        ("11:00", "requester_reply", "requester", None),
        ("11:00", "status_changed", "requester", "open"),
        ("11:45", "public_reply", "agent", None),
        ("11:45", "status_changed", "agent", "solved"),
    ],
    "T3": [
        ("08:00", "created", "requester", "new"),
        ("08:10", "public_reply", "agent", None),
        ("08:10", "status_changed", "agent", "solved"),
        ("10:10", "requester_reply", "requester", None),
        ("10:10", "status_changed", "requester", "open"),
        ("10:40", "public_reply", "agent", None),
        ("10:40", "status_changed", "agent", "solved"),
    ],
    "T4": [
        ("08:00", "created", "requester", "new"),
        ("08:30", "public_reply", "agent", None),
        ("08:30", "status_changed", "agent", "solved"),
        ("12:00", "requester_reply", "requester", None),
        ("12:00", "status_changed", "requester", "open"),
    ],
    "T5": [
        ("09:00", "created", "requester", "new"),
        ("09:05", "internal_note", "agent", None),
        ("09:15", "status_changed", "agent", "on_hold"),
        ("10:15", "status_changed", "agent", "open"),
        ("10:30", "public_reply", "agent", None),
        ("10:30", "status_changed", "agent", "solved"),
    ],
    "T6": [
        ("09:00", "created", "agent", "new"),
        ("09:00", "public_reply", "agent", None),
        ("09:00", "status_changed", "agent", "open"),
        ("09:40", "public_reply", "agent", None),
        ("09:40", "status_changed", "agent", "solved"),
    ],
    "T7": [("09:00", "created", "requester", "new")],
    "T8": [
        ("09:00", "created", "requester", "new"),
        ("09:10", "status_changed", "system", "solved"),
    ],
}
# In minutes: first reply, first and full resolution, requester wait, agent wait, on hold; then
# agent replies, reopenings, one-touch. Waits are those of finished visits of a status.
Life = tuple[int | None, int | None, int | None, int, int, int, int, int, bool | None]
LIVED: dict[str, Life] = {
    "T1": (30, 30, 30, 30, 0, 0, 1, 0, True),
    "T2": (20, 165, 165, 65, 100, 0, 2, 0, False),
    "T3": (10, 10, 160, 40, 0, 0, 2, 1, False),
    "T4": (30, 30, None, 30, 0, 0, 1, 1, None),
    "T5": (90, 90, 90, 90, 0, 60, 1, 0, True),
    "T6": (40, 40, 40, 40, 0, 0, 1, 0, True),
    "T7": (None, None, None, 0, 0, 0, 0, 0, None),
    "T8": (None, 10, 10, 10, 0, 0, 0, 0, None),
}
# Minutes from a requester's message after a reply to the next one; None where nobody answered.
NEXT_REPLIES = [("T2", 45), ("T3", 30), ("T4", None)]


def write_lives(home: Path) -> None:
    """The eight tickets, once as exported while open and once later; every event twice."""
    tickets = [
        {
            "ticket_id": name,
            "status": "open",
            "customer_id": f"customer of {name}",
            "service_id": "desk",
            "created_at": f"{DAY}{events[0][0]}:00",
        }
        for name, events in LIVES.items()
    ]
    events = [
        {
            "event_id": f"{name}-{number}",
            "ticket_id": name,
            "event_at": f"{DAY}{time}:00",
            "event_type": kind,
            "actor_type": actor,
            "status": status,
        }
        for name, life in LIVES.items()
        for number, (time, kind, actor, status) in enumerate(life)
    ]
    for extract, exported in (("a", "2026-03-03T00:00:00"), ("b", "2026-03-19T00:00:00")):
        write_raw(home, "ticket", tickets, "lives", extract=extract, extracted_at=exported)
        write_raw(home, "ticket_event", events, "lives", extract=extract, extracted_at=exported)


def write_promises(home: Path) -> None:
    """SLA attainment by hand: 60 minutes promised, cut off at 12:00 UTC."""
    created = f"{DAY}08:00:00"
    due = {"created_at": created, "due_at": f"{DAY}09:00:00"}
    tickets: list[dict[str, Any]] = [
        {"ticket_id": "1", "status": "closed", "resolved_at": f"{DAY}08:59:59.940000", **due},
        {"ticket_id": "2", "status": "closed", "resolved_at": f"{DAY}09:00:00", **due},
        {"ticket_id": "3", "status": "closed", "resolved_at": f"{DAY}09:00:01", **due},
        {
            "ticket_id": "4",
            "status": "open",
            "created_at": f"{DAY}10:59:00",
            "due_at": f"{DAY}11:59:00",
        },
        {
            "ticket_id": "5",
            "status": "open",
            "created_at": f"{DAY}11:30:00",
            "due_at": f"{DAY}12:30:00",
        },
        {"ticket_id": "6", "status": "closed", "created_at": created, "resolved_at": created},
        {"ticket_id": "7", "status": "cancelled", "updated_at": f"{DAY}09:30:00", **due},
        {"ticket_id": "8", "status": "deleted", **due},
    ]
    write_raw(home, "ticket", tickets, "promises", extracted_at=f"{DAY}12:00:00")


def write_office(home: Path) -> None:
    """Spring Festival 2026: created on a make-up Saturday at 17:00, solved on the first day back
    at 09:30 local: one hour and half an hour of business time."""
    ticket = {
        "ticket_id": "festival",
        "status": "solved",
        "service_id": "it_request",
        "priority": "p1",
        "customer_tier": "A",
        "customer_id": "c",
        "created_at": "2026-02-14T09:00:00",
        "updated_at": "2026-02-24T01:30:00",
        "resolved_at": "2026-02-24T01:30:00",
    }
    write_raw(home, "ticket", [ticket], "demo_itsm", "demo", extracted_at="2026-03-01T00:00:00")


def write_remissions(home: Path) -> None:
    """Freireich 1963, 6-MP: weeks in remission, negative where it still lasted; hours here. All are
    followed to one instant. Kaplan-Meier median 23, the median of the ended ones alone 10."""
    weeks = "6 6 6 -6 7 -9 10 -10 -11 13 16 -17 -19 -20 22 23 -25 -32 -32 -34 -35"
    until = datetime.fromisoformat("2026-03-19T00:00:00")
    tickets = [
        {"ticket_id": str(number), "created_at": until - timedelta(hours=abs(week))}
        | ({"status": "closed", "resolved_at": until} if week > 0 else {"status": "open"})
        for number, week in enumerate(map(int, weeks.split()))
    ]
    write_raw(home, "ticket", tickets, "remissions", extracted_at=until.isoformat())


def write_calls(home: Path) -> None:
    """ICMI QueueTips 2002: 1,000 answered, 860 within 20 s; 60 abandoned, 10 of them within 5 s
    and 10 more within 20 s."""
    waits = [("answered", 20)] * 860 + [("answered", 21)] * 140
    waits += [("abandoned", 5)] * 10 + [("abandoned", 20)] * 10 + [("abandoned", 60)] * 40
    calls = [
        {
            "call_id": str(number),
            "started_at": f"{DAY}10:00:00",
            "outcome": outcome,
            "wait_seconds": wait,
            "talk_seconds": 100 if outcome == "answered" else None,
        }
        for number, (outcome, wait) in enumerate(waits)
    ]
    calls.append({"call_id": "menu", "started_at": f"{DAY}10:00:00", "outcome": "ivr_only"})
    write_raw(home, "call", calls, "icmi")


def write_surveys(home: Path) -> None:
    """CSAT 5 5 4 4 4 3 2 1 5 and one empty: top two boxes 6/9, mean 33/9. NPS 60 promoters,
    25 passives, 15 detractors: 45. SERVQUAL gaps of one response: reliability -1 and -2,
    tangibles +1: overall ((-1.5) + 1) / 2 = -0.25, where the mean of the items is -0.667."""
    csat = [5, 5, 4, 4, 4, 3, 2, 1, None, 5]
    nps = [10] * 60 + [8] * 25 + [6] * 15
    responses = [
        {"response_id": str(n), "survey_id": "post", "responded_at": f"{DAY}20:00:00"}
        for n in range(len(nps))
    ]
    on_five = {"scale_min": 1.0, "scale_max": 5.0}
    answers: list[dict[str, Any]] = [
        {"response_id": str(n), "question_id": "q", "measure": "csat", "score": score, **on_five}
        for n, score in enumerate(csat)
    ]
    answers += [
        {
            "response_id": str(n),
            "question_id": "nps",
            "measure": "nps",
            "score": float(score),
            "scale_min": 0.0,
            "scale_max": 10.0,
        }
        for n, score in enumerate(nps)
    ]
    for item, dimension, expected, perceived in (
        ("i1", "reliability", 6.0, 5.0),
        ("i2", "reliability", 7.0, 5.0),
        ("i3", "tangibles", 5.0, 6.0),
    ):
        for measure, score in (("expectation", expected), ("perception", perceived)):
            answers.append(
                {
                    "response_id": "0",
                    "question_id": item,
                    "measure": f"servqual_{measure}",
                    "dimension": dimension,
                    "score": score,
                    "scale_min": 1.0,
                    "scale_max": 7.0,
                }
            )
    write_raw(home, "survey_response", responses, "survey")
    write_raw(home, "survey_answer", answers, "survey")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home on which `dbt build` with all data tests and unit tests went well."""
    home = tmp_path_factory.mktemp("home")
    (home / "build").mkdir()
    write_empty_raw(home)
    for write in (write_lives, write_promises, write_office, write_remissions):
        write(home)
    for write in (write_calls, write_surveys):
        write(home)
    settings = Settings(home=home)
    pieces = write_business_days(settings, date(2026, 1, 1), date(2026, 6, 30))
    variables = json.dumps({"as_of": AS_OF, "business_day_pieces": pieces})
    done = subprocess.run(
        [dbt_executable(), "build", "--profiles-dir", ".", "--vars", variables],
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


def figure(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler, metric: str, source: str
) -> float | None:
    """A KPI of one source over all time."""
    query = compiler.compile(Request((metric,), filtered=("source",)))
    cursor = warehouse.execute(query.sql, {"members_0": [source]})
    columns = [column[0] for column in cursor.description or []]
    row = cursor.fetchall()[0]
    value: float | None = row[columns.index(metric)]
    return value


@pytest.mark.parametrize("ticket", sorted(LIVED))
def test_lives_follow_the_definitions(warehouse: duckdb.DuckDBPyConnection, ticket: str) -> None:
    *minutes, replies, reopens, is_one_touch = LIVED[ticket]
    row = warehouse.execute(
        "select first_reply_calendar_seconds, first_resolution_calendar_seconds, "
        "full_resolution_calendar_seconds, requester_wait_calendar_seconds, "
        "agent_wait_calendar_seconds, on_hold_calendar_seconds, agent_reply_count, reopen_count, "
        "is_one_touch from marts.fct_tickets where ticket_key = ?",
        [f"lives:{ticket}"],
    ).fetchall()
    seconds = tuple(None if m is None else m * 60 for m in minutes)
    assert row == [(*seconds, replies, reopens, is_one_touch)]


def test_next_replies_of_the_lives(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "select ticket_key, reply_calendar_seconds from marts.fct_ticket_replies "
        "where source = 'lives' and reply_kind = 'next' order by ticket_key"
    ).fetchall()
    assert rows == [
        (f"lives:{ticket}", None if minutes is None else minutes * 60)
        for ticket, minutes in NEXT_REPLIES
    ]


def test_rates_of_the_lives(warehouse: duckdb.DuckDBPyConnection, compiler: Compiler) -> None:
    # ever solved: all but T7 = 7; reopened: T3, T4
    assert figure(warehouse, compiler, "tickets_reopened_ratio", "lives") == pytest.approx(2 / 7)
    # at most one reply until solved and not reopened: T1, T5, T6, T8; T2 took two replies
    first_contact = figure(warehouse, compiler, "first_contact_resolution_ratio", "lives")
    assert first_contact == pytest.approx(4 / 7)
    # one reply and solved: T1, T5, T6; solved with a reply: those, T2 and T3
    assert figure(warehouse, compiler, "tickets_one_touch_ratio", "lives") == pytest.approx(3 / 5)
    assert figure(warehouse, compiler, "tickets_unreplied_ratio", "lives") == pytest.approx(2 / 8)
    assert figure(warehouse, compiler, "tickets_backlog_count", "lives") == 2
    assert figure(warehouse, compiler, "tickets_resolved_count", "lives") == 6
    # replies after 10 20 30 30 40 90 min
    assert figure(warehouse, compiler, "first_reply_calendar_p50", "lives") == 30 * 60
    # linear interpolation at 0.9 x 5 = 4.5: half way from 40 to 90 min
    assert figure(warehouse, compiler, "first_reply_calendar_p90", "lives") == 65 * 60


def test_promises(warehouse: duckdb.DuckDBPyConnection, compiler: Compiler) -> None:
    rows = warehouse.execute(
        "select ticket_key, state from marts.fct_sla_targets where source = 'promises' order by 1"
    ).fetchall()
    assert rows == [
        ("promises:1", "met"),
        ("promises:2", "met"),
        ("promises:3", "breached"),
        ("promises:4", "breached"),
        ("promises:5", "running"),
        ("promises:7", "cancelled"),
    ]
    # closed tickets alone would say 2/3
    assert figure(warehouse, compiler, "sla_resolution_met_ratio", "promises") == 0.5
    excluded = warehouse.execute(
        "select reason, rows_count from marts.mart_data_quality__exclusions"
    ).fetchall()
    assert excluded == [("deleted", 1)]


def test_open_work_counts_in_the_median(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler
) -> None:
    hour = 3600
    assert figure(warehouse, compiler, "resolution_calendar_km_p50", "remissions") == 23 * hour
    assert figure(warehouse, compiler, "resolution_calendar_p50", "remissions") == 10 * hour


def test_business_time_of_the_spring_festival(warehouse: duckdb.DuckDBPyConnection) -> None:
    row = warehouse.execute(
        "select calendar_id, full_resolution_business_seconds, full_resolution_calendar_seconds, "
        "created_date, created_hour, first_reply_business_seconds, reopen_count "
        "from marts.fct_tickets where ticket_key = 'demo:festival'"
    ).fetchall()
    elapsed = 9 * 86_400 + 16 * 3600 + 1800
    assert row == [("cn_office", 5400, elapsed, date(2026, 2, 14), 17, None, None)]
    promised = warehouse.execute(
        "select policy_id, state, due_at::varchar from marts.fct_sla_targets "
        "where ticket_key = 'demo:festival'"
    ).fetchall()
    # p1 of tier A: two hours; one is left at 18:00, so that it runs out at 10:00 of the first day
    assert promised == [("demo_resolution_p1_a", "met", "2026-02-24 02:00:00")]


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("calls_offered_count", 1060),
        ("calls_service_level_ratio", 860 / 1050),
        ("calls_service_level_strict_ratio", 860 / 1060),
        ("calls_abandoned_ratio", 50 / 1050),
        ("average_speed_of_answer", (860 * 20 + 140 * 21) / 1000),
        ("average_handle_time", 100),
    ],
)
def test_calls_of_icmi(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler, metric: str, value: float
) -> None:
    assert figure(warehouse, compiler, metric, "icmi") == pytest.approx(value)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("survey_responses_count", 100),
        ("csat_top2_ratio", 6 / 9),
        ("csat_mean", 33 / 9),
        ("nps", 45),
        ("servqual_gap", -0.25),
        ("servqual_perception_mean", (5 + 6) / 2),
        ("servqual_expectation_mean", (6.5 + 5) / 2),
    ],
)
def test_surveys(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler, metric: str, value: float
) -> None:
    assert figure(warehouse, compiler, metric, "survey") == pytest.approx(value)


def test_every_metric_runs_by_every_dimension_and_grain(
    warehouse: duckdb.DuckDBPyConnection, compiler: Compiler
) -> None:
    for name, metric in compiler.metrics.items():
        for dimension in metric.dimensions:
            query = compiler.compile(Request((name,), (dimension,), "month"))
            rows = warehouse.execute(query.sql).fetchall()
            assert all(row[0] is not None for row in rows), f"{name} has rows without a period"
        for grain in GRAINS:
            query = compiler.compile(Request((name,), grain=grain))
            warehouse.execute(query.sql).fetchall()


def test_every_member_has_names(warehouse: duckdb.DuckDBPyConnection, compiler: Compiler) -> None:
    named = {
        row[0] for row in warehouse.execute("select dimension from marts.dim_members").fetchall()
    }
    for metric in compiler.metrics.values():
        assert set(metric.dimensions) <= named, metric.name
