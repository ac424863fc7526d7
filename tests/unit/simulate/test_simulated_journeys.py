"""What the service desk does with tickets, counted again from the extracts.

Promises are judged by the targets of the seed and by open time added up here, not by the due
instants of the simulator.
"""

import csv
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from pipelines.settings import Settings
from pipelines.simulate.company import SERVICES
from pipelines.simulate.journeys import CAUSES, DISPOSITIONS
from pipelines.simulate.records import STAGES
from pipelines.simulate.working_hours import working_hours
from tests.unit.simulate.small_company import END, Simulated

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 wall-clock seconds as the simulator counts them
SEEDS = Settings().dbt_dir / "seeds"
SERVICE_OF_NAME = {service.name_zh: service.id for service in SERVICES}
CLOCKS = {
    service.id: working_hours(service.calendar, date(2026, 5, 25), END + timedelta(days=60))
    for service in SERVICES
}
PRIORITIES = {"紧急": "p1", "高": "p2", "中": "p3", "低": "p4"}
WITHDRAWN = {"CANCELLED", "DELETED"}
Event = dict[str, Any]
Lives = dict[str, list[Event]]


def _seconds(text: str) -> int:
    return int((datetime.fromisoformat(text[:19]) - EPOCH).total_seconds())


def _newest(simulated: Simulated) -> dict[str, dict[str, str]]:
    rows = sorted(simulated.good_tickets, key=lambda row: row["更新时间"])
    return {row["工单编号"]: row for row in rows}


@pytest.fixture(scope="module")
def requests(simulated: Simulated) -> dict[str, dict[str, str]]:
    """The newest row of every ticket that is a request of its own."""
    newest = _newest(simulated)
    return {t: row for t, row in newest.items() if row["状态"] != "已删除" and not row["处置"]}


@pytest.fixture(scope="module")
def lives(simulated: Simulated, requests: dict[str, dict[str, str]]) -> Lives:
    """The events of those tickets in their order."""
    found: Lives = defaultdict(list)
    for event in sorted(simulated.good_events, key=lambda e: (e["at"], e["event_id"])):
        if event["ticket"]["id"] in requests:
            found[event["ticket"]["id"]].append(event | {"second": _seconds(event["at"])})
    return found


def _open_seconds(service: str, start: int, stop: int) -> int:
    clock = CLOCKS[service]
    pairs = zip(clock.starts.tolist(), clock.ends.tolist(), strict=True)
    return sum(max(0, min(ends, stop) - max(starts, start)) for starts, ends in pairs)


