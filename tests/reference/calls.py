"""Call figures in plain Python, from the published formulas, row by row.

None of the project's code. Input are mappings with the columns of raw, each record once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil, exp
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
QUARTER = timedelta(minutes=15)
HALF_HOUR_SECONDS = 1800


def components(calls: Iterable[Row], within: int, short: int) -> dict[str, int]:
    """What every variant of the service level is made of."""
    found: dict[str, int] = defaultdict(int)
    for call in calls:
        wait = call["wait_seconds"]
        if call["outcome"] == "answered":
            found["answered"] += 1
            found["answered_in_time"] += wait <= within
        elif call["outcome"] == "abandoned":
            found["abandoned"] += 1
            found["abandoned_in_time"] += wait <= within
            found["short"] += wait <= short
    return found


def service_levels(c: Mapping[str, int]) -> dict[str, float | None]:
    """The six variants; None where nothing is in the denominator."""
    offered = c["answered"] + c["abandoned"]
    return {
        "f1": _ratio(c["answered_in_time"] + c["abandoned_in_time"], offered),
        "f2": _ratio(c["answered_in_time"], c["answered"]),
        "f3": _ratio(c["answered_in_time"], offered),
        "f4": _ratio(c["answered_in_time"], offered - c["abandoned_in_time"]),
        "f5": _ratio(c["answered_in_time"] + c["short"], offered),
        "f6": _ratio(c["answered_in_time"], offered - c["short"]),
    }


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None


def repeats(calls: Iterable[Row], hours: int) -> tuple[int, int]:
    """Repeat calls and the calls that can be judged."""
    ordered = sorted(calls, key=lambda c: (c["started_at"], c["call_id"]))
    window = timedelta(hours=hours)
    mature_from = ordered[0]["started_at"] + window
    last: dict[str, datetime] = {}
    repeated = judged = 0
    for call in ordered:
        caller = call["caller_id"]
        if call["outcome"] != "answered" or caller is None or call.get("is_caller_hidden"):
            continue
        if call["started_at"] >= mature_from:
            judged += 1
            repeated += caller in last and call["started_at"] - last[caller] <= window
        last[caller] = call["started_at"]
    return repeated, judged


def agent_quarters(
    states: Sequence[Row], cutoff: datetime
) -> dict[tuple[str, str | None, datetime], dict[str, float]]:
    """Seconds by state of each agent, line and quarter of an hour; an agent is in one at a time."""
    by_agent: dict[str, list[Row]] = defaultdict(list)
    for state in states:
        by_agent[state["agent_id"]].append(state)
    found: dict[Any, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for agent, own in by_agent.items():
        own.sort(key=lambda s: (s["started_at"], s["state_id"]))
        for place, state in enumerate(own):
            ends = [cutoff] + ([state["ended_at"]] if state["ended_at"] else [])
            ends += [own[place + 1]["started_at"]] if place + 1 < len(own) else []
            at, end = state["started_at"], min(ends)
            while at < end and state["state"] != "offline":
                quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
                until = min(end, quarter + QUARTER)
                key = (agent, state["line_id"], quarter)
                found[key][state["state"]] += (until - at).total_seconds()
                at = until
    return found


def half_hour_start(instant: datetime, zone: str) -> datetime:
    """Start, UTC, of the half hour of the local clock that a UTC instant lies in."""
    local = instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    into = timedelta(
        minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond
    )
    return instant - into


def erlang_c(load: float, agents: int, handle: float, within: float) -> tuple[float, float, float]:
    """Share who wait, service level, mean wait, by the recursion of Erlang B."""
    if agents <= load:
        return 1.0, 0.0, float("inf")
    blocking = 1.0
    for k in range(1, agents + 1):
        blocking = load * blocking / (k + load * blocking)
    waits = blocking / (1 - load / agents * (1 - blocking))
    return (
        waits,
        1 - waits * exp(-(agents - load) * within / handle),
        waits * handle / (agents - load),
    )


def agents_needed(
    load: float, handle: float, within: float, target: float, max_occupancy: float = 1.0
) -> int:
    """Fewest agents that reach the target at no more than the highest occupancy."""
    agents = 0
    while load > 0 and (
        erlang_c(load, agents, handle, within)[1] < target or load > agents * max_occupancy + 1e-9
    ):
        agents += 1
    return agents


def scheduled(agents: int, shrinkage: float) -> int:
    """Agents on the rota, so that so many are there."""
    return ceil(agents / (1 - shrinkage) - 1e-9)
