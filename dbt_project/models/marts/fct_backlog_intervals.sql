-- One row per stretch of a ticket's life in the backlog: at the ends of which local days it lasted.
{{ config(materialized = 'view') }}
with

dated as (
    select
        intervals.ticket_key,
        intervals.interval_number,
        intervals.source,
        intervals.status,
        {{ local_date('intervals.started_at', 'day_started') }} as backlog_from,
        -- what holds when the data ends is not over
        case
            when not intervals.is_current then {{ local_date('intervals.ended_at', 'day_ended') }}
        end as backlog_until
    from {{ ref('fct_ticket_intervals') }} as intervals
    -- days are those of the ticket's last calendar, as in the backlog of a day
    left join {{ ref('fct_tickets') }} as tickets
        on intervals.ticket_key = tickets.ticket_key
    left join {{ ref('business_days') }} as day_started
        on {{ is_day_of('day_started', 'tickets.calendar_id', 'intervals.started_at') }}
    left join {{ ref('business_days') }} as day_ended
        on {{ is_day_of('day_ended', 'tickets.calendar_id', 'intervals.ended_at') }}
    where {{ is_in_backlog('intervals.status') }}
)

select
    ticket_key,
    interval_number,
    source,
    status,
    backlog_from,
    backlog_until
from dated
where backlog_until is null or backlog_until > backlog_from
