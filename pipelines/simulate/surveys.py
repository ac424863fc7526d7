"""What customers say: surveys after tickets and calls, and a monthly SERVQUAL batch.

Satisfaction falls with the time a solution took, differs by service and team, and drifts down
at the outpatient department. SERVQUAL items carry numbers only; the published wording is not
ours to copy.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulate.calls import Calls
from pipelines.simulate.company import (
    DAY,
    HOUR,
    QUEUES,
    SERVICE_INDEX,
    SERVICES,
    TEAMS,
)
from pipelines.simulate.demand import Demand, Floats, Ints
from pipelines.simulate.fates import ABSENT, Slot
from pipelines.simulate.stories import Span
from pipelines.simulate.tickets import Tickets
from pipelines.simulate.working_hours import day_of

INSTRUMENTS = ("v2", "v1", "servqual-22")
ANSWER_CHANNELS = ("wechat", "phone", "web")
TOUCHPOINTS = ("办结回访", "通话结束", "入院", "检查", "治疗", "出院", "前台", "借阅", "停车")
COMMENTS = (
    None,
    None,
    None,
    None,
    None,
    None,
    "很好",
    "谢谢，处理及时",
    "等候时间有点长",
    "希望改进",
    "没有解决我的问题",
    "态度好",
)
DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
DIMENSION_ITEMS = (4, 5, 4, 4, 5)
ITEM_DIMENSION = np.repeat(np.arange(5), DIMENSION_ITEMS)
QUESTIONS = ("csat", "nps", "stars", *(f"q{n:02d}" for n in range(1, 23)))
DIMENSION_OF_QUESTION = np.concatenate([[-1, -1, -1], ITEM_DIMENSION])
MEASURES = ("csat", "nps", "stars", "servqual_expectation", "servqual_perception")
SCALES = ((1, 5), (0, 10), (1, 5), (1, 7), (1, 7))

TICKET_RESPONSE, CALL_RESPONSE = 0.09, 0.035
SERVQUAL_SERVICES = ("hosp_outpatient", "hosp_ward", "mall_customer_service", "lib_reader")
SERVQUAL_TOUCHPOINTS = {
    "hosp_outpatient": (3, 4),
    "hosp_ward": (2, 4, 5),
    "mall_customer_service": (6, 8),
    "lib_reader": (7,),
}
SERVQUAL_DAY = 20
EXPECTED = np.array([6.0, 6.4, 6.2, 6.2, 5.8])
PERCEIVED = np.array([5.9, 5.7, 5.4, 5.9, 5.5])

CARE = np.array([team.care for team in TEAMS])
CHARM = np.array([service.charm for service in SERVICES])
CALL_SERVICE = np.array([SERVICE_INDEX[queue.service] for queue in QUEUES])


@dataclass(frozen=True)
class SurveyRows:
    """Responses and answers as frames of codes; responses carry `day` and `id`."""

    responses: pl.DataFrame
    answers: pl.DataFrame


def _responses(
    kind: int, numbers: Ints, at: Ints, service: Ints, rest: dict[str, Ints | int]
) -> pl.DataFrame:
    defaults: dict[str, Ints | int] = {
        "ticket": -1,
        "call": -1,
        "customer": -1,
        "team": -1,
        "agent": -1,
        "touchpoint": kind,
    }
    size = len(numbers)
    columns = {
        name: np.broadcast_to(np.asarray(value, dtype=np.int64), size).copy()
        for name, value in (defaults | rest).items()
    }
    return pl.DataFrame(
        {
            "day": (at // DAY).astype(np.int32),
            "survey": np.full(size, kind, dtype=np.int8),
            "number": numbers,
            "at": at,
            "service": service,
            **columns,
        }
    )


def _answers(
    kind: int, numbers: Ints, at: Ints, question: Ints | int, measure: int, score: Floats
) -> pl.DataFrame:
    size = len(numbers)
    return pl.DataFrame(
        {
            "day": (at // DAY).astype(np.int32),
            "survey": np.full(size, kind, dtype=np.int8),
            "number": numbers,
            "question": np.broadcast_to(np.asarray(question, dtype=np.int8), size).copy(),
            "measure": np.full(size, measure, dtype=np.int8),
            "score": score.astype(np.int64),
        }
    )


def _rated(values: Floats, measure: int) -> Floats:
    low, high = SCALES[measure]
    return np.clip(np.round(values), low, high)


def _drift(span: Span, service: Ints, at: Ints) -> Floats:
    return np.where(service == SERVICE_INDEX["hosp_outpatient"], span.drift(at), 0.0)


def after_tickets(generator: np.random.Generator, span: Span, tickets: Tickets) -> SurveyRows:
    """CSAT and NPS of some of the tickets solved within the span."""
    solved = tickets.fate[:, Slot.SOLVED]
    answers = (solved != ABSENT) & (generator.random(len(tickets)) < TICKET_RESPONSE)
    rows = np.flatnonzero(answers & (np.minimum(solved, span.end_instant) < span.end_instant))
    at = solved[rows] + 600 + generator.exponential(14 * HOUR, len(rows)).astype(np.int64)
    rows, at = rows[at < span.end_instant], at[at < span.end_instant]
    work = tickets.work
    service, team = work.service[rows], work.team[rows]
    mood = 4.25 + CHARM[service] + CARE[team] + _drift(span, service, at)
    mood -= 0.38 * (np.log(np.maximum(tickets.slowness[rows], 0.005)) + 1.1)
    mood -= 0.8 * (tickets.fate[rows, Slot.REOPENED] < at)
    mood += generator.normal(size=len(rows)) * 0.75
    likely = 8.4 + 2.1 * (mood - 4.2) + generator.normal(size=len(rows)) * 1.1
    numbers = tickets.number[rows]
    responses = _responses(
        0,
        numbers,
        at,
        service,
        {
            "ticket": numbers,
            "customer": tickets.customer[rows],
            "team": team,
            "agent": work.agent[rows],
        },
    )
    return SurveyRows(
        responses,
        pl.concat(
            [
                _answers(0, numbers, at, 0, 0, _rated(mood, 0)),
                _answers(0, numbers, at, 1, 1, _rated(likely, 1)),
            ]
        ),
    )


def after_calls(generator: np.random.Generator, span: Span, calls: Calls) -> SurveyRows:
    """Stars given at the end of some of the answered calls."""
    answers = (calls.outcome == 0) & (generator.random(len(calls)) < CALL_RESPONSE)
    ended = calls.started + calls.ivr + calls.wait + calls.talk + calls.hold
    rows = np.flatnonzero(answers & (ended + 60 < span.end_instant))
    at = ended[rows] + 20 + generator.integers(0, 40, len(rows))
    service, team = CALL_SERVICE[calls.queue[rows]], calls.team[rows]
    mood = 4.45 + CHARM[service] + CARE[team] - 0.004 * calls.wait[rows]
    mood += generator.normal(size=len(rows)) * 0.75
    numbers = calls.number[rows]
    responses = _responses(
        1,
        numbers,
        at,
        service,
        {
            "call": numbers,
            "customer": calls.customer[rows],
            "team": team,
            "agent": calls.agent[rows],
        },
    )
    return SurveyRows(responses, _answers(1, numbers, at, 2, 2, _rated(mood, 2)))


def servqual_respondents(tickets: int, months: int) -> int:
    """People asked each month."""
    return int(np.clip(tickets / months * 0.015, 6, 300))


def servqual(
    generator: np.random.Generator, demand: Demand, days: tuple[int, int], respondents: int
) -> SurveyRows:
    """The SERVQUAL batches of those of the days that are the batch day of their month."""
    batches = [
        number
        for number in range(demand.span.first_day + days[0], demand.span.first_day + days[1])
        if day_of(number).day == SERVQUAL_DAY
    ]
    base = np.repeat(np.array(batches, dtype=np.int64), respondents)
    at = base * DAY + 9 * HOUR + generator.integers(0, 8 * HOUR, len(base))
    at = np.sort(at)
    numbers = base * 1000 + np.arange(len(base)) % respondents
    codes = np.array([SERVICE_INDEX[name] for name in SERVQUAL_SERVICES])
    pick = generator.integers(0, len(codes), len(base))
    service = codes[pick]
    touchpoints = np.array([np.resize(SERVQUAL_TOUCHPOINTS[name], 6) for name in SERVQUAL_SERVICES])
    touchpoint = touchpoints[pick, generator.integers(0, 6, len(base))]
    responses = _responses(2, numbers, at, service, {"touchpoint": touchpoint})
    person = generator.normal(size=(2, len(base), 1)) * [[[0.35]], [[0.6]]]
    noise = generator.normal(size=(2, len(base), 22)) * [[[0.6]], [[0.75]]]
    shift = (CHARM[service] + _drift(demand.span, service, at))[:, None]
    expected = _rated(EXPECTED[ITEM_DIMENSION] + person[0] + noise[0], 3)
    perceived = _rated(PERCEIVED[ITEM_DIMENSION] + shift + person[1] + noise[1], 4)
    question = np.tile(np.arange(3, 25), len(base))
    repeated = np.repeat(numbers, 22), np.repeat(at, 22)
    return SurveyRows(
        responses,
        pl.concat(
            [
                _answers(2, *repeated, question, 3, expected.ravel()),
                _answers(2, *repeated, question, 4, perceived.ravel()),
            ]
        ),
    )
