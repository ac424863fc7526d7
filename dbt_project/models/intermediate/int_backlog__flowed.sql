-- One row per day and segment on which tickets entered or left the backlog.
with

tickets as (
    select
        attributed.*,
        timed.calendar_id,
        timed.status,
        timed.has_status_history,
        timed.created_at,
        cast(timed.created_local_at as date) as created_date,
        timed.left_backlog_date
    from {{ ref('int_tickets__attributed') }} as attributed
    left join {{ ref('int_tickets__timed') }} as timed
        on attributed.ticket_key = timed.ticket_key
),

-- a ticket is in the backlog from its creation, whatever its first status says
moves as (
    select
        tickets.ticket_key,
        tickets.calendar_id,
        changes.status,
        changes.previous_status,
        -- clocks of two systems may disagree; nothing leaves before it came
        greatest(changes.changed_at, tickets.created_at) as moved_at
    from {{ ref('int_status_changes__ordered') }} as changes
    inner join tickets on changes.ticket_key = tickets.ticket_key
    where
        {{ is_in_backlog('changes.status') }}
        <> {{ is_in_backlog("coalesce(changes.previous_status, 'new')") }}
),

flows as (
    select
        ticket_key,
        created_date as backlog_date,
        1 as created_count,
        0 as resolved_count,
        0 as reopened_count,
        0 as cancelled_count
    from tickets

    union all

    select
        moves.ticket_key,
        {{ local_date('moves.moved_at', 'day_moved') }} as backlog_date,
        0 as created_count,
        case when {{ is_solved('moves.status') }} then 1 else 0 end as resolved_count,
        case
            when coalesce({{ is_solved('moves.previous_status') }}, false) then 1 else 0
        end as reopened_count,
        -- net: a withdrawn ticket that is taken up again counts -1
        case
            when {{ is_withdrawn('moves.status') }} then 1
            when coalesce({{ is_withdrawn('moves.previous_status') }}, false) then -1
            else 0
        end as cancelled_count
    from moves
    left join {{ ref('business_days') }} as day_moved
        on {{ is_day_of('day_moved', 'moves.calendar_id', 'moves.moved_at') }}

    union all

    select
        ticket_key,
        left_backlog_date as backlog_date,
        0 as created_count,
        case when {{ is_solved('status') }} then 1 else 0 end as resolved_count,
        0 as reopened_count,
        case when {{ is_withdrawn('status') }} then 1 else 0 end as cancelled_count
    from tickets
    where not has_status_history and not {{ is_in_backlog('status') }}
)

select
    flows.backlog_date,
    tickets.source,
    tickets.calendar_id,
    tickets.site_key,
    tickets.team_key,
    tickets.service_key,
    tickets.channel,
    tickets.priority,
    tickets.customer_tier,
    tickets.ticket_type,
    cast(sum(flows.created_count) as bigint) as created_count,
    cast(sum(flows.resolved_count) as bigint) as resolved_count,
    cast(sum(flows.reopened_count) as bigint) as reopened_count,
    cast(sum(flows.cancelled_count) as bigint) as cancelled_count
from flows
left join tickets on flows.ticket_key = tickets.ticket_key
group by all
