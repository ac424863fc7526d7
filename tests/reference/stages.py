"""Visits to the stages of the service process, and which stage followed which."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from tests.reference.calendars import from_us
from tests.reference.lives import Interval, Life
from tests.reference.tickets import SECOND_US, Facts

DESCRIBED = ("ticket_key", "tenant", "source", "site_key", "service_key", "ticket_type", "priority")
FLOW = ("entered_date", "source", "site_key", "service_key", "ticket_type", "priority", "stage")


def stage_facts(life: Life, facts: Facts) -> Iterator[Facts]:
    """A row per visit: intervals in a row with one stage."""
    runs = [list(run) for _, run in groupby(life.intervals, lambda i: i.state.stage)]
    visits = [run for run in runs if run[0].state.stage is not None]
    followers: Iterable[tuple[list[Interval], list[Interval] | None]] = pairwise([*visits, None])  # type: ignore[list-item]
    for number, (visit, following) in enumerate(followers, start=1):
        lasts = following is None
        clock = life.seeds.calendars[visit[0].calendar_id]
        yield {name: facts[name] for name in DESCRIBED} | {
            "visit_number": number,
            "stage": visit[0].state.stage,
            "next_stage": following[0].state.stage if following else "none",
            "is_open": lasts and life.is_open,
            "stage_calendar_seconds": None if lasts else _seconds(i.end - i.start for i in visit),
            "stage_business_seconds": None if lasts else _seconds(i.business_us for i in visit),
            "entered_at": from_us(visit[0].start),
            "left_at": None if lasts else from_us(visit[-1].end),
            "entered_date": clock.local_date(visit[0].start),
        }


def _seconds(microseconds: Iterable[int]) -> int:
    return sum(microseconds) // SECOND_US


def conversion_facts(visits: Iterable[Facts]) -> Iterator[Facts]:
    """A row per day, segment, stage and stage that did follow: visits that ended, and those that
    led there."""
    ended: Counter[tuple[object, ...]] = Counter()
    led: Counter[tuple[object, ...]] = Counter()
    for visit in visits:
        if not visit["is_open"]:
            key = tuple(visit[name] for name in FLOW)
            ended[key] += 1
            led[*key, visit["next_stage"]] += 1
    for key, count in led.items():
        yield dict(zip(FLOW, key, strict=False)) | {
            "next_stage": key[-1],
            "entered_count": ended[key[:-1]],
            "converted_count": count,
        }
