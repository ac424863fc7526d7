"""The cross of an importance–performance chart, and the quadrant of each item (Martilla 1977).

The same rule as the warehouse's mart has for all answers together, for those of a selection.
"""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Quadrants:
    """Items with their `quadrant`, and where the cross stands, in the items' scores."""

    items: pl.DataFrame
    importance: float
    performance: float


def quadrants(items: pl.DataFrame) -> Quadrants | None:
    """Place items of one questionnaire: `item`, `importance`, `performance` (means).

    The cross stands at the means of the items; an item on it counts as above. None where no item
    has both means.
    """
    # Rounding takes off what floats add, so that an item on the cross is on it.
    known = items.filter(
        pl.col("importance").is_not_null() & pl.col("performance").is_not_null()
    ).with_columns(pl.col("importance").round(9), pl.col("performance").round(9))
    if known.is_empty():
        return None
    importance, performance = (
        round(float(known[column].mean()), 9)  # type: ignore[arg-type]
        for column in ("importance", "performance")
    )
    important, strong = pl.col("importance") >= importance, pl.col("performance") >= performance
    quadrant = (
        pl.when(important & strong)
        .then(pl.lit("keep_up_good_work"))
        .when(important)
        .then(pl.lit("concentrate_here"))
        .when(strong)
        .then(pl.lit("possible_overkill"))
        .otherwise(pl.lit("low_priority"))
    )
    return Quadrants(known.with_columns(quadrant.alias("quadrant")), importance, performance)
