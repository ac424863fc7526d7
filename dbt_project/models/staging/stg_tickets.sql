-- One row per ticket of a tenant: its newest version among the extracts made up to as_of.
with

versions as (
    select * from {{ source('raw', 'ticket') }}
    where _extracted_at is null or _extracted_at <= {{ as_of() }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by ticket_id, _tenant
            order by
                updated_at desc nulls last,
                _extracted_at desc nulls last,
                extract desc,
                _record desc
        ) as version_rank
    from versions
)

select
    -- numbers make every join and sort of a build cheap; they mean nothing beyond it
    row_number() over (order by _tenant, ticket_id) as ticket_number,
    _tenant || ':' || ticket_id as ticket_key,
    _tenant as tenant,
    source,
    ticket_id,
    service_id,
    site_id,
    team_id,
    agent_id,
    customer_id,
    calendar_id,
    ticket_type,
    status,
    disposition,
    priority,
    category,
    cause,
    channel,
    customer_tier,
    is_justified,
    is_source_sla_met,
    created_at,
    acknowledged_at,
    first_replied_at,
    arrived_at,
    resolved_at,
    closed_at,
    called_back_at,
    due_at,
    updated_at,
    _extracted_at as extracted_at
from ranked
where version_rank = 1
