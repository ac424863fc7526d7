"""The tickets behind a figure of the backlog: those open at the end of its last day.

`fct_backlog_daily` counts them by segment, `fct_backlog_intervals` tells their stretches. Not here:
which rows of a mart any other metric counts (`records`).
"""

from datetime import date

COUNTED = "fct_backlog_daily"
TICKETS = "fct_tickets"
_OPEN = """(
    with days as (
        select source, max(backlog_date) as backlog_date
        from warehouse.marts.fct_backlog_daily where {days} group by source
    )
    select tickets.* replace (stretches.status as status), days.backlog_date, 1 as closing_count
    from warehouse.marts.fct_backlog_intervals as stretches
    inner join days on stretches.source = days.source
        and stretches.backlog_from <= days.backlog_date
        and coalesce(stretches.backlog_until > days.backlog_date, true)
    inner join warehouse.marts.fct_tickets as tickets
        on stretches.ticket_key = tickets.ticket_key
)"""


def open_tickets(start: date | None, end: date | None) -> str:
    """SQL of `fct_tickets` at the last day of each source from `$start` until `$end`.

    Its rows have the columns of the backlog's measures and dimensions, and the status of that day.
    """
    days = ["true"]
    if start is not None:
        days.append("backlog_date >= $start")
    if end is not None:
        days.append("backlog_date <= $end")
    return _OPEN.format(days=" and ".join(days))
