-- One row per ticket that counts, SLA metric and time its clock was started.
{{ config(materialized = 'view') }}
{% set by_ticket = [
    ('acknowledgement', 'is_acknowledgement_known', 'created_at',
        'least(acknowledged_at, first_replied_at, first_solved_at)'),
    ('first_reply', 'is_reply_known', 'created_at', 'least(first_replied_at, first_solved_at)'),
    ('arrival', 'is_arrival_known', 'created_at', 'arrived_at'),
    ('resolution', 'true', 'created_at', 'resolved_at'),
    ('requester_wait', 'has_status_history', 'created_at', 'resolved_at'),
    ('agent_work', 'has_status_history', 'created_at', 'resolved_at'),
    ('callback', 'is_callback_known and resolved_at is not null', 'resolved_at',
        'last_called_back_at'),
] -%}
with

tickets as (
    select
        *,
        -- columns know one solution only
        coalesce(first_resolved_at, resolved_at) as first_solved_at
    from {{ ref('int_tickets__timed') }}
),

-- what speaks to the requester, or ends the conversation
marks as (
    select
        ticket_number,
        event_number,
        happened_at,
        next_happened_at,
        status,
        is_agent_reply,
        is_agent_reply
        or ({{ is_solved('status') }} and not {{ is_solved('status_before') }}) as is_ours
    from {{ ref('int_ticket_events__carried') }}
    where
        is_agent_reply
        or event_type = 'requester_reply'
        or ({{ is_solved('status') }} and not {{ is_solved('status_before') }})
),

conversations as (
    select
        *,
        lag(is_ours) over (partition by ticket_number order by event_number) as was_ours_before,
        min(case when is_ours then happened_at end) over (
            partition by ticket_number
            order by event_number
            rows between 1 following and unbounded following
        ) as next_ours_at
    from marks
),

clocks as (
    {% for metric, condition, started_at, stopped_at in by_ticket -%}
    select
        ticket_number,
        '{{ metric }}' as metric,
        1 as instance_number,
        {{ started_at }} as started_at,
        {{ stopped_at }} as stopped_at
    from tickets
    where {{ condition }}

    union all

    {% endfor -%}
    select
        ticket_number,
        'next_reply' as metric,
        row_number() over (partition by ticket_number order by event_number) as instance_number,
        happened_at as started_at,
        next_ours_at as stopped_at
    from conversations
    where not is_ours and was_ours_before

    union all

    -- a message with which the ticket is solved, or another one at the same instant, promises none
    select
        ticket_number,
        'periodic_update' as metric,
        row_number() over (partition by ticket_number order by event_number) as instance_number,
        happened_at as started_at,
        next_ours_at as stopped_at
    from conversations
    where
        is_agent_reply
        and {{ is_in_backlog('status') }}
        and (next_ours_at is null or next_ours_at > happened_at)
)

select
    clocks.ticket_number,
    clocks.metric,
    clocks.instance_number,
    clocks.started_at,
    clocks.stopped_at,
    case
        when
            {{ is_withdrawn('tickets.status') }}
            and coalesce(clocks.stopped_at > tickets.left_backlog_at, true)
            then 'cancelled'
        when clocks.stopped_at is not null then 'stopped'
        when clocks.metric = 'arrival' and {{ is_solved('tickets.status') }} then 'cancelled'
        -- solved, but the source does not say when
        when {{ is_solved('tickets.status') }} and tickets.resolved_at is null then 'unknown'
        else 'running'
    end as clock_state
from clocks
left join tickets on clocks.ticket_number = tickets.ticket_number
where
    tickets.ticket_number is not null
    and (
        clocks.metric not in ('next_reply', 'periodic_update') or tickets.is_reply_known
    )
