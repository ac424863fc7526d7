-- One row per segment of calls and quarter of an hour [start, end) of the calendar's clock.
with

calls as (
    select
        calls.*,
        timed.started_local_at,
        {{ epoch_us('timed.started_local_at') }} as local_us,
        {{ whole_quotient(epoch_us('timed.started_local_at'), 900000000) }} as quarter_number
    from {{ ref('fct_calls') }} as calls
    left join {{ ref('int_calls__timed') }} as timed on calls.call_key = timed.call_key
)

select
    tenant,
    source,
    calendar_id,
    site_key,
    line_key,
    queue_key,
    service_key,
    -- the quarter's start on the clock, and as the instant it was
    {{ from_epoch_us('quarter_number * 900000000') }} as interval_local_at,
    {{ from_epoch_us(epoch_us('started_at') ~ ' - local_us + quarter_number * 900000000') }}
        as interval_started_at,
    {{ from_epoch_us(
        epoch_us('started_at') ~ ' - local_us + '
        ~ whole_quotient('quarter_number', 2) ~ ' * 1800000000'
    ) }} as half_hour_started_at,
    started_date as interval_date,
    started_half_hour as half_hour,
    started_weekday as iso_weekday,
    count(*) as calls_count,
    cast(sum(case when is_offered then 1 else 0 end) as bigint) as offered_count,
    cast(sum(case when is_answered then 1 else 0 end) as bigint) as answered_count,
    cast(sum(case when is_abandoned then 1 else 0 end) as bigint) as abandoned_count,
    cast(sum(case when is_answered_in_time then 1 else 0 end) as bigint) as answered_in_time_count,
    cast(sum(case when is_abandoned_in_time then 1 else 0 end) as bigint)
        as abandoned_in_time_count,
    cast(sum(case when is_short_abandoned then 1 else 0 end) as bigint) as short_abandoned_count,
    cast(sum(case when is_answered then wait_seconds end) as bigint) as answered_wait_seconds,
    max(case when is_offered then wait_seconds end) as longest_wait_seconds,
    cast(sum(case when handle_seconds is not null then 1 else 0 end) as bigint) as handled_count,
    cast(sum(handle_seconds) as bigint) as handle_seconds,
    cast(sum(case when is_answered then talk_seconds end) as bigint) as talk_seconds,
    cast(sum(case when is_answered then hold_seconds end) as bigint) as hold_seconds,
    cast(sum(case when is_answered then wrap_seconds end) as bigint) as wrap_seconds
from calls
group by
    tenant,
    source,
    calendar_id,
    site_key,
    line_key,
    queue_key,
    service_key,
    quarter_number,
    {{ epoch_us('started_at') }} - local_us,
    started_date,
    started_half_hour,
    started_weekday
