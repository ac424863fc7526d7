-- One row per event of a ticket that happened and was extracted up to as_of.
with

versions as (
    select * from {{ source('raw', 'ticket_event') }}
    where
        event_at <= {{ as_of() }}
        and (_extracted_at is null or _extracted_at <= {{ as_of() }})
),

ranked as (
    select
        *,
        row_number() over (
            partition by _tenant, source, event_id
            order by _extracted_at desc nulls last, extract desc, _record desc
        ) as version_rank
    from versions
)

select
    -- null for an event whose ticket never came
    tickets.ticket_number,
    ranked._tenant || ':' || ranked.ticket_id as ticket_key,
    ranked._tenant as tenant,
    ranked.source,
    ranked.event_id,
    ranked.event_type,
    ranked.actor_type,
    ranked.status,
    ranked.stage,
    ranked.priority,
    ranked.team_id,
    ranked.agent_id,
    ranked.calendar_id,
    ranked.event_at,
    ranked._extracted_at as extracted_at,
    ranked._record as record_number
from ranked
left join {{ ref('stg_tickets') }} as tickets
    on ranked._tenant = tickets.tenant and ranked.ticket_id = tickets.ticket_id
where ranked.version_rank = 1
