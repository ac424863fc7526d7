"""What the simulation knows of its tickets' journeys: stages, promises kept, causes, exclusions.

Apart from the exclusions, only tickets that are requests of their own are counted: deleted,
merged, duplicate, spam and test tickets are not. Seconds are calendar seconds.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulate.company import (
    ARRIVAL_SERVICES,
    CALLBACK_TARGET_SECONDS,
    DAY,
    SERVICES,
    STATUSES,
)
from pipelines.simulate.demand import Ints
from pipelines.simulate.fates import ABSENT, Bools, Slot
from pipelines.simulate.journeys import CAUSES, COMPLAINT, DISPOSITIONS, PROMISES_CALLBACK
from pipelines.simulate.records import (
    STAGE_AFTER,
    STAGES,
    STATUS_AFTER,
    Happenings,
    carried,
)
from pipelines.simulate.tickets import Tickets

Counts = dict[str, int]
REPEATED_WITHIN_SECONDS = 30 * DAY
_PROMISES_ARRIVAL = np.array([service.id in ARRIVAL_SERVICES for service in SERVICES])
_SOLVED = STATUSES.index("solved")


def by_code(codes: Ints, names: tuple[str, ...]) -> Counts:
    """How often each name occurs."""
    return dict(zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=True))


def is_request(tickets: Tickets, end: int) -> Bools:
    """Whether a ticket is a request of its own, as far as is known at `end`."""
    fate = tickets.fate
    rows: Bools = np.minimum(fate[:, Slot.DELETED], fate[:, Slot.DISPOSED]) >= end
    return rows


def journey_counts(tickets: Tickets, past: Happenings, end: int) -> dict[str, Counts]:
    """All counts by name; `past` is what happened before `end`."""
    counted = is_request(tickets, end)
    fate, findings = tickets.fate, tickets.findings
    disposed = fate[:, Slot.DISPOSED] < end
    is_told = counted & (fate[:, Slot.SOLVED] < end) & (findings.cause >= 0)
    return {
        "tickets_excluded": {"deleted": int((fate[:, Slot.DELETED] < end).sum())}
        | by_code(findings.disposition[disposed], DISPOSITIONS),
        "causes": by_code(findings.cause[is_told], CAUSES),
        "complaints": {
            "justified": int((is_told & (findings.is_justified == 1)).sum()),
            "unjustified": int((is_told & (findings.is_justified == 0)).sum()),
        },
        "steps": _steps(tickets, counted, end),
        "promises": _promises(tickets, counted, end),
        **_stages(past, counted),
    }


def _steps(tickets: Tickets, counted: Bools, end: int) -> Counts:
    """How many tickets took a step of the process."""
    happened = (tickets.fate < end) & counted[:, None]
    work = tickets.work
    moves = happened[:, Slot.REASSIGNED]
    returns = happened[:, Slot.RETURNED]
    other_team = tickets.second_team != work.team
    other_agent = tickets.second_agent != work.agent
    return {
        "acknowledged": int(happened[:, Slot.ACKNOWLEDGED].sum()),
        "arrived": int(happened[:, Slot.ARRIVED].sum()),
        "escalated": int(happened[:, Slot.ESCALATED].sum()),
        "called_back": int(happened[:, Slot.CALLED_BACK].sum()),
        "team_reassignments": int(((moves * 1 + returns) * other_team).sum()),
        "agent_reassignments": int(((moves * 1 + returns) * other_agent).sum()),
        "returned_to_earlier_team": int((returns & other_team).sum()),
    }


def _promises(tickets: Tickets, counted: Bools, end: int) -> Counts:
    """Stopped clocks of the promises that the policies name, and how many stopped in time."""
    fate, service = tickets.fate, tickets.work.service
    taken_up = fate[:, [Slot.ACKNOWLEDGED, Slot.FIRST_REPLY, Slot.SOLVED]].min(axis=1)
    arrived, called_back = fate[:, Slot.ARRIVED], fate[:, Slot.CALLED_BACK]
    again = fate[:, Slot.SOLVED_AGAIN]
    solved = np.where(again == ABSENT, fate[:, Slot.SOLVED], again)
    counts: Counts = {}
    for name, stop, is_promised, is_in_time in (
        ("acknowledgement", taken_up, True, taken_up <= tickets.acknowledgement_due),
        ("arrival", arrived, _PROMISES_ARRIVAL[service], arrived <= tickets.arrival_due),
        (
            "callback",
            called_back,
            PROMISES_CALLBACK[service],
            called_back - CALLBACK_TARGET_SECONDS <= solved,
        ),
    ):
        stopped = counted & is_promised & (stop < end)
        counts[f"{name}_stopped"] = int(stopped.sum())
        counts[f"{name}_met"] = int((stopped & is_in_time).sum())
    return counts


def _stages(past: Happenings, counted: Bools) -> dict[str, Counts]:
    """Entries into each stage, changes between stages, and seconds spent there in the backlog.

    Seconds after the last event of a ticket are not counted: they are not over.
    """
    told, status_told = STAGE_AFTER[past.slot], STATUS_AFTER[past.slot]
    stage, status = carried(told, told >= 0), carried(status_told, status_told >= 0)
    is_counted = counted[past.row]
    enters = is_counted & (told >= 0)
    changes = np.flatnonzero(enters & ~past.starts)
    steps, times = np.unique(
        np.stack([stage[changes - 1], stage[changes]]), axis=1, return_counts=True
    )
    lasts = np.flatnonzero(is_counted[:-1] & ~past.starts[1:] & (status[:-1] < _SOLVED))
    seconds = np.bincount(
        stage[lasts], weights=past.at[lasts + 1] - past.at[lasts], minlength=len(STAGES)
    )
    return {
        "stages_entered": by_code(told[enters], STAGES),
        "stage_changes": {
            f"{STAGES[before]} to {STAGES[after]}": int(count)
            for before, after, count in zip(*steps, times, strict=True)
        },
        "stage_backlog_seconds": dict(zip(STAGES, seconds.astype(int).tolist(), strict=True)),
    }


@dataclass
class Complaints:
    """Counts repeated complaints; remembers the recent ones from one piece to the next."""

    recent: pl.DataFrame | None = None

    def counts(self, tickets: Tickets, end: int) -> Counts:
        """Complaints, and those whose customer complained of the same service shortly before."""
        chosen = is_request(tickets, end) & (tickets.ticket_type == COMPLAINT)
        new = pl.DataFrame(
            {
                "customer": tickets.customer[chosen],
                "service": tickets.work.service[chosen],
                "created": tickets.work.created[chosen],
                "is_new": True,
            }
        )
        known = new if self.recent is None else pl.concat([self.recent, new])
        # in the order of creation, so the row before is the complaint before
        gap = pl.col("created") - pl.col("created").shift(1).over("customer", "service")
        is_repeated = pl.col("is_new") & (gap <= REPEATED_WITHIN_SECONDS)
        repeated = known.select(is_repeated.sum()).item()
        latest = pl.col("created") >= pl.col("created").max() - REPEATED_WITHIN_SECONDS
        self.recent = known.filter(latest).with_columns(is_new=pl.lit(False))
        return {"created": len(new), "repeated_within_30_days": repeated}