def _policies(metric: str) -> list[dict[str, str]]:
    with (SEEDS / "sla_policies.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["metric"] == metric]


def _policy(metric: str, service: str, priority: str) -> dict[str, str] | None:
    """The policy that fits and names the service, or else the priority alone."""
    fitting = [
        policy
        for policy in _policies(metric)
        if policy["service_id"] in ("", service) and policy["priority"] in ("", priority)
    ]
    return max(fitting, key=lambda p: bool(p["service_id"]), default=None)


def test_excluded_tickets_by_reason(simulated: Simulated) -> None:
    words = {"合并": "merged", "重复": "duplicate", "垃圾": "spam", "测试": "test"}
    found = Counter(
        "deleted" if row["状态"] == "已删除" else words[row["处置"]]
        for row in _newest(simulated).values()
        if row["状态"] == "已删除" or row["处置"]
    )
    expected = simulated.truth["expected"]["tickets_excluded"]
    assert found == Counter({reason: count for reason, count in expected.items() if count})
    assert set(expected) == {"deleted", *DISPOSITIONS}
    assert sum(expected.values()) - expected["deleted"] > 5


def test_disposition_closes_the_ticket_and_is_unknown_before(simulated: Simulated) -> None:
    disposed = {row["工单编号"] for row in simulated.good_tickets if row["处置"]}
    rows = [row for row in simulated.good_tickets if row["工单编号"] in disposed]
    assert {row["状态"] for row in rows if row["处置"]} == {"已关闭"}
    assert {row["解决时间"] for row in rows} == {""}
    assert all(row["状态"] != "已关闭" for row in rows if not row["处置"])


def test_steps(simulated: Simulated, lives: Lives) -> None:
    kinds = Counter(event["type"] for events in lives.values() for event in events)
    found: Counter[str] = Counter()
    for events in lives.values():
        held = [(e["team"], e["actor"]["id"]) for e in events if e["type"] == "ticket.assigned"]
        for position, ((team, agent), (next_team, next_agent)) in enumerate(pairwise(held)):
            found["team_reassignments"] += team != next_team
            found["agent_reassignments"] += agent != next_agent
            before = {earlier for earlier, _ in held[: position + 1]}
            found["returned_to_earlier_team"] += team != next_team and next_team in before
    found["acknowledged"] = kinds["ticket.acknowledged"]
    found["arrived"] = kinds["field.arrived"]
    found["escalated"] = kinds["ticket.escalated"]
    found["called_back"] = kinds["callback.done"]
    assert dict(found) == simulated.truth["expected"]["steps"]
    assert min(found.values()) > 0


def test_stages(simulated: Simulated, lives: Lives) -> None:
    entered, changes, seconds = Counter[str](), Counter[str](), Counter[str]()
    for events in lives.values():
        stage, status = "", ""
        for event, following in pairwise([*events, None]):
            assert event is not None
            status = event["ticket"]["status"] or status
            if told := event["ticket"]["stage"]:
                entered[told.lower()] += 1
                changes[f"{stage} to {told.lower()}"] += bool(stage)
                stage = told.lower()
            if following and status in ("NEW", "OPEN", "PENDING", "ON_HOLD"):
                seconds[stage] += following["second"] - event["second"]
    expected = simulated.truth["expected"]
    assert dict(entered) == expected["stages_entered"]
    assert changes == Counter(expected["stage_changes"]) + Counter({" to recorded": 0})
    assert seconds == Counter({s: n for s, n in expected["stage_backlog_seconds"].items() if n})
    assert set(expected["stages_entered"]) == set(STAGES)


def test_causes_and_complaints(simulated: Simulated, requests: dict[str, dict[str, str]]) -> None:
    words = {
        "客户操作": "customer_operation", "客户设备": "customer_equipment", "员工失误": "own_staff",
        "设备故障": "own_equipment", "软件缺陷": "own_software", "流程缺陷": "own_process",
        "供应商": "external_supplier", "外部环境": "external_environment",
        "原因不明": "unknown_cause",
    }  # fmt: skip
    causes = Counter(words[row["原因"]] for row in requests.values() if row["原因"])
    expected = simulated.truth["expected"]
    assert causes == Counter(expected["causes"])
    assert set(expected["causes"]) == set(CAUSES)
    complaints = [row for row in requests.values() if row["工单类型"] == "投诉"]
    assert {row["工单类型"] for row in requests.values() if row["是否成立"]} == {"投诉"}
    before: dict[tuple[str, str], datetime] = {}
    repeated = 0
    for row in sorted(complaints, key=lambda row: row["工单编号"]):
        key = (row["客户编号"], row["服务项目"])
        created = datetime.fromisoformat(row["创建时间"])
        repeated += key in before and created - before[key] <= timedelta(days=30)
        before[key] = created
    verdicts = Counter(row["是否成立"] for row in complaints)
    assert expected["complaints"] == {
        "created": len(complaints),
        "justified": verdicts["是"],
        "unjustified": verdicts["否"],
        "repeated_within_30_days": repeated,
    }
    assert repeated > 10


@pytest.mark.parametrize(
    ("metric", "stops"),
    [
        ("acknowledgement", {"ticket.acknowledged", "comment.public"}),
        ("arrival", {"field.arrived"}),
    ],
)
def test_promises_from_creation(
    simulated: Simulated,
    requests: dict[str, dict[str, str]],
    lives: Lives,
    metric: str,
    stops: set[str],
) -> None:
    stopped = met = 0
    for ticket, events in lives.items():
        service = SERVICE_OF_NAME[requests[ticket]["服务项目"]]
        created = events[0]
        policy = _policy(metric, service, created["ticket"]["priority"].lower())
        stop = next((event["second"] for event in events if event["type"] in stops), None)
        if policy is None or stop is None:
            continue
        assert policy["hours_basis"] == "business"
        stopped += 1
        elapsed = _open_seconds(service, created["second"], stop)
        met += elapsed <= int(policy["target_seconds"])
    expected = simulated.truth["expected"]["promises"]
    assert (stopped, met) == (expected[f"{metric}_stopped"], expected[f"{metric}_met"])
    assert 0.7 < met / stopped < 0.95


def test_callbacks_within_a_week(
    simulated: Simulated, requests: dict[str, dict[str, str]], lives: Lives
) -> None:
    stopped = met = 0
    for ticket, events in lives.items():
        service = SERVICE_OF_NAME[requests[ticket]["服务项目"]]
        called = [event for event in events if event["type"] == "callback.done"]
        policy = _policy("callback", service, "p1")
        if not called or policy is None:
            continue
        assert policy["hours_basis"] == "calendar"
        solved = max(e["second"] for e in events if e["ticket"]["status"] == "SOLVED")
        stopped += 1
        met += called[0]["second"] - solved <= int(policy["target_seconds"])
        assert 10 <= int(called[0]["at"][11:13]) < 22
    expected = simulated.truth["expected"]["promises"]
    assert (stopped, met) == (expected["callback_stopped"], expected["callback_met"])
    assert 0.9 < met / stopped < 1


def test_every_step_is_in_its_place(lives: Lives) -> None:
    order = {
        "ticket.assigned": {"ticket.acknowledged"},
        "comment.public": {"field.arrived", "ticket.escalated", "callback.done"},
    }
    for events in lives.values():
        kinds = [event["type"] for event in events]
        for first, laters in order.items():
            for later in laters & set(kinds):
                assert kinds.index(first) < kinds.index(later)
        stages = [e["ticket"]["stage"] for e in events]
        if "field.arrived" in kinds:
            assert stages.index("ON_SITE") < kinds.index("field.arrived")


def test_codes_have_names_in_both_languages() -> None:
    with (SEEDS / "member_labels.csv").open(encoding="utf-8") as file:
        named = {
            (row["dimension"], row["member_key"])
            for row in csv.DictReader(file)
            if row["label"] and row["label_zh"]
        }
    codes = {"stage": STAGES, "cause": CAUSES, "disposition": DISPOSITIONS}
    wanted = {(dimension, code) for dimension, names in codes.items() for code in names}
    with (SEEDS / "sla_policies.csv").open(encoding="utf-8") as file:
        wanted |= {("sla_metric", row["metric"]) for row in csv.DictReader(file)}
    assert wanted <= named
