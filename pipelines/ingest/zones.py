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
    """SQL over a naive local timestamp: its UTC, and when it is skipped or stands twice."""

    utc: str
    is_quiet: str
    is_gap: str
    is_ambiguous: str | None

    def flaw(self, gap: str, ambiguous: str) -> str:
        """SQL that gives one of two texts for a time no formula may decide, else null."""
        doubled = f" when {self.is_ambiguous} then {ambiguous}" if self.is_ambiguous else ""
        return f"case when {self.is_quiet} then null when {self.is_gap} then {gap}{doubled} end"


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
    After the zone's last change the offset is subtracted, which is ten times as quick as the
    zone's own arithmetic; `case` and not `and`, because DuckDB evaluates both sides of `and`.
    """
    sizes, quiet, offset = _changes(zone)
    later = f"timezone('UTC', timezone('{zone}', {local}))"
    doubled = {size: f"{_local(zone, f'{later} - to_seconds({size})')} = {local}" for size in sizes}
    utc = later
    if ambiguous == "earliest":
        for size, is_doubled in doubled.items():
            utc = f"case when {is_doubled} then {later} - to_seconds({size}) else {utc} end"
        doubled = {}
    is_quiet = f"{local} is null"
    if quiet < _LAST - timedelta(days=400):
        end = (quiet + timedelta(days=2)).replace(tzinfo=None)
        is_quiet = f"{local} between timestamp '{end}' and timestamp '2100-01-01'"
    return Conversion(
        utc=f"case when {is_quiet} then {local} - to_seconds({offset}) else {utc} end",
        is_quiet=is_quiet,
        is_gap=f"{_local(zone, later)} <> {local}",
        is_ambiguous=" or ".join(doubled.values()) or None,
    )


def _local(zone: str, utc: str) -> str:
    return f"timezone('{zone}', timezone('UTC', {utc}))"
