-- One row per ticket of a tenant: its newest version among the extracts made up to as_of.
with

versions as (
    select * from {{ source('raw', 'ticket') }}
    where
        (_extracted_at is null or _extracted_at <= {{ as_of() }})
        and not coalesce(is_deleted, false)
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
    row_number() over (order by ranked._tenant, ranked.ticket_id) as ticket_number,
    ranked._tenant || ':' || ranked.ticket_id as ticket_key,
    ranked._tenant as tenant,
    ranked.source,
    ranked.ticket_id,
    ranked.service_id,
    ranked.site_id,
    ranked.team_id,
    ranked.agent_id,
    ranked.customer_id,
    ranked.calendar_id,
    ranked.ticket_type,
    case when deletions.record_id is null then ranked.status else 'deleted' end as status,
    deletions.record_id is not null as is_deleted,
    ranked.disposition,
    ranked.priority,
    ranked.category,
    ranked.cause,
    ranked.channel,
    ranked.customer_tier,
    ranked.is_justified,
    ranked.is_source_sla_met,
    ranked.created_at,
    ranked.acknowledged_at,
    ranked.first_replied_at,
    ranked.arrived_at,
    ranked.resolved_at,
    ranked.closed_at,
    ranked.called_back_at,
    ranked.due_at,
    ranked.updated_at,
    ranked._extracted_at as extracted_at
from ranked
left join {{ ref('stg_deletions') }} as deletions
    on
        deletions.entity = 'ticket'
        and ranked._tenant = deletions.tenant
        and ranked.ticket_id = deletions.record_id
where ranked.version_rank = 1
