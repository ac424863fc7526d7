"""Limits of a funnel plot: how far a share of n may lie from the overall share by chance alone.

Exact binomial limits, interpolated between whole numbers (Spiegelhalter, Funnel plots for
comparing institutional performance, Stat. Med. 24, 2005, appendix A.1.1). They say nothing of
different work: with a large n small differences of the work itself leave the funnel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

_TAILS = {"95": 0.025, "998": 0.001}
_Shares = NDArray[np.float64]
_CURVE_POINTS = 60
_ROOM = 1.1  # the curves go on a little behind the largest member


@dataclass(frozen=True)
class Funnel:
    """The overall share, the limits along n, and where every member stands.

    `curve` and `members` have `n`, `low_95`, `high_95`, `low_998`, `high_998`; `members` also
    `member`, `value` and `standing`: within, beyond_95 or beyond_998.
    """

    overall: float
    curve: pl.DataFrame
    members: pl.DataFrame


def funnel(members: pl.DataFrame) -> Funnel | None:
    """Limits around the overall share of `members`: `member`, `numerator`, `denominator`.

    None where there is nothing to share, or where the overall share is 0 or 1.
    """
    known = members.filter(pl.col("numerator").is_not_null() & (pl.col("denominator") > 0))
    total = float(known["denominator"].sum())
    overall = float(known["numerator"].sum()) / total if total else 0.0
    if not 0 < overall < 1:
        return None
    sizes = _sizes(known["denominator"].to_list())
    placed = pl.concat(
        [
            known.select(
                "member",
                (pl.col("numerator") / pl.col("denominator")).alias("value"),
            ),
            limits(overall, known["denominator"].to_list()),
        ],
        how="horizontal",
    )
    return Funnel(overall, limits(overall, sizes), placed.with_columns(_standing()))


def _sizes(members: Sequence[float]) -> list[float]:
    """Where the curves are drawn: closer together on the left, where the funnel is steep.

    They begin at half the smallest member: nearer to zero limits are 0 and 1 and say nothing.
    """
    first, last = max(1.0, min(members) / 2), max(members) * _ROOM
    return sorted(
        {round(first + (last - first) * (i / _CURVE_POINTS) ** 2) for i in range(_CURVE_POINTS + 1)}
    )


def limits(share: float, sizes: Sequence[float]) -> pl.DataFrame:
    """95 % and 99.8 % limits of a share (0 < share < 1) at samples of these sizes.

    The upper limit is the lower one of the complement, mirrored: both leave out the same tail.
    """
    n = [round(size) for size in sizes]
    columns: dict[str, object] = {"n": n}
    for name, tail in _TAILS.items():
        columns[f"low_{name}"] = _lower(share, n, tail)
        columns[f"high_{name}"] = 1 - _lower(1 - share, n, tail)
    return pl.DataFrame(columns, schema_overrides={"n": pl.Int64})


def _lower(share: float, n: Sequence[int], tail: float) -> _Shares:
    """(r − (F(r) − tail) ÷ f(r)) ÷ n, where r is the smallest number with F(r) ≥ tail."""
    from scipy.stats import binom  # imports for half a second: only a funnel needs it

    r = binom.ppf(tail, n, share)
    exact: _Shares = (r - (binom.cdf(r, n, share) - tail) / binom.pmf(r, n, share)) / np.array(n)
    return np.clip(exact, 0, 1)


def _standing() -> pl.Expr:
    def beyond(limit: str) -> pl.Expr:
        value = pl.col("value")
        return (value < pl.col(f"low_{limit}")) | (value > pl.col(f"high_{limit}"))

    return (
        pl.when(beyond("998"))
        .then(pl.lit("beyond_998"))
        .when(beyond("95"))
        .then(pl.lit("beyond_95"))
        .otherwise(pl.lit("within"))
        .alias("standing")
    )
