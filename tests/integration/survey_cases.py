"""Surveys whose figures are published or worked out by hand, as rows of raw; one source each.

The expected figures stand in `test_surveys`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.integration.raw_store import write_raw

Answer = dict[str, Any]
DAY = "2026-03-02T"


def response(number: object, survey: str = "s", **rest: Any) -> dict[str, Any]:
    return {
        "response_id": str(number),
        "survey_id": survey,
        "responded_at": f"{DAY}10:00:00",
        **rest,
    }


def answer(
    number: object, question: str, measure: str, score: float | None, low: float, high: float
) -> Answer:
    return {
        "response_id": str(number),
        "question_id": question,
        "measure": measure,
        "score": None if score is None else float(score),
        "scale_min": float(low),
        "scale_max": float(high),
    }


def choice(number: object, question: str, option: str, measure: str = "option") -> Answer:
    return {
        "response_id": str(number),
        "question_id": question,
        "measure": measure,
        "answer_option": option,
    }


def write_case(
    home: Path, source: str, responses: Sequence[Answer], answers: Sequence[Answer]
) -> None:
    write_raw(home, "survey_response", responses, source)
    write_raw(home, "survey_answer", answers, source)


def write_nps(home: Path, source: str, promoters: int, passives: int, detractors: int) -> None:
    scores = [9, 10] * promoters + [7, 8] * passives + [0, 6] * detractors
    scores = scores[::2][:promoters] + scores[2 * promoters :: 2]
    write_case(
        home,
        source,
        [response(n) for n in range(len(scores))],
        [answer(n, "nps", "nps", score, 0, 10) for n, score in enumerate(scores)],
    )


def write_scale(
    home: Path, source: str, rows: Sequence[Sequence[float | None]], scale: tuple[float, float]
) -> None:
    """Respondents by items of one dimension; None where an item was left out."""
    write_case(
        home,
        source,
        [response(n) for n in range(len(rows))],
        [
            answer(n, f"i{item}", "other", score, *scale) | {"dimension": "d"}
            for n, scores in enumerate(rows)
            for item, score in enumerate(scores)
        ],
    )


def write_pairs(
    home: Path,
    source: str,
    pairs: Sequence[tuple[str, str, float, float]],
    family: str = "servqual_",
    tenant: str | None = None,
    version: str = "1991",
) -> None:
    """Item, dimension, perception, expectation of one response to SERVQUAL."""
    given = response("pairs", "servqual", instrument_version=version)
    answers = [
        answer("pairs", item, f"{family}{kind}", score, 0, 7) | {"dimension": dimension}
        for item, dimension, perceived, expected in pairs
        for kind, score in (("perception", perceived), ("expectation", expected))
    ]
    write_raw(home, "survey_response", [given], source, tenant)
    write_raw(home, "survey_answer", answers, source, tenant)


def write_invitations(home: Path, source: str) -> None:
    """200 sent, 10 bounced, 60 started, 45 of them completed; 5 of these only by their response,
    one of which had bounced before; one completion after the cut-off is none yet."""
    rows: list[dict[str, Any]] = [
        {"invitation_id": str(n), "survey_id": "s", "sent_at": f"{DAY}08:00:00"} for n in range(200)
    ]
    for row in rows[:10]:
        row["bounced_at"] = f"{DAY}08:01:00"
    for row in rows[10:65]:
        row["started_at"] = f"{DAY}09:00:00"
    for row in rows[10:50]:
        row["completed_at"] = f"{DAY}09:05:00"
    for number, row in enumerate(rows[65:70]):
        row["response_id"] = str(number)
    rows[65]["bounced_at"] = f"{DAY}08:01:00"
    rows[70] |= {"started_at": "2026-04-01T09:00:00", "completed_at": "2026-04-01T09:05:00"}
    write_raw(home, "survey_invitation", rows, source)
    write_raw(home, "survey_response", [response(n) for n in range(5)], source)


def write_ratings(home: Path) -> None:
    """Customers' stars 5 4 3 2 1 5 and, on ten points, 10 (five stars); agents' stars 5 2."""
    known = {"customer_id": "c1", "agent_id": "a1"}
    given: list[tuple[int, dict[str, Any]]] = [
        (5, {}),
        (4, {}),
        (3, known | {"is_verified": False}),
        (2, {"customer_id": "c2", "agent_id": "a1", "is_verified": True}),
        (1, {"customer_id": "c3", "agent_id": "a1"}),
        (5, known),
    ]
    by_agents: list[tuple[int, dict[str, Any]]] = [
        (5, known | {"rater_type": "agent"}),
        (2, {"customer_id": "c4", "agent_id": "a2", "rater_type": "agent"}),
    ]
    responses = [response(n, **rest) for n, (_, rest) in enumerate(given + by_agents)]
    answers = [answer(n, "stars", "stars", s, 1, 5) for n, (s, _) in enumerate(given + by_agents)]
    responses.append(response("ten"))
    answers.append(answer("ten", "stars", "stars", 10, 1, 10))
    answers += [choice(0, "tags", tag, "tag") for tag in ("polite", "quick")]
    answers.append(choice(1, "tags", "polite", "tag"))
    write_case(home, "ratings", responses, answers)


def write_questionnaire(home: Path) -> None:
    """Three people: A and B, A, C, weights 2, 1, 1. The first had said D in an older extract."""
    responses = [
        response(n, weight=weight, comment=comment)
        for n, (weight, comment) in enumerate(
            [
                (2.0, "等候时间有点长"),
                (1.0, "Waited for hours, but the staff were kind"),
                (1.0, "x"),
            ]
        )
    ]
    options = [(0, "A"), (0, "B"), (1, "A"), (2, "C")]
    answers = [choice(n, "q1", option) for n, option in options]
    scores = [(0, 5.0), (1, 2.0), (2, 4.0)]
    answers += [answer(n, "q2", "csat", score, 1, 5) for n, score in scores]
    answers += [answer(n, "q3", "nps", score, 0, 10) for n, score in ((0, 10), (1, 3), (2, 8))]
    answers += [answer(n, "q4", "fcr", score, 0, 1) for n, score in ((0, 1), (1, 0), (2, 1))]
    answers.append(answer(0, "q5", "other", None, 1, 5))
    answers.append(answer(1, "q5", "other", 9, 1, 5))
    write_raw(home, "survey_response", responses, "asked", extracted_at=f"{DAY}12:00:00")
    old = [choice(0, "q1", "D")]
    write_raw(home, "survey_answer", old, "asked", extract="a", extracted_at=f"{DAY}11:00:00")
    write_raw(home, "survey_answer", answers, "asked", extract="b", extracted_at=f"{DAY}12:00:00")


def write_items(home: Path) -> None:
    """Importance and performance of five items (Martilla and James's method, worked by hand)."""
    items = {
        "a": (4.6, 3.1), "b": (4.4, 4.5), "c": (3.0, 2.9), "d": (3.2, 4.3), "e": (3.8, 3.7),
    }  # fmt: skip
    answers = [
        answer("items", item, measure, score, 1, 5)
        for item, scores in items.items()
        for measure, score in zip(("importance", "performance"), scores, strict=True)
    ]
    write_case(home, "items", [response("items")], answers)


def write_all(home: Path) -> None:
    """Every case of this module."""
    write_nps(home, "handbook", 120, 120, 60)
    ease = [7, 6, 5, 5, 4, 3, 1]
    write_case(
        home,
        "effort",
        [response(n) for n in range(len(ease))],
        [answer(n, "ces", "ces", score, 1, 7) for n, score in enumerate(ease)],
    )
    write_invitations(home, "invited")
    pairs = [("x", "d", 4.2, 4.5), ("y", "d", 4.8, 4.0), ("z", "d", 3.0, 0.0)]
    write_pairs(home, "perceived", pairs, family="")
    gaps = {
        "tangibles": -0.65, "reliability": -1.1, "responsiveness": -0.83, "assurance": -0.7,
        "empathy": -1.01,
    }  # fmt: skip
    items = zip(("q01", "q05", "q10", "q14", "q18"), gaps.items(), strict=True)
    dimensions = [(item, name, 5.0, 5.0 - gap) for item, (name, gap) in items]
    write_pairs(home, "servqual", dimensions, tenant="demo")
    write_pairs(home, "reversed", [("q10", "wrong", 2.0, 1.0)], version="1988")
    write_scale(home, "alpha", [(1, 2), (2, 4), (3, 6), (5, None)], (1, 7))
    write_scale(home, "contrary", [(1, 3), (3, 1), (2, 3)], (1, 7))
    write_scale(home, "constant", [(1, 3), (3, 1), (2, 2)], (1, 7))
    write_ratings(home)
    write_questionnaire(home)
    write_items(home)
