"""The planted stories can be seen in what is drawn; sizes are far outside chance."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pipelines.simulate.calls import Calls, make_calls
from pipelines.simulate.company import DAY, HOUR, QUEUE_INDEX, SERVICE_INDEX, TEAM_INDEX
from pipelines.simulate.demand import Demand, Ints, plan
from pipelines.simulate.fates import ABSENT, Slot
from pipelines.simulate.stories import Span, span_of
from pipelines.simulate.surveys import after_tickets
from pipelines.simulate.tickets import TicketMaker, Tickets, customer_tiers
from pipelines.simulate.working_hours import (
    day_number,
    festival,
    is_workday,
    service_clocks,
    working_hours,
)

SPAN = span_of(6, date(2026, 9, 30))


@pytest.fixture(scope="module")
def drawn() -> tuple[Demand, Tickets, Calls]:
    """Forty thousand tickets and their calls, without files."""
    generator = np.random.Generator(np.random.PCG64(5))
    demand = plan(generator, SPAN, 40_000)
    clocks = service_clocks(SPAN.start, SPAN.end + timedelta(days=100))
    tiers = customer_tiers(generator, 10_000)
    tickets = TicketMaker(demand, clocks, tiers).make(generator, 0, SPAN.days, 1)
    calls = make_calls(generator, demand, tickets, (0, SPAN.days), 10_000, 1)
    return demand, tickets, calls


def _days(instants: Ints) -> Ints:
    return instants // DAY - SPAN.first_day


def test_exactly_as_many_tickets_as_asked_for(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, _ = drawn
    assert len(tickets) == 40_000
    assert (np.diff(tickets.work.created) >= 0).all()


def test_office_requests_come_on_working_days(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, _ = drawn
    created = tickets.work.created[tickets.work.service == SERVICE_INDEX["it_request"]]
    working = np.array([is_workday(SPAN.start + timedelta(days=n)) for n in range(SPAN.days)])
    per_day = np.bincount(_days(created), minlength=SPAN.days)
    assert per_day[working].mean() > 3 * per_day[~working].mean()


def test_mall_tickets_come_in_opening_hours(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, _ = drawn
    created = tickets.work.created[tickets.work.service == SERVICE_INDEX["mall_cleaning"]]
    hour = created % DAY // HOUR
    assert ((hour >= 10) & (hour < 22)).mean() > 0.95
    assert ((hour < 8) | (hour == 23)).mean() < 0.01


def test_spring_festival_dips() -> None:
    span = Span(date(2026, 2, 1), date(2026, 3, 31))
    demand = plan(np.random.Generator(np.random.PCG64(1)), span, 30_000)
    per_day = demand.counts.sum(axis=1)
    is_feast = np.array(
        [festival(span.start + timedelta(days=n)) == "Spring Festival" for n in range(span.days)]
    )
    assert is_feast.sum() >= 7
    assert per_day[is_feast].mean() < 0.5 * per_day[~is_feast].mean()


def test_make_up_days_are_working_days() -> None:
    assert date(2026, 5, 9).weekday() == 5
    assert is_workday(date(2026, 5, 9))
    assert not is_workday(date(2026, 5, 1))


def test_outage_is_a_burst_of_incidents_and_calls(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, calls = drawn
    outage = day_number(SPAN.outage_day) - SPAN.first_day
    is_network = tickets.work.service == SERVICE_INDEX["it_network"]
    incidents = np.bincount(_days(tickets.work.created[is_network]), minlength=SPAN.days)
    assert incidents[outage] > 10 * np.median(incidents)
    desk = calls.queue == QUEUE_INDEX["it_desk"]
    per_day = np.bincount(_days(calls.started[desk]), minlength=SPAN.days)
    assert per_day[outage] > 2 * np.median(per_day)
    begins, ends = SPAN.outage_window()
    inside = desk & (calls.started >= begins) & (calls.started < ends)
    assert (calls.outcome[inside] == 1).mean() > 0.25


def test_usual_days_meet_the_service_level(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, _, calls = drawn
    usual = _days(calls.started) != day_number(SPAN.outage_day) - SPAN.first_day
    offered = usual & (calls.outcome <= 1)
    in_time = offered & (calls.outcome == 0) & (calls.wait <= 20)
    assert 0.75 < in_time.sum() / offered.sum() < 0.85
    assert 0.03 < (usual & (calls.outcome == 1)).sum() / offered.sum() < 0.08


def test_new_team_learns(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, _, calls = drawn
    mine = (calls.team == TEAM_INDEX["hot_3"]) & (calls.outcome == 0)
    age = _days(calls.started[mine]) - (day_number(SPAN.new_team_day) - SPAN.first_day)
    handling = (calls.talk + calls.wrap)[mine]
    assert age.min() >= 0
    assert handling[age < 21].mean() > 1.4 * handling[age >= 100].mean()


def test_policy_change_halves_what_is_promised(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, _ = drawn
    work = tickets.work
    mine = (work.service == SERVICE_INDEX["mall_repair"]) & (work.priority == 2) & (work.tier == 2)
    later = work.created >= day_number(date(2026, 7, 1)) * DAY
    clock = working_hours("cn_mall", SPAN.start, SPAN.end + timedelta(days=60))
    for rows, hours in ((mine & ~later, 16), (mine & later, 8)):
        due = clock.add(work.created[rows], np.full(rows.sum(), hours * HOUR))
        assert (due == tickets.due[rows]).all()
        assert rows.sum() > 100
    # Promised half the time, the team hurries a little, and meets the promise less often.
    assert tickets.slowness[mine & later].mean() > 1.4 * tickets.slowness[mine & ~later].mean()


def test_higher_tiers_are_served_faster(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, _ = drawn
    work = tickets.work
    reply = tickets.fate[:, Slot.FIRST_REPLY] - work.created
    known = (tickets.fate[:, Slot.FIRST_REPLY] != ABSENT) & (work.priority == 2)
    medians = [np.median(reply[known & (work.tier == tier)]) for tier in range(3)]
    assert medians[0] < 0.75 * medians[1]
    assert medians[1] < medians[2]


def test_most_targets_are_met_and_teams_differ(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, _ = drawn
    solved = tickets.fate[:, Slot.SOLVED]
    known = solved != ABSENT
    met = solved <= tickets.due
    assert 0.80 < met[known].mean() < 0.95
    by_team = [
        met[known & (tickets.work.team == TEAM_INDEX[team])].mean() for team in ("lib_1", "mall_2")
    ]
    assert by_team[0] > by_team[1] + 0.05


def test_outpatient_satisfaction_drifts_down(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, _ = drawn
    generator = np.random.Generator(np.random.PCG64(3))
    scores: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(4):
        rows = after_tickets(generator, SPAN, tickets)
        clinic = rows.responses.filter(pl.col("service") == SERVICE_INDEX["hosp_outpatient"])
        csat = rows.answers.filter(pl.col("measure") == 0)
        given = clinic.join(csat.select("number", "score"), on="number")
        half = (SPAN.first_day + SPAN.days // 2) * DAY
        for is_late in (True, False):
            chosen = given.filter((given["at"] >= half) == is_late)
            scores[is_late] += chosen["score"].to_list()
    assert np.mean(scores[True]) < np.mean(scores[False]) - 0.15


def test_reopened_share_and_events_in_order(drawn: tuple[Demand, Tickets, Calls]) -> None:
    _, tickets, _ = drawn
    fate = tickets.fate
    solved = fate[:, Slot.SOLVED] != ABSENT
    assert 0.03 < (fate[solved, Slot.REOPENED] != ABSENT).mean() < 0.05
    for earlier, later in (
        (Slot.CREATED, Slot.ASSIGNED),
        (Slot.ASSIGNED, Slot.FIRST_REPLY),
        (Slot.FIRST_REPLY, Slot.SOLVED),
        (Slot.PENDING, Slot.PENDING_OVER),
        (Slot.PENDING_OVER, Slot.HOLD),
        (Slot.HOLD, Slot.HOLD_OVER),
        (Slot.SOLVED, Slot.CLOSED),
        (Slot.SOLVED, Slot.REOPENED),
        (Slot.REOPENED, Slot.SOLVED_AGAIN),
    ):
        both = (fate[:, earlier] != ABSENT) & (fate[:, later] != ABSENT)
        assert both.any()
        assert (fate[both, earlier] < fate[both, later]).all(), (earlier, later)
