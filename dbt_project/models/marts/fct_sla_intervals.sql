-- One row per SLA target and stretch of the ledger while its clock ran: what counts, and why.
{{ config(materialized = 'view') }}
with

stretches as (
    select
        targets.sla_target_key,
        targets.ticket_key,
        targets.metric,
        targets.instance_number,
        targets.hours_basis,
        intervals.interval_number,
        intervals.status,
        intervals.started_at,
        intervals.ended_at,
        intervals.calendar_seconds,
        -- at the event: the hours of the calendar that held when the clock was read, for all of it
        case
            when targets.schedule_mode = 'at_event' then targets.calendar_id
            else intervals.calendar_id
        end as calendar_id,
        {{ sla_counts('targets', 'intervals') }} as is_counted
    from {{ ref('fct_sla_targets') }} as targets
    left join {{ ref('fct_ticket_intervals') }} as intervals
        on
            targets.ticket_key = intervals.ticket_key
            and targets.started_at <= intervals.started_at
            and targets.ended_at > intervals.started_at
    where intervals.ticket_key is not null
),

opened as (
    select
        stretches.*,
        {{ open_us_until('stretches.ended_at', 'day_ended') }}
        - {{ open_us_until('stretches.started_at', 'day_started') }} as business_us,
        {{ epoch_us('stretches.ended_at') }} - {{ epoch_us('stretches.started_at') }}
            as calendar_us
    from stretches
    left join {{ ref('business_days') }} as day_started
        on {{ is_day_of('day_started', 'stretches.calendar_id', 'stretches.started_at') }}
    left join {{ ref('business_days') }} as day_ended
        on {{ is_day_of('day_ended', 'stretches.calendar_id', 'stretches.ended_at') }}
)

select
    sla_target_key,
    ticket_key,
    metric,
    instance_number,
    interval_number,
    status,
    calendar_id,
    started_at,
    ended_at,
    is_counted,
    case
        when not is_counted then 'paused: ' || status
        when hours_basis = 'business' and business_us = 0 then 'closed: outside opening hours'
        when hours_basis = 'business' and business_us < calendar_us
            then 'counted: opening hours only'
        else 'counted'
    end as reason,
    case
        when not is_counted then 0
        when hours_basis = 'business' then {{ exact_seconds('business_us') }}
        else calendar_seconds
    end as counted_seconds
from opened
