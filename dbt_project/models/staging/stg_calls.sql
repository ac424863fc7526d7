-- One row per call of a tenant that arrived up to as_of: its newest version.
with

versions as (
    select * from {{ source('raw', 'call') }}
    where started_at <= {{ as_of() }} and not coalesce(is_deleted, false)
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
    ranked._tenant || ':' || ranked.call_id as call_key,
    ranked._tenant as tenant,
    ranked.source,
    ranked.call_id,
    ranked.caller_id,
    ranked.is_caller_hidden,
    ranked.leg_of_call_id,
    ranked.line_id,
    ranked.queue_id,
    ranked.service_id,
    ranked.site_id,
    ranked.team_id,
    ranked.agent_id,
    ranked.ticket_id,
    ranked.priority,
    ranked.outcome,
    ranked.ivr_seconds,
    ranked.wait_seconds,
    ranked.ring_seconds,
    ranked.talk_seconds,
    ranked.hold_seconds,
    ranked.wrap_seconds,
    ranked.is_transferred,
    ranked.started_at,
    -- what lies after as_of has not happened
    case
        when ranked.called_back_at <= {{ as_of() }} then ranked.called_back_at
    end as called_back_at,
    ranked._extracted_at as extracted_at
from ranked
left join {{ ref('stg_deletions') }} as deletions
    on
        deletions.entity = 'call'
        and ranked._tenant = deletions.tenant
        and ranked.call_id = deletions.record_id
where deletions.record_id is null and ranked.version_rank = 1
