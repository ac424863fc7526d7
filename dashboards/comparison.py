"""A figure against the like period before: whether it may be compared, and what that says.

No limits and no statistics: those belong to the nightly run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboards.data import Figure, View, totals
from dashboards.units import format_change, format_value

Judgement = Literal["better", "worse", "same", "neutral"]
Colour = Literal["blue", "orange", "gray"]
_COLOURS: dict[Judgement, Colour] = {
    "better": "blue",
    "worse": "orange",
    "same": "gray",
    "neutral": "gray",
}


@dataclass(frozen=True)
class Change:
    """Difference to the earlier figure, in words and with its sign."""

    text: str
    rises: bool
    judgement: Judgement
    relative: float | None

    @property
    def colour(self) -> Colour:
        return _COLOURS[self.judgement]


def compared_figures(view: View, names: list[str]) -> dict[str, Figure]:
    """What each figure is held against: its target, or itself in the like period before.

    Earlier figures only of metrics whose data reach back that far. Nothing where the reader asked
    for no comparison, or where the chosen period is not over.
    """
    if view.filters.comparison == "target" and _is_over(view):
        metrics = {name: view.metric(name) for name in names}
        targets = {name: view.target(metric) for name, metric in metrics.items()}
        return {n: Figure(metrics[n], target.value) for n, target in targets.items() if target}
    comparable = held_against_before(view, names)
    return totals(view, comparable, view.previous) if comparable else {}


def held_against_before(view: View, names: Sequence[str]) -> list[str]:
    """Those of the metrics that are compared with the earlier period: the data cover it."""
    if view.filters.comparison not in ("prev", "yoy") or not _is_over(view):
        return []
    covered = view.store.status.coverage
    firsts = {name: covered.get(view.metric(name).family) for name in names}
    return [n for n, days in firsts.items() if days and days.first <= view.previous.start]


def comparison_fact(view: View) -> tuple[str, str]:
    """What figures are held against, as name and text: the target, or the days before."""
    kind = view.filters.comparison
    days = f"{view.previous.start} – {view.previous.end}"
    told = view.texts("comparison.target") if kind == "target" else days
    return view.texts("filters.comparison"), told


def _is_over(view: View) -> bool:
    """Whether the chosen period has passed in the data; before that nothing is compared."""
    return view.period.end <= view.last_day


def compare(view: View, current: Figure, earlier: Figure | None) -> Change | None:
    """The change between two figures; None where one of them is missing or withheld."""
    if earlier is None or current.value is None or earlier.value is None:
        return None
    metric, new, old = current.metric, current.value, earlier.value
    text = format_change(new, old, metric.unit, view.texts)
    if text is None:
        return None
    judgement: Judgement = "neutral"
    same = format_value(new, metric.unit, view.texts) == format_value(old, metric.unit, view.texts)
    if same:
        judgement = "same"
    elif metric.direction != "neutral":
        rises_is_good = metric.direction == "higher_is_better"
        judgement = "better" if (new > old) == rises_is_good else "worse"
    # A share of points or scores means nothing: their zero is not the absence of something.
    has_zero = metric.unit in ("ratio", "seconds", "count") and old != 0
    return Change(text, new > old, judgement, abs(new / old - 1) if has_zero else None)
