"""What the simulation knows to be true, counted from its own arrays while it draws them.

None of these figures is read back from an extract, so they can prove the warehouse right or
wrong. Months are local months; the figures are as of the end of the span.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from pipelines.simulate.agent_states import AVAILABLE, BREAK, STATES, AgentStates
from pipelines.simulate.calls import CALLBACK, OUTCOMES, Calls
from pipelines.simulate.company import QUEUES, SERVICES, STATUSES, TIERS
from pipelines.simulate.demand import Ints
from pipelines.simulate.fates import Bools, Slot
from pipelines.simulate.invitations import MOMENTS
from pipelines.simulate.records import STATUS_AFTER, Happenings
from pipelines.simulate.surveys import (
    COMMENTS,
    DIMENSION_OF_QUESTION,
    DIMENSIONS,
    MEASURES,
    PERSONAL_COMMENTS,
    SurveyRows,
)
from pipelines.simulate.tickets import Tickets
from pipelines.simulate.truth_of_journeys import Complaints, Counts, by_code, journey_counts

SHORT_WAIT_SECONDS, SERVICE_LEVEL_SECONDS = 5, 20
SITES = tuple(dict.fromkeys(service.site for service in SERVICES))
SITE_OF_SERVICE = np.array([SITES.index(service.site) for service in SERVICES])
_GIVEN_COMMENTS = [code for code, text in enumerate(COMMENTS) if text]
_STATUS_SLOTS = np.flatnonzero(STATUS_AFTER >= 0)


def _by_month(instants: Ints) -> Counts:
    months, counts = np.unique(
        instants.astype("datetime64[s]").astype("datetime64[M]"), return_counts=True
    )
    return {str(month): int(count) for month, count in zip(months, counts, strict=True)}


@dataclass
class Ledger:
    """Counts that grow with every piece of the simulation."""

    end_instant: int
    complaints: Complaints = field(default_factory=Complaints)
    counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def count(self, name: str, counts: Counts) -> None:
        """Add counts under a name."""
        self.counts[name].update(counts)

    def add_tickets(self, tickets: Tickets, past: Happenings) -> None:
        """Count tickets, their endings and what the source itself says of their targets."""
        for name, counts in journey_counts(tickets, past, self.end_instant).items():
            self.count(name, counts)
        self.count("complaints", self.complaints.counts(tickets, self.end_instant))
        fate, work, end = tickets.fate, tickets.work, self.end_instant
        self.count("tickets_created_by_month", _by_month(work.created))
        self.count("tickets_created_by_site", by_code(SITE_OF_SERVICE[work.service], SITES))
        self.count(
            "tickets_created_by_service",
            by_code(work.service, tuple(service.id for service in SERVICES)),
        )
        self.count("tickets_created_by_tier", by_code(work.tier, TIERS))
        first_solved = fate[:, Slot.SOLVED]
        self.count("tickets_first_solved_by_month", _by_month(first_solved[first_solved < end]))
        moments = np.where(fate[:, _STATUS_SLOTS] < end, fate[:, _STATUS_SLOTS], -1)
        last_slot = _STATUS_SLOTS[np.argmax(moments, axis=1)]
        self.count("final_status", by_code(STATUS_AFTER[last_slot], STATUSES))
        self._count_tickets(tickets, first_solved < end)

    def _count_tickets(self, tickets: Tickets, is_solved: Bools) -> None:
        fate, end = tickets.fate, self.end_instant
        first_reply = fate[:, Slot.FIRST_REPLY]
        is_first_met = is_solved & (fate[:, Slot.SOLVED] <= tickets.due)
        cut = is_solved & (tickets.work.tier == 0)
        self.count(
            "tickets",
            {
                "created": len(tickets),
                "ever_solved": int(is_solved.sum()),
                "reopened": int((fate[:, Slot.REOPENED] < end).sum()),
                "with_first_reply": int((first_reply < end).sum()),
                "first_reply_within_target": int(
                    ((first_reply < end) & (first_reply <= tickets.reply_due)).sum()
                ),
                "first_solved_within_source_target": int(is_first_met.sum()),
                "tier_a_ever_solved": int(cut.sum()),
                "tier_a_first_solved_within_source_target": int((cut & is_first_met).sum()),
                "outage_incidents": int(tickets.is_outage.sum()),
            },
        )

    def add_calls(self, calls: Calls) -> None:
        """Count calls by outcome and the parts of the service level."""
        outcome = by_code(calls.outcome, OUTCOMES)
        answered, abandoned = calls.outcome == 0, calls.outcome == 1
        in_time = answered & (calls.wait <= SERVICE_LEVEL_SECONDS)
        parts = {
            "all": len(calls),
            "offered": outcome["answered"] + outcome["abandoned"],
            **outcome,
            "answered_within_20_seconds": int(in_time.sum()),
            "abandoned_within_5_seconds": int(
                (abandoned & (calls.wait <= SHORT_WAIT_SECONDS)).sum()
            ),
            "transferred": int(calls.is_transferred.sum()),
            "linked_to_ticket": int((calls.ticket >= 0).sum()),
            "hidden": int(calls.is_hidden.sum()),
            "abandoned_called_back": int((abandoned & (calls.called_back >= 0)).sum()),
            "requests_called_back": int(
                ((calls.outcome == CALLBACK) & (calls.called_back >= 0)).sum()
            ),
            "ring_seconds": int(calls.ring[answered].sum()),
            "wait_seconds_of_answered": int(calls.wait[answered].sum()),
            "handle_seconds": int((calls.talk + calls.hold + calls.wrap)[answered].sum()),
        }
        self.count("calls", parts)
        is_offered = calls.outcome <= 1
        self.count("calls_offered_by_month", _by_month(calls.started[is_offered]))
        queues = tuple(queue.id for queue in QUEUES)
        self.count("calls_offered_by_queue", by_code(calls.queue[is_offered], queues))

    def add_agents(self, states: AgentStates) -> None:
        """Sum the seconds of agents by state."""
        known = states.started < self.end_instant
        seconds = np.bincount(
            states.state[known],
            weights=(states.ended - states.started)[known],
            minlength=len(STATES),
        ).astype(np.int64)
        handled = int(seconds.sum() - seconds[AVAILABLE] - seconds[BREAK])
        self.count("agent_seconds", dict(zip(STATES, seconds.tolist(), strict=True)))
        self.count(
            "agents",
            {
                "states": int(known.sum()),
                "handle_seconds": handled,
                "staffed_seconds": handled + int(seconds[AVAILABLE]),
            },
        )

    def add_surveys(self, rows: SurveyRows) -> None:
        """Count responses and answers, and sum the scores."""
        answers = rows.answers
        score = answers["score"].to_numpy()
        measure = answers["measure"].to_numpy()
        csat, nps, stars, expected, perceived, ces, fcr, *_ = (
            measure == m for m in range(len(MEASURES))
        )
        stars &= answers["survey"].to_numpy() == 1
        comment = rows.responses["at"].to_numpy() % len(COMMENTS)
        self.count(
            "surveys",
            {
                "responses": len(rows.responses),
                "answers": len(answers),
                "csat_n": int(csat.sum()),
                "csat_top2": int((csat & (score >= 4)).sum()),
                "csat_sum": int(score[csat].sum()),
                "nps_n": int(nps.sum()),
                "nps_promoters": int((nps & (score >= 9)).sum()),
                "nps_detractors": int((nps & (score <= 6)).sum()),
                "stars_n": int(stars.sum()),
                "stars_sum": int(score[stars].sum()),
                "servqual_respondents": int((rows.responses["survey"] == 2).sum()),
                "ces_n": int(ces.sum()),
                "ces_sum": int(score[ces].sum()),
                "ces_top3": int((ces & (score >= 5)).sum()),
                "fcr_n": int(fcr.sum()),
                "fcr_yes": int((fcr & (score == 1)).sum()),
                "verified_bad_ratings": int((rows.responses["verified"] == 1).sum()),
                "comments": int(np.isin(comment, _GIVEN_COMMENTS).sum()),
                "comments_masked": int(np.isin(comment, PERSONAL_COMMENTS).sum()),
            },
        )
        for name, chosen in (("expectation", expected), ("perception", perceived)):
            self.count(f"servqual_{name}_sum", _sums(answers.filter(pl.Series(chosen))))

    def add_invitations(self, rows: pl.DataFrame) -> None:
        """Count invitations by how far they came; the last row of each knows."""
        last = rows.unique("number", keep="last", maintain_order=True)
        reached: Counts = {name: int((last[name] >= 0).sum()) for name in MOMENTS}
        self.count("survey_invitations", reached)

    def document(self) -> dict[str, Any]:
        """All counts, names in order."""
        return {name: dict(sorted(self.counts[name].items())) for name in sorted(self.counts)}


def _sums(answers: pl.DataFrame) -> Counts:
    """Sum of scores by dimension of SERVQUAL items."""
    dimension = DIMENSION_OF_QUESTION[answers["question"].to_numpy()]
    sums = np.bincount(dimension, weights=answers["score"].to_numpy(), minlength=len(DIMENSIONS))
    return {name: int(total) for name, total in zip(DIMENSIONS, sums, strict=True)}
