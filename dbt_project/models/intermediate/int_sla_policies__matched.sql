-- One row per started clock that a policy speaks of: the policy in force at the start.
with

tickets as (
    select
        timed.ticket_number,
        stg.tenant,
        coalesce(stg.service_id, '') as service_id,
        coalesce(stg.ticket_type, '') as ticket_type,
        coalesce(stg.customer_tier, '') as customer_tier,
        coalesce(stg.site_id, services.site_id, '') as site_id,
        coalesce(stg.channel, '') as channel,
        stg.due_at
    from {{ ref('int_tickets__timed') }} as timed
    left join {{ ref('stg_tickets') }} as stg
        on timed.ticket_number = stg.ticket_number
    left join {{ ref('service_catalogue') }} as services
        on stg.tenant = services.tenant and stg.service_id = services.service_id
),

segments as (
    select
        *,
        row_number() over (
            order by tenant, service_id, ticket_type, customer_tier, site_id, channel
        ) as segment_number
    from (
        select distinct
            tenant,
            service_id,
            ticket_type,
            customer_tier,
            site_id,
            channel
        from tickets
    ) as occurring
),

clocks as (
    select
        started.*,
        segments.segment_number,
        coalesce(stretches.priority, '') as priority,
        stretches.started_date
    from {{ ref('int_sla_clocks__started') }} as started
    left join tickets on started.ticket_number = tickets.ticket_number
    left join segments
        on
            tickets.tenant = segments.tenant
            and tickets.service_id = segments.service_id
            and tickets.ticket_type = segments.ticket_type
            and tickets.customer_tier = segments.customer_tier
            and tickets.site_id = segments.site_id
            and tickets.channel = segments.channel
    left join {{ ref('int_ticket_intervals__timed') }} as stretches
        on
            started.ticket_number = stretches.ticket_number
            and started.started_at = stretches.started_at
),

-- the few combinations that occur are matched with the policies, not every clock
occasions as (
    select distinct
        clocks.segment_number,
        clocks.priority,
        clocks.metric,
        clocks.started_date
    from clocks
),

ranked as (
    select
        occasions.segment_number,
        occasions.priority,
        occasions.metric,
        occasions.started_date,
        policies.policy_id,
        policies.target_seconds,
        policies.hours_basis,
        coalesce(policies.pausing_statuses, '') as pausing_statuses,
        coalesce(policies.schedule_mode, 'cumulative') as schedule_mode,
        row_number() over (
            partition by
                occasions.segment_number,
                occasions.priority,
                occasions.metric,
                occasions.started_date
            order by {{ sla_specificity('policies') }} desc, policies.policy_id asc
        ) as policy_rank
    from occasions
    left join segments on occasions.segment_number = segments.segment_number
    inner join {{ ref('sla_policies') }} as policies
        on
            occasions.metric = policies.metric
            and coalesce(policies.tenant, segments.tenant) = segments.tenant
            and coalesce(policies.service_id, segments.service_id) = segments.service_id
            and coalesce(policies.ticket_type, segments.ticket_type) = segments.ticket_type
            and coalesce(policies.priority, occasions.priority) = occasions.priority
            and coalesce(policies.customer_tier, segments.customer_tier) = segments.customer_tier
            and coalesce(policies.site_id, segments.site_id) = segments.site_id
            and coalesce(policies.channel, segments.channel) = segments.channel
            and coalesce(policies.valid_from, occasions.started_date) <= occasions.started_date
            and (policies.valid_until is null or policies.valid_until > occasions.started_date)
),

matched as (
    select
        clocks.*,
        ranked.policy_id,
        ranked.target_seconds,
        ranked.hours_basis,
        ranked.pausing_statuses,
        ranked.schedule_mode,
        tickets.due_at
    from clocks
    left join ranked
        on
            clocks.segment_number = ranked.segment_number
            and clocks.priority = ranked.priority
            and clocks.metric = ranked.metric
            and clocks.started_date = ranked.started_date
            and ranked.policy_rank = 1
    left join tickets on clocks.ticket_number = tickets.ticket_number
)

-- without a policy of ours the source's own due time is the promise
select
    ticket_number,
    metric,
    instance_number,
    started_at,
    stopped_at,
    clock_state,
    priority,
    coalesce(policy_id, 'source_due_at') as policy_id,
    coalesce(
        target_seconds,
        {{ whole_seconds(epoch_us('due_at') ~ ' - ' ~ epoch_us('started_at')) }}
    ) as target_seconds,
    coalesce(hours_basis, 'calendar') as hours_basis,
    coalesce(pausing_statuses, '') as pausing_statuses,
    coalesce(schedule_mode, 'cumulative') as schedule_mode
from matched
where policy_id is not null or (metric = 'resolution' and due_at > started_at)
