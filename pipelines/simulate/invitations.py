"""Invitations to the survey after a ticket: sent, bounced, started, completed.

Everyone who answered was invited; of the others some are, and few of them start.
"""

import numpy as np
import polars as pl

from pipelines.simulate.company import DAY, HOUR
from pipelines.simulate.demand import Ints
from pipelines.simulate.fates import ABSENT, Slot
from pipelines.simulate.stories import Span
from pipelines.simulate.tickets import Tickets

SENT_AFTER_SECONDS = 300
INVITED, BOUNCED, STARTED = 0.2, 0.04, 0.1
MOMENTS = ("sent", "bounced", "started", "completed")


def invitations(
    generator: np.random.Generator, span: Span, tickets: Tickets, responses: pl.DataFrame
) -> pl.DataFrame:
    """Rows by day: each invitation on the day it was sent, and again on the day it last changed.

    `responses` are those of the survey after tickets; moments not come are -1.
    """
    answered = dict(zip(responses["number"].to_list(), responses["at"].to_list(), strict=True))
    sent = tickets.fate[:, Slot.SOLVED] + SENT_AFTER_SECONDS
    completed = np.array([answered.get(n, -1) for n in tickets.number.tolist()], dtype=np.int64)
    is_invited = (completed >= 0) | (generator.random(len(tickets)) < INVITED)
    is_solved = tickets.fate[:, Slot.SOLVED] != ABSENT
    rows = np.flatnonzero(is_invited & is_solved & (sent < span.end_instant))
    sent, completed = sent[rows], completed[rows]
    fate = generator.random(len(rows))
    is_silent = completed < 0
    opened = sent + generator.exponential(8 * HOUR, len(rows)).astype(np.int64)
    begins = is_silent & (fate >= BOUNCED) & (fate < BOUNCED + STARTED)
    begins &= opened < span.end_instant
    started = np.where(is_silent, np.where(begins, opened, -1), completed - 120)
    bounced = np.where(
        is_silent & (fate < BOUNCED), np.minimum(sent + 60, span.end_instant - 1), -1
    )
    work = tickets.work
    known = {
        "number": tickets.number[rows],
        "customer": tickets.customer[rows],
        "service": work.service[rows].astype(np.int64),
        "team": work.team[rows].astype(np.int64),
        "agent": work.agent[rows].astype(np.int64),
    }
    moments = {"sent": sent, "bounced": bounced, "started": started, "completed": completed}
    return _states(known, moments)


def _states(known: dict[str, Ints], moments: dict[str, Ints]) -> pl.DataFrame:
    """The state at the end of the day of sending, and at the end where that is another day."""
    day_end = (moments["sent"] // DAY + 1) * DAY
    last = np.maximum.reduce(list(moments.values()))
    first = {name: np.where(at < day_end, at, -1) for name, at in moments.items()}
    both = [
        pl.DataFrame({"day": (moments["sent"] // DAY).astype(np.int32), **known, **first}),
        pl.DataFrame({"day": (last // DAY).astype(np.int32), **known, **moments}).filter(
            pl.Series(last >= day_end)
        ),
    ]
    return pl.concat(both)
