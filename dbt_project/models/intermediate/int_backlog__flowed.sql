-- One row per day and segment on which tickets entered or left the backlog.
with

tickets as (
    select
        attributed.*,
        timed.calendar_id,
        cast(timed.created_local_at as date) as created_date
    from {{ ref('int_tickets__attributed') }} as attributed
    left join {{ ref('int_tickets__timed') }} as timed
        on attributed.ticket_number = timed.ticket_number
),

-- the number of a segment is that of its first ticket
numbered as (
    select
        *,
        min(ticket_number) over (
            partition by
                source,
                calendar_id,
                site_key,
                team_key,
                service_key,
                channel,
                priority,
                customer_tier,
                ticket_type
        ) as segment_number
    from tickets
),

moves as (
    select
        tickets.ticket_number,
        tickets.calendar_id,
        states.status,
        states.status_before,
        states.happened_at as moved_at
    from {{ ref('int_ticket_events__carried') }} as states
    inner join tickets on states.ticket_number = tickets.ticket_number
    where {{ is_in_backlog('states.status') }} <> {{ is_in_backlog('states.status_before') }}
),

flows as (
    select
        ticket_number,
        created_date as backlog_date,
        1 as created_count,
        0 as resolved_count,
        0 as reopened_count,
        0 as cancelled_count
    from tickets

    union all

    select
        moves.ticket_number,
        {{ local_date('moves.moved_at', 'day_moved') }} as backlog_date,
        0 as created_count,
        case when {{ is_solved('moves.status') }} then 1 else 0 end as resolved_count,
        case
            when {{ is_solved('moves.status_before') }} then 1 else 0
        end as reopened_count,
        -- net: a withdrawn ticket that is taken up again counts -1
        case
            when {{ is_withdrawn('moves.status') }} then 1
            when {{ is_withdrawn('moves.status_before') }} then -1
            else 0
        end as cancelled_count
    from moves
    left join {{ ref('business_days') }} as day_moved
        on {{ is_day_of('day_moved', 'moves.calendar_id', 'moves.moved_at') }}
),

daily as (
    select
        numbered.segment_number,
        flows.backlog_date,
        cast(sum(flows.created_count) as bigint) as created_count,
        cast(sum(flows.resolved_count) as bigint) as resolved_count,
        cast(sum(flows.reopened_count) as bigint) as reopened_count,
        cast(sum(flows.cancelled_count) as bigint) as cancelled_count
    from flows
    left join numbered on flows.ticket_number = numbered.ticket_number
    group by numbered.segment_number, flows.backlog_date
)

select
    daily.backlog_date,
    daily.segment_number,
    segments.source,
    segments.calendar_id,
    segments.site_key,
    segments.team_key,
    segments.service_key,
    segments.channel,
    segments.priority,
    segments.customer_tier,
    segments.ticket_type,
    daily.created_count,
    daily.resolved_count,
    daily.reopened_count,
    daily.cancelled_count
from daily
left join numbered as segments on daily.segment_number = segments.ticket_number
