"""What customers say: surveys after tickets, and a monthly SERVQUAL batch.

Satisfaction falls with the time a solution took, differs by service and team, and drifts down
at the outpatient department. SERVQUAL items carry numbers only; the published wording is not
ours to copy.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulate.company import (
    DAY,
    HOUR,
    SERVICE_INDEX,
    SERVICES,
    TEAMS,
)
from pipelines.simulate.demand import Demand, Floats, Ints
from pipelines.simulate.fates import ABSENT, Slot
from pipelines.simulate.stories import Span
from pipelines.simulate.tickets import Tickets
from pipelines.simulate.working_hours import day_of

INSTRUMENTS = ("v3", "v2", "1991", "v1")
ANSWER_CHANNELS = ("wechat", "phone", "web", "app")
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
    "请回电 13800138000，谢谢",
    "请发到 reader@example.com",
    "身份证 11010519491231002X 仍无法登记",
    "The staff were friendly but the wait was long",
)
PERSONAL_COMMENTS = range(12, 15)
DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
DIMENSION_ITEMS = (4, 5, 4, 4, 5)
ITEM_DIMENSION = np.repeat(np.arange(5), DIMENSION_ITEMS)
ITEMS = tuple(f"q{n:02d}" for n in range(1, 23))
QUESTIONS = ("csat", "nps", "stars", *ITEMS, "effort", "solved", "way", "tags")
DIMENSION_OF_QUESTION = np.concatenate([[-1] * 3, ITEM_DIMENSION, [-1] * 4])
MEASURES = (
    *("csat", "nps", "stars", "servqual_expectation", "servqual_perception"),
    *("ces", "fcr", "importance", "option", "tag"),
)
SCALES = ((1, 5), (0, 10), (1, 5), (1, 7), (1, 7), (1, 7), (0, 1), (1, 7))  # then no scale
CES, FCR, IMPORTANCE, OPTION, TAG = range(5, 10)
EFFORT, SOLVED, WAY, TAGS = range(25, 29)
OPTIONS = ("电话解决", "上门解决", "线上解决", "态度好", "效率高", "等待久", "解释清楚")
WAYS, FIRST_TAG = 3, 3

TICKET_RESPONSE = 0.09
SERVQUAL_SERVICES = ("hosp_outpatient", "hosp_ward", "mall_customer_service", "lib_reader")
SERVQUAL_TOUCHPOINTS = {
    "hosp_outpatient": (3, 4),
    "hosp_ward": (2, 4, 5),
    "mall_customer_service": (6, 8),
    "lib_reader": (7,),
}
SERVQUAL_DAY = 20
WEIGHTS = {"hosp_outpatient": 140, "hosp_ward": 60, "mall_customer_service": 110, "lib_reader": 90}
EXPECTED = np.array([6.0, 6.4, 6.2, 6.2, 5.8])
IMPORTANT = np.array([4.9, 6.3, 6.0, 5.7, 5.2])
PERCEIVED = np.array([5.9, 5.7, 5.4, 5.9, 5.5])

CARE = np.array([team.care for team in TEAMS])
CHARM = np.array([service.charm for service in SERVICES])


@dataclass(frozen=True)
class SurveyRows:
    """Responses and answers as frames of codes; responses carry `day` and `id`."""

    responses: pl.DataFrame
    answers: pl.DataFrame


def response_frame(
    kind: int, numbers: Ints, at: Ints, service: Ints, rest: dict[str, Ints | int]
) -> pl.DataFrame:
    defaults: dict[str, Ints | int] = {
        "ticket": -1,
        "call": -1,
        "customer": -1,
        "team": -1,
        "agent": -1,
        "touchpoint": kind,
        "rater": 0,
        "verified": -1,
        "weight": -1,  # hundredths
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


def answer_frame(
    kind: int,
    numbers: Ints,
    at: Ints,
    question: Ints | int,
    measure: int,
    given: Floats | Ints,
) -> pl.DataFrame:
    """Answers to one question; `given` is the score, or the option of a choice or tag."""
    size = len(numbers)
    none = np.full(size, -1, dtype=np.int64)
    is_option = measure in (OPTION, TAG)
    return pl.DataFrame(
        {
            "day": (at // DAY).astype(np.int32),
            "survey": np.full(size, kind, dtype=np.int8),
            "number": numbers,
            "question": np.broadcast_to(np.asarray(question, dtype=np.int8), size).copy(),
            "measure": np.full(size, measure, dtype=np.int8),
            "score": none if is_option else given.astype(np.int64),
            "option": given.astype(np.int64) if is_option else none,
        }
    )


def rated(values: Floats, measure: int) -> Floats:
    low, high = SCALES[measure]
    return np.clip(np.round(values), low, high)


def _drift(span: Span, service: Ints, at: Ints) -> Floats:
    return np.where(service == SERVICE_INDEX["hosp_outpatient"], span.drift(at), 0.0)


def after_tickets(generator: np.random.Generator, span: Span, tickets: Tickets) -> SurveyRows:
    """What some say of their tickets solved within the span, and how they were solved."""
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
    ease = 5.4 + 1.2 * (mood - 4.2) + generator.normal(size=len(rows)) * 0.9
    is_reopened = tickets.fate[rows, Slot.REOPENED] < at
    at_once = np.where(is_reopened, 0.1, 0.74) > generator.random(len(rows))
    way = generator.integers(0, WAYS, len(rows))
    numbers = tickets.number[rows]
    responses = response_frame(
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
                answer_frame(0, numbers, at, 0, 0, rated(mood, 0)),
                answer_frame(0, numbers, at, 1, 1, rated(likely, 1)),
                answer_frame(0, numbers, at, EFFORT, CES, rated(ease, CES)),
                answer_frame(0, numbers, at, SOLVED, FCR, at_once.astype(np.int64)),
                answer_frame(0, numbers, at, WAY, OPTION, way),
            ]
        ),
    )


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
    weights = np.array([WEIGHTS[name] for name in SERVQUAL_SERVICES])
    responses = response_frame(
        2, numbers, at, service, {"touchpoint": touchpoint, "weight": weights[pick]}
    )
    person = generator.normal(size=(2, len(base), 1)) * [[[0.35]], [[0.6]]]
    noise = generator.normal(size=(2, len(base), 22)) * [[[0.6]], [[0.75]]]
    shift = (CHARM[service] + _drift(demand.span, service, at))[:, None]
    expected = rated(EXPECTED[ITEM_DIMENSION] + person[0] + noise[0], 3)
    perceived = rated(PERCEIVED[ITEM_DIMENSION] + shift + person[1] + noise[1], 4)
    needed = IMPORTANT[ITEM_DIMENSION] + generator.normal(size=(len(base), 22)) * 0.8
    question = np.tile(np.arange(3, 25), len(base))
    repeated = np.repeat(numbers, 22), np.repeat(at, 22)
    return SurveyRows(
        responses,
        pl.concat(
            [
                answer_frame(2, *repeated, question, 3, expected.ravel()),
                answer_frame(2, *repeated, question, 4, perceived.ravel()),
                answer_frame(2, *repeated, question, IMPORTANCE, rated(needed, IMPORTANCE).ravel()),
            ]
        ),
    )
