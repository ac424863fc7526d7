"""Stars after calls: customers rate agents, agents rate customers, and bad ratings are looked into.

Not here: surveys after tickets and SERVQUAL (`surveys`).
"""

import numpy as np
import polars as pl

from pipelines.simulate.calls import Calls
from pipelines.simulate.company import QUEUES, SERVICE_INDEX
from pipelines.simulate.demand import Floats, Ints
from pipelines.simulate.stories import Span
from pipelines.simulate.surveys import (
    CARE,
    CHARM,
    FIRST_TAG,
    OPTIONS,
    TAG,
    TAGS,
    SurveyRows,
    answer_frame,
    rated,
    response_frame,
)

CALL_RESPONSE, STAFF_RATING, VERIFIED = 0.035, 0.02, 0.7
CALL_SERVICE = np.array([SERVICE_INDEX[queue.service] for queue in QUEUES])


def after_calls(generator: np.random.Generator, span: Span, calls: Calls) -> SurveyRows:
    """Stars and tags given at the end of some of the answered calls; bad stars are looked into."""
    answers = (calls.outcome == 0) & (generator.random(len(calls)) < CALL_RESPONSE)
    ended = calls.started + calls.ivr + calls.wait + calls.talk + calls.hold
    rows = np.flatnonzero(answers & (ended + 60 < span.end_instant))
    at = ended[rows] + 20 + generator.integers(0, 40, len(rows))
    service, team = CALL_SERVICE[calls.queue[rows]], calls.team[rows]
    mood = 4.45 + CHARM[service] + CARE[team] - 0.004 * calls.wait[rows]
    mood += generator.normal(size=len(rows)) * 0.75
    stars = rated(mood, 2)
    numbers = calls.number[rows]
    responses = response_frame(
        1,
        numbers,
        at,
        service,
        {
            "call": numbers,
            "customer": calls.customer[rows],
            "team": team,
            "agent": calls.agent[rows],
            "verified": _verified(generator, stars),
        },
    )
    tags = [
        (tag, generator.random(len(rows)) < chance)
        for tag, chance in zip(range(FIRST_TAG, len(OPTIONS)), (0.3, 0.2, 0.1, 0.15), strict=True)
    ]
    return SurveyRows(
        responses,
        pl.concat(
            [answer_frame(1, numbers, at, 2, 2, stars)]
            + [
                answer_frame(1, numbers[has], at[has], TAGS, TAG, np.full(has.sum(), tag))
                for tag, has in tags
            ]
        ),
    )


def _verified(generator: np.random.Generator, stars: Floats) -> Ints:
    """Of each bad rating whether it was found true (1) or untrue (0); -1 where nobody looked."""
    looked = (stars <= 3) & (generator.random(len(stars)) < VERIFIED)
    return np.where(looked, generator.random(len(stars)) < VERIFIED, -1).astype(np.int64)


def of_customers(generator: np.random.Generator, span: Span, calls: Calls) -> SurveyRows:
    """Stars that agents give to some of the customers who called."""
    is_rated = (calls.outcome == 0) & (generator.random(len(calls)) < STAFF_RATING)
    ended = calls.started + calls.ivr + calls.wait + calls.talk + calls.hold + calls.wrap
    rows = np.flatnonzero(is_rated & (ended + 5 < span.end_instant))
    stars = rated(4.7 + generator.normal(size=len(rows)), 2)
    numbers, at = calls.number[rows], ended[rows] + 5
    known: dict[str, Ints | int] = {
        "call": numbers,
        "customer": calls.customer[rows],
        "team": calls.team[rows],
        "agent": calls.agent[rows],
        "touchpoint": 1,
        "rater": 1,
        "verified": _verified(generator, stars),
    }
    responses = response_frame(3, numbers, at, CALL_SERVICE[calls.queue[rows]], known)
    return SurveyRows(responses, answer_frame(3, numbers, at, 2, 2, stars))
