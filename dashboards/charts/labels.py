"""Names beside points: which of them can be read, decided before anything is drawn.

Only places in a plane of pixels; what is drawn there is told in the modules of the charts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboards.charts.base import text_width

Side = Literal["above", "below", "right", "left"]
DISTANCE = 12  # pixels from a point to the middle of a name above it, to the edge of one beside it
FONT_SIZE = 11
_LETTER, _LINE = 6, 16  # pixels that a letter and a line take at that size
_BESIDE: tuple[Side, Side] = ("right", "left")
_DOT = 6  # half of a point's mark


@dataclass(frozen=True)
class Spot:
    """A point in pixels from a corner of the plot, `y` upwards, and its name."""

    x: float
    y: float
    name: str


@dataclass(frozen=True)
class _Box:
    left: float
    right: float
    low: float
    high: float

    def meets(self, other: "_Box") -> bool:
        is_beside = self.right <= other.left or other.right <= self.left
        return not is_beside and self.low < other.high and other.low < self.high


def readable(
    spots: Sequence[Spot], width: float, height: float, middle: float
) -> list[Side | None]:
    """The side on which each name stands free, or None where it would meet another or a point.

    What comes first is named first, away from the `middle` if there is room. On a larger plot the
    points are further apart and the names as large as before, so that what is readable stays so.
    """
    dots = [_Box(s.x - _DOT, s.x + _DOT, s.y - _DOT, s.y + _DOT) for s in spots]
    taken: list[_Box] = []
    sides: list[Side | None] = []
    for place, spot in enumerate(spots):
        others = [*taken, *dots[:place], *dots[place + 1 :]]
        free = (
            (side, box)
            for side, box in _boxes(spot, middle)
            if _is_inside(box, width, height) and not any(map(box.meets, others))
        )
        side, box = next(free, (None, None))
        sides.append(side)
        if box is not None:
            taken.append(box)
    return sides


def _boxes(spot: Spot, middle: float) -> Iterator[tuple[Side, _Box]]:
    """The room that the name takes on each side of its point."""
    wide = text_width(spot.name) * _LETTER
    centres = {
        "above": (spot.x, spot.y + DISTANCE),
        "below": (spot.x, spot.y - DISTANCE),
        "right": (spot.x + DISTANCE + wide / 2, spot.y),
        "left": (spot.x - DISTANCE - wide / 2, spot.y),
    }
    away: tuple[Side, Side] = ("above", "below") if spot.y >= middle else ("below", "above")
    for side in (*away, *_BESIDE):
        x, y = centres[side]
        yield side, _Box(x - wide / 2, x + wide / 2, y - _LINE / 2, y + _LINE / 2)


def _is_inside(box: _Box, width: float, height: float) -> bool:
    return box.left >= 0 and box.right <= width and box.low >= 0 and box.high <= height
