"""A survey source drawn at random, with missing answers, answers off their scale and weights."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.integration.raw_store import write_raw
from tests.integration.survey_cases import answer, choice

DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
ITEMS = {f"x{n}": DIMENSIONS[n % 5] for n in range(12)}
FIRST = datetime(2026, 1, 5, 0, 30)  # noqa: DTZ001 (raw holds naive UTC)


def random_survey(seed: int, people: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Responses and answers."""
    random = Random(seed)  # noqa: S311 (test data)
    responses, answers = [], []
    for person in range(people):
        number = f"p{person}"
        at = FIRST + timedelta(minutes=random.randrange(60 * 24 * 60))
        responses.append(
            {
                "response_id": number,
                "survey_id": "mixed",
                "responded_at": at.isoformat(),
                "weight": random.choice([None, 0.5, 2.0]),
            }
        )
        for measure, low, high in (("csat", 1, 5), ("nps", 0, 10), ("ces", 1, 7)):
            score = random.choice([None, high + 1, *range(low, high + 1)])
            answers.append(answer(number, measure, measure, score, low, high))
        for option in random.sample(["A", "B", "C"], random.randrange(4)):
            answers.append(choice(number, "many", option))
        level = random.gauss(4, 1)
        for item, dimension in ITEMS.items():
            for measure in ("servqual_expectation", "servqual_perception"):
                if random.random() < 0.9:
                    score = min(7, max(1, round(random.gauss(level, 1))))
                    row = answer(number, item, measure, score, 1, 7)
                    answers.append(row | {"dimension": dimension})
    return responses, answers


def write_random(home: Path, seed: int = 5, people: int = 400) -> None:
    responses, answers = random_survey(seed, people)
    write_raw(home, "survey_response", responses, "random")
    write_raw(home, "survey_answer", answers, "random")
