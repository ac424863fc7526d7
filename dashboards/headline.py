"""The generated sentence of the overview: how many KPIs moved which way, and which the most."""

from collections.abc import Mapping

from dashboards.cards import CardData, value_text
from dashboards.comparison import Change
from dashboards.data import Figure, View


def headline(view: View, data: CardData) -> str:
    """One to three sentences from the figures of the cards."""
    figures = data.figures
    judged = {n: c for n, c in data.changes.items() if c.judgement != "neutral"}
    if not judged:
        return view.texts("headline.no_comparison", count=_with_data(figures))
    counts = {
        j: sum(c.judgement == j for c in judged.values()) for j in ("better", "worse", "same")
    }
    sentences = [view.texts("headline.counts", total=len(judged), **counts)]
    for judgement in ("better", "worse"):
        most = _most(judged, judgement)
        if most is not None:
            sentences.append(
                view.texts(
                    f"headline.most_{judgement}",
                    name=view.name(figures[most].metric),
                    value=value_text(view, figures[most]),
                    change=judged[most].text,
                )
            )
    return view.texts("headline.separator").join(sentences)


def _most(changes: dict[str, Change], judgement: str) -> str | None:
    """The metric with the largest relative change of one judgement."""
    found = {n: c.relative for n, c in changes.items() if c.judgement == judgement and c.relative}
    return max(found, key=lambda n: found[n] or 0) if found else None


def _with_data(figures: Mapping[str, Figure]) -> int:
    return sum(figure.value is not None for figure in figures.values())
