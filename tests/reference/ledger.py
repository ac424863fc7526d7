"""Rows of the ledger and of the replies, named as the columns of their marts."""

from collections.abc import Iterator
from decimal import Decimal

from tests.reference.calendars import from_us
from tests.reference.lives import Life
from tests.reference.replies import replies
from tests.reference.tickets import SECOND_US, Facts, member

DESCRIBED = (
    "source",
    "site_key",
    "service_key",
    "ticket_type",
    "priority",
    "channel",
    "customer_tier",
)


def interval_facts(life: Life) -> Iterator[Facts]:
    """A row per stretch of the ticket's life."""
    tenant = life.row["_tenant"]
    turned = life.changes[-1].at if life.changes else life.created
    for number, interval in enumerate(life.intervals, start=1):
        state = interval.state
        yield {
            "ticket_key": f"{tenant}:{life.row['ticket_id']}",
            "interval_number": number,
            "calendar_id": interval.calendar_id,
            "status": state.status,
            "stage": state.stage or "unknown",
            "team_key": member(tenant, state.team),
            "agent_key": member(tenant, state.agent),
            "priority": state.priority or "unknown",
            "calendar_seconds": _seconds(interval.end - interval.start),
            "business_seconds": _seconds(interval.business_us),
            "is_current": interval.is_current,
            "is_status_current": interval.start >= turned,
            "started_at": from_us(interval.start),
            "ended_at": from_us(interval.end),
        }


def _seconds(microseconds: int) -> Decimal:
    return Decimal(microseconds) / SECOND_US


def reply_facts(life: Life, facts: Facts) -> Iterator[Facts]:
    """A row per reply and per unanswered turn; none where replies are unknown."""
    if not facts["is_reply_known"]:
        return
    tenant, clock = life.row["_tenant"], life.seeds.calendars[life.calendar_id]
    number = 0
    for reply in replies(life):
        replied, turn = reply.replied, reply.turn
        opened = None if turn is None else turn.at
        number += replied is not None
        kind = "follow_up" if opened is None else "next"
        if replied is not None and number == 1:
            kind, opened = "first", life.created
        told = replied or turn
        assert told is not None
        lasted = None if replied is None or opened is None else (opened, replied.at)
        business = lasted and life.business_us(*lasted) // SECOND_US
        yield {name: facts[name] for name in DESCRIBED} | {
            "ticket_key": facts["ticket_key"],
            "team_key": member(tenant, told.team),
            "agent_key": member(tenant, replied.agent if replied else told.holder),
            "reply_kind": kind,
            "reply_number": number if replied else None,
            "reply_calendar_seconds": lasted and (lasted[1] - lasted[0]) // SECOND_US,
            "reply_business_seconds": business,
            "is_answered": replied is not None,
            "turn_opened_at": None if opened is None else from_us(opened),
            "replied_at": from_us(replied.at) if replied else None,
            "reply_date": clock.local_date(told.at),
        }
