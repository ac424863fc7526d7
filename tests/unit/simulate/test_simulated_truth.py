"""The expected figures of truth.json, counted again from the extracts."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from tests.unit.simulate.small_company import Simulated


def test_tickets_created_by_month(simulated: Simulated) -> None:
    created = [e for e in simulated.good_events if e["type"] == "ticket.created"]
    months = Counter(event["at"][:7] for event in created)
    assert months == simulated.truth["expected"]["tickets_created_by_month"]
    assert sum(months.values()) == 1_500


def test_every_ticket_is_in_both_extracts(simulated: Simulated) -> None:
    rows = {row["工单编号"] for row in simulated.good_tickets}
    events = {event["ticket"]["id"] for event in simulated.good_events}
    assert rows == events
    assert len(rows) == simulated.truth["totals"]["tickets"] == 1_500


def test_event_ids_are_unique_and_events_start_with_the_creation(simulated: Simulated) -> None:
    ids = [event["event_id"] for event in simulated.good_events]
    assert len(ids) == len(set(ids)) == simulated.truth["totals"]["events"]
    by_ticket = defaultdict(list)
    for event in simulated.good_events:
        by_ticket[event["ticket"]["id"]].append((event["at"], event["event_id"], event["type"]))
    assert {min(events)[2] for events in by_ticket.values()} == {"ticket.created"}


def test_final_status(simulated: Simulated) -> None:
    words = {
        "新建": "new", "处理中": "open", "等待客户": "pending", "挂起": "on_hold",
        "已解决": "solved", "已关闭": "closed", "已取消": "cancelled", "已删除": "deleted",
    }  # fmt: skip
    newest = {
        row["工单编号"]: row for row in sorted(simulated.good_tickets, key=lambda r: r["更新时间"])
    }
    found = Counter(words[row["状态"]] for row in newest.values())
    expected = simulated.truth["expected"]["final_status"]
    assert found == Counter({status: n for status, n in expected.items() if n})


def test_reopened_tickets_from_status_events(simulated: Simulated) -> None:
    last, reopened = dict[str, str](), set[str]()
    for event in sorted(simulated.good_events, key=lambda e: (e["at"], e["event_id"])):
        status, ticket = event["ticket"]["status"], event["ticket"]["id"]
        if status is None:
            continue
        if last.get(ticket) in ("SOLVED", "CLOSED") and status == "OPEN":
            reopened.add(ticket)
        last[ticket] = status
    assert len(reopened) == simulated.truth["expected"]["tickets"]["reopened"] > 0


def test_newest_row_agrees_with_the_events(simulated: Simulated) -> None:
    first_reply, solved = dict[str, str](), dict[str, str]()
    for event in sorted(simulated.good_events, key=lambda e: (e["at"], e["event_id"])):
        ticket, at = event["ticket"]["id"], event["at"][:19].replace("T", " ")
        if event["type"] == "comment.public":
            first_reply.setdefault(ticket, at)
        if event["ticket"]["status"] == "SOLVED":
            solved[ticket] = at
        if event["ticket"]["status"] == "OPEN":
            solved.pop(ticket, None)
    newest = {
        row["工单编号"]: row for row in sorted(simulated.good_tickets, key=lambda r: r["更新时间"])
    }
    for ticket, row in newest.items():
        assert row["首次响应时间"] == first_reply.get(ticket, "")
        assert row["解决时间"] == solved.get(ticket, "")


def test_open_rows_have_no_solution_even_after_a_reopening(simulated: Simulated) -> None:
    solved_before = {row["工单编号"] for row in simulated.good_tickets if row["解决时间"]}
    unsolved = [
        r for r in simulated.good_tickets if r["状态"] in ("新建", "处理中", "等待客户", "挂起")
    ]
    assert {row["工单编号"] for row in unsolved} & solved_before
    assert {row["解决时间"] + row["关闭时间"] for row in unsolved} == {""}


def test_call_figures(simulated: Simulated) -> None:
    calls, expected = simulated.good_calls, simulated.truth["expected"]["calls"]
    outcomes = Counter(call["result"] for call in calls)
    assert outcomes["ANSWERED"] == expected["answered"]
    assert outcomes["ABANDON"] == expected["abandoned"]
    assert outcomes["ANSWERED"] + outcomes["ABANDON"] == expected["offered"]
    waits = [int(c["wait_sec"]) for c in calls if c["result"] == "ANSWERED"]
    assert sum(wait <= 20 for wait in waits) == expected["answered_within_20_seconds"]
    assert sum(waits) == expected["wait_seconds_of_answered"]
    linked = [call for call in calls if call["工单号"]]
    assert len(linked) == expected["linked_to_ticket"] > 0
    assert {call["工单号"] for call in linked} <= {r["工单编号"] for r in simulated.good_tickets}


def test_hidden_callers_and_callbacks(simulated: Simulated) -> None:
    calls, expected = simulated.good_calls, simulated.truth["expected"]["calls"]
    assert sum(call["号码隐藏"] == "Y" for call in calls) == expected["hidden"] > 0
    assert all((call["主叫号码"] == "") == (call["号码隐藏"] == "Y") for call in calls)
    called_back = Counter(call["result"] for call in calls if call["回拨时间"])
    assert called_back["ABANDON"] == expected["abandoned_called_back"] > 0
    assert called_back["CALLBACK"] == expected["requests_called_back"] > 0
    assert set(called_back) == {"ABANDON", "CALLBACK"}
    assert sum(int(c["ring_sec"] or 0) for c in calls) == expected["ring_seconds"]
    assert all(int(c["ring_sec"]) <= int(c["wait_sec"]) for c in calls if c["ring_sec"])


def test_agent_figures(simulated: Simulated) -> None:
    seconds, by_agent = Counter[str](), defaultdict(list)
    for row in simulated.good_states:
        start, end = (
            datetime.strptime(row[f"state_{edge}"], "%Y/%m/%d %H:%M:%S")  # noqa: DTZ007 - local
            for edge in ("start", "end")
        )
        assert start < end
        assert (end - timedelta(seconds=1)).date() == start.date(), "a state over midnight"
        seconds[row["state"]] += int((end - start).total_seconds())
        by_agent[row["agent"]].append((start, end))
    words = {"READY": "available", "TALK": "talk", "HOLD": "hold", "ACW": "wrap", "BREAK": "break"}
    expected = simulated.truth["expected"]
    assert {words[word]: total for word, total in seconds.items()} == expected["agent_seconds"]
    assert len(simulated.good_states) == expected["agents"]["states"]
    for states in by_agent.values():
        states.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(states)), "two states at once"


def test_agents_talk_as_long_as_their_calls(simulated: Simulated) -> None:
    """Nothing is lost but what calls of the last day take beyond its end."""
    talked = sum(int(call["talk_sec"]) for call in simulated.good_calls)
    logged = simulated.truth["expected"]["agent_seconds"]["talk"]
    assert talked * 0.99 < logged <= talked


def test_survey_figures(simulated: Simulated) -> None:
    expected = simulated.truth["expected"]["surveys"]
    answers = simulated.sheet("答案").rows(named=True)
    good = [a for a in answers if not a["得分"] or int(a["得分"]) <= int(a["最高分"])]
    csat = [int(a["得分"]) for a in good if a["量表"] == "满意度"]
    nps = [int(a["得分"]) for a in good if a["量表"] == "推荐度"]
    assert (len(csat), sum(s >= 4 for s in csat)) == (expected["csat_n"], expected["csat_top2"])
    assert len(nps) == expected["nps_n"]
    assert sum(score >= 9 for score in nps) == expected["nps_promoters"]
    assert sum(score <= 6 for score in nps) == expected["nps_detractors"]
    items = Counter((a["答卷编号"], a["量表"]) for a in good if a["题号"].startswith("q"))
    assert set(items.values()) == {22}
    assert len(items) == 3 * expected["servqual_respondents"] > 0
    effort = [int(a["得分"]) for a in good if a["量表"] == "费力度"]
    assert (len(effort), sum(effort)) == (expected["ces_n"], expected["ces_sum"])
    solved = [a["得分"] for a in good if a["量表"] == "是否解决"]
    assert (len(solved), solved.count("1")) == (expected["fcr_n"], expected["fcr_yes"])


def test_invitation_figures(simulated: Simulated) -> None:
    rows = simulated.sheet("邀请").drop_nulls("邀请编号").rows(named=True)
    found: dict[str, set[str]] = {}
    for row in rows:
        for word in ("发出时间", "退回时间", "开始时间", "完成时间"):
            found.setdefault(word, set()).update([row["邀请编号"]] if row[word] else [])
    sent, bounced, started, completed = (len(ids) for ids in found.values())
    expected = simulated.truth["expected"]["survey_invitations"]
    assert expected == {
        "sent": sent, "bounced": bounced, "started": started, "completed": completed,
    }  # fmt: skip
    assert sent > started > completed > 0
    responses = {r["答卷编号"] for r in rows if r["答卷编号"]}
    assert len(responses) == completed
    assert responses <= set(simulated.sheet("答卷")["答卷编号"])


def test_answers_belong_to_responses_and_responses_to_tickets_or_calls(
    simulated: Simulated,
) -> None:
    responses = simulated.sheet("答卷").drop_nulls("答卷编号")
    answered = set(simulated.sheet("答案")["答卷编号"])
    assert answered == set(responses["答卷编号"])
    tickets = {row["工单编号"] for row in simulated.good_tickets}
    calls = {call["call_id"] for call in simulated.good_calls}
    assert set(responses["工单号"].drop_nulls()) <= tickets
    assert set(responses["通话号"].drop_nulls()) <= calls
