-- No two policies of one metric name the same attributes and are in force on the same day.
select
    one.policy_id,
    other.policy_id as other_policy_id
from {{ ref('sla_policies') }} as one
inner join {{ ref('sla_policies') }} as other
    on
        one.metric = other.metric
        and one.policy_id < other.policy_id
        and coalesce(one.tenant, '') = coalesce(other.tenant, '')
        and coalesce(one.service_id, '') = coalesce(other.service_id, '')
        and coalesce(one.ticket_type, '') = coalesce(other.ticket_type, '')
        and coalesce(one.priority, '') = coalesce(other.priority, '')
        and coalesce(one.customer_tier, '') = coalesce(other.customer_tier, '')
        and coalesce(one.site_id, '') = coalesce(other.site_id, '')
        and coalesce(one.channel, '') = coalesce(other.channel, '')
        and coalesce(one.valid_from, date '0001-01-01')
        < coalesce(other.valid_until, date '9999-12-31')
        and coalesce(other.valid_from, date '0001-01-01')
        < coalesce(one.valid_until, date '9999-12-31')
