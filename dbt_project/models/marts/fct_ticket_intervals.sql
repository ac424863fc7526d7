-- One row per ticket and stretch of its life in which nothing happened.
select
    tickets.ticket_key,
    row_number() over (
        partition by stretches.ticket_number
        order by stretches.event_number
    ) as interval_number,
    tickets.source,
    stretches.calendar_id,
    stretches.started_by,
    stretches.status,
    {{ member_code('stretches.stage') }} as stage,
    {{ member_key('tickets.tenant', 'stretches.team_id') }} as team_key,
    {{ member_key('tickets.tenant', 'stretches.holder_id') }} as agent_key,
    {{ member_code('stretches.priority') }} as priority,
    {{ exact_seconds('stretches.calendar_us') }} as calendar_seconds,
    {{ exact_seconds('stretches.business_us') }} as business_seconds,
    stretches.is_current,
    coalesce(stretches.started_at >= timed.status_since_at, timed.status_since_at is null)
        as is_status_current,
    stretches.started_at,
    stretches.ended_at
from {{ ref('int_ticket_intervals__timed') }} as stretches
left join {{ ref('int_tickets__attributed') }} as tickets
    on stretches.ticket_number = tickets.ticket_number
left join {{ ref('int_tickets__timed') }} as timed
    on stretches.ticket_number = timed.ticket_number
-- tickets that do not count are in mart_data_quality__exclusions
where tickets.ticket_number is not null
