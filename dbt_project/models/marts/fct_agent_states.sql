-- One row per state of an agent, over at the latest when the agent's next one begins.
with

states as (
    select
        states.*,
        segments.calendar_id,
        {{ epoch_us('states.started_at') }} as started_us,
        least(
            coalesce({{ epoch_us('states.ended_at') }}, {{ epoch_us('sources.cutoff_at') }}),
            {{ epoch_us('sources.cutoff_at') }}
        ) as told_ended_us,
        lead({{ epoch_us('states.started_at') }}) over (
            partition by states.tenant, states.source, states.agent_id
            order by states.started_at, states.agent_state_key
        ) as next_started_us
    from {{ ref('stg_agent_states') }} as states
    left join {{ ref('int_sources__dated') }} as sources on states.source = sources.source
    left join {{ ref('int_segments__assigned') }} as segments
        on
            states.tenant = segments.tenant
            and states.source = segments.source
            and segments.service_id = ''
            and coalesce(states.team_id, '') = segments.team_id
            and coalesce(states.site_id, '') = segments.site_id
),

-- least skips the null of a last state
ended as (
    select
        *,
        least(told_ended_us, next_started_us) as ended_us
    from states
)

select
    ended.agent_state_key,
    ended.tenant,
    ended.source,
    ended.calendar_id,
    {{ member_key('ended.tenant', 'ended.agent_id') }} as agent_key,
    {{ member_key('ended.tenant', 'ended.team_id') }} as team_key,
    {{ member_key('ended.tenant', 'ended.line_id') }} as line_key,
    {{ member_key('ended.tenant', 'ended.site_id') }} as site_key,
    ended.state,
    {{ whole_seconds('ended.ended_us - ended.started_us') }} as state_calendar_seconds,
    -- an open state that the next one closes does not overlap it
    case
        when ended.ended_at is null then 0
        else {{ whole_seconds('ended.told_ended_us - ended.ended_us') }}
    end as overlap_calendar_seconds,
    ended.started_at,
    {{ from_epoch_us('ended.ended_us') }} as ended_at,
    {{ local_date('ended.started_at', 'day_started') }} as started_date
from ended
left join {{ ref('business_days') }} as day_started
    on {{ is_day_of('day_started', 'ended.calendar_id', 'ended.started_at') }}
