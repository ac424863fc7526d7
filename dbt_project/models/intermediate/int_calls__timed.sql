-- One row per call on the clock of its calendar, its further legs folded into it.
with

-- a leg without its call, or of another leg, stands for itself: no record is lost
legs as (
    select
        legs.call_key,
        main.call_key as main_call_key,
        legs.outcome = 'answered' as is_handled,
        legs.talk_seconds,
        legs.hold_seconds,
        legs.wrap_seconds
    from {{ ref('stg_calls') }} as legs
    left join {{ ref('stg_calls') }} as main
        on
            legs.tenant = main.tenant
            and legs.source = main.source
            and legs.leg_of_call_id = main.call_id
            and main.leg_of_call_id is null
    where legs.leg_of_call_id is not null and main.call_key is not null
),

leg_sums as (
    select
        main_call_key,
        count(*) as leg_count,
        cast(sum(case when is_handled then talk_seconds end) as bigint) as talk_seconds,
        cast(sum(case when is_handled then hold_seconds end) as bigint) as hold_seconds,
        cast(sum(case when is_handled then wrap_seconds end) as bigint) as wrap_seconds
    from legs
    group by main_call_key
),

calls as (
    select
        calls.call_key,
        calls.tenant,
        calls.source,
        calls.call_id,
        case when not coalesce(calls.is_caller_hidden, false) then calls.caller_id end
            as known_caller_id,
        calls.caller_id,
        calls.line_id,
        calls.queue_id,
        calls.service_id,
        coalesce(calls.site_id, services.site_id) as site_id,
        calls.team_id,
        calls.agent_id,
        calls.ticket_id,
        calls.priority,
        calls.outcome,
        calls.ivr_seconds,
        calls.wait_seconds,
        calls.ring_seconds,
        -- a sum of nothing is null, and what neither leg knows stays unknown
        case
            when leg_sums.talk_seconds is null then calls.talk_seconds
            else coalesce(calls.talk_seconds, 0) + leg_sums.talk_seconds
        end as talk_seconds,
        case
            when leg_sums.hold_seconds is null then calls.hold_seconds
            else coalesce(calls.hold_seconds, 0) + leg_sums.hold_seconds
        end as hold_seconds,
        case
            when leg_sums.wrap_seconds is null then calls.wrap_seconds
            else coalesce(calls.wrap_seconds, 0) + leg_sums.wrap_seconds
        end as wrap_seconds,
        coalesce(leg_sums.leg_count > 0, false) or calls.is_transferred as is_transferred,
        calls.started_at,
        calls.called_back_at,
        segments.calendar_id
    from {{ ref('stg_calls') }} as calls
    left join legs on calls.call_key = legs.call_key
    left join leg_sums on calls.call_key = leg_sums.main_call_key
    left join {{ ref('service_catalogue') }} as services
        on calls.tenant = services.tenant and calls.service_id = services.service_id
    left join {{ ref('int_segments__assigned') }} as segments
        on
            calls.tenant = segments.tenant
            and calls.source = segments.source
            and coalesce(calls.service_id, '') = segments.service_id
            and coalesce(calls.team_id, '') = segments.team_id
            and coalesce(calls.site_id, '') = segments.site_id
    where legs.call_key is null
)

select
    calls.*,
    {{ local_time('calls.started_at', 'day_started') }} as started_local_at,
    {{ local_date('calls.started_at', 'day_started') }} as started_date
from calls
left join {{ ref('business_days') }} as day_started
    on {{ is_day_of('day_started', 'calls.calendar_id', 'calls.started_at') }}
