-- One row per answered call of a known caller: seconds since the caller's answered call before it.
with

answered as (
    select
        call_key,
        source,
        started_at,
        lag(started_at) over (
            partition by tenant, known_caller_id order by started_at, call_key
        ) as previous_started_at
    from {{ ref('int_calls__timed') }}
    where outcome = 'answered' and known_caller_id is not null
),

histories as (
    select
        source,
        min(started_at) as history_from_at
    from {{ ref('int_calls__timed') }}
    group by source
),

measured as (
    select
        answered.call_key,
        {{ epoch_us('answered.started_at') }} - {{ epoch_us('answered.previous_started_at') }}
            as previous_call_us,
        {{ epoch_us('answered.started_at') }} - {{ epoch_us('histories.history_from_at') }}
            as history_us
    from answered
    left join histories on answered.source = histories.source
)

select
    call_key,
    {{ whole_seconds('previous_call_us') }} as previous_call_calendar_seconds,
    -- a call whose days before are not on record cannot be judged
    case
        when history_us >= {{ 24 * 3600 * 1000000 }}
            then coalesce(previous_call_us <= {{ 24 * 3600 * 1000000 }}, false)
    end as is_repeat_24h,
    case
        when history_us >= {{ 7 * 24 * 3600 * 1000000 }}
            then coalesce(previous_call_us <= {{ 7 * 24 * 3600 * 1000000 }}, false)
    end as is_repeat_7d
from measured
