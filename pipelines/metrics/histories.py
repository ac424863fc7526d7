"""One ticket, call or survey response whole: what its marts say of it, and what belongs to it.

The arithmetic of a ticket's figures is the warehouse's own ledger (`explanation`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from pipelines.errors import QueryError
from pipelines.metrics.explanation import Rows, TicketExplanation, explain_ticket, ticket_key

Kind = Literal["ticket", "call", "response"]
_TABLES: dict[Kind, tuple[str, str]] = {
    "ticket": ("fct_tickets", "ticket"),
    "call": ("fct_calls", "call"),
    "response": ("fct_survey_responses", "response"),
}
_RELATED = """
select 'call' as kind, call_key as key, started_at as happened_at, outcome as state
from warehouse.marts.fct_calls where ticket_key = $ticket
union all
select 'response', response_key, responded_at, survey_key
from warehouse.marts.fct_survey_responses where ticket_key = $ticket
order by happened_at, kind, key
"""
_TARGETS = """
select metric, instance_number, state, hours_basis, target_seconds, elapsed_seconds,
    remaining_seconds, used_ratio, started_at, due_at, ended_at, pausing_statuses, policy_id
from warehouse.marts.fct_sla_targets where ticket_key = $ticket
order by started_at, metric, instance_number
"""
_ANSWERS = """
select question_id, measure, dimension, coalesce(answer_option, cast(score as varchar)) as answer,
    scale_min, scale_max
from warehouse.marts.fct_survey_answers where response_key = $response
order by question_id, measure, answer
"""
_COMMENT = "select comment from warehouse.marts.fct_survey_comments where response_key = $response"


@dataclass(frozen=True)
class History:
    """One record: `facts` is its row of the mart, `members` what scopes ask by dimension.

    Of a ticket `explanation` is its ledger and sums, `targets` its SLA clocks, `related` its
    calls and responses (kind, key, happened_at, state); of a response `answers` and `comment`.
    """

    kind: Kind
    key: str
    facts: Mapping[str, Any]
    members: Mapping[str, str]
    explanation: TicketExplanation | None = None
    targets: pl.DataFrame = field(default_factory=pl.DataFrame)
    related: pl.DataFrame = field(default_factory=pl.DataFrame)
    answers: pl.DataFrame = field(default_factory=pl.DataFrame)
    comment: str | None = None


def read_history(rows: Rows, kind: Kind, key: str) -> History:
    """The record of that key (or, of a ticket, that id); raises QueryError where there is none."""
    if kind not in _TABLES:
        raise QueryError(f"there are no records of kind '{kind}'; use {', '.join(_TABLES)}.")
    table, name = _TABLES[kind]
    found = ticket_key(rows, key) if kind == "ticket" else key
    frame = rows(f"select * from warehouse.marts.{table} where {name}_key = $key", {"key": found})
    if frame.is_empty():
        raise QueryError(f"{kind} '{key}' is not in the snapshot.")
    facts = frame.row(0, named=True)
    members = {
        "source": facts["source"],
        "customer_tier": facts.get("customer_tier") or "unknown",
        **{d: facts[f"{d}_key"] or "unknown" for d in ("site", "team", "agent")},
    }
    if kind == "ticket":
        asked = {"ticket": found}
        return History(
            kind,
            found,
            facts,
            members,
            explanation=explain_ticket(rows, found, None),
            targets=rows(_TARGETS, asked),
            related=rows(_RELATED, asked),
        )
    if kind == "call":
        return History(kind, found, facts, members)
    asked = {"response": found}
    comments = rows(_COMMENT, asked)
    return History(
        kind,
        found,
        facts,
        members,
        answers=rows(_ANSWERS, asked),
        comment=None if comments.is_empty() else comments["comment"][0],
    )
