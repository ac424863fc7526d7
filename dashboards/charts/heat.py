"""Heat maps: a cell per row and column; one without a value stays empty, one of few is grey."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

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
from dashboards.drawing import Spec, either, kept, mark, nominal, of_rows, quantitative
from dashboards.rows import Row
from dashboards.units import axis_format
from pipelines.metrics.samples import SMALL_SAMPLE

Tone = Literal["load", "trouble", "balance"]
# Each cell brings its own ground, so that the ranges serve light and dark pages alike.
_RANGES: dict[Tone, list[str]] = {
    "load": ["#E4EFF7", "#5AA3D0", "#08416B"],
    "trouble": ["#FBEDE2", "#E98B4A", "#8F3500"],
    "balance": ["#8F3500", "#F4F1EC", "#08416B"],
}
_SMALL = "#B4BBC4"  # no tone of any range: few cases have no place on a scale
_MOST_NAMED = 12
_MOST_LETTERS = 36
_TICKS = 8
_ROW_HEIGHT = 30
_LEGEND_HEIGHT = 24


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
    data = _marked(view, rows, unit)
    present, places = set(series_of(rows)), set(places_of(rows))
    # Hours of the day stay where they are, with calls or without; other columns need a cell.
    shown = [c for c in grid.columns if not grid.is_labelled or c in present]
    lines = [line for line in grid.rows if line in places]
    lines += [place for place in places_of(rows) if place not in lines]
    step = 1 if len(shown) <= _MOST_NAMED else -(-len(shown) // _TICKS)
    is_crowded = grid.is_labelled and sum(map(text_width, shown)) > _MOST_LETTERS
    across = {
        "values": shown[::step], "labelAngle": -35 if is_crowded else 0, "ticks": False,
        "domain": False, "labelLimit": 90, "labelOverlap": not grid.is_labelled, "orient": "top",
        "labelFlush": False, "labelAlign": "left" if is_crowded else "center",
    }  # fmt: skip
    down = {"labelLimit": 120, "ticks": False, "domain": False, "labelPadding": 6}
    down["labelFlush"] = False
    height = 60 + _ROW_HEIGHT * len(lines) + 36 * (is_crowded or not grid.is_labelled)
    drawing = of_rows(
        data,
        encoding={
            "x": nominal("series", title=None, scale={"domain": shown}, axis=across),
            "y": nominal("place", title=None, scale={"domain": lines}, axis=down),
            "tooltip": tooltip(view),
        },
        layer=_layers(grid, unit, data),
        height=height + _LEGEND_HEIGHT * bool(data["is_small"].any()),
    )
    show(view, drawing, rows, unit, words, switch)


def _marked(view: View, rows: Sequence[Row], unit: str) -> pl.DataFrame:
    """The cells; of those that rest on few cases the n says so, and so does the legend."""
    data, _ = frame(rows, unit)
    is_small = pl.Series("is_small", [row.is_small for row in rows])
    told = pl.format("{} · {}", "n", pl.lit(view.texts("card.small")))
    return data.with_columns(
        is_small,
        pl.when(is_small).then(told).otherwise("n").alias("n"),
        pl.lit(view.texts("chart.small", n=SMALL_SAMPLE)).alias("small"),
    )


def _layers(grid: Grid, unit: str, data: pl.DataFrame) -> list[Spec]:
    """Coloured cells, grey ones with their legend, and the texts of both."""
    layers: list[Spec] = []
    domain = _domain(grid, data)
    if not data["is_small"].all():
        paint = {"color": _colour(grid, unit, domain)}
        certain = {"mark": mark("rect"), "transform": kept("!datum.is_small"), "encoding": paint}
        layers.append(certain)
    if data["is_small"].any():
        legend = {"orient": "bottom", "title": None, "symbolType": "square", "labelLimit": 340}
        grey = {"fill": nominal("small", scale={"range": [_SMALL]}, legend=legend)}
        few = {"mark": mark("rect"), "transform": kept("datum.is_small"), "encoding": grey}
        layers.append(few)
    if grid.is_labelled:
        layers.append(_labels(grid, domain))
    return layers


def _colour(grid: Grid, unit: str, domain: Sequence[float]) -> Spec:
    scale = {"domain": list(domain), "range": _RANGES[grid.tone], "clamp": True}
    legend: Spec = {"orient": "bottom", "title": None, "format": axis_format(unit)}
    legend |= {"gradientLength": 180, "tickCount": 3}
    if unit == "count":  # no mark between two whole numbers, which would be written as one of them
        legend["values"] = sorted({round(value) for value in domain})
    return quantitative("value", scale=scale, legend=None if grid.is_labelled else legend)


def _domain(grid: Grid, data: pl.DataFrame) -> list[float]:
    """Ends and middle of the colours: those of the cells that are not small, if there are any."""
    certain = data.filter(~pl.col("is_small"))["value"].drop_nulls().to_list()
    known = certain or data["value"].drop_nulls().to_list()
    if grid.tone == "balance":
        reach = max(map(abs, known)) or 1.0
        return [-reach, 0.0, reach]
    least, most = min(0.0, *known), max(known)
    most = most if most > least else least + 1
    return [least, (least + most) / 2, most]


def _labels(grid: Grid, domain: Sequence[float]) -> Spec:
    """Text that is light on dark cells and dark on light and grey ones."""
    least, _, most = domain
    if grid.tone == "balance":
        is_dark = f"abs(datum.value) > {most * 0.55}"
    else:
        is_dark = f"datum.value > {least + (most - least) * 0.45}"
    paint = either(f"!datum.is_small && {is_dark}", "#FFFFFF", "#14181C")
    return {
        "mark": mark("text", fontSize=12),
        "encoding": {"text": nominal("text"), "color": paint},
    }
