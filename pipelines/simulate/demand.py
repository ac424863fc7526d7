"""How much demand arrives when: by day, service, hour, season and story.

Here are only rates and draws of arrival instants. What becomes of an arrival is in `tickets`
and `calls`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.simulate.company import DAY, HOUR, SERVICE_INDEX, SERVICES
from pipelines.simulate.stories import FESTIVAL_DEMAND, GROWTH, OUTAGE_TICKET_DAYS, Span
from pipelines.simulate.working_hours import day_of, festival, is_workday

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Weights of the 24 hours on a working day and on a day off.
# fmt: off
HOURS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "mall": (
        (0, 0, 0, 0, 0, 0, 0, 0, 0.2, 0.8, 4, 6, 8, 6, 5, 5, 6, 7, 9, 10, 8, 4, 0.6, 0.1),
        (0, 0, 0, 0, 0, 0, 0, 0, 0.2, 1, 5, 8, 9, 9, 10, 11, 10, 9, 9, 9, 7, 4, 0.6, 0.1),
    ),
    "hospital": (
        (0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 5, 12, 14, 12, 8, 4, 6, 9, 8, 6, 3, 1.5, 1, 0.8, 0.5,
         0.3, 0.2),
        (0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 5, 12, 13, 10, 5, 2, 2, 3, 3, 2, 1.5, 1, 1, 0.8, 0.5,
         0.3, 0.2),
    ),
    "library": (
        (0.1, 0, 0, 0, 0, 0, 0.1, 0.4, 2, 8, 9, 8, 6, 7, 9, 9, 8, 6, 6, 7, 5, 1, 0.5, 0.3),
        (0.1, 0, 0, 0, 0, 0, 0.1, 0.4, 3, 10, 11, 9, 7, 9, 11, 11, 9, 6, 5, 5, 4, 1, 0.5, 0.3),
    ),
    "it": (
        (0.6, 0.4, 0.3, 0.3, 0.3, 0.4, 0.8, 2, 8, 14, 12, 8, 4, 7, 11, 10, 8, 5, 2.5, 2, 1.8, 1.5,
         1.2, 0.8),
        (0.6, 0.4, 0.3, 0.3, 0.3, 0.4, 0.6, 1, 2, 3, 3, 2.5, 2, 2, 2.5, 2.5, 2, 2, 1.8, 1.6, 1.5,
         1.2, 1, 0.8),
    ),
    "hotline": (
        (1.2, 0.8, 0.5, 0.4, 0.4, 0.6, 1.2, 3, 7, 10, 10, 8, 6, 7, 9, 9, 8, 7, 6, 6, 5, 4, 3, 2),
        (1.2, 0.8, 0.5, 0.4, 0.4, 0.6, 1, 2, 5, 8, 9, 8, 7, 7, 8, 8, 7, 7, 6, 6, 5, 4, 3, 2),
    ),
}
# fmt: on
# Demand of a whole day off relative to a working day.
DAY_OFF_DEMAND = {"mall": 1.35, "hospital": 0.55, "library": 1.3, "it": 0.22, "hotline": 0.75}
WEEKDAY_DEMAND = (1.12, 1.04, 1.0, 0.98, 1.02, 1.0, 0.96)
CLOSED_LIBRARY_DEMAND = 0.15


def _hour_table() -> Floats:
    """Share of each hour, by service and kind of day (0 working day, 1 day off)."""
    table = np.array([HOURS[service.site] for service in SERVICES], dtype=np.float64)
    shares: Floats = table / table.sum(axis=2, keepdims=True)
    return shares


HOUR_SHARES = _hour_table()


def draw(generator: np.random.Generator, weights: Floats, rows: NDArray[np.intp] | Ints) -> Ints:
    """One column of `weights` for each row index in `rows`, with the row's probabilities."""
    cumulative = np.cumsum(weights / weights.sum(axis=-1, keepdims=True), axis=-1)
    chance = generator.random(len(rows))
    found = (chance[:, None] >= cumulative[rows]).sum(axis=1)
    columns: Ints = np.minimum(found, weights.shape[-1] - 1).astype(np.int64)
    return columns


def _day_weight(site: str, number: int) -> float:
    day = day_of(number)
    weight = WEEKDAY_DEMAND[day.weekday()]
    if not is_workday(day):
        weight *= DAY_OFF_DEMAND[site]
    if site == "library" and day.weekday() == 0:
        weight *= CLOSED_LIBRARY_DEMAND
    return weight * FESTIVAL_DEMAND.get(festival(day) or "", 1.0)


@dataclass(frozen=True)
class Demand:
    """Expected and actual arrivals of tickets over the span.

    `expected` and `counts` are by day and service; `outage_count` is the burst of the outage.
    """

    span: Span
    expected: Floats
    counts: Ints
    outage_count: int
    day_kinds: Ints

    def hourly(self, first: int, last: int) -> Floats:
        """Expected tickets of days `first`..`last` (exclusive) by day, service and hour."""
        shares = HOUR_SHARES[:, self.day_kinds[first:last], :].transpose(1, 0, 2)
        product: Floats = self.expected[first:last, :, None] * shares
        return product


def plan(generator: np.random.Generator, span: Span, tickets: int) -> Demand:
    """Spread exactly `tickets` arrivals over the days and services of the span."""
    numbers = range(span.first_day, span.first_day + span.days)
    weights = np.array(
        [[service.share * _day_weight(service.site, n) for service in SERVICES] for n in numbers]
    )
    weights *= 1 + GROWTH * np.linspace(0, 1, span.days)[:, None]
    network = SERVICE_INDEX["it_network"]
    outage = weights[:, network].mean() * OUTAGE_TICKET_DAYS
    shares = np.append(weights.ravel(), outage)
    shares /= shares.sum()
    drawn = generator.multinomial(tickets, shares)
    return Demand(
        span=span,
        expected=(shares[:-1] * tickets).reshape(weights.shape),
        counts=drawn[:-1].reshape(weights.shape),
        outage_count=int(drawn[-1]),
        day_kinds=np.array([0 if is_workday(day_of(n)) else 1 for n in numbers], dtype=np.int64),
    )


def arrivals(
    generator: np.random.Generator, demand: Demand, first: int, last: int
) -> tuple[Ints, Ints]:
    """Creation instants and services of the tickets of days `first`..`last`, in time order."""
    counts = demand.counts[first:last]
    days, services = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), counts.shape[1])
    kinds = demand.day_kinds[first:last][days]
    hours = draw(generator, HOUR_SHARES.reshape(-1, 24), services * 2 + kinds)
    seconds = generator.integers(0, HOUR, len(days))
    created = (demand.span.first_day + first + days) * DAY + hours * HOUR + seconds
    burst, burst_services = _outage_arrivals(generator, demand, first, last)
    created = np.concatenate([created, burst])
    services = np.concatenate([services, burst_services])
    order = np.argsort(created, kind="stable")
    return created[order], services[order]


def _outage_arrivals(
    generator: np.random.Generator, demand: Demand, first: int, last: int
) -> tuple[Ints, Ints]:
    """The burst of network incidents: densest right after the outage starts."""
    begins, ends = demand.span.outage_window()
    day = begins // DAY - demand.span.first_day
    if not first <= day < last:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    burst = begins + ((ends - begins) * generator.random(demand.outage_count) ** 1.6).astype(
        np.int64
    )
    return burst, np.full(len(burst), SERVICE_INDEX["it_network"], dtype=np.int64)
