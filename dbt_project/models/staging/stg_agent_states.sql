-- One row per state of an agent that began up to as_of: its newest version.
with

versions as (
    select * from {{ source('raw', 'agent_state') }}
    where started_at <= {{ as_of() }}
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
    _tenant || ':' || source || ':' || state_id as agent_state_key,
    _tenant as tenant,
    source,
    state_id,
    agent_id,
    team_id,
    line_id,
    site_id,
    state,
    started_at,
    -- what lies after as_of has not happened
    case when ended_at <= {{ as_of() }} then ended_at end as ended_at,
    _extracted_at as extracted_at
from ranked
where version_rank = 1
