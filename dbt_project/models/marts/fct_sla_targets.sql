-- One row per ticket, SLA metric and time its clock was started under a policy.
with

stated as (
    select
        *,
        {{ whole_seconds('target_us') }} as target_seconds,
        case
            when clock_state in ('cancelled', 'unknown') then clock_state
            when elapsed_us > target_us then 'breached'
            when elapsed_us is null then 'unknown'
            when clock_state = 'stopped' then 'met'
            else 'running'
        end as state
    from {{ ref('int_sla_targets__dated') }}
)

select
    tickets.ticket_key || ':' || stated.metric || ':' || stated.instance_number as sla_target_key,
    tickets.ticket_key,
    tickets.source,
    tickets.site_key,
    tickets.team_key,
    tickets.agent_key,
    tickets.service_key,
    tickets.ticket_type,
    {{ member_code("nullif(stated.priority, '')") }} as priority,
    tickets.channel,
    tickets.customer_tier,
    stated.metric,
    stated.instance_number,
    stated.policy_id,
    stated.hours_basis,
    stated.schedule_mode,
    stated.pausing_statuses,
    stated.read_calendar_id as calendar_id,
    stated.state,
    stated.target_seconds,
    {{ whole_seconds('stated.elapsed_us') }} as elapsed_seconds,
    case
        when stated.state = 'running'
            then stated.target_seconds - {{ whole_seconds('stated.elapsed_us') }}
    end as remaining_seconds,
    cast(stated.elapsed_us as double) / nullif(stated.target_us, 0) as used_ratio,
    case
        when stated.elapsed_us is null then null
        when stated.elapsed_us > stated.target_us then 'over_100'
        when stated.elapsed_us * 10 >= stated.target_us * 9 then '90_to_100'
        when stated.elapsed_us * 4 >= stated.target_us * 3 then '75_to_90'
        when stated.elapsed_us * 2 >= stated.target_us then '50_to_75'
        else 'under_50'
    end as used_band,
    stated.pauses_pending,
    stated.pauses_on_hold,
    stated.pauses_solved,
    case when stated.state in ('met', 'breached') then stated.state = 'met' end as is_met,
    stated.started_at,
    stated.ended_at,
    stated.due_at,
    timed.created_at,
    cast(timed.created_local_at as date) as created_date
from stated
left join {{ ref('int_tickets__attributed') }} as tickets
    on stated.ticket_number = tickets.ticket_number
left join {{ ref('int_tickets__timed') }} as timed
    on stated.ticket_number = timed.ticket_number
-- one metric lies together, so that a question about it reads its rows only
order by stated.metric, created_date
