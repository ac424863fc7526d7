"""How sure a figure is: Wilson's interval of a share, and what few answers may show.

The two rules of small numbers live here: below `SMALL_SAMPLE` a figure is marked, and what
people said about us is hidden below `HIDDEN_SAMPLE`, because a reader could tell who said it.
Not here: the counts (semantic layer) and how a mark looks (dashboards).
"""

from collections.abc import Sequence

import polars as pl

from pipelines.metrics.model import Metric

SMALL_SAMPLE = 10
HIDDEN_SAMPLE = 5
_Z = 1.959963984540054  # 95 %, two-sided
_PARTS = ("", "__numerator", "__denominator", "__n", "__low", "__high", "__is_small")


def wilson(share: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Bounds of the 95 % interval of a share of n (Wilson 1927); null where n is 0 or null."""
    known = pl.when(n > 0).then(n)
    centre = (share + _Z**2 / (2 * known)) / (1 + _Z**2 / known)
    spread = (share * (1 - share) / known + _Z**2 / (4 * known**2)).clip(0).sqrt()
    half = _Z * spread / (1 + _Z**2 / known)
    return (centre - half).clip(0, 1), (centre + half).clip(0, 1)


def figure_columns(name: str) -> list[str]:
    """The columns of a metric's figure, in their order."""
    return [name + part for part in _PARTS]


def finished(frame: pl.DataFrame, metrics: Sequence[Metric]) -> pl.DataFrame:
    """Adds bounds and marks to a frame with m, m__numerator, m__denominator, m__n, m__low, m__high.

    Where the frame has no bounds of its own (null), shares get Wilson's.
    """
    for metric in metrics:
        name, n = metric.name, pl.col(f"{metric.name}__n")
        if metric.is_share:
            low, high = wilson(pl.col(name), n)
            frame = frame.with_columns(low.alias(f"{name}__low"), high.alias(f"{name}__high"))
        frame = frame.with_columns((n < SMALL_SAMPLE).fill_null(False).alias(f"{name}__is_small"))
        if metric.family == "satisfaction":
            hidden = [name + part for part in ("", "__numerator", "__low", "__high")]
            is_shown = n.is_null() | (n >= HIDDEN_SAMPLE)
            frame = frame.with_columns(pl.when(is_shown).then(pl.col(c)).alias(c) for c in hidden)
    return frame


def without_small_groups(frame: pl.DataFrame, metrics: Sequence[Metric]) -> pl.DataFrame:
    """Figures of single people, those that rest on fewer than `SMALL_SAMPLE` hidden.

    A count rests on itself. What is hidden is null and marked as small.
    """
    for metric in metrics:
        name = metric.name
        is_few = pl.coalesce(f"{name}__n", name) < SMALL_SAMPLE
        hidden = [name + part for part in ("", "__numerator", "__denominator", "__low", "__high")]
        frame = frame.with_columns(
            *(pl.when(is_few).then(None).otherwise(pl.col(c)).alias(c) for c in hidden),
            (is_few.fill_null(False) | pl.col(f"{name}__is_small")).alias(f"{name}__is_small"),
        )
    return frame
