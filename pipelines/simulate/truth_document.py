"""The layout of truth.json: parameters, stories, planted rows and expected figures."""

from typing import Any

from pipelines.simulate import stories
from pipelines.simulate.company import TIERS
from pipelines.simulate.delivery import Delivery
from pipelines.simulate.fates import TIER_PACE
from pipelines.simulate.stories import Span
from pipelines.simulate.truth import Ledger

NOTE = "Simulated data (模拟数据). Nothing here describes a real organisation."


def parameters(seed: int, months: int, tickets: int, span: Span) -> dict[str, Any]:
    """What decides every byte of a simulation."""
    return {
        "seed": seed,
        "months": months,
        "tickets": tickets,
        "start": f"{span.start}",
        "end": f"{span.end}",
        "timezone": "Asia/Shanghai",
    }


def _company_stories(span: Span, ledger: Ledger) -> list[dict[str, Any]]:
    """What happens to the company."""
    begins, ends = stories.OUTAGE_HOURS
    told: list[dict[str, Any]] = [
        {
            "name": "outage",
            "name_zh": "网络中断",
            "what": "The network fails; a burst of incidents and of calls to the IT desk.",
            "segment": {"service": "it_network", "queue": "it_desk"},
            "date": f"{span.outage_day}",
            "from_hour": begins,
            "until_hour": ends,
            "size": {
                "incidents": ledger.counts["tickets"]["outage_incidents"],
                "usual_days_of_incidents": stories.OUTAGE_TICKET_DAYS,
                "call_factor": stories.OUTAGE_CALL_FACTOR,
            },
        },
        {
            "name": "learning_curve",
            "name_zh": "新班组学习曲线",
            "what": "A new team starts at twice the usual handling time and learns.",
            "segment": {"team": "hot_3"},
            "from": f"{span.new_team_day}",
            "size": {
                "excess_at_start": stories.LEARNING_EXCESS,
                "decay_days": stories.LEARNING_DAYS,
            },
        },
        {
            "name": "drift",
            "name_zh": "满意度缓慢下降",
            "what": "Satisfaction of the outpatient service falls in a straight line.",
            "segment": {"service": "hosp_outpatient"},
            "from": f"{span.start}",
            "until": f"{span.end}",
            "size": {"points_of_five": stories.DRIFT},
        },
        {
            "name": "tiers",
            "name_zh": "客户分级",
            "what": "Customers of tier A, then B, are served faster than those of tier C.",
            "segment": {"customer_tier": "A"},
            "size": {"pace": dict(zip(TIERS, TIER_PACE.tolist(), strict=True))},
        },
    ]
    return told + ([_policy_change()] if span.policy_changes else [])


def _policy_change() -> dict[str, Any]:
    return {
        "name": "policy_change",
        "name_zh": "服务级别调整",
        "what": "Priority 3 repairs are promised in 8 instead of 16 open hours.",
        "segment": {"service": "mall_repair", "priority": "p3"},
        "from": f"{stories.POLICY_DATE}",
        "size": {"target_hours": [16, 8], "pace": stories.POLICY_PACE},
    }


def _delivery_stories(span: Span, delivery: Delivery) -> list[dict[str, Any]]:
    """What happens to the extracts."""
    return [
        {
            "name": "late_extract",
            "name_zh": "迟到的文件",
            "what": "One day's ticket extract is exported three days late.",
            "segment": {"source": "demo_itsm", "entity": "ticket"},
            "date": f"{span.late_day}",
            "file": delivery.names.late,
        },
        {
            "name": "corrected_extract",
            "name_zh": "更正的文件",
            "what": "One day's ticket extract states wrong priorities and is exported again.",
            "segment": {"source": "demo_itsm", "entity": "ticket"},
            "date": f"{span.corrected_day}",
            "file": delivery.names.superseded,
            "corrected_by": delivery.names.corrected,
            "size": {"rows": delivery.wrong_rows},
        },
    ]


def truth_document(
    given: dict[str, Any], span: Span, ledger: Ledger, delivery: Delivery
) -> dict[str, Any]:
    """Everything a test or a reader may want to know about the simulation."""
    planted: dict[str, dict[str, int]] = {}
    for (entity, reason), rows in sorted(delivery.planter.planted.items()):
        planted.setdefault(entity, {})[reason] = rows
    counts = ledger.document()
    return {
        "simulated": True,
        "note": NOTE,
        "parameters": given,
        "totals": {
            "files": delivery.files,
            "tickets": counts["tickets"]["created"],
            "events": counts["events"]["all"],
            "calls": counts["calls"]["all"],
            "agent_states": counts["agents"]["states"],
            "survey_responses": counts["surveys"]["responses"],
            "survey_answers": counts["surveys"]["answers"],
        },
        "good_rows": dict(sorted(delivery.good_rows.items())),
        "planted_rows": planted,
        "stories": _company_stories(span, ledger) + _delivery_stories(span, delivery),
        "expected": counts,
    }
