-- One row per stretch of a clock that pauses or changes its calendar: what it counts so far.
with

targets as (
    select * from {{ ref('int_sla_targets__clocked') }}
    where is_broken
),

stretches as (
    select
        targets.ticket_number,
        targets.metric,
        targets.instance_number,
        stretches.event_number,
        stretches.started_at,
        stretches.ended_at,
        {{ sla_counts('targets', 'stretches') }} as is_counted,
        targets.hours_basis,
        targets.target_us,
        stretches.calendar_us,
        -- at the event: the hours of the calendar that holds when the clock is read, for all of it
        case
            when targets.schedule_mode = 'at_event' then targets.read_calendar_id
            else stretches.calendar_id
        end as calendar_id
    from targets
    left join {{ ref('int_ticket_intervals__timed') }} as stretches
        on
            targets.ticket_number = stretches.ticket_number
            and targets.started_at <= stretches.started_at
            and targets.ended_at > stretches.started_at
),

opened as (
    select
        stretches.*,
        {{ open_us_until('stretches.started_at', 'day_started') }} as started_open_us,
        {{ open_us_until('stretches.ended_at', 'day_ended') }} as ended_open_us
    from stretches
    left join {{ ref('business_days') }} as day_started
        on {{ is_day_of('day_started', 'stretches.calendar_id', 'stretches.started_at') }}
    left join {{ ref('business_days') }} as day_ended
        on {{ is_day_of('day_ended', 'stretches.calendar_id', 'stretches.ended_at') }}
),

counted as (
    select
        *,
        case
            when not is_counted then 0
            when hours_basis = 'business' then ended_open_us - started_open_us
            else calendar_us
        end as counted_us
    from opened
),

summed as (
    select
        *,
        cast(
            sum(counted_us) over (
                partition by ticket_number, metric, instance_number
                order by event_number
                rows between unbounded preceding and current row
            ) as bigint
        ) as counted_until_us
    from counted
)

select
    ticket_number,
    metric,
    instance_number,
    event_number,
    calendar_id,
    started_at,
    started_open_us,
    counted_us,
    counted_until_us,
    -- the stretch in which the target is used up: one at most, for the sum never falls
    counted_until_us >= target_us and counted_until_us - counted_us < target_us as is_breaching
from summed
