"""One ticket's figures, stretch by stretch: what its ledger says and the sum that is the KPI.

The rules of counting are the warehouse's own (views `fct_duration_intervals`,
`fct_sla_intervals`); here they are only asked for one ticket.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.errors import QueryError

Rows = Callable[[str, Mapping[str, object]], pl.DataFrame]

_LEDGER = """
select interval_number as interval, started_at, ended_at, started_by, status, stage, team_key,
    agent_key, priority, calendar_id, calendar_seconds, business_seconds
from warehouse.marts.fct_ticket_intervals where ticket_key = $ticket order by interval_number
"""
_DURATIONS = """
select duration as name, interval_number as interval, status, calendar_id,
    case when is_counted then 'counted' else 'not counted' end as reason,
    counted_calendar_seconds, counted_business_seconds, calendar_seconds, business_seconds
from warehouse.marts.fct_duration_intervals where ticket_key = $ticket
order by name, interval_number
"""
_TARGETS = """
select targets.metric || ' #' || targets.instance_number as name, targets.metric,
    targets.policy_id, targets.target_seconds, targets.hours_basis, targets.state,
    targets.elapsed_seconds, targets.due_at, intervals.interval_number as interval,
    intervals.status, intervals.calendar_id, intervals.reason, intervals.counted_seconds
from warehouse.marts.fct_sla_targets as targets
left join warehouse.marts.fct_sla_intervals as intervals
    on targets.sla_target_key = intervals.sla_target_key and intervals.ticket_key = $ticket
where targets.ticket_key = $ticket
order by targets.started_at, targets.sla_target_key, intervals.interval_number
"""


@dataclass(frozen=True)
class ExplainedSum:
    """A figure and what it is the sum of; seconds, `total` to the microsecond.

    `subject` is the duration or, with a `state`, the SLA metric; `basis` calendar or business.

    `stretches` has a row per stretch of the ledger with `reason` and `counted_seconds`;
    `stated` is the figure as the fact table holds it, `total` cut to whole seconds.
    """

    name: str
    description: str
    stretches: pl.DataFrame
    total: float
    stated: int | None
    subject: str
    basis: str
    state: str | None = None


@dataclass(frozen=True)
class TicketExplanation:
    """The ledger of one ticket, and the figures that are sums over it."""

    ticket_key: str
    ledger: pl.DataFrame
    sums: tuple[ExplainedSum, ...]


def explain_ticket(rows: Rows, ticket: str, metric: str | None) -> TicketExplanation:
    """Explain a ticket named by its key or its id; `metric` keeps one duration or SLA metric.

    Raises QueryError where no ticket or several have that name, or it has no such figure.
    """
    key = ticket_key(rows, ticket)
    asked = {"ticket": key}
    sums = [
        *_durations(rows(_DURATIONS, asked), metric),
        *_targets(rows(_TARGETS, asked), metric),
    ]
    if metric is not None and not sums:
        raise QueryError(
            f"ticket {key} has no figure '{metric}'; "
            f"`kpi explain ticket {key}` prints those it has."
        )
    return TicketExplanation(key, rows(_LEDGER, asked), tuple(sums))


def ticket_key(rows: Rows, ticket: str) -> str:
    """The key of the one ticket of that key or id."""
    found = rows(
        "select ticket_key from warehouse.marts.fct_tickets "
        "where ticket_key = $ticket or ticket_id = $ticket order by ticket_key",
        {"ticket": ticket},
    )["ticket_key"].to_list()
    if len(found) == 1:
        return str(found[0])
    if not found:
        raise QueryError(
            f"ticket '{ticket}' is not in the snapshot; if it was excluded, "
            "marts.mart_data_quality__exclusions counts why."
        )
    raise QueryError(f"several tickets are called '{ticket}': {', '.join(found)}; give the key.")


def _durations(frame: pl.DataFrame, metric: str | None) -> list[ExplainedSum]:
    sums = []
    for (name,), part in frame.group_by(["name"], maintain_order=True):
        if metric not in (None, name):
            continue
        for basis in ("calendar", "business"):
            counted = pl.col(f"counted_{basis}_seconds").alias("counted_seconds")
            sums.append(
                ExplainedSum(
                    f"{name}, {basis}",
                    f"fct_tickets.{name}_{basis}_seconds",
                    part.select("interval", "status", "calendar_id", "reason", counted),
                    float(part[f"counted_{basis}_seconds"].sum()),
                    part[f"{basis}_seconds"][0],
                    subject=str(name),
                    basis=basis,
                )
            )
    return sums


def _targets(frame: pl.DataFrame, metric: str | None) -> list[ExplainedSum]:
    sums = []
    for (name,), part in frame.group_by(["name"], maintain_order=True):
        first = part.row(0, named=True)
        if metric not in (None, first["metric"], f"sla_{first['metric']}"):
            continue
        counted = part.filter(pl.col("interval").is_not_null())
        sums.append(
            ExplainedSum(
                f"SLA {name}: {first['state']}",
                f"policy {first['policy_id']}, target {first['target_seconds']} s of "
                f"{first['hours_basis']} time, due {first['due_at'] or 'open'} UTC",
                counted.select("interval", "status", "calendar_id", "reason", "counted_seconds"),
                float(counted["counted_seconds"].sum()),
                first["elapsed_seconds"],
                subject=first["metric"],
                basis=first["hours_basis"],
                state=first["state"],
            )
        )
    return sums
