"""Heat maps: a cell per row and column; a cell without a value stays empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt

from dashboards.charts.base import (
    Switch,
    anything,
    frame,
    places_of,
    series_of,
    show,
    text_width,
    tooltip,
)
from dashboards.data import View
from dashboards.rows import Row
from dashboards.units import axis_format

Tone = Literal["load", "trouble", "balance"]
# Each cell brings its own ground, so that the ranges serve light and dark pages alike.
_RANGES: dict[Tone, list[str]] = {
    "load": ["#E4EFF7", "#5AA3D0", "#08416B"],
    "trouble": ["#FBEDE2", "#E98B4A", "#8F3500"],
    "balance": ["#8F3500", "#F4F1EC", "#08416B"],
}
_MOST_NAMED = 12
_MOST_LETTERS = 36
_TICKS = 8
_ROW_HEIGHT = 30


@dataclass(frozen=True)
class Grid:
    """The order of columns and rows, what colours mean, and whether cells say their value."""

    columns: Sequence[str]
    rows: Sequence[str]
    tone: Tone = "load"
    is_labelled: bool = True


def heat(
    view: View, rows: Sequence[Row], unit: str, grid: Grid, switch: Switch, words: str
) -> None:
    """A row's place is its line, its series the column; the text of a cell is the row's."""
    if not anything(view, rows):
        return
    data, _ = frame(rows, unit)
    present, places = set(series_of(rows)), set(places_of(rows))
    # Hours of the day stay where they are, with calls or without; other columns need a cell.
    shown = [c for c in grid.columns if not grid.is_labelled or c in present]
    lines = [line for line in grid.rows if line in places]
    step = 1 if len(shown) <= _MOST_NAMED else -(-len(shown) // _TICKS)
    is_crowded = grid.is_labelled and sum(map(text_width, shown)) > _MOST_LETTERS
    base = alt.Chart(data).encode(
        x=alt.X("series:N", title=None, scale=alt.Scale(domain=shown)).axis(
            values=shown[::step], labelAngle=-35 if is_crowded else 0, ticks=False, domain=False,
            labelLimit=90,
            labelOverlap=not grid.is_labelled, orient="top", labelFlush=False,
            labelAlign="left" if is_crowded else "center",
        ),
        y=alt.Y("place:N", title=None, sort=lines).axis(
            labelLimit=120, ticks=False, domain=False, labelPadding=6, labelFlush=False
        ),
        tooltip=tooltip(view),
    )  # fmt: skip
    cells = base.mark_rect().encode(color=_colour(grid, unit, data["value"].to_list()))
    chart = cells + _labels(base, grid, data["value"].to_list()) if grid.is_labelled else cells
    height = 60 + _ROW_HEIGHT * len(lines) + 36 * (is_crowded or not grid.is_labelled)
    show(view, chart.properties(height=height), rows, unit, words, switch)


def _colour(grid: Grid, unit: str, values: Sequence[float | None]) -> alt.Color:
    scale = alt.Scale(domain=_domain(grid, values), range=_RANGES[grid.tone], clamp=True)
    legend = alt.Legend(
        orient="bottom", title=None, format=axis_format(unit), gradientLength=180, tickCount=3
    )
    return alt.Color("value:Q", scale=scale, legend=None if grid.is_labelled else legend)


def _domain(grid: Grid, values: Sequence[float | None]) -> list[float]:
    known = [value for value in values if value is not None]
    if grid.tone == "balance":
        reach = max(map(abs, known)) or 1.0
        return [-reach, 0.0, reach]
    least, most = min(0.0, *known), max(known)
    most = most if most > least else least + 1
    return [least, (least + most) / 2, most]


def _labels(base: alt.Chart, grid: Grid, values: Sequence[float | None]) -> alt.Chart:
    """Text that is light on dark cells and dark on light ones."""
    least, _, most = _domain(grid, values)
    if grid.tone == "balance":
        is_dark = f"abs(datum.value) > {most * 0.55}"
    else:
        is_dark = f"datum.value > {least + (most - least) * 0.45}"
    text = alt.condition(is_dark, alt.value("#FFFFFF"), alt.value("#14181C"))
    labels: alt.Chart = base.mark_text(fontSize=12).encode(text="text:N", color=text)
    return labels
