-- One row per ticket that can be judged, and metric: the policy in force when it was created.
with

tickets as (
    select
        stg.ticket_key,
        stg.tenant,
        coalesce(stg.service_id, '') as service_id,
        coalesce(stg.ticket_type, '') as ticket_type,
        coalesce(stg.priority, '') as priority,
        coalesce(stg.customer_tier, '') as customer_tier,
        coalesce(stg.site_id, services.site_id, '') as site_id,
        coalesce(stg.channel, '') as channel,
        stg.created_at,
        stg.due_at,
        timed.is_reply_known,
        cast(timed.created_local_at as date) as created_date
    from {{ ref('int_tickets__timed') }} as timed
    left join {{ ref('stg_tickets') }} as stg
        on timed.ticket_key = stg.ticket_key
    left join {{ ref('service_catalogue') }} as services
        on stg.tenant = services.tenant and stg.service_id = services.service_id
    -- nobody owes an answer to a ticket that was withdrawn
    where not {{ is_withdrawn('timed.status') }}
),

segments as (
    select distinct
        tenant,
        service_id,
        ticket_type,
        priority,
        customer_tier,
        site_id,
        channel
    from tickets
),

-- the few combinations that occur are matched with the policies, not every ticket
candidates as (
    select
        segments.*,
        policies.policy_id,
        policies.metric,
        policies.target_seconds,
        policies.hours_basis,
        policies.valid_from,
        policies.valid_until,
        {{ sla_specificity('policies') }} as specificity
    from segments
    inner join {{ ref('sla_policies') }} as policies
        on
            coalesce(policies.tenant, segments.tenant) = segments.tenant
            and coalesce(policies.service_id, segments.service_id) = segments.service_id
            and coalesce(policies.ticket_type, segments.ticket_type) = segments.ticket_type
            and coalesce(policies.priority, segments.priority) = segments.priority
            and coalesce(policies.customer_tier, segments.customer_tier) = segments.customer_tier
            and coalesce(policies.site_id, segments.site_id) = segments.site_id
            and coalesce(policies.channel, segments.channel) = segments.channel
),

ranked as (
    select
        tickets.ticket_key,
        candidates.metric,
        candidates.policy_id,
        candidates.target_seconds,
        candidates.hours_basis,
        row_number() over (
            partition by tickets.ticket_key, candidates.metric
            order by candidates.specificity desc, candidates.policy_id asc
        ) as policy_rank
    from tickets
    inner join candidates
        on
            tickets.tenant = candidates.tenant
            and tickets.service_id = candidates.service_id
            and tickets.ticket_type = candidates.ticket_type
            and tickets.priority = candidates.priority
            and tickets.customer_tier = candidates.customer_tier
            and tickets.site_id = candidates.site_id
            and tickets.channel = candidates.channel
            and tickets.created_date >= coalesce(candidates.valid_from, tickets.created_date)
            and (
                candidates.valid_until is null
                or tickets.created_date < candidates.valid_until
            )
    where candidates.metric <> 'first_reply' or tickets.is_reply_known
),

-- without a policy of ours the source's own due time is the promise
promised_by_source as (
    select
        tickets.ticket_key,
        'resolution' as metric,
        'source_due_at' as policy_id,
        {{ whole_seconds(epoch_us('tickets.due_at') ~ ' - ' ~ epoch_us('tickets.created_at')) }}
            as target_seconds,
        'calendar' as hours_basis
    from tickets
    left join ranked
        on tickets.ticket_key = ranked.ticket_key and ranked.metric = 'resolution'
    where ranked.ticket_key is null and tickets.due_at > tickets.created_at
)

select
    ticket_key,
    metric,
    policy_id,
    target_seconds,
    hours_basis
from ranked
where policy_rank = 1

union all

select
    ticket_key,
    metric,
    policy_id,
    target_seconds,
    hours_basis
from promised_by_source
