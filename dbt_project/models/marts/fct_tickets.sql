-- One row per ticket, deleted ones excepted.
select
    attributed.ticket_key,
    attributed.tenant,
    attributed.ticket_id,
    attributed.source,
    timed.calendar_id,
    attributed.site_key,
    attributed.team_key,
    attributed.agent_key,
    attributed.service_key,
    attributed.customer_key,
    attributed.ticket_type,
    timed.status,
    attributed.priority,
    attributed.channel,
    attributed.customer_tier,
    attributed.category,
    timed.agent_reply_count,
    timed.reopen_count,
    {{ whole_seconds('measured.first_reply_calendar_us') }} as first_reply_calendar_seconds,
    {{ whole_seconds('measured.first_reply_business_us') }} as first_reply_business_seconds,
    {{ whole_seconds('measured.first_resolution_calendar_us') }}
        as first_resolution_calendar_seconds,
    {{ whole_seconds('measured.first_resolution_business_us') }}
        as first_resolution_business_seconds,
    {{ whole_seconds('measured.full_resolution_calendar_us') }}
        as full_resolution_calendar_seconds,
    {{ whole_seconds('measured.full_resolution_business_us') }}
        as full_resolution_business_seconds,
    case
        when {{ is_in_backlog('timed.status') }}
            then {{ whole_seconds('measured.age_calendar_us') }}
    end as age_calendar_seconds,
    timed.has_events,
    timed.is_reply_known,
    {{ is_in_backlog('timed.status') }} as is_open,
    {{ is_solved('timed.status') }} as is_resolved,
    {{ is_withdrawn('timed.status') }} as is_cancelled,
    timed.reopen_count > 0 as was_reopened,
    followed.is_first_contact_resolved,
    attributed.is_source_sla_met,
    timed.created_at,
    timed.first_replied_at,
    timed.first_resolved_at,
    timed.resolved_at,
    attributed.due_at as source_due_at,
    cast(timed.created_local_at as date) as created_date,
    timed.first_resolved_date,
    timed.resolved_date,
    cast(extract(hour from timed.created_local_at) as integer) as created_hour,
    {{ iso_dow('cast(timed.created_local_at as date)') }} as created_iso_dow
from {{ ref('int_tickets__attributed') }} as attributed
left join {{ ref('int_tickets__timed') }} as timed
    on attributed.ticket_key = timed.ticket_key
left join {{ ref('int_tickets__measured') }} as measured
    on attributed.ticket_key = measured.ticket_key
left join {{ ref('int_tickets__followed') }} as followed
    on attributed.ticket_key = followed.ticket_key
