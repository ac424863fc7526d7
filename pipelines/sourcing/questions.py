"""Which columns of a wide survey are rated questions, what they measure, on which scale."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.sourcing.profile import Profile

_FEWEST = 3
_RECOMMEND = re.compile(r"(?i)nps|net ?pro|promot|recommend|推荐")
_OVERALL = re.compile(r"(?i)^(q\d+)?_?all$|overall|satisf|csat|总体|整体|满意")
# Codes outside a scale say why there is no rating: 0 blank, 6 never used, 99 no answer.
_CODES = {10: {0, 11, 98, 99}, 7: {0, 9, 98, 99}, 5: {0, 6, 8, 9, 98, 99}}


@dataclass(frozen=True)
class Question:
    """A rated question: its header, what it measures, the ends of its scale."""

    header: str
    measure: str
    lowest: int
    highest: int


def questions(profiles: Mapping[str, Profile], respondent: str) -> tuple[Question, ...]:
    """The rated questions, none where there are too few to call the extract a survey."""
    guessed = (_question(h, p) for h, p in profiles.items() if h != respondent)
    found = [question for question in guessed if question is not None]
    first = next((q.header for q in found if _OVERALL.search(q.header)), None)
    told = tuple(
        Question(q.header, "csat", q.lowest, q.highest) if q.header == first else q for q in found
    )
    return told if len(told) >= _FEWEST else ()


def _question(header: str, profile: Profile) -> Question | None:
    """Whole numbers that fill a usual scale and lean to its upper half, as ratings do."""
    if not profile.is_integer or profile.distinct > 14:
        return None
    rows = {int(float(word)): count for word, count in profile.words.items()}
    if _RECOMMEND.search(header) or (set(range(11)) <= set(rows) and rows[10] > rows[1]):
        return Question(header, "nps", 0, 10) if max(rows) <= 11 else None
    for highest, codes in _CODES.items():
        scale, rest = set(range(1, highest + 1)), set(rows) - set(range(1, highest + 1))
        if scale <= set(rows) and rest <= codes:
            upper = sum(rows[n] for n in scale if n > (highest + 1) / 2)
            lower = sum(rows[n] for n in scale if n < (highest + 1) / 2)
            return Question(header, "other", 1, highest) if upper > lower else None
    return None
