"""What happens to the simulated company in the span: the planted stories and their dates.

How a story changes the data is in `demand`, `tickets`, `calls` and `surveys`; here is only
when and how strongly, so that `truth.json` can tell it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import SimulationError
from pipelines.simulate.company import DAY, HOUR
from pipelines.simulate.working_hours import FIRST_KNOWN_YEAR, LAST_KNOWN_YEAR, day_number

POLICY_DATE = date(2026, 7, 1)
POLICY_PACE = 0.85
OUTAGE_HOURS = (9.5, 12.0)
OUTAGE_TICKET_DAYS = 25
OUTAGE_CALL_FACTOR = 9
LEARNING_EXCESS = 1.0
LEARNING_DAYS = 28
DRIFT = -0.75
FESTIVAL_DEMAND = {"Spring Festival": 0.35}
GROWTH = 0.06


@dataclass(frozen=True)
class Span:
    """The simulated days, both ends included, and the dates of the stories in them."""

    start: date
    end: date

    @property
    def first_day(self) -> int:
        return day_number(self.start)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def end_instant(self) -> int:
        """First second after the span."""
        return (self.first_day + self.days) * DAY

    @property
    def outage_day(self) -> date:
        return max(self.start, self.end - timedelta(days=43))

    @property
    def new_team_day(self) -> date:
        return self.start + timedelta(days=self.days // 6)

    @property
    def late_day(self) -> date:
        return self.start + timedelta(days=self.days * 2 // 5)

    @property
    def corrected_day(self) -> date:
        return self.start + timedelta(days=self.days // 2)

    @property
    def policy_changes(self) -> bool:
        return self.start < POLICY_DATE <= self.end

    def outage_window(self) -> tuple[int, int]:
        """First and last second of the outage."""
        base = day_number(self.outage_day) * DAY
        return base + int(OUTAGE_HOURS[0] * HOUR), base + int(OUTAGE_HOURS[1] * HOUR)

    def learning_factor(self, instants: NDArray[np.int64]) -> NDArray[np.float64]:
        """How much longer the new team takes at an instant: 2 on its first day, falling to 1."""
        days = (instants - day_number(self.new_team_day) * DAY) / DAY
        return 1 + LEARNING_EXCESS * np.exp(-np.maximum(days, 0) / LEARNING_DAYS)

    def drift(self, instants: NDArray[np.int64]) -> NDArray[np.float64]:
        """Shift of outpatient satisfaction at an instant, on the five-point scale."""
        return DRIFT * (instants - self.first_day * DAY) / (self.days * DAY)


def span_of(months: int, end: date) -> Span:
    """The span of `months` whole months that ends on `end`."""
    if months < 1:
        raise SimulationError(f"A simulation covers at least one month; {months} was asked for.")
    after = end + timedelta(days=1)
    month = after.year * 12 + after.month - 1 - months
    start_year, start_month = divmod(month, 12)
    try:
        start = date(start_year, start_month + 1, after.day)
    except ValueError as error:
        raise SimulationError(
            f"{months} months before {end} end on a day that does not exist; "
            "choose the last day of a month as the end."
        ) from error
    if start.year < FIRST_KNOWN_YEAR or end.year > LAST_KNOWN_YEAR:
        raise SimulationError(
            f"Chinese public holidays are known for {FIRST_KNOWN_YEAR}-{LAST_KNOWN_YEAR}, but the "
            f"simulation would cover {start} to {end}; choose an earlier end or fewer months."
        )
    return Span(start, end)
