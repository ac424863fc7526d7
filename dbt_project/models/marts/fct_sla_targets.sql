-- One row per ticket and SLA metric (first_reply, resolution) it was promised.
with

clocks as (
    select
        dated.ticket_key,
        dated.metric,
        dated.policy_id,
        dated.hours_basis,
        dated.target_seconds,
        dated.due_at,
        -- the first solution also stops the reply clock: nobody waits any more (least skips nulls)
        case
            when dated.metric = 'resolution' and dated.hours_basis = 'business'
                then measured.full_resolution_business_us
            when dated.metric = 'resolution'
                then measured.full_resolution_calendar_us
            when dated.hours_basis = 'business'
                then least(
                    measured.first_reply_business_us,
                    measured.first_resolution_business_us,
                    measured.full_resolution_business_us
                )
            else least(
                measured.first_reply_calendar_us,
                measured.first_resolution_calendar_us,
                measured.full_resolution_calendar_us
            )
        end as stopped_us,
        case
            when dated.hours_basis = 'business' then measured.age_business_us
            else measured.age_calendar_us
        end as age_us,
        case
            when dated.metric = 'resolution' then timed.resolved_at
            else coalesce(timed.first_replied_at, timed.first_resolved_at, timed.resolved_at)
        end is not null as is_stopped
    from {{ ref('int_sla_targets__dated') }} as dated
    left join {{ ref('int_tickets__measured') }} as measured
        on dated.ticket_key = measured.ticket_key
    left join {{ ref('int_tickets__timed') }} as timed
        on dated.ticket_key = timed.ticket_key
),

judged as (
    select
        *,
        case when is_stopped then stopped_us else age_us end as elapsed_us
    from clocks
),

stated as (
    select
        *,
        case
            when elapsed_us > target_seconds * 1000000 then 'breached'
            when elapsed_us is null then null
            when is_stopped then 'met'
            else 'running'
        end as state
    from judged
)

select
    stated.ticket_key || ':' || stated.metric as sla_target_key,
    stated.ticket_key,
    tickets.source,
    tickets.site_key,
    tickets.team_key,
    tickets.agent_key,
    tickets.service_key,
    tickets.ticket_type,
    tickets.priority,
    tickets.channel,
    tickets.customer_tier,
    stated.metric,
    stated.policy_id,
    stated.hours_basis,
    stated.state,
    stated.target_seconds,
    {{ whole_seconds('stated.elapsed_us') }} as elapsed_seconds,
    case when stated.state in ('met', 'breached') then stated.state = 'met' end as is_met,
    stated.due_at,
    tickets.created_at,
    tickets.created_date
from stated
left join {{ ref('fct_tickets') }} as tickets
    on stated.ticket_key = tickets.ticket_key
