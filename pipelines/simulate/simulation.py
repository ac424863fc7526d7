"""Runs a simulation: piece by piece through the days, one extract a day and source.

A piece is as many days as have about `TICKETS_PER_PIECE` tickets. Whatever a ticket does after
its piece is carried over, so memory does not grow with the number of tickets.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipelines.errors import SimulationError
from pipelines.simulate.agent_states import make_states, nobody_busy
from pipelines.simulate.calls import make_calls
from pipelines.simulate.delivery import Delivery, ExtractNames
from pipelines.simulate.demand import Demand, Ints, plan
from pipelines.simulate.faults import Planter
from pipelines.simulate.files import put
from pipelines.simulate.invitations import invitations
from pipelines.simulate.ratings import after_calls, of_customers
from pipelines.simulate.records import happenings, make_rows
from pipelines.simulate.stories import span_of
from pipelines.simulate.surveys import after_tickets, servqual, servqual_respondents
from pipelines.simulate.tickets import TicketMaker, customer_tiers
from pipelines.simulate.truth import Ledger
from pipelines.simulate.truth_document import parameters, truth_document
from pipelines.simulate.working_hours import service_clocks

TICKETS_PER_PIECE = 40_000
LONGEST_PIECE_DAYS = 28
HORIZON_DAYS = 200
TICKETS_PER_CUSTOMER = 4

Progress = Callable[[int, int], None]


@dataclass
class Carried:
    """Rows of days still to come, by kind."""

    rows: dict[str, pl.DataFrame] = field(default_factory=dict)

    def due(self, kind: str, new: pl.DataFrame, before_day: int) -> pl.DataFrame:
        """Old and new rows of days before `before_day`; keeps the rest."""
        both = pl.concat([self.rows[kind], new]) if kind in self.rows else new
        self.rows[kind] = both.filter(pl.col("day") >= before_day)
        return both.filter(pl.col("day") < before_day)


@dataclass
class Simulation:
    """One run: what has been made so far, and what makes the rest."""

    seed: int
    maker: TicketMaker
    delivery: Delivery
    ledger: Ledger
    respondents: int
    carried: Carried = field(default_factory=Carried)
    next_ticket: int = 1
    next_call: int = 1
    next_state: int = 1
    agents_free_from: Ints = field(default_factory=nobody_busy)

    @property
    def demand(self) -> Demand:
        return self.maker.demand

    def piece(self, first: int, last: int) -> None:
        """Make days `first`..`last` (exclusive) and write their extracts."""
        span = self.demand.span
        generator = _generator(self.seed, first + 1)
        tickets = self.maker.make(generator, first, last, self.next_ticket)
        calls = make_calls(
            generator,
            self.demand,
            tickets,
            (first, last),
            len(self.maker.tiers),
            self.next_call,
        )
        said = [
            after_tickets(generator, span, tickets),
            after_calls(generator, span, calls),
            servqual(generator, self.demand, (first, last), self.respondents),
            of_customers(generator, span, calls),
        ]
        invited = invitations(generator, span, tickets, said[0].responses)
        past = happenings(tickets.fate, span.end_instant)
        events, states = make_rows(tickets, past)
        self.next_ticket += len(tickets)
        self.next_call += len(calls)
        states_of_agents, self.agents_free_from = make_states(calls, self.agents_free_from)
        agents = states_of_agents.frame(self.next_state)
        self.next_state += len(agents)
        self.ledger.add_tickets(tickets, past)
        self.ledger.add_calls(calls)
        self.ledger.add_agents(states_of_agents)
        self.ledger.count("events", {"all": len(events)})
        for rows in said:
            self.ledger.add_surveys(rows)
        self.ledger.add_invitations(invited)
        self._write(
            {
                "states": states,
                "events": events,
                "calls": calls.frame(),
                "agents": agents,
                "responses": pl.concat([rows.responses for rows in said]),
                "answers": pl.concat([rows.answers for rows in said]),
                "invited": invited,
            },
            first,
            last,
        )

    def _write(self, made: dict[str, pl.DataFrame], first: int, last: int) -> None:
        before_day = self.demand.span.first_day + last
        due = {kind: self.carried.due(kind, rows, before_day) for kind, rows in made.items()}
        self.delivery.write_tickets(due["states"], first, last)
        self.delivery.write_events(due["events"], first, last)
        self.delivery.write_calls(due["calls"], first, last)
        self.delivery.write_agents(due["agents"], first, last)
        self.delivery.write_surveys(due["responses"], due["answers"], due["invited"], first, last)


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, stream]))


def _refuse_other_simulation(truth_path: Path, given: dict[str, Any]) -> None:
    """Raise if another simulation was made here: its ids would mix with ours in the warehouse."""
    if not truth_path.exists():
        return
    before = json.loads(truth_path.read_text(encoding="utf-8"))["parameters"]
    if before != given:
        raise SimulationError(
            f"{truth_path} describes another simulation (seed {before['seed']}, "
            f"{before['tickets']} tickets, {before['start']} to {before['end']}), whose tickets "
            "have the same numbers; use its arguments, or another home (KPI_HOME) for this one."
        )


def simulate(
    landing_dir: Path,
    truth_path: Path,
    seed: int = 7,
    months: int = 6,
    tickets: int = 40_000,
    end: date = date(2026, 9, 30),
    on_progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the extracts of a simulated company and the truth about them; returns the truth.

    The same arguments give the same bytes. `on_progress` hears days done and days in all.
    Raises `SimulationError` where the folder holds something else or the span is impossible.
    """
    if tickets < 1:
        raise SimulationError(f"A simulation has at least one ticket; {tickets} were asked for.")
    span = span_of(months, end)
    given = parameters(seed, months, tickets, span)
    names = ExtractNames(span)
    names.refuse_strangers(landing_dir)
    _refuse_other_simulation(truth_path, given)
    generator = _generator(seed, 0)
    demand = plan(generator, span, tickets)
    clocks = service_clocks(span.start - timedelta(days=4), span.end + timedelta(days=HORIZON_DAYS))
    tiers = customer_tiers(generator, max(tickets // TICKETS_PER_CUSTOMER, 50))
    delivery = Delivery(landing_dir, names, Planter.for_days(generator, span.days))
    simulation = Simulation(
        seed=seed,
        maker=TicketMaker(demand, clocks, tiers),
        delivery=delivery,
        ledger=Ledger(span.end_instant),
        respondents=servqual_respondents(tickets, months),
    )
    step = int(np.clip(TICKETS_PER_PIECE * span.days // tickets, 1, LONGEST_PIECE_DAYS))
    for first in range(0, span.days, step):
        last = min(first + step, span.days)
        simulation.piece(first, last)
        if on_progress is not None:
            on_progress(last, span.days)
    truth = truth_document(given, span, simulation.ledger, delivery)
    put(truth_path, (json.dumps(truth, ensure_ascii=False, indent=2) + "\n").encode())
    return truth
