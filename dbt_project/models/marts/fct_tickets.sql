-- One row per ticket that counts.
{% set cohort_days = [1, 3, 7, 30] -%}
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
    attributed.cause,
    timed.agent_reply_count,
    timed.reopen_count,
    timed.team_reassignment_count,
    timed.agent_reassignment_count,
    timed.returned_team_count,
    timed.escalation_count,
    {%- for duration in ticket_durations() %}
    {%- for basis in ['calendar', 'business'] %}
    {{ whole_seconds('measured.' ~ duration ~ '_' ~ basis ~ '_us') }}
        as {{ duration }}_{{ basis }}_seconds,
    {%- endfor %}
    {%- endfor %}
    {%- for basis in ['calendar', 'business'] %}
    case
        when {{ is_in_backlog('timed.status') }}
            then {{ whole_seconds('measured.age_' ~ basis ~ '_us') }}
    end as age_{{ basis }}_seconds,
    {%- endfor %}
    case
        when not {{ is_in_backlog('timed.status') }} then null
        when measured.age_calendar_us < 8 * 86400000000 then '0_to_7_days'
        when measured.age_calendar_us < 31 * 86400000000 then '8_to_30_days'
        else 'over_30_days'
    end as age_bucket,
    timed.has_events,
    timed.has_status_history,
    timed.is_reply_known,
    {{ is_in_backlog('timed.status') }} as is_open,
    {{ is_solved('timed.status') }} as is_resolved,
    {{ is_withdrawn('timed.status') }} as is_cancelled,
    timed.reopen_count > 0 as was_reopened,
    case
        when timed.agent_reply_count is not null
            then timed.agent_reply_count = 0 and not {{ is_withdrawn('timed.status') }}
    end as is_unreplied,
    timed.team_reassignment_count > 0 as was_reassigned,
    timed.returned_team_count > 0 as was_returned,
    timed.escalation_count > 0 as was_escalated,
    case
        when {{ is_solved('timed.status') }} and timed.agent_reply_count > 0
            then timed.agent_reply_count = 1
    end as is_one_touch,
    timed.first_resolved_date = cast(timed.created_local_at as date) as is_same_day_resolved,
    followed.is_first_contact_resolved,
    {%- for days in cohort_days %}
    case
        when {{ is_withdrawn('timed.status') }} then null
        when {{ is_solved('timed.status') }} and timed.resolved_at is null then null
        when timed.created_at + interval '{{ days }}' day > timed.cutoff_at then null
        else coalesce(timed.resolved_at <= timed.created_at + interval '{{ days }}' day, false)
    end as is_resolved_within_{{ days }}d,
    {%- endfor %}
    case
        when not timed.is_callback_known or timed.first_resolved_at is null then null
        when {{ is_withdrawn('timed.status') }} then null
        when timed.first_resolved_at + interval '{{ var("callback_days") }}' day > timed.cutoff_at
            then null
        else coalesce(
            timed.first_called_back_at
            <= timed.first_resolved_at + interval '{{ var("callback_days") }}' day,
            false
        )
    end as is_called_back_in_time,
    repeated.is_repeat_complaint,
    attributed.is_justified,
    attributed.is_source_sla_met,
    timed.created_at,
    timed.acknowledged_at,
    timed.first_replied_at,
    timed.arrived_at,
    timed.first_resolved_at,
    timed.resolved_at,
    timed.first_called_back_at,
    timed.left_backlog_at,
    timed.cutoff_at,
    attributed.due_at as source_due_at,
    cast(timed.created_local_at as date) as created_date,
    timed.first_resolved_date,
    timed.resolved_date,
    cast(extract(hour from timed.created_local_at) as integer) as created_hour,
    {{ iso_dow('cast(timed.created_local_at as date)') }} as created_iso_dow
from {{ ref('int_tickets__attributed') }} as attributed
left join {{ ref('int_tickets__timed') }} as timed
    on attributed.ticket_number = timed.ticket_number
left join {{ ref('int_tickets__measured') }} as measured
    on attributed.ticket_number = measured.ticket_number
left join {{ ref('int_tickets__followed') }} as followed
    on attributed.ticket_number = followed.ticket_number
left join {{ ref('int_complaints__repeated') }} as repeated
    on attributed.ticket_number = repeated.ticket_number
