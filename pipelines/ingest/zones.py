"""Local time to UTC as SQL, with the two cases no formula may decide alone.

DuckDB's `timezone` shifts times that a clock skipped and silently takes the later of two; so
every conversion comes with a gap and an ambiguity predicate. Overlap sizes are from zoneinfo.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

_FIRST, _LAST, _STEP = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), 7


@dataclass(frozen=True)
class Conversion:
    """SQL over a naive local timestamp: its UTC, and whether it is skipped or stands twice."""

    utc: str
    is_gap: str
    is_ambiguous: str


@cache
def _changes(zone: str) -> tuple[tuple[int, ...], datetime, int]:
    """Sizes of the zone's overlaps in seconds, the end of its changes, the offset after it."""
    info, sizes, quiet = ZoneInfo(zone), set(), _FIRST
    moment, offset = _FIRST, _FIRST.astimezone(info).utcoffset() or timedelta()
    while moment < _LAST:
        moment += timedelta(days=_STEP)
        later = moment.astimezone(info).utcoffset() or timedelta()
        if later != offset:
            quiet = moment
        if later < offset:
            sizes.add(int((offset - later).total_seconds()))
        offset = later
    return tuple(sorted(sizes)), quiet, int(offset.total_seconds())


def conversion(zone: str, local: str, ambiguous: str) -> Conversion:
    """How `local` (SQL of a naive timestamp of the zone) becomes UTC.

    `ambiguous` is `refuse` or `earliest`: which of two instants a doubled local time means.
    """
    sizes, quiet, offset = _changes(zone)
    quiet_local = f"timestamp '{(quiet + timedelta(days=2)).replace(tzinfo=None)}'"
    is_quiet = f"({local} >= {quiet_local} and {local} < timestamp '2100-01-01')"
    if quiet >= _LAST - timedelta(days=400):
        is_quiet = "false"
    later = f"timezone('UTC', timezone('{zone}', {local}))"
    doubled = " or ".join(
        f"{_local(zone, f'{later} - to_seconds({size})')} = {local}" for size in sizes
    )
    utc = later
    if ambiguous == "earliest":
        for size in sizes:
            earlier = f"{later} - to_seconds({size})"
            utc = f"case when {_local(zone, earlier)} = {local} then {earlier} else {utc} end"
    return Conversion(
        utc=f"case when {is_quiet} then {local} - to_seconds({offset}) else {utc} end",
        is_gap=f"(not {is_quiet} and {_local(zone, later)} <> {local})",
        is_ambiguous=f"(not {is_quiet} and ({doubled or 'false'}))"
        if ambiguous == "refuse"
        else "false",
    )


def _local(zone: str, utc: str) -> str:
    return f"timezone('{zone}', timezone('UTC', {utc}))"
