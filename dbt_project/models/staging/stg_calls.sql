-- One row per call of a tenant that arrived up to as_of: its newest version.
with

versions as (
    select * from {{ source('raw', 'call') }}
    where started_at <= {{ as_of() }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by _tenant, call_id
            order by _extracted_at desc nulls last, extract desc, _record desc
        ) as version_rank
    from versions
)

select
    _tenant || ':' || call_id as call_key,
    _tenant as tenant,
    source,
    call_id,
    caller_id,
    is_caller_hidden,
    leg_of_call_id,
    line_id,
    queue_id,
    service_id,
    site_id,
    team_id,
    agent_id,
    ticket_id,
    priority,
    outcome,
    ivr_seconds,
    wait_seconds,
    ring_seconds,
    talk_seconds,
    hold_seconds,
    wrap_seconds,
    is_transferred,
    started_at,
    -- what lies after as_of has not happened
    case when called_back_at <= {{ as_of() }} then called_back_at end as called_back_at,
    _extracted_at as extracted_at
from ranked
where version_rank = 1
