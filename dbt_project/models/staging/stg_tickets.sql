-- One row per ticket of a tenant: its newest version.
with

versions as (
    select * from {{ source('raw', 'ticket') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by _tenant, ticket_id
            order by
                updated_at desc nulls last,
                _extracted_at desc nulls last,
                extract desc,
                _record desc
        ) as version_rank
    from versions
)

select
    _tenant || ':' || ticket_id as ticket_key,
    _tenant as tenant,
    source,
    ticket_id,
    service_id,
    site_id,
    team_id,
    agent_id,
    customer_id,
    ticket_type,
    status,
    priority,
    category,
    channel,
    customer_tier,
    is_source_sla_met,
    created_at,
    first_replied_at,
    resolved_at,
    closed_at,
    due_at,
    updated_at,
    _extracted_at as extracted_at
from ranked
where version_rank = 1
