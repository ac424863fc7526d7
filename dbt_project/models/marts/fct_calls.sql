-- One row per call.
with

-- what a source never reports is unknown, not zero
abilities as (
    select
        source,
        count(ticket_id) > 0 as reports_tickets,
        count(called_back_at) > 0 as reports_callbacks
    from {{ ref('int_calls__timed') }}
    group by source
),

calls as (
    select
        calls.*,
        targets.call_target_id,
        targets.answer_within_seconds,
        targets.short_abandon_seconds,
        repeats.previous_call_calendar_seconds,
        repeats.is_repeat_24h,
        repeats.is_repeat_7d,
        abilities.reports_tickets,
        abilities.reports_callbacks,
        tickets.ticket_key as found_ticket_key
    from {{ ref('int_calls__timed') }} as calls
    left join {{ ref('int_call_targets__matched') }} as targets
        on
            calls.tenant = targets.tenant
            and coalesce(calls.line_id, '') = targets.line_id
            and coalesce(calls.queue_id, '') = targets.queue_id
            and coalesce(calls.service_id, '') = targets.service_id
            and calls.started_date = targets.started_date
    left join {{ ref('int_calls__repeated') }} as repeats on calls.call_key = repeats.call_key
    left join abilities on calls.source = abilities.source
    left join {{ ref('stg_tickets') }} as tickets
        on calls.tenant || ':' || calls.ticket_id = tickets.ticket_key
)

select
    call_key,
    tenant,
    call_id,
    source,
    calendar_id,
    call_target_id,
    {{ member_key('tenant', 'site_id') }} as site_key,
    {{ member_key('tenant', 'team_id') }} as team_key,
    {{ member_key('tenant', 'agent_id') }} as agent_key,
    {{ member_key('tenant', 'service_id') }} as service_key,
    {{ member_key('tenant', 'line_id') }} as line_key,
    {{ member_key('tenant', 'queue_id') }} as queue_key,
    tenant || ':' || caller_id as caller_key,
    tenant || ':' || ticket_id as ticket_key,
    {{ member_code('priority') }} as priority,
    outcome,
    case
        when wait_seconds <= 5 then '000-005'
        when wait_seconds <= 10 then '006-010'
        when wait_seconds <= 20 then '011-020'
        when wait_seconds <= 30 then '021-030'
        when wait_seconds <= 60 then '031-060'
        when wait_seconds <= 120 then '061-120'
        when wait_seconds <= 300 then '121-300'
        when wait_seconds > 300 then '301+'
        else 'unknown'
    end as wait_band,
    ivr_seconds,
    wait_seconds,
    ring_seconds,
    talk_seconds,
    hold_seconds,
    wrap_seconds,
    -- a source without hold or wrap-up times gives its conversations
    case
        when outcome = 'answered'
            then talk_seconds + coalesce(hold_seconds, 0) + coalesce(wrap_seconds, 0)
    end as handle_seconds,
    previous_call_calendar_seconds,
    case
        when outcome in ('abandoned', 'callback')
            then {{ whole_seconds(epoch_us('called_back_at') ~ ' - ' ~ epoch_us('started_at')) }}
    end as callback_calendar_seconds,
    outcome in ('answered', 'abandoned') as is_offered,
    outcome = 'answered' as is_answered,
    outcome = 'abandoned' as is_abandoned,
    outcome = 'abandoned' and wait_seconds <= short_abandon_seconds as is_short_abandoned,
    outcome = 'answered' and wait_seconds <= answer_within_seconds as is_answered_in_time,
    outcome = 'abandoned' and wait_seconds <= answer_within_seconds as is_abandoned_in_time,
    is_transferred,
    is_repeat_24h,
    is_repeat_7d,
    outcome = 'callback' as is_callback_requested,
    case
        when outcome in ('abandoned', 'callback') and reports_callbacks
            then called_back_at is not null
    end as was_called_back,
    case when reports_tickets then found_ticket_key is not null end as has_ticket,
    started_at,
    called_back_at,
    started_date,
    cast(extract(hour from started_local_at) as integer) as started_hour,
    {{ half_hour_text('started_local_at') }} as started_half_hour,
    {{ iso_dow('started_date') }} as started_iso_dow,
    cast({{ iso_dow('started_date') }} as varchar) as started_weekday
from calls
