"""Who asks for what, and who works on it: the tickets of some days.

How long the work takes is in `fates`, and what is done on the way in `journeys`.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.simulate.company import (
    ACKNOWLEDGEMENT_TARGET_SECONDS,
    AGENT_COUNTS,
    ARRIVAL_TARGET_SECONDS,
    COMPLAINT_ACKNOWLEDGEMENT_TARGET_SECONDS,
    DAY,
    FIRST_AGENT,
    HOUR,
    PLACES,
    REPAIR_P1_ARRIVAL_TARGET_SECONDS,
    REPAIR_P3_TARGET_FROM_JULY_SECONDS,
    RESOLUTION_TARGET_SECONDS,
    RESPONSE_TARGET_SECONDS,
    SERVICE_INDEX,
    SERVICES,
    TEAM_INDEX,
    TEAMS,
    TIER_A_TARGET_FACTOR,
    TIER_SHARES,
)
from pipelines.simulate.demand import Demand, Floats, Ints, arrivals, draw
from pipelines.simulate.fates import Bools, Work, draw_durations, draw_fates, is_outage
from pipelines.simulate.journeys import (
    Effort,
    Findings,
    draw_findings,
    draw_journeys,
    repeat_complaints,
)
from pipelines.simulate.stories import POLICY_DATE, Span
from pipelines.simulate.working_hours import Clocks, day_number


@dataclass(frozen=True)
class Tickets:
    """Tickets of some days, one entry per ticket; codes index `company` tuples.

    `second_*` hold from `Slot.REASSIGNED` (until `Slot.RETURNED`) and `Slot.PRIORITY_CHANGED` on,
    `findings` from the solution or `Slot.DISPOSED` on. `title` is an index of `records.TITLES`.
    `slowness` is open seconds to the solution over the promised seconds.
    """

    number: Ints
    work: Work
    ticket_type: Ints
    customer: Ints
    second_priority: Ints
    second_team: Ints
    second_agent: Ints
    category: Ints
    title: Ints
    acknowledgement_due: Ints
    reply_due: Ints
    arrival_due: Ints
    due: Ints
    slowness: Floats
    is_outage: Bools
    findings: Findings
    fate: Ints

    def __len__(self) -> int:
        return len(self.number)


def _mix(name: str) -> Floats:
    return np.array([getattr(service, name) for service in SERVICES], dtype=np.float64)


TYPE_MIX, CHANNEL_MIX, PRIORITY_MIX = _mix("types"), _mix("channels"), _mix("priorities")
TEAM_MIX = np.array([[s.teams.get(team.id, 0.0) for team in TEAMS] for s in SERVICES])
NIGHT_TEAM = np.array([TEAM_INDEX[s.night_team] if s.night_team else -1 for s in SERVICES])


def customer_tiers(generator: np.random.Generator, customers: int) -> Ints:
    """The tier of every customer of the company."""
    return draw(generator, np.array([TIER_SHARES]), np.zeros(customers, dtype=np.int64))


def draw_teams(
    generator: np.random.Generator, span: Span, mix: Floats, night_team: Ints, rows: Ints, at: Ints
) -> Ints:
    """The team on duty: night shift 20:00-08:00 where there is one, the new team once it works.

    `mix` has a row of team weights, `night_team` a team or -1, for each index in `rows`.
    """
    before = mix.copy()
    before[:, TEAM_INDEX["hot_3"]] = 0
    is_later = (at >= day_number(span.new_team_day) * DAY).astype(np.int64)
    teams = draw(generator, np.concatenate([before, mix]), is_later * len(mix) + rows)
    hour = at % DAY // HOUR
    is_night = ((hour >= 20) | (hour < 8)) & (night_team[rows] >= 0)
    return np.where(is_night, night_team[rows], teams)


def draw_agents(generator: np.random.Generator, teams: Ints) -> Ints:
    """An agent of each team; the first ones of a team do somewhat more."""
    chance = generator.random(len(teams)) ** 1.15
    return FIRST_AGENT[teams] + (chance * AGENT_COUNTS[teams]).astype(np.int64)


def promised_acknowledgement_seconds(work: Work) -> Ints:
    """Promised open seconds until somebody takes a ticket up."""
    seconds: Ints = np.where(
        work.service == SERVICE_INDEX["hot_complaint"],
        COMPLAINT_ACKNOWLEDGEMENT_TARGET_SECONDS,
        ACKNOWLEDGEMENT_TARGET_SECONDS[work.priority],
    )
    return seconds


def promised_arrival_seconds(work: Work) -> Ints:
    """Promised open seconds until somebody is on site, for services that promise it."""
    is_urgent = (work.service == SERVICE_INDEX["mall_repair"]) & (work.priority == 0)
    usual = ARRIVAL_TARGET_SECONDS[work.priority]
    return np.where(is_urgent, REPAIR_P1_ARRIVAL_TARGET_SECONDS, usual)


def promised_reply_seconds(work: Work) -> Ints:
    """Promised open seconds to the first reply."""
    seconds = RESPONSE_TARGET_SECONDS[work.priority]
    return np.where(work.tier == 0, seconds * TIER_A_TARGET_FACTOR, seconds).astype(np.int64)


def promised_seconds(work: Work) -> Ints:
    """Promised open seconds to the solution, under the policy in force at creation."""
    seconds = RESOLUTION_TARGET_SECONDS[work.priority]
    is_changed = (
        (work.service == SERVICE_INDEX["mall_repair"])
        & (work.priority == 2)
        & (work.created >= day_number(POLICY_DATE) * DAY)
    )
    seconds = np.where(is_changed, REPAIR_P3_TARGET_FROM_JULY_SECONDS, seconds)
    return np.where(work.tier == 0, seconds * TIER_A_TARGET_FACTOR, seconds).astype(np.int64)


@dataclass(frozen=True)
class TicketMaker:
    """Makes the tickets of any days of one simulation."""

    demand: Demand
    clocks: Clocks
    tiers: Ints

    def make(self, generator: np.random.Generator, first: int, last: int, number: int) -> Tickets:
        """The tickets of days `first`..`last` (exclusive), numbered from `number`."""
        span = self.demand.span
        of_journeys = generator.spawn(1)[0]
        created, service = arrivals(generator, self.demand, first, last)
        size = len(created)
        customer = (generator.random(size) ** 1.6 * len(self.tiers)).astype(np.int64)
        customer = repeat_complaints(of_journeys, created, service, customer)
        team = draw_teams(generator, span, TEAM_MIX, NIGHT_TEAM, service, created)
        work = Work(
            created=created,
            service=service,
            channel=draw(generator, CHANNEL_MIX, service),
            priority=draw(generator, PRIORITY_MIX, service),
            tier=self.tiers[customer],
            team=team,
            agent=draw_agents(generator, team),
        )

        def due(seconds: Ints) -> Ints:
            return self.clocks.add(service, created, seconds)

        promised = promised_seconds(work)
        reply, solution = draw_durations(generator, span, work)
        effort = Effort(reply, solution, solution / promised)
        second_team = draw_teams(generator, span, TEAM_MIX, NIGHT_TEAM, service, created)
        category = service * 4 + generator.integers(0, 4, size)
        ticket_type = draw(generator, TYPE_MIX, service)
        second_agent = draw_agents(generator, second_team)
        title = category * len(PLACES) + generator.integers(0, len(PLACES), size)
        fate = draw_fates(generator, self.clocks, work, reply, solution)
        draw_journeys(of_journeys, self.clocks, work, effort, fate)
        return Tickets(
            number=np.arange(number, number + size, dtype=np.int64),
            work=work,
            ticket_type=ticket_type,
            customer=customer,
            second_priority=np.where(work.priority > 0, work.priority - 1, 1),
            second_team=second_team,
            second_agent=second_agent,
            category=category,
            title=title,
            acknowledgement_due=due(promised_acknowledgement_seconds(work)),
            reply_due=due(promised_reply_seconds(work)),
            arrival_due=due(promised_arrival_seconds(work)),
            due=due(promised),
            slowness=effort.slowness,
            is_outage=is_outage(span, work),
            findings=draw_findings(of_journeys, self.clocks, work, effort, fate, ticket_type),
            fate=fate,
        )
