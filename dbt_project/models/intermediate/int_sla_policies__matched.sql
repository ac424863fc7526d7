-- One row per started clock that a policy speaks of: the policy in force at the start.
with

segments as (
    select distinct
        segment_number,
        tenant,
        service_id,
        ticket_type,
        customer_tier,
        site_id,
        channel
    from {{ ref('int_sla_segments__numbered') }}
),

clocks as (
    select * from {{ ref('int_sla_clocks__placed') }}
),

-- the few combinations that occur are matched with the policies, not every clock
occasions as (
    select distinct
        segment_number,
        priority,
        metric,
        period_date
    from clocks
),

candidates as (
    select
        occasions.*,
        policies.policy_id,
        policies.target_seconds * 1000000 as target_us,
        policies.hours_basis,
        coalesce(policies.pausing_statuses, '') as pausing_statuses,
        coalesce(policies.schedule_mode, 'cumulative') as schedule_mode,
        row_number() over (
            partition by
                occasions.segment_number,
                occasions.priority,
                occasions.metric,
                occasions.period_date
            order by {{ sla_specificity('policies') }} desc, policies.policy_id asc
        ) as policy_rank
    from occasions
    left join segments on occasions.segment_number = segments.segment_number
    inner join {{ ref('sla_policies') }} as policies
        on
            occasions.metric = policies.metric
            and segments.tenant = coalesce(policies.tenant, segments.tenant)
            and segments.service_id = coalesce(policies.service_id, segments.service_id)
            and segments.ticket_type = coalesce(policies.ticket_type, segments.ticket_type)
            and occasions.priority = coalesce(policies.priority, occasions.priority)
            and segments.customer_tier = coalesce(policies.customer_tier, segments.customer_tier)
            and segments.site_id = coalesce(policies.site_id, segments.site_id)
            and segments.channel = coalesce(policies.channel, segments.channel)
            and occasions.period_date >= coalesce(policies.valid_from, occasions.period_date)
            and (policies.valid_until is null or occasions.period_date < policies.valid_until)
)

-- without a policy of ours the source's own due time is the promise
select
    clocks.ticket_number,
    clocks.metric,
    clocks.instance_number,
    clocks.started_at,
    clocks.stopped_at,
    clocks.clock_state,
    clocks.priority,
    clocks.started_calendar_id,
    clocks.started_open_us,
    clocks.started_calendar_us,
    clocks.started_business_us,
    clocks.started_pending_calendar_us,
    clocks.started_pending_business_us,
    clocks.started_on_hold_calendar_us,
    clocks.started_on_hold_business_us,
    clocks.started_solved_calendar_us,
    clocks.started_solved_business_us,
    coalesce(policies.policy_id, 'source_due_at') as policy_id,
    -- microseconds: a due time need not lie whole seconds after the start
    coalesce(
        policies.target_us,
        {{ epoch_us('clocks.due_at') }} - {{ epoch_us('clocks.started_at') }}
    ) as target_us,
    coalesce(policies.hours_basis, 'calendar') as hours_basis,
    coalesce(policies.pausing_statuses, '') as pausing_statuses,
    coalesce(policies.schedule_mode, 'cumulative') as schedule_mode
from clocks
left join candidates as policies
    on
        clocks.segment_number = policies.segment_number
        and clocks.priority = policies.priority
        and clocks.metric = policies.metric
        and clocks.period_date = policies.period_date
        and policies.policy_rank = 1
where
    policies.policy_id is not null
    or (clocks.metric = 'resolution' and clocks.due_at > clocks.started_at)
