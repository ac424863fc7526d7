"""What is counted from one life: durations, waits, flags. Named as the columns of `fct_tickets`.

Null (None) wherever the source cannot say or the thing has not happened; whole seconds by cutting
off the microseconds of a sum.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.reference.calendars import DAY_US, from_us
from tests.reference.lives import BACKLOG, WITHDRAWN, Life
from tests.reference.raw import Extracts
from tests.reference.replies import agent_replies

SECOND_US = 1_000_000
FIRST_CONTACT_US = 7 * DAY_US
WAITS = {
    "requester_wait": frozenset({"new", "open", "on_hold"}),
    "agent_wait": frozenset({"pending"}),
    "on_hold": frozenset({"on_hold"}),
    "agent_work": frozenset({"new", "open"}),
}
Facts = dict[str, Any]


def ticket_facts(life: Life, known: Extracts, returns: Mapping[Any, list[Life]]) -> Facts:
    """All facts of one ticket. `returns`: the lives by tenant, customer and service."""
    replied = agent_replies(life) if known.tells(life.row, "public_reply") else None
    return (
        _described(life)
        | _lasting(life, replied)
        | _waits(life)
        | _counts(life, known, replied)
        | _instants(life, replied)
        | _cohorts(life)
        | _called_back(life, known)
        | {
            "is_first_contact_resolved": _first_contact(life, replied, returns),
            "is_repeat_complaint": _repeated(life, returns),
        }
    )


def by_requester(counted: Iterable[Life]) -> dict[Any, list[Life]]:
    """Lives by tenant, customer and service, where both are known."""
    grouped: dict[Any, list[Life]] = {}
    for life in counted:
        if life.row["customer_id"] and life.row["service_id"]:
            grouped.setdefault(_requester(life), []).append(life)
    return grouped


def _requester(life: Life) -> tuple[Any, ...]:
    return (life.row["_tenant"], life.row["customer_id"], life.row["service_id"])


def member(tenant: str, value: str | None) -> str:
    """Key of a member of a dimension."""
    return f"{tenant}:{value}" if value else "unknown"


def _described(life: Life) -> Facts:
    row, tenant = life.row, life.row["_tenant"]
    site = row["site_id"] or life.seeds.sites.get((tenant, row["service_id"]))
    return {
        "ticket_key": f"{tenant}:{row['ticket_id']}",
        "tenant": tenant,
        "ticket_id": row["ticket_id"],
        "source": row["_source"],
        "calendar_id": life.calendar_id,
        "site_key": member(tenant, site),
        "team_key": member(tenant, life.state.team),
        "agent_key": member(tenant, life.state.agent),
        "service_key": member(tenant, row["service_id"]),
        "customer_key": member(tenant, row["customer_id"]),
        "ticket_type": row["ticket_type"] or "unknown",
        "status": status_now(life),
        "priority": life.state.priority or "unknown",
        "channel": row["channel"] or "unknown",
        "customer_tier": row["customer_tier"] or "unknown",
        "cause": row["cause"] or "unknown",
        "category": row["category"],
        "is_justified": row["is_justified"],
        "is_source_sla_met": row["is_source_sla_met"],
        "source_due_at": row["due_at"],
        "cutoff_at": from_us(life.cutoff),
        "has_events": life.has_events,
    }


def status_now(life: Life) -> str:
    """The status at `as_of`; an open ticket without a status history is as open as its row says."""
    told: str = life.row["status"]
    return told if life.is_open and not life.is_traced and told in BACKLOG else life.state.status


def _first_solution(life: Life) -> int | None:
    """Columns know the last solution only."""
    return life.solutions[0].at if life.is_traced and life.solutions else None


def last_solution(life: Life) -> int | None:
    """The last solution of a ticket that is solved now."""
    return life.solutions[-1].at if life.is_timed and life.is_solved and life.solutions else None


def left_backlog(life: Life) -> int | None:
    """When a ticket that is not open was solved or withdrawn, as well as its source can say."""
    if life.is_open:
        return None
    return life.withdrawn.at if life.withdrawn else life.solutions[-1].at


def _lasting(life: Life, replied: list[Any] | None) -> Facts:
    """From creation to what happened, by the clock and by opening hours."""
    ends = {
        "first_reply": replied[0].at if replied else None,
        "first_resolution": _first_solution(life),
        "full_resolution": last_solution(life),
        "age": life.cutoff if life.is_open else None,
    }
    facts: Facts = {}
    for name, end in ends.items():
        calendar = None if end is None else (end - life.created) // SECOND_US
        business = None if end is None else life.business_us(life.created, end) // SECOND_US
        facts[f"{name}_calendar_seconds"] = calendar
        facts[f"{name}_business_seconds"] = business
    return facts | {"age_bucket": _bucket(life)}


def _bucket(life: Life) -> str | None:
    """Age by completed days."""
    if not life.is_open:
        return None
    days = (life.cutoff - life.created) // DAY_US
    return "0_to_7_days" if days < 8 else "8_to_30_days" if days < 31 else "over_30_days"


def finished_visits(life: Life) -> list[tuple[str, int, int]]:
    """Status, start and end of every stay in a status that is over."""
    bounds = [life.created, *(change.at for change in life.changes)]
    stays = [change.before for change in life.changes]
    return list(zip(stays, bounds, bounds[1:], strict=False))


def _waits(life: Life) -> Facts:
    facts: Facts = {}
    visits = finished_visits(life)
    for name, statuses in WAITS.items():
        waited = [(start, end) for status, start, end in visits if status in statuses]
        calendar = sum(end - start for start, end in waited) // SECOND_US
        business = sum(life.business_us(start, end) for start, end in waited) // SECOND_US
        facts[f"{name}_calendar_seconds"] = calendar if life.is_traced else None
        facts[f"{name}_business_seconds"] = business if life.is_traced else None
    return facts


def _moves(values: list[str | None]) -> list[str]:
    """The known values in order, each stay once."""
    held: list[str] = []
    for value in values:
        if value is not None and (not held or held[-1] != value):
            held.append(value)
    return held


def _counts(life: Life, known: Extracts, replied: list[Any] | None) -> Facts:
    teams = _moves([state.team for state in life.states])
    agents = _moves([state.agent for state in life.states])
    moved, returned, handed = None, None, None
    if life.has_events:
        moved, handed = max(len(teams) - 1, 0), max(len(agents) - 1, 0)
        returned = sum(team in teams[:number] for number, team in enumerate(teams))
    reopened = sum(change.is_reopening for change in life.changes) if life.is_traced else None
    escalated = None
    if known.tells(life.row, "escalated"):
        escalated = sum(event.kind == "escalated" for event in life.events)
    count = None if replied is None else len(replied)
    withdrawn = life.state.status in WITHDRAWN
    return {
        "agent_reply_count": count,
        "reopen_count": reopened,
        "was_reopened": None if reopened is None else reopened > 0,
        "team_reassignment_count": moved,
        "agent_reassignment_count": handed,
        "returned_team_count": returned,
        "escalation_count": escalated,
        "was_reassigned": None if moved is None else moved > 0,
        "was_returned": None if returned is None else returned > 0,
        "was_escalated": None if escalated is None else escalated > 0,
        "is_one_touch": count == 1 if life.is_solved and count else None,
        "is_unreplied": None if count is None else count == 0 and not withdrawn,
        "is_open": life.is_open,
        "is_resolved": life.is_solved,
        "is_cancelled": withdrawn,
        "has_status_history": life.is_traced,
        "is_reply_known": replied is not None,
    }


def _instants(life: Life, replied: list[Any] | None) -> Facts:
    clock = life.seeds.calendars[life.calendar_id]
    instants = {
        "created": life.created,
        "acknowledged": next((e.at for e in life.events if e.kind == "acknowledged"), None),
        "arrived": next((e.at for e in life.events if e.kind == "arrived"), None),
        "first_replied": replied[0].at if replied else None,
        "first_resolved": _first_solution(life),
        "resolved": last_solution(life),
        "left_backlog": left_backlog(life),
    }
    facts: Facts = {
        f"{name}_at": None if at is None else from_us(at) for name, at in instants.items()
    }
    for name in ("created", "first_resolved", "resolved"):
        at = instants[name]
        facts[f"{name}_date"] = None if at is None else clock.local_date(at)
    solved_on = facts["first_resolved_date"]
    created = clock.local(life.created)
    return facts | {
        "created_hour": created.hour,
        "created_iso_dow": created.isoweekday(),
        "is_same_day_resolved": None if solved_on is None else solved_on == created.date(),
    }


def _cohorts(life: Life) -> Facts:
    """Solved, and still so, within so many times 24 hours; None for what is too young to say,
    withdrawn, or solved nobody knows when."""
    solved = last_solution(life)
    facts: Facts = {}
    for days in (1, 3, 7, 30):
        until = life.created + days * DAY_US
        unknown = life.state.status in WITHDRAWN or (life.is_solved and solved is None)
        is_within = solved is not None and solved <= until
        facts[f"is_resolved_within_{days}d"] = None if unknown or until > life.cutoff else is_within
    return facts


def _first_contact(
    life: Life, replied: list[Any] | None, returns: Mapping[Any, list[Life]]
) -> bool | None:
    """Solved after at most one reply, and nothing came back until seven days later: no reopening,
    no other ticket made since this one was."""
    first = _first_solution(life)
    if first is None or replied is None or life.state.status in WITHDRAWN:
        return None
    if _requester(life) not in returns or first + FIRST_CONTACT_US > life.cutoff:
        return None
    until = first + FIRST_CONTACT_US
    came_back = any(c.is_reopening and c.at <= until for c in life.changes) or any(
        other is not life and life.created <= other.created <= until
        for other in returns[_requester(life)]
    )
    return sum(reply.at <= first for reply in replied) <= 1 and not came_back


def _called_back(life: Life, known: Extracts) -> Facts:
    """The first call back since the first solution, and whether it came within seven days."""
    first = life.solutions[0].at if life.solutions else None
    called = [e.at for e in life.events if e.kind == "called_back" and first and e.at >= first]
    within: bool | None = None
    if first is not None and life.is_traced and known.tells(life.row, "called_back"):
        until = first + FIRST_CONTACT_US
        is_unknown = until > life.cutoff or life.state.status in WITHDRAWN
        within = None if is_unknown else bool(called) and called[0] <= until
    return {
        "first_called_back_at": from_us(called[0]) if called else None,
        "is_called_back_in_time": within,
    }


def _repeated(life: Life, returns: Mapping[Any, list[Life]]) -> bool | None:
    """A complaint after another of the same customer about the same service within 30 days; of two
    made in one instant the one with the greater key is the second."""
    if life.row["ticket_type"] != "complaint" or _requester(life) not in returns:
        return None
    since = life.created - 30 * DAY_US
    return any(
        since <= other.created and (other.created, other.key) < (life.created, life.key)
        for other in returns[_requester(life)]
        if other.row["ticket_type"] == "complaint"
    )
