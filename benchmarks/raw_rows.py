"""A raw store of any size, made by DuckDB straight in the layout the ingest gate commits.

Here: which rows a benchmark's company has. They are drawn by hashes of the ticket's number, so
that the same size is the same store everywhere. Not here: what is measured with them
(`warehouse`). Nothing is judged: rows are those the gate would accept.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.contracts import Contracts

TENANT = SOURCE = "bench"
EXTRACTS = 8
SPAN_DAYS = 728
TEAMS = 24
START = "2024-01-04 00:00:00"
# The end of the last extract.
AS_OF = "2026-01-01 00:00:00"

# A uniform number of (row, draw), a delay around a mean, a value of a list with its shares.
_MACROS = """
create macro h(i, k) as hash(i * 128 + k);
create macro u(i, k) as (h(i, k) % 16777216) / 16777216.0;
create macro delay(i, k, mean) as to_seconds(cast(1 - ln(1 - u(i, k)) * mean as bigint));
create macro moment(i, n) as
    timestamp '{start}' + to_days(cast(i * {days} // n as integer)) + to_seconds(cast(
        case when u(i, 1) < 0.8 then 3600 + u(i, 2) * 46800 else u(i, 2) * 86399 end as bigint));
create macro known(t) as case when t <= timestamp '{as_of}' then t end;
create macro slot(t) as cast(least(
    date_diff('day', timestamp '{start}', t) // ({days} // {extracts}), {extracts} - 1) as integer);
create macro of_shares(x, members, shares) as
    members[1 + len(list_filter(shares, lambda s: s <= x))];
"""

# Every date that has not come by as_of, or never comes, is null.
_LIVES = """
create table lives as
with drawn as (
    select i, moment(i, {tickets}) as created_at, cast(h(i, 3) % {teams} as integer) as team
    from range({tickets}) as r(i)
), begun as (
    select *, case when u(i, 4) < 0.95 then created_at + delay(i, 5, 600) end as assigned_at,
        case when u(i, 8) < 0.2 then created_at + delay(i, 9, 14400) end as noted_at,
        case when u(i, 10) < 0.08 then created_at + delay(i, 11, 7200) end as rated_at,
        case when u(i, 12) < 0.04 then created_at + delay(i, 13, 14400) end as escalated_at
    from drawn
), replied as (
    select *, case when u(i, 6) < 0.3 then assigned_at end as opened_at,
        case when u(i, 14) < 0.92
            then coalesce(assigned_at, created_at) + delay(i, 15, 7200) end as replied_at,
        case when u(i, 16) < 0.15 then assigned_at + delay(i, 17, 18000) end as moved_at
    from begun
), talked as (
    select *, case when u(i, 18) < 0.3 then replied_at end as pending_at,
        case when u(i, 18) < 0.28 then replied_at + delay(i, 19, 28800) end as asked_at,
        case when u(i, 18) between 0.3 and 0.35 then replied_at + delay(i, 20, 3600) end as held_at
    from replied
), talked_again as (
    select *, asked_at + delay(i, 21, 10800) as replied_again_at,
        held_at + delay(i, 22, 86400) as resumed_at, u(i, 23) as fate
    from talked
), worked as (
    select *, greatest(created_at, assigned_at, noted_at, rated_at, escalated_at, replied_at,
        moved_at, replied_again_at, resumed_at) + delay(i, 24, 36000)
        + case when u(i, 25) < 0.03 then delay(i, 26, 3000000) else interval 0 second end as done_at
    from talked_again
), solved as (
    select * replace (known(assigned_at) as assigned_at, known(noted_at) as noted_at,
            known(rated_at) as rated_at, known(escalated_at) as escalated_at,
            known(opened_at) as opened_at, known(replied_at) as replied_at,
            known(moved_at) as moved_at, known(pending_at) as pending_at,
            known(asked_at) as asked_at, known(held_at) as held_at,
            known(replied_again_at) as replied_again_at, known(resumed_at) as resumed_at),
        case when fate < 0.015 then known(done_at) end as cancelled_at,
        case when fate between 0.015 and 0.985 then known(done_at) end as solved_at
    from worked
), reopened as (
    select *, case when u(i, 27) < 0.08 then known(solved_at + delay(i, 28, 172800)) end
        as reopened_at from solved
), solved_again as (
    select *, case when u(i, 29) < 0.95 then known(reopened_at + delay(i, 30, 86400)) end
        as solved_again_at from reopened
)
select *, case when reopened_at is null or solved_again_at is not null
        then coalesce(solved_again_at, solved_at) end as resolved_at,
    case when u(i, 31) < 0.4 and (reopened_at is null or solved_again_at is not null)
        then known(coalesce(solved_again_at, solved_at) + interval 3 day) end as closed_at,
    's' || (team // 2 * 3 + h(i, 32) % 3) as service_id, 'site' || team // 2 as site_id,
    'a' || team || '_' || h(i, 33) % 16 as agent_id, 't' || team as team_id,
    'a' || (team // 2 * 2 + 1 - team % 2) || '_' || h(i, 34) % 16 as next_agent_id,
    't' || (team // 2 * 2 + 1 - team % 2) as next_team_id,
    of_shares(u(i, 35), ['p1', 'p2', 'p3', 'p4'], [0.03, 0.15, 0.75]) as first_priority,
    of_shares(u(i, 36), ['p1', 'p2', 'p3', 'p4'], [0.2, 0.5, 0.8]) as next_priority
from solved_again
"""

# Kind, instant, type, actor, and what the event tells: status, priority, team, agent.
_EVENTS = (
    ("created_at", "created", "requester", "'new'", "first_priority", "team_id", "null"),
    ("assigned_at", "assigned", "system", "null", "null", "team_id", "agent_id"),
    ("opened_at", "status_changed", "agent", "'open'", "null", "null", "agent_id"),
    ("noted_at", "internal_note", "agent", "null", "null", "null", "agent_id"),
    ("rated_at", "priority_changed", "agent", "null", "next_priority", "null", "null"),
    ("escalated_at", "escalated", "agent", "null", "null", "null", "agent_id"),
    ("replied_at", "public_reply", "agent", "null", "null", "null", "agent_id"),
    ("pending_at", "status_changed", "agent", "'pending'", "null", "null", "agent_id"),
    ("asked_at", "requester_reply", "requester", "'open'", "null", "null", "null"),
    ("replied_again_at", "public_reply", "agent", "null", "null", "null", "agent_id"),
    ("held_at", "status_changed", "agent", "'on_hold'", "null", "null", "agent_id"),
    ("resumed_at", "status_changed", "agent", "'open'", "null", "null", "agent_id"),
    ("moved_at", "assigned", "agent", "null", "null", "next_team_id", "next_agent_id"),
    ("cancelled_at", "status_changed", "requester", "'cancelled'", "null", "null", "null"),
    ("solved_at", "status_changed", "agent", "'solved'", "null", "null", "agent_id"),
    ("reopened_at", "status_changed", "requester", "'open'", "null", "null", "null"),
    ("solved_again_at", "status_changed", "agent", "'solved'", "null", "null", "agent_id"),
    ("closed_at", "status_changed", "system", "'closed'", "null", "null", "null"),
)

_TICKETS = """
select 'T' || i as ticket_id,
    of_shares(u(i, 40), ['service_request', 'incident', 'complaint', 'work_order'],
        [0.45, 0.8, 0.9]) as ticket_type,
    case when u(i, 41) < 0.01 then of_shares(u(i, 42), ['duplicate', 'spam', 'test'], [0.5, 0.9])
        end as disposition,
    service_id, 'c' || h(i, 43) % 40 as category, site_id,
    of_shares(u(i, 44), ['phone', 'wechat', 'web', 'app', 'email', 'walk_in'],
        [0.35, 0.65, 0.8, 0.9, 0.97]) as channel,
    'customer_' || h(i, 45) % greatest({tickets} // 10, 1) as customer_id,
    of_shares(u(i, 46), ['A', 'B', 'C'], [0.1, 0.4]) as customer_tier, created_at,
    {columns}
from lives
"""
_NEWEST = """
    case when closed_at is not null then 'closed' when resolved_at is not null then 'solved'
        when cancelled_at is not null then 'cancelled' when reopened_at is not null then 'open'
        when resumed_at is not null then 'open' when held_at is not null then 'on_hold'
        when asked_at is not null then 'open' when pending_at is not null then 'pending'
        when opened_at is not null then 'open' else 'new' end as status,
    case when moved_at is null then team_id else next_team_id end as team_id,
    case when moved_at is not null then next_agent_id when assigned_at is not null then agent_id
        end as agent_id,
    case when rated_at is null then first_priority else next_priority end as priority,
    replied_at as first_replied_at, resolved_at, closed_at,
    greatest(created_at, assigned_at, noted_at, rated_at, escalated_at, replied_at, moved_at,
        asked_at, replied_again_at, held_at, resumed_at, cancelled_at, solved_at, reopened_at,
        solved_again_at, closed_at) as updated_at
"""
_FIRST = "'new' as status, team_id, first_priority as priority, created_at as updated_at"

_CALLS = """
select 'C' || i as call_id, 'caller_' || h(i, 50) % greatest({tickets} // 5, 1) as caller_id,
    'line' || h(i, 51) % 3 as line_id, 'q' || h(i, 52) % 8 as queue_id,
    's' || h(i, 53) % 36 as service_id, 't' || h(i, 54) % {teams} as team_id,
    'a' || h(i, 54) % {teams} || '_' || h(i, 55) % 16 as agent_id,
    case when u(i, 56) < 0.2 then 'T' || i * {tickets} // {calls} end as ticket_id,
    moment(i, {calls}) as started_at,
    of_shares(u(i, 57), ['answered', 'abandoned', 'ivr_only', 'failed'], [0.88, 0.97, 0.995])
        as outcome,
    cast(u(i, 58) * 40 as bigint) as ivr_seconds,
    cast(-ln(1 - u(i, 59)) * 25 as bigint) as wait_seconds,
    case when u(i, 57) < 0.88 then cast(-ln(1 - u(i, 60)) * 240 as bigint) end as talk_seconds,
    case when u(i, 57) < 0.88 then cast(u(i, 61) * 30 as bigint) end as hold_seconds,
    case when u(i, 57) < 0.88 then cast(u(i, 62) * 90 as bigint) end as wrap_seconds,
    u(i, 63) < 0.07 as is_transferred
from range({calls}) as r(i)
"""

_RESPONSES = """
select 'R' || i as response_id, 'after_ticket' as survey_id, '1' as instrument_version,
    'T' || i as ticket_id, 'web' as channel, service_id, site_id, team_id, agent_id,
    of_shares(u(i, 70), ['search', 'request', 'service', 'follow_up'], [0.25, 0.5, 0.75])
        as touchpoint,
    least(created_at + delay(i, 71, 86400), timestamp '{as_of}') as responded_at
from lives where i % 2 = 0
"""
_ANSWERS = """
select 'R' || i as response_id, q.question_id, q.measure, q.dimension, q.scale_min, q.scale_max,
    case when u(i, 72 + q.k) < 0.97
        then q.scale_min + floor(sqrt(u(i, 80 + q.k)) * (q.scale_max - q.scale_min + 1))
        end as score,
    least(created_at + delay(i, 71, 86400), timestamp '{as_of}') as responded_at
from lives, (values ('sat', 'csat', null, 1.0, 5.0, 1, 1.0),
    ('nps', 'nps', null, 0.0, 10.0, 2, 0.2),
    ('i1', 'servqual_expectation', 'reliability', 1.0, 7.0, 3, 0.05),
    ('i1', 'servqual_perception', 'reliability', 1.0, 7.0, 4, 0.05),
    ('i2', 'servqual_expectation', 'tangibles', 1.0, 7.0, 5, 0.05),
    ('i2', 'servqual_perception', 'tangibles', 1.0, 7.0, 6, 0.05)
) as q(question_id, measure, dimension, scale_min, scale_max, k, share)
where i % 2 = 0 and u(i, 90) < q.share
"""


def write_raw_store(home: Path, contracts: Contracts, tickets: int, calls: int) -> None:
    """Tickets in 1.3 versions and about six events each; half as many survey responses.

    Each in the extracts of eight quarters; without calls there are no responses either.
    """
    scratch = home / "scratch.duckdb"
    scratch.unlink(missing_ok=True)
    sizes: dict[str, int | str] = {
        "tickets": tickets,
        "calls": calls,
        "teams": TEAMS,
        "as_of": AS_OF,
    }
    with duckdb.connect(str(scratch), config={"memory_limit": "4GB"}) as connection:
        connection.execute("set enable_progress_bar = false")
        macros = _MACROS.format(start=START, as_of=AS_OF, days=SPAN_DAYS, extracts=EXTRACTS)
        connection.execute(macros)
        connection.execute(_LIVES.format(**sizes))
        for entity, part, instant, rows in _entities(sizes):
            if not calls and not entity.startswith("ticket"):
                rows = f"{rows} limit 0"
            _write_extracts(connection, home, contracts, entity, part, instant, rows)
    scratch.unlink()


def _entities(sizes: dict[str, int | str]) -> Iterator[tuple[str, str, str, str]]:
    """Entity, part of its extracts, instant that says in which extract a row is, rows."""
    yield "ticket", "b", "updated_at", _TICKETS.format(columns=_NEWEST, **sizes)
    early = _TICKETS.format(columns=_FIRST, **sizes) + "where u(i, 47) < 0.3"
    yield "ticket", "a", "updated_at", early
    events = " union all ".join(
        f"select 'E' || i || '_{number}' as event_id, 'T' || i as ticket_id, {at} as event_at, "
        f"'{kind}' as event_type, '{actor}' as actor_type, {status} as status, "
        f"{priority} as priority, {team} as team_id, {agent} as agent_id "
        f"from lives where {at} is not null"
        for number, (at, kind, actor, status, priority, team, agent) in enumerate(_EVENTS)
    )
    yield "ticket_event", "a", "event_at", events
    # delivered again with the next extract
    again = f"select * from ({events}) where hash(event_id) % 20 = 0"
    yield "ticket_event", "b", "event_at", again
    yield "call", "a", "started_at", _CALLS.format(**sizes)
    yield "survey_response", "a", "responded_at", _RESPONSES.format(**sizes)
    yield "survey_answer", "a", "responded_at", _ANSWERS.format(**sizes)


def _write_extracts(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    contracts: Contracts,
    entity: str,
    part: str,
    instant: str,
    rows: str,
) -> None:
    connection.execute(
        f"create or replace table drawn as select *, slot({instant}) as slot from ({rows})"
    )
    present = {name for (name, *_) in connection.execute("describe drawn").fetchall()}
    columns = ", ".join(
        f'cast({c.name if c.name in present else "null"} as {c.duckdb_type}) as "{c.name}"'
        for c in contracts.entities[entity].columns
        if c.pii != "drop"
    )
    for slot in range(EXTRACTS):
        folder = home / "raw" / entity / f"source={SOURCE}" / f"extract={slot:04}{part}"
        folder.mkdir(parents=True, exist_ok=True)
        extracted_at = f"timestamp '{START}' + to_days({(slot + 1) * SPAN_DAYS // EXTRACTS})"
        connection.execute(
            f"copy (select {columns}, null::varchar as extra, '{TENANT}' as _tenant, "
            f"{extracted_at} as _extracted_at, row_number() over (order by {instant}) as _record "
            f"from drawn where slot = {slot} order by {instant}) "
            f"to '{folder}/accepted.parquet' (format parquet, compression zstd)"
        )
    connection.execute("drop table drawn")
