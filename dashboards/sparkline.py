"""The small line of a card: a picture of its own, as a chart of every card made pages wait."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

import streamlit as st

from dashboards.data import Point, View
from dashboards.units import format_value

_WIDTH, _HEIGHT, _EDGE = 100, 28, 3  # of the picture's own; a card stretches it to its width
_ON_LIGHT, _ON_DARK = "#0072B2", "#56B4E9"


def sparkline(view: View, history: Sequence[Point]) -> None:
    """The figures of the last periods as a line, the last one marked; nothing of less than two."""
    shown = [(p.period, p.figure.value) for p in history if p.period and p.figure.value is not None]
    if len(shown) < 2:
        return
    first, days = shown[0][0], (shown[-1][0] - shown[0][0]).days
    values = [value for _, value in shown]
    least, reach = min(values), (max(values) - min(values)) or 1.0
    points = [
        (
            _EDGE + (_WIDTH - 2 * _EDGE) * (day - first).days / days,
            _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * (value - least) / reach,
        )
        for day, value in shown
    ]
    unit = history[0].figure.metric.unit
    words = view.texts(
        "card.spark",
        count=len(shown),
        first=format_value(values[0], unit, view.texts),
        last=format_value(values[-1], unit, view.texts),
    )
    colour = _ON_DARK if st.context.theme.type == "dark" else _ON_LIGHT
    picture = f"data:image/svg+xml,{quote(_svg(points, colour))}"
    st.html(f'<img src="{picture}" alt="{escape(words)}" width="100%" height="{_HEIGHT}">')


def _svg(points: Sequence[tuple[float, float]], colour: str) -> str:
    """A stroke keeps its width however far the picture is stretched; a dot is a stroke too."""
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    (left, _), (right, last) = points[0], points[-1]
    area = f"{left:.1f},{_HEIGHT} {line} {right:.1f},{_HEIGHT}"
    stroke = f'fill="none" stroke="{colour}" stroke-linecap="round"'
    stroke += ' vector-effect="non-scaling-stroke"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'preserveAspectRatio="none"><polygon points="{area}" fill="{colour}" opacity="0.12"/>'
        f'<polyline points="{line}" {stroke} stroke-width="1.5"/>'
        f'<path d="M{right:.1f} {last:.1f}h0.01" {stroke} stroke-width="5"/></svg>'
    )
