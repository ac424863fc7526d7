-- One row per call.
with

calls as (
    select
        calls.*,
        services.site_id as service_site_id,
        segments.calendar_id
    from {{ ref('stg_calls') }} as calls
    left join {{ ref('service_catalogue') }} as services
        on calls.tenant = services.tenant and calls.service_id = services.service_id
    left join {{ ref('int_segments__assigned') }} as segments
        on
            calls.tenant = segments.tenant
            and calls.source = segments.source
            and coalesce(calls.service_id, '') = segments.service_id
            and coalesce(calls.team_id, '') = segments.team_id
            and coalesce(calls.site_id, '') = segments.site_id
),

timed as (
    select
        calls.*,
        {{ local_time('calls.started_at', 'day_started') }} as started_local_at
    from calls
    left join {{ ref('business_days') }} as day_started
        on {{ is_day_of('day_started', 'calls.calendar_id', 'calls.started_at') }}
)

select
    call_key,
    tenant,
    call_id,
    source,
    calendar_id,
    {{ member_key('tenant', 'coalesce(site_id, service_site_id)') }} as site_key,
    {{ member_key('tenant', 'team_id') }} as team_key,
    {{ member_key('tenant', 'agent_id') }} as agent_key,
    {{ member_key('tenant', 'service_id') }} as service_key,
    {{ member_key('tenant', 'line_id') }} as line_key,
    {{ member_key('tenant', 'queue_id') }} as queue_key,
    tenant || ':' || caller_id as caller_key,
    tenant || ':' || ticket_id as ticket_key,
    {{ member_code('priority') }} as priority,
    outcome,
    ivr_seconds,
    wait_seconds,
    talk_seconds,
    hold_seconds,
    wrap_seconds,
    -- a source without hold or wrap-up times gives its conversations
    case
        when outcome = 'answered'
            then talk_seconds + coalesce(hold_seconds, 0) + coalesce(wrap_seconds, 0)
    end as handle_seconds,
    outcome in ('answered', 'abandoned') as is_offered,
    outcome = 'answered' as is_answered,
    outcome = 'abandoned' as is_abandoned,
    outcome = 'abandoned' and wait_seconds <= {{ var('short_abandon_seconds') }}
        as is_short_abandoned,
    outcome = 'answered' and wait_seconds <= {{ var('answer_within_seconds') }}
        as is_answered_in_time,
    outcome = 'abandoned' and wait_seconds <= {{ var('answer_within_seconds') }}
        as is_abandoned_in_time,
    is_transferred,
    started_at,
    cast(started_local_at as date) as started_date,
    cast(extract(hour from started_local_at) as integer) as started_hour,
    {{ iso_dow('cast(started_local_at as date)') }} as started_iso_dow
from timed
