"""Survey KPIs from raw rows in plain Python, written from the formulas and not from the SQL.

Rows are the dictionaries that go into raw. Slow and simple on purpose.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, variance
from typing import Any

Row = Mapping[str, Any]
Parts = tuple[float, float]


def valid(answers: Iterable[Row], *measures: str) -> list[Row]:
    """Answers with a score on their scale."""
    return [
        a
        for a in answers
        if a["measure"] in measures
        and a["score"] is not None
        and a["scale_min"] <= a["score"] <= a["scale_max"]
    ]


def csat_top2(answers: Sequence[Row]) -> Parts:
    rated = [a for a in valid(answers, "csat") if a["scale_max"] - a["scale_min"] >= 3]
    return sum(a["score"] >= a["scale_max"] - 1 for a in rated), len(rated)


def csat_mean(answers: Sequence[Row]) -> float:
    return fmean(
        1 + 4 * (a["score"] - a["scale_min"]) / (a["scale_max"] - a["scale_min"])
        for a in valid(answers, "csat")
    )


def weighted_csat_top2(answers: Sequence[Row], weights: Mapping[str, float]) -> Parts:
    rated = valid(answers, "csat")
    top = [a for a in rated if a["score"] >= a["scale_max"] - 1]
    return sum(weights[a["response_id"]] for a in top), sum(
        weights[a["response_id"]] for a in rated
    )


def nps(answers: Sequence[Row]) -> Parts:
    scores = [a["score"] for a in valid(answers, "nps")]
    return 100 * (sum(s >= 9 for s in scores) - sum(s <= 6 for s in scores)), len(scores)


def nps_bounds(answers: Sequence[Row]) -> tuple[float, float]:
    """Adjusted Wald: three more answers, three quarters of one at each end and half elsewhere."""
    scores = [a["score"] for a in valid(answers, "nps")]
    n = len(scores) + 3
    p = (sum(s >= 9 for s in scores) + 0.75) / n
    d = (sum(s <= 6 for s in scores) + 0.75) / n
    margin = 1.959963984540054 * math.sqrt((p + d - (p - d) ** 2) / n)
    return max(-100, 100 * (p - d - margin)), min(100, 100 * (p - d + margin))


def effort_top3(answers: Sequence[Row]) -> Parts:
    scores = valid(answers, "ces")
    return sum(a["score"] >= a["scale_max"] - 2 for a in scores), len(scores)


def wilson(x: float, n: float) -> tuple[float, float]:
    z = 1.959963984540054
    share = x / n
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    middle = share + z * z / (2 * n)
    low, high = ((middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def dimension_gaps(answers: Sequence[Row]) -> dict[str, float]:
    """Per respondent the mean over the items with both scores, then the mean over respondents."""
    expected = {
        (a["response_id"], a["question_id"]): a["score"]
        for a in valid(answers, "servqual_expectation")
    }
    gaps: dict[tuple[str, str], list[float]] = defaultdict(list)
    for a in valid(answers, "servqual_perception"):
        key = (a["response_id"], a["question_id"])
        if key in expected:
            gaps[a["response_id"], a["dimension"]].append(a["score"] - expected[key])
    by_dimension: dict[str, list[float]] = defaultdict(list)
    for (_, dimension), values in gaps.items():
        by_dimension[dimension].append(fmean(values))
    return {dimension: fmean(values) for dimension, values in by_dimension.items()}


def servqual_gap(answers: Sequence[Row]) -> float:
    return fmean(dimension_gaps(answers).values())


def perceived_over_expected(answers: Sequence[Row]) -> Parts:
    expected = {
        (a["response_id"], a["question_id"]): a["score"]
        for a in valid(answers, "servqual_expectation")
        if a["score"] > 0
    }
    pairs = [
        (a["score"], expected[a["response_id"], a["question_id"]])
        for a in valid(answers, "servqual_perception")
        if (a["response_id"], a["question_id"]) in expected
    ]
    return sum(p for p, _ in pairs), sum(e for _, e in pairs)


def alpha(answers: Sequence[Row], measure: str, dimension: str) -> tuple[float, int]:
    """Cronbach's alpha and n: complete answers only, sample variances."""
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    for a in valid(answers, measure):
        if a["dimension"] == dimension:
            scores[a["response_id"]][a["question_id"]] = a["score"]
    items = sorted({item for given in scores.values() for item in given})
    complete = [given for given in scores.values() if len(given) == len(items)]
    k = len(items)
    parts = sum(variance(given[item] for given in complete) for item in items)
    whole = variance(sum(given.values()) for given in complete)
    return k / (k - 1) * (1 - parts / whole), len(complete)


def share(answers: Sequence[Row], question: str, option: str) -> Parts:
    given: dict[str, set[str]] = defaultdict(set)
    for a in answers:
        if a["question_id"] == question and a.get("answer_option") is not None:
            given[a["response_id"]].add(a["answer_option"])
    return sum(option in options for options in given.values()), len(given)
