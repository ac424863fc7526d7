"""A chart in Vega-Lite's own words, and the rows it draws, by name.

Plain dictionaries: a chart library's objects took more time than everything else that a page's
script does. What the dictionaries say is checked against Vega-Lite's schema in the tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import polars.selectors as cs
import streamlit as st

Spec = dict[str, Any]
_LOCAL_TIME = "%Y-%m-%dT%H:%M:%S"  # Vega reads a bare day as one of UTC, a time as local


@dataclass(frozen=True)
class Drawing:
    """A specification whose `data` are named, and the frames of these names."""

    spec: Spec
    frames: Mapping[str, pl.DataFrame]

    def whole(self) -> Spec:
        """The specification with its rows inside, as files are drawn from it."""
        rows = {
            name: frame.with_columns(cs.temporal().dt.strftime(_LOCAL_TIME)).to_dicts()
            for name, frame in self.frames.items()
        }
        return self.spec | {"datasets": rows}


def of_rows(frame: pl.DataFrame, **spec: Any) -> Drawing:
    """A drawing of one frame."""
    return Drawing({"data": {"name": "rows"}, **spec}, {"rows": frame})


def draw(
    drawing: Drawing, key: str, words: str, on_select: Callable[[], None] | None = None
) -> None:
    """Put the chart on the page; `words` say the same to those who do not see it."""
    st.vega_lite_chart(
        drawing.spec | {"datasets": dict(drawing.frames)},
        key=key,
        alt=words,
        on_select=on_select or "ignore",
    )


def quantitative(field: str, **options: Any) -> Spec:
    """A channel of numbers."""
    return {"field": field, "type": "quantitative", **options}


def nominal(field: str, **options: Any) -> Spec:
    """A channel of names."""
    return {"field": field, "type": "nominal", **options}


def temporal(field: str, **options: Any) -> Spec:
    """A channel of days or times."""
    return {"field": field, "type": "temporal", **options}


def mark(kind: str, **options: Any) -> Spec:
    """A mark."""
    return {"type": kind, **options}


def either(test: str, then: str | float, otherwise: str | float) -> Spec:
    """A channel with one of two values, by a test of the row."""
    return {"condition": {"test": test, "value": then}, "value": otherwise}


def kept(test: str) -> list[Spec]:
    """A transform that keeps the rows which pass a test."""
    return [{"filter": test}]
