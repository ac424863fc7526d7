-- One row per source, hot line and half hour with calls or agents: its load and its seats.
with

halves as (
    select
        tenant,
        source,
        line_key,
        half_hour_started_at,
        interval_date,
        half_hour,
        iso_weekday,
        calendar_id,
        offered_count,
        handled_count,
        handle_seconds,
        0 as staffed_seconds
    from {{ ref('fct_call_intervals') }}

    union all

    select
        tenant,
        source,
        line_key,
        {{ from_epoch_us(
            epoch_us('interval_started_at')
            ~ ' - 60000000 * (cast(extract(minute from interval_local_at) as bigint) % 30)'
        ) }} as half_hour_started_at,
        interval_date,
        half_hour,
        iso_weekday,
        calendar_id,
        0 as offered_count,
        0 as handled_count,
        cast(null as bigint) as handle_seconds,
        staffed_seconds
    from {{ ref('fct_agent_intervals') }}
),

-- one clock per line and half hour, whatever calendars its queues and teams keep
summed as (
    select
        source,
        line_key,
        half_hour_started_at,
        min(tenant) as tenant,
        min(calendar_id) as calendar_id,
        min(interval_date) as interval_date,
        min(half_hour) as half_hour,
        min(iso_weekday) as iso_weekday,
        cast(sum(offered_count) as bigint) as offered_count,
        cast(sum(handled_count) as bigint) as handled_count,
        cast(sum(handle_seconds) as bigint) as handle_seconds,
        cast(sum(staffed_seconds) as bigint) as staffed_seconds
    from halves
    group by source, line_key, half_hour_started_at
),

daily as (
    select
        *,
        sum(handle_seconds) over (partition by source, line_key, interval_date)
            as handle_seconds_of_day,
        sum(handled_count) over (partition by source, line_key, interval_date)
            as handled_count_of_day,
        max(staffed_seconds) over (partition by source) > 0 as reports_agents
    from summed
),

-- a half hour in which nobody was handled is planned with the handle time of its day
loaded as (
    select
        *,
        case
            when handled_count > 0 then 1.0 * handle_seconds / handled_count
            else 1.0 * handle_seconds_of_day / nullif(handled_count_of_day, 0)
        end as average_handle_seconds
    from daily
)

select
    loaded.source || '|' || loaded.line_key || '|'
    || cast({{ epoch_us('loaded.half_hour_started_at') }} as varchar) as staffing_key,
    loaded.source,
    loaded.line_key,
    loaded.calendar_id,
    loaded.interval_date,
    loaded.half_hour,
    loaded.iso_weekday,
    loaded.half_hour_started_at,
    loaded.offered_count,
    loaded.average_handle_seconds,
    case
        when loaded.offered_count = 0 then 0
        else loaded.offered_count * loaded.average_handle_seconds / 1800
    end as load_erlangs,
    case when loaded.reports_agents then loaded.staffed_seconds end as staffed_seconds,
    case when loaded.reports_agents then {{ whole_quotient('loaded.staffed_seconds', 1800) }} end
        as staffed_agents_count,
    targets.answer_within_seconds,
    targets.target_ratio,
    targets.max_occupancy_ratio,
    targets.shrinkage_ratio
from loaded
left join {{ ref('int_call_targets__matched') }} as targets
    on
        loaded.tenant = targets.tenant
        and case when loaded.line_key = 'unknown' then '' else {{ key_id('loaded.line_key') }} end
        = targets.line_id
        and targets.queue_id = ''
        and targets.service_id = ''
        and loaded.interval_date = targets.started_date
