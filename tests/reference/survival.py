"""How long requests of a month take, open and solved ones together: the Kaplan-Meier median."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from tests.reference.lives import SOLVED, Life
from tests.reference.tickets import SECOND_US, Facts, last_solution, left_backlog

HALF = Fraction(1, 2)
SLICES = {"team": "team_key", "service": "service_key", "priority": "priority"}


def survival_facts(counted: Iterable[tuple[Life, Facts]]) -> Iterator[Facts]:
    """A row per source, month of creation and slice."""
    groups: dict[tuple[str, date, str, str], list[tuple[int, bool]]] = {}
    for life, facts in counted:
        observed = _observed(life)
        if observed is None:
            continue
        month = facts["created_date"].replace(day=1)
        members = {name: facts[column] for name, column in SLICES.items()} | {"all": "all"}
        for slice_name, member in members.items():
            key = (facts["source"], month, slice_name, member)
            groups.setdefault(key, []).append(observed)
    for (source, month, slice_name, member), followed in groups.items():
        yield {
            "source": source,
            "created_month": month,
            "slice": slice_name,
            "member_key": member,
            "ticket_count": len(followed),
            "resolved_count": sum(is_solved for _, is_solved in followed),
            "median_resolution_calendar_seconds": median_of(followed),
            "longest_followed_seconds": max(seconds for seconds, _ in followed),
        }


def _observed(life: Life) -> tuple[int, bool] | None:
    """Seconds a ticket was followed, and whether to its solution; None where nobody knows when it
    was solved."""
    solved, left = last_solution(life), left_backlog(life)
    if solved is None and life.state.status in SOLVED:
        return None
    end = solved if solved is not None else (life.cutoff if left is None else left)
    return max(end - life.created, 0) // SECOND_US, solved is not None


def median_of(observed: list[tuple[int, bool]]) -> int | None:
    """First time with S(t) <= 1/2, S as an exact fraction; solutions before censorings at ties."""
    solved = Counter(seconds for seconds, is_solved in observed if is_solved)
    followed = Counter(seconds for seconds, _ in observed)
    survival, at_risk = Fraction(1), len(observed)
    for seconds in sorted(followed):
        survival *= 1 - Fraction(solved[seconds], at_risk)
        at_risk -= followed[seconds]
        if survival <= HALF and solved[seconds]:
            return seconds
    return None
