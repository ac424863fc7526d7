-- One row per state of an agent that began up to as_of: its newest version.
with

versions as (
    select * from {{ source('raw', 'agent_state') }}
    where started_at <= {{ as_of() }} and not coalesce(is_deleted, false)
),

ranked as (
    select
        *,
        row_number() over (
            partition by _tenant, source, state_id
            order by _extracted_at desc nulls last, extract desc, _record desc
        ) as version_rank
    from versions
)

select
    ranked._tenant || ':' || ranked.source || ':' || ranked.state_id as agent_state_key,
    ranked._tenant as tenant,
    ranked.source,
    ranked.state_id,
    ranked.agent_id,
    ranked.team_id,
    ranked.line_id,
    ranked.site_id,
    ranked.state,
    ranked.started_at,
    -- what lies after as_of has not happened
    case when ranked.ended_at <= {{ as_of() }} then ranked.ended_at end as ended_at,
    ranked._extracted_at as extracted_at
from ranked
left join {{ ref('stg_deletions') }} as deletions
    on
        deletions.entity = 'agent_state'
        and ranked._tenant = deletions.tenant
        and ranked.source = deletions.source
        and ranked.state_id = deletions.record_id
where deletions.record_id is null and ranked.version_rank = 1
