-- One row per event of a ticket that happened and was extracted up to as_of.
with

newest as (
    {{ newest_versions(
        source('raw', 'ticket_event'),
        ['event_id', 'source', '_tenant'],
        '_extracted_at desc nulls last, extract desc, _record desc',
        'event_at <= ' ~ as_of() ~ ' and (_extracted_at is null or _extracted_at <= ' ~ as_of() ~ ') and not coalesce(is_deleted, false)'
    ) }}
)

select
    -- null for an event whose ticket never came
    tickets.ticket_number,
    newest._tenant || ':' || newest.ticket_id as ticket_key,
    newest._tenant as tenant,
    newest.source,
    newest.event_id,
    newest.event_type,
    newest.actor_type,
    newest.status,
    newest.stage,
    newest.priority,
    newest.team_id,
    newest.agent_id,
    newest.calendar_id,
    newest.event_at,
    newest._extracted_at as extracted_at,
    newest._record as record_number
from newest
left join {{ ref('stg_tickets') }} as tickets
    on newest._tenant = tickets.tenant and newest.ticket_id = tickets.ticket_id
left join {{ ref('stg_deletions') }} as deletions
    on
        deletions.entity = 'ticket_event'
        and newest._tenant = deletions.tenant
        and newest.source = deletions.source
        and newest.event_id = deletions.record_id
where deletions.record_id is null
